"""Compute a published decision anew from its own inputs, offline, and name every digit that differs.

Anyone can: the record holds all that the algorithm looked at. A record is whole when the bytes built
from the recomputed lines are its own, to the last. When they are not, what was changed is named: its
line, application and field, and what stood there. Of an input this is found by its mark: each digit is
put back in turn until the mark fits. Consequences of a change are not told as changes.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

from backend.allocation.decision import bundle
from backend.allocation.decision import case as cases
from backend.allocation.decision.algorithms import Algorithm, named
from backend.allocation.decision.errors import AlgorithmUnknown, AllocationRefused, BadBundle
from backend.allocation.decision.record import PlanOf, SourceTotal

_DIGITS = b"0123456789"
# So many objects are searched for a changed digit; who changed more wants no names.
_SEARCHED_MAX = 200
_TOP = (
    "format", "algorithm", "announcement_id", "input_sha256", "lines", "mark", "plan", "totals",
)  # fmt: skip
_LINE = ("case", "marks", "result", "source")


class Difference(msgspec.Struct, frozen=True):
    """What the record tells at a place, and what it should be; the place inside line and application.

    `should_be` is None where it cannot be known: more than one digit of one object was changed.
    """

    line: str | None
    application: str | None
    field: str
    told: Any
    should_be: Any


class Replay(msgspec.Struct, frozen=True):
    """What came of a replay. `same`: the recomputed record says the same, to the last digit.

    `recomputed` holds the bytes that were published, if the differences are all that was changed.
    """

    same: bool
    algorithm: str
    announcement_id: str
    lines: int
    applications: int
    record_sha256: str
    recomputed_sha256: str
    differences: list[Difference]
    recomputed: bytes


class _Line(msgspec.Struct):
    """A line put right as far as it can be."""

    canonical: bytes
    entry: Any
    source: str
    amount_tiyn: int
    applications: int


def replay(record: Any, *, algorithm: Algorithm | None = None) -> Replay:
    """Recompute a record given as parsed JSON.

    `algorithm` stands in for the one the record names. Raises BadBundle when this is no record,
    AlgorithmUnknown when nobody here knows its algorithm.
    """
    _require(record, _TOP, "")
    if record["format"] != bundle.FORMAT:
        raise BadBundle(f"the format is not {bundle.FORMAT}", "format")
    if not isinstance(record["lines"], list) or not isinstance(record["totals"], list):
        raise BadBundle("an array is wanted", "lines")
    differences: list[Difference] = []
    head = _head(record, differences)
    compute = algorithm or named(str(head["algorithm"]))
    lines = [
        _line(item, f"lines[{i}]", compute, differences) for i, item in enumerate(record["lines"])
    ]
    inputs = bundle.sha256_of_cases([line.canonical for line in lines]).hex()
    if inputs != record["input_sha256"]:
        differences.append(Difference(None, None, "input_sha256", record["input_sha256"], inputs))
    _totals(head, lines, differences)
    rebuilt = bundle.document(head, inputs, [line.entry for line in lines], bundle.mark(head))
    told = msgspec.json.encode(record)
    return Replay(
        # Another order of keys, or other spaces, are the same record.
        same=not differences and msgspec.json.decode(rebuilt) == record,
        algorithm=str(head["algorithm"]),
        announcement_id=str(head["announcement_id"]),
        lines=len(lines),
        applications=sum(line.applications for line in lines),
        record_sha256=hashlib.sha256(told).hexdigest(),
        recomputed_sha256=hashlib.sha256(rebuilt).hexdigest(),
        differences=differences,
        recomputed=rebuilt,
    )


def _require(value: Any, names: tuple[str, ...], path: str) -> None:
    if not isinstance(value, dict) or set(value) != set(names):
        raise BadBundle(f"an object of {', '.join(names)} is wanted", path or "$")


def _in_order(value: Any, names: tuple[str, ...], path: str) -> Any:
    """The object with its keys in the order they are published in. Raises BadBundle."""
    _require(value, names, path)
    return {name: value[name] for name in names}


def _head(record: Any, differences: list[Difference]) -> Any:
    """What stands beside the lines: the algorithm, the announcement, the plan, the totals."""
    told = _head_in_order(record)
    if bundle.mark(told) == record["mark"]:
        return told
    found = _put_back(told, record["mark"])
    if found is None:
        differences.append(Difference(None, None, "mark", record["mark"], bundle.mark(told)))
        return told
    right = _head_in_order(found)
    differences.extend(_changes(None, None, told, right, ""))
    return right


def _head_in_order(record: Any) -> Any:
    """Raises BadBundle."""
    return {
        "algorithm": record["algorithm"],
        "announcement_id": record["announcement_id"],
        "plan": _in_order(record["plan"], PlanOf.__struct_fields__, "plan"),
        "totals": [
            _in_order(total, SourceTotal.__struct_fields__, f"totals[{i}]")
            for i, total in enumerate(record["totals"])
        ],
    }


def _totals(head: Any, lines: list[_Line], differences: list[Difference]) -> None:
    """What each source gives is what its lines give together."""
    for i, total in enumerate(head["totals"]):
        given = sum(line.amount_tiyn for line in lines if line.source == total["source"])
        if total["amount_tiyn"] != given:
            field = f"totals[{i}].amount_tiyn"
            differences.append(Difference(None, None, field, total["amount_tiyn"], given))
            total["amount_tiyn"] = given


def _line(item: Any, path: str, compute: Algorithm, differences: list[Difference]) -> _Line:
    _require(item, _LINE, path)
    _require(item["case"], ("line", "applications"), f"{path}.case")
    _require(item["marks"], ("line", "applications"), f"{path}.marks")
    case, marks, name = item["case"], item["marks"], _name(item)
    applications = case["applications"]
    if not isinstance(applications, list) or not isinstance(marks["applications"], list):
        raise BadBundle("an array is wanted", f"{path}.case.applications")
    if len(applications) != len(marks["applications"]):
        raise BadBundle("each application has one mark", f"{path}.marks.applications")
    if not isinstance(item["result"], dict):
        raise BadBundle("an object is wanted", f"{path}.result")
    case, marks = _inputs(case, marks, item["result"].get("input_sha256"), name, differences)
    try:
        read = cases.read_case(case)
        answer = cases.answer(read, compute(read.line, read.applications))
    except AlgorithmUnknown:
        raise
    except AllocationRefused as e:
        raise BadBundle(f"{e.actual_code}: {e.detail}", f"{path}.case.{e.path}") from None
    answer = msgspec.to_builtins(answer)
    differences.extend(_result_changes(name, item["result"], answer))
    canonical = cases.canonical(read)
    return _Line(
        canonical,
        bundle.entry(canonical, answer, marks, item["source"]),
        item["source"],
        answer["amount_tiyn"],
        len(applications),
    )


def _name(item: Any) -> str:
    line = item["case"]["line"]
    return str(line.get("id")) if isinstance(line, dict) else "?"


def _inputs(
    case: Any, marks: Any, told_sha256: Any, name: str, differences: list[Difference]
) -> tuple[Any, Any]:
    """The case with its changed digits put back, and the marks it should have."""
    whole = hashlib.sha256(msgspec.json.encode(case, order="sorted")).hexdigest() == told_sha256
    objects: list[tuple[str | None, Any, Any]] = [(None, case["line"], marks["line"])]
    objects += [
        (str(a.get("id")) if isinstance(a, dict) else "?", a, m)
        for a, m in zip(case["applications"], marks["applications"], strict=True)
    ]
    right = []
    for application, value, told_mark in objects:
        own = bundle.mark(value)
        if own == told_mark:
            right.append((value, own))
            continue
        searched = not whole and len(differences) < _SEARCHED_MAX
        found = _put_back(value, told_mark) if searched else None
        if found is not None:
            differences.extend(_changes(name, application, value, found, ""))
            right.append((found, told_mark))
        else:
            # The inputs are whole, so the mark was changed; or more of them than can be put back.
            field = "mark" if whole else "*"
            differences.append(
                Difference(name, application, field, told_mark, own if whole else None)
            )
            right.append((value, own))
    (line, line_mark), *rest = right
    return (
        {"line": line, "applications": [value for value, _ in rest]},
        {"applications": [own for _, own in rest], "line": line_mark},
    )


def _put_back(value: Any, wanted: Any) -> Any:
    """The value with the one digit changed that makes its mark fit; None when no digit does."""
    raw = bytearray(msgspec.json.encode(value, order="sorted"))
    for place, digit in enumerate(raw):
        if digit not in _DIGITS:
            continue
        for other in _DIGITS:
            raw[place] = other
            if hashlib.sha256(raw).hexdigest()[: bundle.MARK_DIGITS] == wanted:
                return msgspec.json.decode(raw)
        raw[place] = digit
    return None


def _changes(
    line: str | None, application: str | None, told: Any, right: Any, path: str
) -> Iterator[Difference]:
    """Every place where two JSON values differ."""
    if isinstance(told, dict) and isinstance(right, dict) and told.keys() == right.keys():
        for key in told:
            yield from _changes(line, application, told[key], right[key], f"{path}.{key}")
    elif isinstance(told, list) and isinstance(right, list) and len(told) == len(right):
        for i, (one, other) in enumerate(zip(told, right, strict=True)):
            yield from _changes(line, application, one, other, f"{path}[{i}]")
    elif told != right or type(told) is not type(right):
        yield Difference(line, application, path.lstrip(".") or "*", told, right)


def _result_changes(line: str, told: Any, right: Any) -> Iterator[Difference]:
    """Where the told result of a line differs, each share by its application."""
    shares = told.get("shares")
    alike = isinstance(shares, list) and len(shares) == len(right["shares"])
    if not alike or told.keys() != right.keys():
        yield Difference(line, None, "result", "*", None)
        return
    for key in right:
        if key != "shares":
            yield from _changes(line, None, told[key], right[key], f"result.{key}")
    for share, wanted in zip(shares, right["shares"], strict=True):
        yield from _changes(line, wanted["id"], share, wanted, "result")
