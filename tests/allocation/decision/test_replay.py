"""A published record computed anew: the same bytes, and every changed digit named and put back."""

import json
import random
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.allocation.decision import algorithms, bundle, rules
from backend.allocation.decision import case as cases
from backend.allocation.decision.bundle import DecidedCase
from backend.allocation.decision.errors import AlgorithmUnknown, BadBundle
from backend.allocation.decision.inputs import Prepared
from backend.allocation.decision.model import ALGORITHM, BaseKind, Unit
from backend.allocation.decision.record import OfferedLine, PlanOf, SourceTotal
from backend.allocation.decision.replay import Difference, Replay, replay
from backend.kernel import strict_json
from tests.allocation.decision.test_properties import Case, random_case, random_cases

ANNOUNCEMENT, PLAN = UUID(int=0x0198_7654_3210), PlanOf(UUID(int=0x0198_1234), 2026, 3)


def record_of(documents: list[Case], algorithm: str = ALGORITHM) -> bytes:
    """The record of a decision over these lines."""
    decided = []
    for n, document in enumerate(documents):
        document["line"]["id"] = f"2026-mhi-{n}"
        case = cases.read_case(document)
        outcome = algorithms.named(algorithm)(case.line, case.applications)
        offered = OfferedLine(
            ANNOUNCEMENT, case.line.id, "mhi" if n % 2 else "gvfmc", Unit.SERVICE, 0, 0, None,
            BaseKind.FACT, False, 25,
        )  # fmt: skip
        decided.append(DecidedCase(Prepared(offered, case, (), ()), outcome))
    totals = [
        SourceTotal(
            source,
            sum(d.outcome.amount_tiyn for d in decided if d.prepared.offered.source == source),
            1,
            10**18,
        )
        for source in ("gvfmc", "mhi")
    ]
    return bundle.build(ANNOUNCEMENT, PLAN, decided, totals, algorithm).content


def replayed(content: bytes) -> Replay:
    return replay(strict_json.parse(content))


TV02: Case = {
    "line": {"id": "L", "unit": "service", "plan": 2500, "tariff_tiyn": 1_234_567, "base_kind": "fact"},
    "applications": [
        {"id": "A", "score": 4900, "base": 1000, "req": 2000, "t": 1, "bin": "061211600012",
         "co_executors": [{"id": "1", "req": 300}]},
        {"id": "B", "score": 4700, "base": 700, "req": 2000, "t": 2},
        {"id": "C", "score": 3500, "base": 1333, "req": 2000, "t": 3},
    ],
}  # fmt: skip


def test_an_untouched_record_gives_its_own_bytes() -> None:
    content = record_of([TV02])
    found = replayed(content)
    assert (found.same, found.differences, found.recomputed) == (True, [], content)
    assert found.record_sha256 == found.recomputed_sha256
    assert (found.lines, found.applications, found.algorithm) == (1, 3, ALGORITHM)


@given(st.lists(random_cases(largest=10**9), max_size=3))
@settings(max_examples=60, deadline=None)
def test_any_decision_can_be_replayed(documents: list[Case]) -> None:
    content = record_of(documents)
    found = replayed(content)
    assert found.same
    assert found.recomputed == content


def test_spaces_and_the_order_of_keys_change_nothing() -> None:
    content = record_of([TV02])
    shown = json.dumps(json.loads(content), indent=2, sort_keys=True).encode()
    found = replayed(shown)
    assert found.same
    assert found.recomputed == content


@pytest.mark.parametrize(
    ("was", "now", "line", "application", "field", "should_be"),
    [
        ('"score_milli":4700', '"score_milli":4600', "2026-mhi-0", "B", "score_milli", 4700),
        ('"requested":300', '"requested":301', "2026-mhi-0", "A", "co_executors[0].requested", 300),
        ('"seq_no":3', '"seq_no":9', "2026-mhi-0", "C", "seq_no", 3),
        ('"bin":"061211600012"', '"bin":"061211600013"', "2026-mhi-0", "A", "bin", "061211600012"),
        ('"plan":2500', '"plan":2400', "2026-mhi-0", None, "plan", 2500),
        ('"allocated":645', '"allocated":646', "2026-mhi-0", "B", "result.allocated", 645),
        ('"allocated":138', '"allocated":130', "2026-mhi-0", "A",
         "result.co_executors[0].allocated", 138),
        ('"residue":0', '"residue":1', "2026-mhi-0", None, "result.residue", 0),
        ('"version":3', '"version":2', None, None, "plan.version", 3),
        ('"before_tiyn":1', '"before_tiyn":2', None, None, "totals[0].before_tiyn", 1),
    ],
)  # fmt: skip
def test_one_changed_digit_is_named(
    was: str, now: str, line: str | None, application: str | None, field: str, should_be: object
) -> None:
    content = record_of([TV02])
    assert was.encode() in content
    found = replayed(content.replace(was.encode(), now.encode(), 1))
    (difference,) = found.differences
    assert (difference.line, difference.application, difference.field) == (line, application, field)
    assert difference.should_be == should_be
    assert not found.same
    assert found.recomputed == content  # so the issuer's seal still says what was signed


def require_put_back(content: bytes, place: int, digit: bytes) -> None:
    """Whatever digit of a record is changed, it is one difference, and the record is put back."""
    changed = content[:place] + digit + content[place + 1 :]
    try:
        found = replayed(changed)
    except strict_json.NotJson:
        return  # a number must not begin with 0
    except BadBundle:
        # the format's own number, and the digits in the name of a hash
        assert content[:place].endswith(
            (b"saqtau-decision-", b'"input_sha', b'"input_sha2', b'"input_sha25')
        )
        return
    assert not found.same
    assert len(found.differences) == 1, found.differences
    assert found.recomputed == content


def changes(chance: random.Random, content: bytes, count: int) -> None:
    digits = [i for i, c in enumerate(content) if c in b"0123456789"]
    for place in chance.sample(digits, min(count, len(digits))):
        other = chance.choice([d for d in b"0123456789" if d != content[place]])
        require_put_back(content, place, bytes([other]))


@given(st.lists(random_cases(largest=10**6), min_size=1, max_size=2), st.randoms())
@settings(max_examples=25, deadline=None)
def test_every_digit_is_told_and_put_back(documents: list[Case], chance: random.Random) -> None:
    changes(chance, record_of(documents), 12)


def test_more_than_one_digit_of_an_object_is_told_without_the_old_value() -> None:
    content = record_of([TV02])
    found = replayed(content.replace(b'"score_milli":4700', b'"score_milli":3300'))
    assert not found.same
    assert (found.differences[0].application, found.differences[0].field) == ("B", "*")
    assert found.differences[0].should_be is None


def test_two_digits_of_two_applications_are_both_named() -> None:
    content = record_of([TV02])
    changed = content.replace(b'"score_milli":4700', b'"score_milli":4701').replace(
        b'"score_milli":3500', b'"score_milli":3501'
    )
    assert [(d.application, d.should_be) for d in replayed(changed).differences] == [
        ("B", 4700),
        ("C", 3500),
    ]


def test_a_decision_is_replayed_by_the_algorithm_it_names() -> None:
    content = record_of([TV02], algorithms.THRESHOLD)
    assert replayed(content).same
    record = json.loads(content)
    record["algorithm"] = "somebody-else-9"
    record["mark"] = bundle.mark(
        {k: record[k] for k in ("algorithm", "announcement_id", "plan", "totals")}
    )
    with pytest.raises(AlgorithmUnknown):
        replay(record)


@pytest.mark.parametrize(
    "spoilt",
    [
        [],
        {},
        {"lines": []},
        lambda r: r.update(format="saqtau-decision-2"),
        lambda r: r.update(lines={}),
        lambda r: r.update(totals=[1]),
        lambda r: r["lines"].append(1),
        lambda r: r["lines"][0].update(more=1),
        lambda r: r["lines"][0]["case"].update(applications={}),
        lambda r: r["lines"][0]["marks"].update(applications=[]),
        lambda r: r["lines"][0].update(result=[]),
        lambda r: r["lines"][0]["case"].update(line=7),
        lambda r: r["lines"][0]["case"]["applications"][0].update(score_milli="x"),
    ],
)  # fmt: skip
def test_what_is_no_record_is_refused(spoilt: Any) -> None:
    record = json.loads(record_of([TV02]))
    if callable(spoilt):
        spoilt(record)
    else:
        record = spoilt
    with pytest.raises(BadBundle):
        replay(record)


def test_an_added_application_is_not_taken_for_the_issuers() -> None:
    record = json.loads(record_of([TV02]))
    line = record["lines"][0]
    line["case"]["applications"].append({**line["case"]["applications"][1], "id": "D", "seq_no": 4})
    line["marks"]["applications"].append("0" * 16)
    found = replay(record)
    assert not found.same
    assert any(d == Difference("2026-mhi-0", "D", "*", "0" * 16, None) for d in found.differences)


def test_the_thresholds_of_lawyers_differ_where_d18_says() -> None:
    differ = [s for s in range(5001) if rules.BY_TENTHS[s] != rules.BY_THRESHOLD[s]]
    wanted = [*range(850, 900), *range(1950, 2000), *range(3150, 3200), *range(4550, 4600)]
    assert differ == wanted


def test_an_installed_algorithm_is_held_to_the_laws(monkeypatch: pytest.MonkeyPatch) -> None:
    """D31: a package brings its algorithm by an entry point; it may not make units."""

    def generous(line: Any, applications: Any) -> Any:
        found = rules.allocate(line, applications, algorithm="generous-1")
        return msgspec.structs.replace(found, residue=found.residue + 1)

    def honest(line: Any, applications: Any) -> Any:
        return rules.allocate(line, applications, algorithm="honest-1")

    class Entry:
        def __init__(self, found: Any) -> None:
            self.load = lambda: found

    known = {"generous-1": generous, "honest-1": honest}
    monkeypatch.setattr(
        algorithms.metadata, "entry_points", lambda group, name: [Entry(known[name])]
    )
    algorithms.named.cache_clear()
    case = cases.read_case(TV02)
    assert algorithms.named("honest-1")(case.line, case.applications).algorithm == "honest-1"
    with pytest.raises(AssertionError, match="no unit is lost or made"):
        algorithms.named("generous-1")(case.line, case.applications)
    algorithms.named.cache_clear()


@pytest.mark.prove
def test_every_digit_of_many_records() -> None:
    chance = random.Random(242)
    for _ in range(100):
        changes(
            chance, record_of([random_case(chance) for _ in range(chance.randrange(1, 4))]), 100
        )
