"""The rules one by one: domain 5.2-5.4, cases the vectors leave out."""

import pytest

from backend.allocation.decision import case as cases
from backend.allocation.decision import rules
from backend.allocation.decision.errors import (
    BadCase,
    DuplicateApplication,
    LimitExceeded,
    MissingCapacity,
    ScoreOutOfRange,
)
from backend.allocation.decision.model import (
    Application,
    BaseKind,
    CoExecutor,
    CoShare,
    Group,
    Line,
    Mode,
    Outcome,
    Reason,
    Rung,
    Unit,
)


def line(plan: int, **given: object) -> Line:
    fields = {"id": "L", "unit": Unit.TIYN, "base_kind": BaseKind.APPLICATION, **given}
    return Line(plan=plan, **fields)  # type: ignore[arg-type]


def application(id_: str, score_milli: int, base: int | None, **given: object) -> Application:
    fields = {"bin": None, "requested": base if base is not None else 0, "seq_no": 1, **given}
    return Application(id=id_, score_milli=score_milli, base=base, **fields)  # type: ignore[arg-type]


def allocated(outcome: Outcome) -> dict[str, int]:
    return {share.id: share.allocated for share in outcome.shares}


@pytest.mark.parametrize(
    ("score_milli", "group"),
    [
        (5000, "I"),
        (4600, "I"),
        (4550, "I"),
        (4549, "II"),
        (3150, "II"),
        (3149, "III"),
        (1950, "III"),
        (1949, "IV"),
        (850, "IV"),
        (849, "V"),
        (0, "V"),
    ],
)
def test_groups_round_half_up_to_tenths(score_milli: int, group: str) -> None:
    assert rules.group_of(score_milli) == Group(group)


def test_no_application_fails_the_line_and_keeps_the_plan() -> None:
    outcome = rules.allocate(line(700, limit_tiyn=0), [])
    assert (outcome.mode, outcome.residue, outcome.amount_tiyn) == (Mode.FAILED, 700, 0)
    assert outcome.shares == ()


def test_plan_equal_to_the_minimums_gives_exactly_them() -> None:
    outcome = rules.allocate(
        line(150), [application("A", 4600, 100), application("B", 3200, 100, seq_no=2)]
    )
    assert outcome.mode is Mode.MIN_PLUS_SUPPLEMENT
    assert allocated(outcome) == {"A": 80, "B": 70}
    assert outcome.residue == 0


def test_a_single_applicant_gets_no_more_than_its_maximum() -> None:
    outcome = rules.allocate(line(1000), [application("A", 5000, 100)])
    assert (allocated(outcome), outcome.residue) == ({"A": 95}, 905)


def test_a_known_capacity_caps_minimum_and_maximum() -> None:
    outcome = rules.allocate(line(1000), [application("A", 5000, 100, requested=200, capacity=79)])
    (share,) = outcome.shares
    assert (share.min, share.max, share.allocated, share.reason) == (79, 79, 79, None)


@pytest.mark.parametrize("given", [{"base": 0}, {"base": 100, "capacity": 0}])
def test_zero_base_or_capacity_is_told_as_such(given: dict[str, int]) -> None:
    wanted = application("A", 5000, given["base"], requested=50, capacity=given.get("capacity"))
    (share,) = rules.allocate(line(1000), [wanted]).shares
    assert (share.allocated, share.reason) == (0, Reason.ZERO_BASE)


def test_a_request_of_nothing_is_no_zero_base() -> None:
    (share,) = rules.allocate(line(9), [application("A", 5000, 100, requested=0)]).shares
    assert (share.allocated, share.reason) == (0, None)


def test_a_missing_base_is_the_request_on_an_application_line() -> None:
    (share,) = rules.allocate(line(1000), [application("A", 4600, None, requested=100)]).shares
    assert (share.min, share.max, share.allocated) == (80, 95, 95)


def test_a_missing_base_is_nothing_on_a_fact_line() -> None:
    outcome = rules.allocate(
        line(1000, base_kind=BaseKind.FACT), [application("A", 4600, None, requested=100)]
    )
    assert (outcome.shares[0].allocated, outcome.shares[0].reason) == (0, Reason.ZERO_BASE)


def test_a_missing_base_stops_a_capacity_line_even_where_capacity_is_known() -> None:
    cases = [
        application("A", 4600, 100, seq_no=1),
        application("B", 4600, None, requested=100, capacity=50, seq_no=3),
        application("C", 4600, None, requested=100, seq_no=2),
    ]
    with pytest.raises(MissingCapacity) as refused:
        rules.allocate(line(1000, base_kind=BaseKind.CAPACITY), cases)
    assert refused.value.path == "applications[2].base"


@pytest.mark.parametrize("score_milli", [-1, 5001, 10**18])
def test_a_score_beyond_the_scale_stops_the_line(score_milli: int) -> None:
    with pytest.raises(ScoreOutOfRange):
        rules.allocate(line(1), [application("A", score_milli, 1)])


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        (("A", "1"), ("A", "2"), "applications[1].id"),
        (("A", "1"), ("B", "1"), "applications[1].bin"),
    ],
)
def test_one_applicant_applies_once(
    first: tuple[str, str], second: tuple[str, str], path: str
) -> None:
    cases = [application(i, 1, 1, bin=b, seq_no=n) for n, (i, b) in enumerate((first, second))]
    with pytest.raises(DuplicateApplication) as refused:
        rules.allocate(line(1), cases)
    assert refused.value.path == path
    assert "1" not in refused.value.detail  # a bin may be a person's IIN


def test_unknown_bins_are_no_duplicates() -> None:
    outcome = rules.allocate(line(9), [application("A", 0, 4), application("B", 0, 4)])
    assert allocated(outcome) == {"A": 1, "B": 1}


def test_the_limit_speaks_of_what_is_allocated_not_of_the_plan() -> None:
    wide = line(1000, unit=Unit.SERVICE, tariff_tiyn=10, limit_tiyn=950)
    assert rules.allocate(wide, [application("A", 4600, 100)]).amount_tiyn == 950
    with pytest.raises(LimitExceeded):
        rules.allocate(
            line(1000, unit=Unit.SERVICE, tariff_tiyn=10, limit_tiyn=949),
            [application("A", 4600, 100)],
        )


def test_primary_care_is_given_in_full() -> None:
    cases = [application("A", 5000, 1000), application("B", 0, 777, seq_no=2)]
    outcome = rules.allocate(line(2000, phc_full=True), cases)
    assert allocated(outcome) == {"A": 1000, "B": 777}
    assert (outcome.sum_min, outcome.sum_max, outcome.residue) == (1777, 1777, 223)
    assert [share.group for share in outcome.shares] == [Group.I, Group.V]


def test_primary_care_below_the_need_is_scaled() -> None:
    cases = [application("A", 5000, 1000), application("B", 0, 1000, seq_no=2)]
    outcome = rules.allocate(line(1001, phc_full=True), cases)
    assert (outcome.mode, allocated(outcome)) == (Mode.SCALED_MIN, {"A": 501, "B": 500})


def test_group_v_climbs_last_where_the_line_lets_it() -> None:
    cases = [application("A", 900, 100), application("B", 0, 100, seq_no=2)]
    outcome = rules.allocate(line(110, v_max_percent=60), cases)
    assert allocated(outcome) == {"A": 65, "B": 45}
    assert outcome.ladder == (Rung(Group.IV, 35, 15), Rung(Group.V, 20, 35))


def test_a_maximum_of_v_below_its_minimum_has_no_effect() -> None:
    outcome = rules.allocate(line(100, v_max_percent=0), [application("A", 0, 100)])
    assert allocated(outcome) == {"A": 25}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"score_milli": 2600, "seq_no": 9}, {"score_milli": 2599, "accreditation_rank": 5}),
        ({"accreditation_rank": 2, "seq_no": 9}, {"accreditation_rank": 1}),
        ({"seq_no": 1, "bin": "9"}, {"seq_no": 2, "bin": "1"}),
        ({"bin": "000000000001", "id": "Z"}, {"bin": "000000000002", "id": "A"}),
        ({"bin": None, "id": "A"}, {"bin": None, "id": "Z"}),
    ],
)
def test_the_odd_unit_goes_by_tie_order(
    better: dict[str, object], worse: dict[str, object]
) -> None:
    common = {"score_milli": 2600, "base": 10, "seq_no": 3}
    first = application(**{"id_": "A", **common, **_renamed(better)})  # type: ignore[arg-type]
    second = application(**{"id_": "B", **common, **_renamed(worse)})  # type: ignore[arg-type]
    for both in ([first, second], [second, first]):
        assert allocated(rules.allocate(line(11), both)) == {first.id: 6, second.id: 5}


def _renamed(given: dict[str, object]) -> dict[str, object]:
    return {("id_" if key == "id" else key): value for key, value in given.items()}


def test_equal_remainders_of_co_executors_go_to_the_own_part_then_as_listed() -> None:
    thirds = (CoExecutor("Z", 10), CoExecutor("A", 10))
    applicant = application("P", 4600, 30, co_executors=thirds)
    assert rules.co_shares(applicant, 28) == (CoShare("Z", 9), CoShare("A", 9))  # own: 10
    assert rules.co_shares(applicant, 29) == (CoShare("Z", 10), CoShare("A", 9))


def test_a_co_executor_may_carry_all_or_nothing() -> None:
    all_of_it = application("P", 4600, 30, co_executors=(CoExecutor("X", 30), CoExecutor("Y", 0)))
    assert rules.co_shares(all_of_it, 28) == (CoShare("X", 28), CoShare("Y", 0))


def test_nothing_is_shared_where_all_weights_are_zero() -> None:
    assert rules.largest_remainder(5, [0, 0]) == [0, 0]
    assert rules.largest_remainder(5, []) == []


@pytest.mark.parametrize(
    ("amount", "units", "tariffs", "kept"),
    [
        (1000, [5, 5], [100, 100], [5, 5]),
        (999, [5, 5], [100, 100], [5, 4]),
        (1000, [5, 5], [100, 110], [5, 4]),  # 50 too much: one of 110
        (400, [5, 5], [100, 100], [4, 0]),  # the last first, all of it
        (0, [5, 5], [0, 100], [5, 0]),  # what costs nothing need not go back
        (10**18, [10**15], [1001], [999000999000999]),
    ],
)
def test_what_the_line_does_not_pay_for_goes_back_from_the_end(
    amount: int, units: list[int], tariffs: list[int], kept: list[int]
) -> None:
    assert rules.within_amount(amount, units, tariffs) == kept


def test_a_coefficient_is_rounded_once_half_up_to_the_tiyn() -> None:
    """D22: 1,234,567 x 1.1 = 1,358,023.7; x 0.5 = 617,283.5."""
    for coefficient, tariff in ((1100, 1_358_024), (500, 617_284), (1000, 1_234_567)):
        document = {
            "line": {"id": "L", "unit": "service", "plan": 9, "tariff_tiyn": 1_234_567,
                     "base_kind": "application"},
            "applications": [{"id": "A", "score": 0, "req": 9, "t": 1,
                              "coefficient_milli": coefficient}],
        }  # fmt: skip
        case = cases.read_case(document)
        assert rules.tariff_of(case.line, case.applications[0]) == tariff


def test_a_case_without_coefficients_is_written_as_the_contract_has_it() -> None:
    document = {
        "line": {"id": "L", "unit": "service", "plan": 9, "tariff_tiyn": 1, "base_kind": "fact"},
        "applications": [{"id": "A", "score": 0, "req": 9, "t": 1}],
    }
    plain = cases.canonical(cases.read_case(document))
    assert b"coefficient" not in plain
    document["applications"][0]["coefficient_milli"] = None  # type: ignore[index]
    assert cases.canonical(cases.read_case(document)) == plain
    for wrong in (0, 100_001, 1.1, True, "1100"):
        document["applications"][0]["coefficient_milli"] = wrong  # type: ignore[index]
        with pytest.raises(BadCase) as refused:
            cases.read_case(document)
        assert refused.value.path == "applications[0].coefficient_milli"


@pytest.mark.parametrize(
    ("service_type", "carried", "warnings"),
    [
        ("cdc", 50, ()),
        ("cdc", 51, ("CO_EXECUTION_ABOVE_CITY_CEILING",)),
        ("cdc", 60, ("CO_EXECUTION_ABOVE_CITY_CEILING",)),
        ("cdc", 61, ("CO_EXECUTION_ABOVE_CITY_CEILING", "CO_EXECUTION_ABOVE_DISTRICT_CEILING")),
        ("inpatient", 100, ()),
    ],
)
def test_too_much_co_execution_is_warned_of_and_never_refused(
    service_type: str, carried: int, warnings: tuple[str, ...]
) -> None:
    parts = [CoExecutor("1", carried - 1), CoExecutor("2", 1)]
    assert rules.co_execution_warnings(service_type, 100, parts) == warnings
