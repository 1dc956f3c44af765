"""The allocation case of CONTRACT.md: read strictly, hashed canonically, answered in fixed form.

Reading refuses with BadCase before anything is computed. Which of several faults is told does not
depend on the order of keys or of applications: the line comes before the applications; inside an
object unknown keys come first (in alphabetical order), then a key spelt twice, then the fields in
the contract's order, then what only the object as a whole can break. Of several faulty applications
the one whose fault has the smallest place and text is told.

Fields that may be null may also be absent. Three more have defaults: `accreditation_rank` 0,
`v_max_percent` 25 and `phc_full` false; `co_executors` may be absent. `bin` may be absent since the
domain's own vectors know none; it is any text then, and its check digit is the registry's to judge.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from backend.allocation.decision.errors import BadCase
from backend.allocation.decision.model import (
    COEFFICIENT_MAX,
    V_MAX_PERCENT,
    Application,
    BaseKind,
    Case,
    CoExecutor,
    Line,
    Outcome,
    Share,
    Unit,
    WeightedApplication,
)
from backend.allocation.decision.rules import allocate, output_order
from backend.allocation.decision.strict_object import StrictObject, join

# The short names of the domain's vectors (CONTRACT.md).
SHORT_NAMES = {
    "req": "requested",
    "t": "seq_no",
    "accr": "accreditation_rank",
    "cap": "capacity",
    "score": "score_milli",
}
_CASE = ("line", "applications")


def decide(document: object) -> dict[str, Any]:
    """The answer of CONTRACT.md to a case given as parsed JSON.

    Raises AllocationRefused: BadCase, or what `rules.allocate` raises.
    """
    case = read_case(document)
    return answer(case, computed(case))


def computed(case: Case) -> Outcome:
    """What the algorithm in force gives. Raises what `rules.allocate` raises."""
    return allocate(case.line, case.applications)


def read_case(document: object) -> Case:
    """The case held by parsed JSON, applications in the order given.

    Raises BadCase for a wrong shape or value. What needs the whole case to judge (scores,
    duplicates, a missing base, the limit) is left to `rules.allocate`.
    """
    case = StrictObject(document, "", _CASE)
    line = _line(case.member("line"), "line")
    applications = _applications(case.items("applications"))
    if line.unit is Unit.TIYN:
        for i, application in enumerate(applications):
            if isinstance(application, WeightedApplication):
                raise BadCase("a money line has no tariff", f"applications[{i}].coefficient_milli")
    return Case(line, applications)


def input_sha256(case: Case) -> str:
    """SHA-256, in hex, of the case as canonical JSON: what a decision was computed from."""
    return hashlib.sha256(canonical(case)).hexdigest()


def canonical(case: Case) -> bytes:
    """The case in RFC 8785 form: long names, defaults filled in, applications in output order.

    Co-executors keep their order, which decides ties (D23). Whole numbers are written out in full.
    RFC 8785 would round those beyond 2^53 to the nearest double, and two different cases would
    share one hash; up to 2^53 the two forms are the same. Keys are ASCII, so that their order by
    UTF-16 units is the order of their bytes.
    """
    return msgspec.json.encode(Case(case.line, ordered(case)), order="sorted")


def ordered(case: Case) -> tuple[Application, ...]:
    """The applications in output order."""
    return tuple([case.applications[i] for i in output_order(case.applications)])


def answer(case: Case, outcome: Outcome, sha256: str | None = None) -> dict[str, Any]:
    """The outcome as the JSON document of CONTRACT.md; `sha256` is the case's, where it is known."""
    return {
        "line_id": outcome.line_id,
        "mode": outcome.mode.value,
        "sum_min": outcome.sum_min,
        "sum_max": outcome.sum_max,
        "residue": outcome.residue,
        "amount_tiyn": outcome.amount_tiyn,
        "algorithm": outcome.algorithm,
        "input_sha256": sha256 or input_sha256(case),
        "shares": [_answered(share) for share in outcome.shares],
    }


def _answered(share: Share) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(share)
    return {**fields, "co_executors": list(fields["co_executors"])}


def _line(value: object, path: str) -> Line:
    fields = StrictObject(value, path, Line.__struct_fields__)
    line = Line(
        id=fields.text("id"),
        unit=fields.choice("unit", Unit),
        plan=fields.integer("plan"),
        tariff_tiyn=fields.integer_or_null("tariff_tiyn"),
        limit_tiyn=fields.integer_or_null("limit_tiyn"),
        base_kind=fields.choice("base_kind", BaseKind),
        # A share of the base, so never above all of it. Below the minimum of 25 it has no effect.
        v_max_percent=fields.integer("v_max_percent", default=V_MAX_PERCENT, at_most=100),
        phc_full=fields.flag("phc_full", default=False),
    )
    if line.unit is Unit.SERVICE and line.tariff_tiyn is None:
        raise BadCase("a service line has a tariff", fields.path("tariff_tiyn"))
    if line.unit is Unit.TIYN and line.tariff_tiyn is not None:
        raise BadCase("a money line has no tariff", fields.path("tariff_tiyn"))
    return line


def _applications(values: Sequence[object]) -> tuple[Application, ...]:
    found: list[Application] = []
    faults: list[tuple[str, str, int]] = []
    for i, value in enumerate(values):
        try:
            found.append(_application(value))
        except BadCase as fault:
            faults.append((fault.path or "", fault.detail, i))
    if faults:
        place, detail, i = min(faults)
        raise BadCase(detail, join(f"applications[{i}]", place))
    return tuple(found)


def _application(value: object) -> Application:
    """One application; the paths of its faults begin at the application."""
    fields = StrictObject(value, "", WeightedApplication.__struct_fields__, SHORT_NAMES)
    application = Application(
        id=fields.text("id"),
        bin=fields.text_or_null("bin"),
        # Any whole number here: a score out of range has a refusal of its own.
        score_milli=fields.any_integer("score_milli"),
        base=fields.integer_or_null("base"),
        requested=fields.integer("requested"),
        capacity=fields.integer_or_null("capacity"),
        accreditation_rank=fields.integer("accreditation_rank", default=0),
        seq_no=fields.integer("seq_no"),
        co_executors=tuple(
            _co_executor(item, f"co_executors[{i}]")
            for i, item in enumerate(fields.items("co_executors", default=()))
        ),
    )
    parts = application.co_executors
    if sum(part.requested for part in parts) > application.requested:
        raise BadCase("the co-executors ask for more than is requested", "co_executors")
    seen: set[str] = set()
    for i, part in enumerate(parts):
        if part.id in seen:
            raise BadCase("a co-executor stands twice in one application", f"co_executors[{i}].id")
        seen.add(part.id)
    return _weighted(application, fields)


def _weighted(application: Application, fields: StrictObject) -> Application:
    """With its coefficient to the tariff, where the case has one (docs/allocation.md)."""
    coefficient = fields.integer_or_null("coefficient_milli")
    if coefficient is None:
        return application
    if not 1 <= coefficient <= COEFFICIENT_MAX:
        raise BadCase(
            f"an integer from 1 to {COEFFICIENT_MAX} is wanted", fields.path("coefficient_milli")
        )
    own = {name: getattr(application, name) for name in Application.__struct_fields__}
    return WeightedApplication(**own, coefficient_milli=coefficient)


def _co_executor(value: object, path: str) -> CoExecutor:
    fields = StrictObject(value, path, CoExecutor.__struct_fields__, SHORT_NAMES)
    return CoExecutor(fields.text("id"), fields.integer("requested"))
