"""Reading a case: what is refused, in which words' place, and what the hash covers."""

import copy
import itertools
import json
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import rfc8785

from backend.allocation.decision import case as cases
from backend.allocation.decision import rules
from backend.allocation.decision.errors import BadCase

LINE = {"id": "L", "unit": "service", "plan": 100, "tariff_tiyn": 7, "base_kind": "fact"}
APPLICATION = {"id": "A", "bin": "1", "score_milli": 4600, "base": 9, "requested": 9, "seq_no": 1}
Case = dict[str, Any]


def a_case(*more: Case) -> Case:
    return copy.deepcopy({"line": LINE, "applications": [APPLICATION, *more]})


def line_with(**given: object) -> Case:
    case = a_case()
    case["line"].update(given)
    return case


def second(**given: object) -> Case:
    return a_case({**APPLICATION, "id": "B", "bin": "2", **given})


def without(case: Case, place: str, name: str) -> Case:
    del (case["line"] if place == "line" else case["applications"][0])[name]
    return case


def co(*parts: object) -> Case:
    return second(co_executors=list(parts))


REFUSED = [
    # shapes
    ([], "$"),
    ({"line": LINE}, "applications"),
    ({"applications": []}, "line"),
    ({**a_case(), "providers": []}, "providers"),
    ({"line": [], "applications": []}, "line"),
    ({"line": LINE, "applications": {}}, "applications"),
    ({"line": LINE, "applications": None}, "applications"),
    (a_case([]), "applications[1]"),
    (co(7), "applications[1].co_executors[0]"),
    (second(co_executors=None), "applications[1].co_executors"),
    # unknown keys
    (line_with(ownership="state"), "line.ownership"),
    (line_with(req=1), "line.req"),
    (second(ownership="state"), "applications[1].ownership"),
    (co({"id": "X", "requested": 1, "cap": 1}), "applications[1].co_executors[0].cap"),
    (second(**{"\ud800": 1}), "applications[1].?"),
    # both spellings
    (second(req=9), "applications[1].req"),
    (second(score=4600), "applications[1].score"),
    # required fields
    *((without(a_case(), "line", name), f"line.{name}") for name in LINE),
    *(
        (without(a_case(), "applications", name), f"applications[0].{name}")
        for name in ("id", "score_milli", "requested", "seq_no")
    ),
    (co({"id": "X"}), "applications[1].co_executors[0].requested"),
    (co({"requested": 1}), "applications[1].co_executors[0].id"),
    # the line
    (line_with(id=""), "line.id"),
    (line_with(id=5), "line.id"),
    (line_with(id="\ud800"), "line.id"),
    (line_with(unit="piece"), "line.unit"),
    (line_with(unit=["service"]), "line.unit"),
    (line_with(base_kind="CAPACITY"), "line.base_kind"),
    (line_with(tariff_tiyn=None), "line.tariff_tiyn"),
    (line_with(unit="tiyn"), "line.tariff_tiyn"),
    (line_with(v_max_percent=101), "line.v_max_percent"),
    (line_with(v_max_percent=None), "line.v_max_percent"),
    (line_with(phc_full=1), "line.phc_full"),
    (line_with(phc_full=None), "line.phc_full"),
    # texts of an application
    (second(id=""), "applications[1].id"),
    (second(id=None), "applications[1].id"),
    (second(bin=61211600012), "applications[1].bin"),
    (second(bin=""), "applications[1].bin"),
    (second(bin="\udfff"), "applications[1].bin"),
    # co-executors
    (
        co({"id": "X", "requested": 5}, {"id": "Y", "requested": 5}),
        "applications[1].co_executors",
    ),
    (
        co({"id": "X", "requested": 1}, {"id": "X", "requested": 1}),
        "applications[1].co_executors[1].id",
    ),
    (co({"id": "", "requested": 1}), "applications[1].co_executors[0].id"),
]

NOT_INTEGERS = [1.5, 100.0, 1e3, True, False, "1", "", [], {}]
OUT_OF_BOUNDS = [-1, 10**18 + 1, 10**399]
INTEGERS = [
    *((line_with, "line", name) for name in ("plan", "tariff_tiyn", "limit_tiyn", "v_max_percent")),
    *(
        (second, "applications[1]", name)
        for name in ("base", "requested", "capacity", "accreditation_rank", "seq_no")
    ),
]


def refused(document: object) -> BadCase:
    with pytest.raises(BadCase) as caught:
        cases.read_case(document)
    assert caught.value.actual_code == "BAD_CASE"
    return caught.value


@pytest.mark.parametrize(("document", "path"), REFUSED, ids=[path for _, path in REFUSED])
def test_wrong_shapes_and_values_are_refused_where_they_stand(document: object, path: str) -> None:
    assert refused(document).path == path


@pytest.mark.parametrize("value", [*NOT_INTEGERS, *OUT_OF_BOUNDS], ids=lambda v: repr(v)[:20])
@pytest.mark.parametrize(("make", "place", "name"), INTEGERS, ids=lambda v: str(v)[:20])
def test_only_plain_integers_within_bounds_are_integers(
    make: Callable[..., Case], place: str, name: str, value: object
) -> None:
    assert refused(make(**{name: value})).path == f"{place}.{name}"


@pytest.mark.parametrize("value", [*NOT_INTEGERS, None])
def test_a_score_is_an_integer_too(value: object) -> None:
    assert refused(second(score_milli=value)).path == "applications[1].score_milli"


@pytest.mark.parametrize("value", [*NOT_INTEGERS, *OUT_OF_BOUNDS, None])
def test_a_co_executor_asks_for_an_integer_too(value: object) -> None:
    document = co({"id": "X", "requested": value})
    assert refused(document).path == "applications[1].co_executors[0].requested"


def test_the_largest_amount_passes() -> None:
    case = cases.read_case(line_with(plan=10**18, limit_tiyn=10**18, tariff_tiyn=10**18))
    assert case.line.plan == 10**18


def test_short_names_stand_for_the_long_ones() -> None:
    short = {"id": "A", "score": 4600, "base": 9, "req": 8, "t": 1, "accr": 2, "cap": 7}
    (read,) = cases.read_case({"line": LINE, "applications": [short]}).applications
    assert (read.score_milli, read.requested, read.seq_no) == (4600, 8, 1)
    assert (read.accreditation_rank, read.capacity, read.bin) == (2, 7, None)


def test_a_fault_is_told_in_the_spelling_of_the_document() -> None:
    short = {"id": "A", "score_milli": 4600, "req": 1.0, "seq_no": 1}
    assert refused({"line": LINE, "applications": [short]}).path == "applications[0].req"


def test_which_fault_is_told_does_not_depend_on_any_order() -> None:
    faulty = [
        {**APPLICATION, "id": "B", "requested": 1.0},
        {**APPLICATION, "id": "C", "requested": -1},
        {**APPLICATION, "id": "D", "seq_no": True},
        {**APPLICATION, "id": "E", "base": "1"},
    ]
    told = set()
    for order in itertools.permutations([APPLICATION, *faulty]):
        fault = refused({"line": LINE, "applications": list(order)})
        told.add((fault.detail, (fault.path or "").split("].")[1]))
        at = int((fault.path or "").split("[")[1].split("]")[0])
        assert order[at]["id"] == "E"
    assert len(told) == 1


# The hash: written here once by hand, so that a change of the form is seen.
CANONICAL = (
    b'{"applications":[{"accreditation_rank":0,"base":9,"bin":"1","capacity":null,"co_executors":[],'
    b'"id":"A","requested":9,"score_milli":4600,"seq_no":1}],"line":{"base_kind":"fact","id":"L",'
    b'"limit_tiyn":null,"phc_full":false,"plan":100,"tariff_tiyn":7,"unit":"service",'
    b'"v_max_percent":25}}'
)


def test_the_canonical_form_fills_in_names_and_defaults() -> None:
    assert cases.canonical(cases.read_case(a_case())) == CANONICAL
    spelt_out = a_case()
    spelt_out["line"].update(limit_tiyn=None, v_max_percent=25, phc_full=False)
    spelt_out["applications"][0] |= {"capacity": None, "accreditation_rank": 0, "co_executors": []}
    assert cases.canonical(cases.read_case(spelt_out)) == CANONICAL
    short = {"score": 4600, "req": 9, "t": 1, "id": "A", "bin": "1", "base": 9}
    assert cases.canonical(cases.read_case({"line": LINE, "applications": [short]})) == CANONICAL


def test_the_canonical_form_is_rfc_8785_where_that_is_exact() -> None:
    every_sign = "".join(map(chr, range(0x250))) + "\u2028\u2029\ud7ff\ue000\uffff\U0001f600қғ"
    document = line_with(id=every_sign, plan=2**53 - 1)
    document["applications"][0]["co_executors"] = [{"id": 'b"\\/\x7f', "requested": 1}]
    case = cases.read_case(document)
    assert cases.canonical(case) == rfc8785.dumps(msgspec.to_builtins(case))


def test_amounts_beyond_doubles_are_told_apart() -> None:
    hashes = {cases.input_sha256(cases.read_case(line_with(plan=10**18 - n))) for n in range(5)}
    assert len(hashes) == 5


def test_any_order_of_keys_and_applications_gives_the_same_bytes() -> None:
    chance = random.Random(7)
    applications = [
        {
            "id": f"a{i}",
            "bin": f"{i * 7 % 20}",
            "score_milli": chance.randrange(5001),
            "base": 10**6 + i,
            "requested": 10**6,
            "seq_no": i // 4,
            "co_executors": [{"id": "y", "requested": 17}, {"id": "x", "requested": 17}],
        }
        for i in range(20)
    ]
    answers = set()
    for _ in range(30):
        chance.shuffle(applications)
        mixed = [_mixed(one, chance) for one in applications]
        read = cases.read_case(
            _mixed({"line": _mixed(LINE, chance), "applications": mixed}, chance)
        )
        answers.add(json.dumps(cases.answer(read, rules.allocate(read.line, read.applications))))
    assert len(answers) == 1


def test_the_order_of_co_executors_is_part_of_the_case() -> None:
    parts = [{"id": "y", "requested": 3}, {"id": "x", "requested": 3}]
    one, other = (cases.read_case(co(*listed)) for listed in (parts, parts[::-1]))
    assert cases.input_sha256(one) != cases.input_sha256(other)


def _mixed(fields: Case, chance: random.Random) -> Case:
    items = list(fields.items())
    chance.shuffle(items)
    return dict(items)
