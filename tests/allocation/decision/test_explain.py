"""What a person reads about a share, and the figures beneath it."""

from typing import Any

import pytest
from hypothesis import given, settings

from backend.allocation.decision import case as cases
from backend.allocation.decision import rules
from backend.allocation.decision.explain import explain, explain_line
from backend.allocation.decision.trace import Cap, ShareTrace, trace
from backend.kernel.money import Language
from tests.allocation.decision.test_properties import random_cases

LINE = {"id": "L", "unit": "service", "plan": 2500, "tariff_tiyn": 1234567, "base_kind": "fact"}
LANGUAGES: tuple[Language, ...] = ("kk", "ru", "en")


def traced(line: dict[str, Any], *applications: dict[str, Any]) -> dict[str, ShareTrace]:
    filled = [{"requested": 2000, "seq_no": n, **a} for n, a in enumerate(applications)]
    case = cases.read_case({"line": {**LINE, **line}, "applications": filled})
    outcome = rules.allocate(case.line, case.applications)
    return {t.share.id: t for t in trace(case.line, case.applications, outcome)}


def three(line: dict[str, Any]) -> dict[str, ShareTrace]:
    """The three of TV02."""
    return traced(
        line,
        {
            "id": "A",
            "score": 4900,
            "base": 1000,
            "co_executors": [{"id": "A1", "requested": 300}],
        },
        {"id": "B", "score": 4700, "base": 700},
        {"id": "C", "score": 3500, "base": 1333},
    )


def spaced(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_supplement_in_part_is_explained_in_english() -> None:
    assert explain(three({})["A"], "en") == (
        "Score 4.900, rounded to tenths 4.9: group I. "
        "Minimum share: 80 % of the base, 1,000 × 80 % = 800 services. "
        "Supplement: 122 of 150, because only 207 was left in the plan where the group could take "
        "255; it was shared in proportion: 150 × 207 / 255, rounded down 121. "
        "Units left by rounding went to the largest remainders; the place of this application is "
        "1, so 1 is added. Allocated: 922 services. "
        "Amount: 922 × 12,345.67\N{NO-BREAK SPACE}₸ = 11,382,707.74\N{NO-BREAK SPACE}₸. "
        "Of it the applicant's own part: 784; co-executors: A1 138."
    )


def test_nothing_left_for_the_group_is_explained_in_russian() -> None:
    assert spaced(explain(three({})["C"], "ru")) == (
        "Балл 3,500, округлённо до десятых 3,5: группа II. "
        "Минимальная доля: 70 % базы, 1 333 × 70 % = 933 услуги (округлённо вниз). "
        "Дополнение: 0 из 200, потому что после минимумов и более высоких групп в плане ничего не "
        "осталось. Распределено: 933 услуги. Сумма: 933 × 12 345,67 ₸ = 11 518 510,11 ₸."
    )


def test_scaled_minimums_are_explained_in_kazakh() -> None:
    line = {"unit": "tiyn", "plan": 100_000, "tariff_tiyn": None}
    case = traced(
        line, *({"id": i, "score": 4600, "base": 150_001, "requested": 150_001} for i in "AB")
    )
    assert spaced(explain(case["B"], "kk")) == (
        "Балы 4,600, ондыққа дейін дөңгелектегенде 4,6: I топ. "
        "Ең аз үлесі: базаның 80 %-ы, 1 500,01 ₸ × 80 % = 1 200,00 ₸ "
        "(төмен қарай дөңгелектегенде). "
        "Жоспар (1 000,00 ₸) барлық ең аз үлестердің қосындысынан (2 400,00 ₸) кем, сондықтан "
        "олардың бәрі бірдей пропорциямен азайтылды: 1 200,00 ₸ × 1 000,00 ₸ / 2 400,00 ₸, "
        "төмен қарай дөңгелектегенде 500,00 ₸. Бөлінгені: 500,00 ₸."
    )


@pytest.mark.parametrize(
    ("line", "application", "told"),
    [
        ({}, {"base": 0}, "The base is zero"),
        ({}, {"base": 9, "cap": 0}, "The capacity is zero"),
        ({"base_kind": "application"}, {"base": None}, "No base is given, so the request is"),
        ({"phc_full": True}, {"base": 9}, "so the base counts in full"),
        ({}, {"base": 9000}, "The application asks for less, so the minimum is 2,000. No suppl"),
        ({}, {"base": 9000, "cap": 50}, "The capacity is less than that, so the minimum is 50."),
        ({}, {"base": 2000, "score": 0}, "Group V receives no supplement."),
        ({}, {"base": 1}, "No supplement: the maximum equals the minimum."),
        ({}, {"base": 1000}, "Supplement: 150 of 150, because the 1,700 left in the plan was"),
        ({"plan": 800}, {"base": 1000}, "Supplement: 0 of 150, because nothing was left"),
        ({"plan": 799}, {"base": 1000}, "The plan (799) is smaller than all minimums together"),
    ],
)
def test_each_reason_has_its_sentence(
    line: dict[str, Any], application: dict[str, Any], told: str
) -> None:
    case = traced(line, {"id": "A", "score": 4600, **application})
    assert told in explain(case["A"], "en")
    texts = {explain(case["A"], language) for language in LANGUAGES}
    assert len(texts) == 3


def test_who_comes_next_by_remainder_is_told() -> None:
    shares = traced({"plan": 10}, *({"id": i, "score": 4600, "base": 10} for i in "ABC"))
    places = {name: (t.split.place, t.split.odd) for name, t in shares.items() if t.split}
    assert places == {"A": (1, 1), "B": (2, 0), "C": (3, 0)}
    assert "the place is 2" in explain(shares["B"], "en")


def test_what_cut_a_bound_is_known() -> None:
    shares = traced(
        {},
        {"id": "A", "score": 4600, "base": 1000, "requested": 900},
        {"id": "B", "score": 4600, "base": 1000, "cap": 700},
    )
    assert (shares["A"].min_cap, shares["A"].max_cap) == (None, Cap.REQUESTED)
    assert (shares["B"].min_cap, shares["B"].max_cap) == (Cap.CAPACITY, Cap.CAPACITY)


@given(random_cases(fewest=1))
@settings(max_examples=120, deadline=None)
def test_the_figures_of_a_trace_add_up_to_the_share(document: dict[str, Any]) -> None:
    case = cases.read_case(document)
    outcome = rules.allocate(case.line, case.applications)
    traces = trace(case.line, case.applications, outcome)
    assert tuple(t.share for t in traces) == outcome.shares
    odd_units: dict[tuple[str, int], list[ShareTrace]] = {}
    for t in traces:
        start = 0 if t.mode == "SCALED_MIN" else t.share.min
        assert t.share.id == t.application.id
        assert 0 <= t.supplement <= t.headroom
        if t.split is not None:
            assert t.split.floored + t.split.odd == t.share.allocated + t.cut - start
            assert t.split.odd in {0, 1}
            group = "" if t.mode == "SCALED_MIN" else t.share.group
            odd_units.setdefault((group, t.split.total), []).append(t)
        elif t.rung is not None:
            assert t.share.allocated + t.cut == t.share.max
        for language in LANGUAGES:
            text = explain(t, language)
            assert "{" not in text
            assert text.endswith(".")
    for members in odd_units.values():
        splits = [t.split for t in members if t.split]
        winners = sum(split.odd for split in splits)
        assert all(split.odd == (split.place <= winners) for split in splits)


def one(plan: int) -> ShareTrace:
    return traced({"plan": plan}, {"id": "A", "score": 4600, "base": plan, "requested": plan})["A"]


@pytest.mark.parametrize(
    ("plan", "ru", "en"),
    [
        (1, "0 услуг.", "0 services."),
        (2, "1 услуга.", "1 service."),
        (4, "3 услуги.", "3 services."),
        (6, "5 услуг.", "5 services."),
        (13, "12 услуг.", "12 services."),
        (23, "21 услуга.", "21 services."),
    ],
)
def test_numbers_and_their_words_agree(plan: int, ru: str, en: str) -> None:
    given = one(plan)
    assert f"Распределено: {ru}" in explain(given, "ru")
    assert f"Allocated: {en}" in explain(given, "en")
    assert f"Бөлінгені: {given.share.allocated} қызмет." in explain(given, "kk")


def told(line: dict[str, Any], *applications: dict[str, Any]) -> tuple[str, ...]:
    case = cases.read_case({"line": {**LINE, **line}, "applications": list(applications)})
    outcome = rules.allocate(case.line, case.applications)
    return tuple(spaced(explain_line(case.line, outcome, language)) for language in LANGUAGES)


def test_a_line_is_explained_from_its_minimums_to_its_residue() -> None:
    a = {"id": "A", "score": 4900, "base": 1000, "req": 2000, "t": 1}
    b = {"id": "B", "score": 4700, "base": 700, "req": 2000, "t": 2}
    c = {"id": "C", "score": 3500, "base": 1333, "req": 2000, "t": 3}
    kk, ru, en = told({}, a, b, c)
    assert en == (
        "Plan: 2,500 services. All minimums together: 2,293; all maximums: 2,748. "
        "Group I: 207 was left, the group could take 255, so it was shared in proportion. "
        "Group II: nothing was left. Allocated: 2,500 services; left in the plan: 0."
    )
    assert ru.startswith("План: 2 500 услуг. Минимумы вместе: 2 293; максимумы вместе: 2 748.")
    assert kk.endswith("Бөлінгені: 2 500 қызмет; жоспарда қалғаны: 0.")
    assert "all of it was given" in told({"plan": 2600}, a, b, c)[2]
    assert "cut in one proportion" in told({"plan": 2000}, a, b, c)[2]
    assert "No application was accepted" in told({})[2]


def test_money_is_told_in_tenge_and_has_no_other_word() -> None:
    money = {"unit": "tiyn", "tariff_tiyn": None, "plan": 100_000}
    a = {"id": "A", "score": 4600, "base": 90_000, "req": 90_000, "t": 1}
    ru = told(money, a)[1]
    assert ru == (
        "План: 1 000,00 ₸. Минимумы вместе: 720,00 ₸; максимумы вместе: 855,00 ₸. "
        "Группа I: осталось 280,00 ₸, вся группа может принять 135,00 ₸, отдано всё. "
        "Распределено: 855,00 ₸; осталось в плане: 145,00 ₸."
    )


def test_a_dearer_tariff_and_what_it_takes_back_are_told() -> None:
    """D22: 100 services at 10.00; both ask for 50, B's coefficient is 1.1: 5 of B's go back."""
    line = {"plan": 95, "tariff_tiyn": 1000}
    a = {"id": "A", "score": 5000, "base": 50, "requested": 50}
    b = {"id": "B", "score": 4900, "base": 50, "requested": 50, "coefficient_milli": 1100}
    shares = traced({**line, "phc_full": True, "plan": 100}, a, b)
    assert [(t.share.allocated, t.cut, t.share.amount_tiyn) for t in shares.values()] == [
        (50, 0, 50_000),
        (45, 5, 49_500),
    ]
    told = spaced(explain(shares["B"], "ru"))
    assert "с конца очереди снято: 5. Распределено: 45 услуг." in told
    assert "Тариф с коэффициентом исполнителя: 11,00 ₸ вместо 10,00 ₸." in told
    assert "Сумма: 45 × 11,00 ₸ = 495,00 ₸." in told
    assert "Тариф с коэффициентом" not in explain(shares["A"], "ru")
