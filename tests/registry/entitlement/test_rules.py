from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.registry.entitlement.errors import BadCase, MinimumWageUnknown
from backend.registry.entitlement.model import (
    Basis,
    CategoryPeriod,
    MhiCase,
    MhiStatus,
    Reason,
    Receipt,
    ReceiptKind,
    Ruling,
    SelfPayerRule,
    Status,
)
from backend.registry.entitlement.rules import (
    decide,
    last_day_of,
    mhi_status,
    month_of,
    pays_himself,
    period_of,
)

ON = date(2026, 6, 15)
MONTHLY = 425_000


def day(text: str) -> date:
    return date.fromisoformat(text)


def months(first: str, count: int) -> list[str]:
    start = int(first[:4]) * 12 + int(first[5:]) - 1
    return [period_of(start + n) for n in range(count)]


def paid(periods: Iterable[str], on: str | None = None) -> tuple[Receipt, ...]:
    """A receipt for each month, paid on its 10th unless told otherwise."""
    return tuple(
        Receipt(day(on or f"{p}-10"), p, ReceiptKind.CONTRIBUTION, MONTHLY) for p in periods
    )


def category(code: str, first: str, last: str | None = None) -> CategoryPeriod:
    return CategoryPeriod(code, day(first), day(last) if last else None)


def judge(
    *receipts: Receipt,
    on: date = ON,
    categories: Iterable[CategoryPeriod] = (),
    self_payer: bool = False,
    rule: SelfPayerRule = SelfPayerRule.TWELVE_MONTHS,
) -> MhiStatus:
    return mhi_status(MhiCase(on, tuple(categories), receipts, self_payer), rule)


def ruled(*receipts: Receipt, on: date = ON) -> Ruling:
    return decide(MhiCase(on, (), receipts, self_payer=False))


def told(status: MhiStatus | Ruling) -> tuple[str, str | None, str | None]:
    until = status.until.isoformat() if status.until else None
    return status.status.value, status.basis.value if status.basis else None, until


NOT_INSURED = ("NOT_CONSUMER", None, None)


# --- categories ---


@pytest.mark.parametrize(
    ("first", "last", "insured"),
    [
        ("2026-06-15", "2026-06-15", True),
        ("2020-01-01", "2026-06-15", True),
        ("2026-06-15", "2030-01-01", True),
        ("2008-02-01", None, True),
        ("2020-01-01", "2026-06-14", False),
        ("2026-06-16", None, False),
    ],
)
def test_a_category_insures_on_its_days(first: str, last: str | None, insured: bool) -> None:
    found = judge(categories=[category("7", first, last)])
    assert told(found) == (("CONSUMER", "CATEGORY", last) if insured else NOT_INSURED)


def test_of_several_categories_the_longest_counts() -> None:
    two = [category("13", "2025-09-01", "2026-07-31"), category("12", "2026-01-01", "2027-03-31")]
    assert told(judge(categories=two)) == ("CONSUMER", "CATEGORY", "2027-03-31")
    assert told(judge(categories=two[::-1])) == ("CONSUMER", "CATEGORY", "2027-03-31")
    three = [*two, category("7", "2026-05-01")]
    assert told(judge(categories=three)) == ("CONSUMER", "CATEGORY", None)


def test_a_category_comes_before_payment() -> None:
    found = judge(*paid(["2026-06"]), categories=[category("7", "2026-01-01")])
    assert found.basis is Basis.CATEGORY


def test_a_category_that_ended_gives_no_continuation() -> None:
    student = [category("13", "2022-09-01", "2026-06-10")]
    assert told(judge(categories=student)) == NOT_INSURED
    assert judge(categories=student).arrears.months == ()


# --- the paid month ---


def test_payment_for_the_month_insures_until_its_end() -> None:
    assert told(judge(*paid(["2026-06"]))) == ("CONSUMER", "PAID_MONTH", "2026-06-30")
    february = judge(*paid(["2028-02"]), *paid(months("2027-02", 12)), on=day("2028-02-29"))
    assert told(february) == ("CONSUMER", "PAID_MONTH", "2028-02-29")


@pytest.mark.parametrize("kind", ReceiptKind)
def test_whoever_paid_a_month_paid_it(kind: ReceiptKind) -> None:
    receipt = Receipt(day("2026-06-01"), "2026-06", kind, 1)
    assert judge(receipt).basis is Basis.PAID_MONTH


def test_a_receipt_of_tomorrow_is_not_known_today() -> None:
    receipt = paid(["2026-06"], on="2026-06-16")
    assert told(judge(*receipt)) == NOT_INSURED
    assert judge(*receipt, on=day("2026-06-16")).basis is Basis.PAID_MONTH


def test_what_was_refunded_is_not_paid() -> None:
    refunded = Receipt(ON, "2026-06", ReceiptKind.DEDUCTION, 100, 100)
    partly = Receipt(ON, "2026-06", ReceiptKind.DEDUCTION, 100, 99)
    nothing = Receipt(ON, "2026-06", ReceiptKind.DEDUCTION, 0)
    assert told(judge(refunded)) == NOT_INSURED
    assert told(judge(nothing)) == NOT_INSURED
    assert judge(partly).basis is Basis.PAID_MONTH
    assert judge(refunded, partly, nothing).basis is Basis.PAID_MONTH


def test_next_month_paid_does_not_insure_this_one() -> None:
    assert told(judge(*paid(["2026-07"], on="2026-06-01"))) == NOT_INSURED


# --- continuation ---


@pytest.mark.parametrize(
    ("on", "answer"),
    [
        ("2026-01-31", ("CONSUMER", "PAID_MONTH", "2026-01-31")),
        ("2026-02-01", ("CONSUMER", "CONTINUATION_3M", "2026-04-30")),
        ("2026-04-30", ("CONSUMER", "CONTINUATION_3M", "2026-04-30")),
        ("2026-05-01", NOT_INSURED),
    ],
)
def test_care_goes_on_three_months(on: str, answer: tuple[str, str | None, str | None]) -> None:
    assert told(judge(*paid(["2026-01"]), on=day(on))) == answer


@pytest.mark.parametrize(
    ("last", "until"),
    [("2025-11", "2026-02-28"), ("2025-10", "2026-01-31"), ("2027-11", "2028-02-29")],
)
def test_continuation_crosses_the_year(last: str, until: str) -> None:
    assert told(ruled(*paid([last]), on=day(until))) == ("CONSUMER", "CONTINUATION_3M", until)
    assert told(ruled(*paid([last]), on=day(until) + timedelta(days=1))) == NOT_INSURED


@pytest.mark.parametrize(
    ("count", "on", "answer"),
    [
        (60, "2026-07-01", ("CONSUMER", "CONTINUATION_6M", "2026-12-31")),
        (60, "2026-12-31", ("CONSUMER", "CONTINUATION_6M", "2026-12-31")),
        (60, "2027-01-01", NOT_INSURED),
        (61, "2026-12-31", ("CONSUMER", "CONTINUATION_6M", "2026-12-31")),
        (59, "2026-09-30", ("CONSUMER", "CONTINUATION_3M", "2026-09-30")),
        (59, "2026-10-01", NOT_INSURED),
    ],
)
def test_sixty_months_in_a_row_give_six(
    count: int, on: str, answer: tuple[str, str | None, str | None]
) -> None:
    last = 2026 * 12 + 5  # June 2026
    every = paid(period_of(last - n) for n in range(count))
    assert told(ruled(*every, on=day(on))) == answer


@pytest.mark.parametrize("missing", [1, 30, 58])
def test_a_gap_among_the_sixty_leaves_three(missing: int) -> None:
    last = 2026 * 12 + 4  # May 2026
    periods = [period_of(last - n) for n in range(80) if n != missing]
    found = judge(*paid(periods))
    assert told(found) == ("CONSUMER", "CONTINUATION_3M", "2026-08-31")
    # the State's months do not bridge it
    gap = period_of(last - missing)
    bridge = [category("2", f"{gap}-01", f"{gap}-28")]
    assert judge(*paid(periods), categories=bridge).basis is Basis.CONTINUATION_3M


# --- self-payers (D40) ---


def test_one_paid_month_does_not_insure_a_self_payer() -> None:
    assert told(judge(*paid(["2026-06"]), self_payer=True)) == NOT_INSURED
    assert told(judge(*paid(["2026-05"]), self_payer=True)) == NOT_INSURED


def test_under_the_other_rule_a_self_payer_is_like_everyone() -> None:
    rule = SelfPayerRule.CONTINUATION
    assert judge(*paid(["2026-06"]), self_payer=True, rule=rule).basis is Basis.PAID_MONTH
    assert judge(*paid(["2026-05"]), self_payer=True, rule=rule).basis is Basis.CONTINUATION_3M


def test_twelve_months_without_arrears_insure_a_self_payer() -> None:
    year = paid(months("2025-06", 12))
    assert told(judge(*year, self_payer=True)) == ("CONSUMER", "NO_ARREARS_12M", "2026-06-30")
    for n in range(12):
        short = year[:n] + year[n + 1 :]
        assert told(judge(*short, self_payer=True)) == NOT_INSURED


def test_debt_paid_off_late_is_no_debt() -> None:
    late = paid(months("2025-06", 12), on="2026-06-15")
    assert judge(*late, self_payer=True).basis is Basis.NO_ARREARS_12M


def test_the_state_pays_off_arrears_too() -> None:
    student = [category("13", "2020-09-01", "2026-02-28")]
    found = judge(*paid(months("2026-03", 3)), categories=student, self_payer=True)
    assert told(found) == ("CONSUMER", "NO_ARREARS_12M", "2026-06-30")
    assert found.arrears.months == ()


@pytest.mark.parametrize(
    ("first", "until"),
    [("2026-07", "2027-06-30"), ("2026-06", "2027-05-31")],
)
def test_twelve_months_ahead_insure_a_self_payer_at_once(first: str, until: str) -> None:
    year = paid(months(first, 12), on="2026-06-15")
    found = judge(*year, self_payer=True)
    assert told(found) == ("CONSUMER", "PREPAID_12M", until)
    assert found.arrears.months == ()  # "prepaying the future cancels past debt"
    assert found.arrears.amount_tiyn == 0
    for n in range(12):
        assert told(judge(*year[:n], *year[n + 1 :], self_payer=True)) == NOT_INSURED


@pytest.mark.parametrize("on", ["2026-07-01", "2026-12-31", "2027-05-31"])
def test_a_prepaid_year_lasts_to_its_end(on: str) -> None:
    year = paid(months("2026-06", 12), on="2026-06-15")
    assert told(judge(*year, on=day(on), self_payer=True)) == (
        "CONSUMER",
        "PREPAID_12M",
        "2027-05-31",
    )


def test_after_a_prepaid_year_no_arrears_remain() -> None:
    year = paid(months("2026-06", 12), on="2026-06-15")
    found = judge(*year, on=day("2027-06-10"), self_payer=True)
    assert told(found) == ("CONSUMER", "NO_ARREARS_12M", "2027-06-30")


def test_a_year_paid_month_by_month_is_not_prepaid() -> None:
    monthly = paid(months("2025-06", 12))
    assert judge(*monthly, self_payer=True).basis is Basis.NO_ARREARS_12M
    started_late = paid(months("2025-12", 7))
    assert told(judge(*started_late, self_payer=True)) == NOT_INSURED


def test_more_than_a_year_ahead_lasts_longer() -> None:
    ahead = paid(months("2026-06", 18), on="2026-06-01")
    assert judge(*ahead, self_payer=True).until == day("2027-06-30")
    assert judge(*ahead, self_payer=True, on=day("2026-12-20")).until == day("2027-11-30")


def test_a_category_insures_a_self_payer_too() -> None:
    found = judge(categories=[category("7", "2026-06-01")], self_payer=True)
    assert told(found) == ("CONSUMER", "CATEGORY", None)


def test_prepaying_is_a_self_payers_way_only() -> None:
    ahead = paid(months("2026-07", 12), on="2026-06-01")
    assert told(judge(*ahead)) == NOT_INSURED


# --- who is a self-payer, and whose account is closed ---


@pytest.mark.parametrize(
    ("told", "himself"),
    [
        ((), False),
        ((("2026-05", True),), True),
        ((("2026-05", False),), False),
        ((("2026-04", False), ("2026-05", True)), True),
        ((("2026-05", False), ("2026-04", True)), False),
        ((("2026-05", True), ("2026-05", False)), False),  # an employer pays for the month too
        ((("2026-06", False), ("2026-07", True)), False),  # ahead says nothing of today
        ((("2026-07", True), ("2026-08", False)), True),  # nothing yet: the first month to come
    ],
)
def test_the_last_paid_month_tells_who_pays(
    told: tuple[tuple[str, bool], ...], himself: bool
) -> None:
    receipts = [r for period, _ in told for r in paid([period], on="2026-06-01")]
    flags = [own for _, own in told]
    assert pays_himself(ON, receipts, flags) is himself
    assert pays_himself(ON, receipts[::-1], flags[::-1]) is himself


def test_a_mistake_that_was_refunded_says_nothing_of_who_pays() -> None:
    employed = paid(["2026-04"])[0]
    mistake = Receipt(day("2026-05-10"), "2026-05", ReceiptKind.CONTRIBUTION, MONTHLY, MONTHLY)
    assert pays_himself(ON, [employed, mistake], [False, True]) is False
    partly = Receipt(day("2026-05-10"), "2026-05", ReceiptKind.CONTRIBUTION, MONTHLY, 1)
    assert pays_himself(ON, [employed, partly], [False, True]) is True
    later = Receipt(day("2026-06-16"), "2026-06", ReceiptKind.CONTRIBUTION, MONTHLY)
    assert pays_himself(ON, [employed, later], [False, True]) is False


def test_a_closed_account_ends_all() -> None:
    pensioner = (category("7", "2020-01-01"),)
    case = MhiCase(ON, pensioner, paid(months("2025-06", 13)), self_payer=False, closed=True)
    found = mhi_status(case)
    assert told(found) == NOT_INSURED
    assert found.arrears.amount_tiyn == 0
    assert "лицевой счёт закрыт" in found.explanation.ru
    assert "жеке шот" not in found.explanation.kk
    assert "is closed" in found.explanation.en
    assert decide(case).reason is Reason.CLOSED


def test_of_equal_categories_the_first_begun_is_named() -> None:
    two = [category("12", "2026-03-01"), category("7", "2026-01-01")]
    for held in (two, two[::-1]):
        assert "category 7" in judge(categories=held).explanation.en


# --- arrears ---


@pytest.mark.parametrize(("unpaid", "amount_kzt"), [(1, 4_250), (7, 29_750), (12, 51_000)])
def test_arrears_cost_five_per_cent_of_the_minimum_wage(unpaid: int, amount_kzt: int) -> None:
    found = judge(*paid(months("2025-06", 12 - unpaid)))
    assert found.arrears.months == tuple(months("2025-06", 12)[12 - unpaid :])
    assert found.arrears.amount_tiyn == amount_kzt * 100


def test_no_more_than_twelve_months_are_owed() -> None:
    found = judge()  # nothing was ever paid, thirty months or more
    assert found.arrears.months == tuple(months("2025-06", 12))
    assert found.arrears.amount_tiyn == 51_000_00


def test_the_month_of_the_day_is_not_owed_yet() -> None:
    found = judge(*paid(months("2025-06", 12)), on=day("2026-06-30"))
    assert found.arrears.months == ()


@pytest.mark.parametrize(
    ("first", "last"), [("2026-03-01", "2026-03-31"), ("2026-03-31", "2026-03-31")]
)
def test_a_month_touched_by_a_category_is_not_owed(first: str, last: str) -> None:
    found = judge(categories=[category("12", first, last)])
    assert "2026-03" not in found.arrears.months
    assert len(found.arrears.months) == 11


def test_arrears_are_told_to_the_insured_too() -> None:
    found = judge(*paid(["2026-06"]))
    assert len(found.arrears.months) == 12
    pensioner = judge(categories=[category("7", "2026-06-01")])
    assert pensioner.arrears.amount_tiyn == 51_000_00


def test_the_minimum_wage_holds_until_the_next() -> None:
    found = judge(*paid(["2026-10"]), on=date(2027, 1, 31))
    assert (found.basis, found.until) == (Basis.CONTINUATION_3M, date(2027, 1, 31))
    assert found.arrears.amount_tiyn == 11 * 4_250_00


@pytest.mark.parametrize("year", [2021, 2023])
def test_an_unknown_minimum_wage_is_never_guessed(year: int) -> None:
    on = date(year, 6, 15)
    with pytest.raises(MinimumWageUnknown) as refused:
        judge(on=on)
    assert str(year) in str(refused.value)
    assert ruled(on=on).status is Status.NOT_CONSUMER  # the status itself needs no wage
    without_arrears = judge(*paid(months(f"{year - 1}-06", 13)), on=on)
    assert without_arrears.basis is Basis.PAID_MONTH


# --- cases that contradict themselves ---


@pytest.mark.parametrize(
    ("case", "path"),
    [
        (MhiCase(ON, (category("16", "2026-01-01"),), (), False), "$.categories[0].code"),
        (MhiCase(ON, (category("0", "2026-01-01"),), (), False), "$.categories[0].code"),
        (MhiCase(ON, (category("07", "2026-01-01"),), (), False), "$.categories[0].code"),
        (
            MhiCase(ON, (category("7", "2026-01-01", "2025-12-31"),), (), False),
            "$.categories[0].to",
        ),
        (
            MhiCase(ON, (), (Receipt(ON, "2026-06", ReceiptKind.DEDUCTION, 1, 2),), False),
            "$.receipts[0].refunded_tiyn",
        ),
        (MhiCase(date(2019, 12, 31), (), (), False), "$.on"),
        (MhiCase(date(2101, 1, 1), (), (), False), "$.on"),
        (MhiCase(date.max, (), (), True), "$.on"),
    ],
)
def test_a_contradiction_is_refused_by_its_place(case: MhiCase, path: str) -> None:
    with pytest.raises(BadCase) as refused:
        mhi_status(case)
    assert refused.value.path == path


# --- the explanation ---


def test_an_insured_person_reads_why_and_until_when() -> None:
    text = judge(*paid(months("2025-07", 11))).explanation
    assert "до 31 августа 2026 года включительно" in text.ru
    assert "Последний оплаченный месяц — май 2026 года" in text.ru
    assert "ещё 3 месяца" in text.ru
    assert "until 31 August 2026 inclusive" in text.en
    assert "2026 жылғы 31 тамызға дейін" in text.kk
    assert "1 month (June 2025)" in text.en
    assert "1 месяц (июнь 2025 года)" in text.ru


def test_an_uninsured_person_reads_what_to_do() -> None:
    text = judge(*paid(["2025-06", "2025-11"])).explanation
    assert "не застрахованы" in text.ru
    assert "10 месяцев (июль–октябрь 2025 года, декабрь 2025 года – май 2026 года)" in text.ru
    assert "42\N{NO-BREAK SPACE}500,00\N{NO-BREAK SPACE}₸" in text.ru
    assert "спросите работодателя" in text.ru
    assert "not insured" in text.en
    assert "July–October 2025, December 2025 – May 2026" in text.en
    assert "42,500.00" in text.en
    assert "сақтандырылмағансыз" in text.kk
    assert "10 ай төленбеген" in text.kk
    assert "2025 жылғы шілде–қазан, 2025 жылғы желтоқсан – 2026 жылғы мамыр" in text.kk
    assert all("1406" in t for t in (text.kk, text.ru, text.en))


def test_a_self_payer_reads_of_both_ways() -> None:
    text = judge(self_payer=True).explanation
    assert "12 месяцев вперёд" in text.ru
    assert "12 months ahead" in text.en
    assert "алдағы 12 айға" in text.kk


def test_who_is_paid_for_reads_by_whom() -> None:
    pensioner = judge(categories=[category("7", "2020-01-01")]).explanation
    assert "платит государство: категория 7, получатели пенсий" in pensioner.ru
    assert "7-санат, зейнетақы алушылар" in pensioner.kk
    jobless = judge(categories=[category("2", "2026-05-01")]).explanation
    assert "local budget" in jobless.en
    earlier = judge(categories=[category("2", "2025-05-01")], on=day("2025-06-15")).explanation
    assert "The State pays" in earlier.en
    # who is paid for is not asked to pay
    assert "₸" not in jobless.kk + jobless.ru + jobless.en


@pytest.mark.parametrize(
    ("count", "phrase"),
    [(1, "1 месяц "), (2, "2 месяца "), (4, "4 месяца "), (5, "5 месяцев "), (12, "12 месяцев ")],
)
def test_russian_counts_its_months(count: int, phrase: str) -> None:
    text = judge(*paid(months("2025-06", 12 - count)), *paid(["2026-06"])).explanation.ru
    assert f"не оплачено: {phrase}" in text


def test_who_owes_nothing_and_is_not_insured_reads_of_this_month() -> None:
    text = judge(categories=[category("13", "2020-09-01", "2026-05-31")]).explanation
    assert "Платёж за июнь 2026 года не поступил" in text.ru
    assert "No payment for June 2026" in text.en
    assert "2026 жылғы маусым үшін төлем түспеген" in text.kk


# --- laws ---

PERIODS = st.integers(2025 * 12, 2027 * 12 + 11).map(period_of)
RECEIPTS = st.lists(
    st.builds(
        Receipt,
        paid_on=st.dates(date(2025, 1, 1), date(2026, 12, 31)),
        period=PERIODS,
        kind=st.sampled_from(ReceiptKind),
        amount_tiyn=st.integers(1, 10**6),
    ),
    max_size=30,
)
CATEGORIES = st.lists(
    st.builds(
        lambda code, first, days: CategoryPeriod(
            str(code), first, first + timedelta(days=days) if days else None
        ),
        st.integers(1, 15),
        st.dates(date(2024, 1, 1), date(2026, 12, 31)),
        st.integers(0, 400),
    ),
    max_size=3,
)
CASES = st.builds(
    MhiCase,
    on=st.dates(date(2025, 6, 1), date(2026, 12, 31)),
    categories=CATEGORIES.map(tuple),
    receipts=RECEIPTS.map(tuple),
    self_payer=st.booleans(),
)


@given(CASES)
def test_every_case_gets_a_whole_answer(case: MhiCase) -> None:
    found = mhi_status(case)
    insured = found.status is Status.CONSUMER
    assert (found.basis is not None) is insured
    assert found.until is None or found.until >= case.on
    assert insured or found.until is None
    assert found.arrears.amount_tiyn == len(found.arrears.months) * MONTHLY
    this_month = month_of(case.on)
    year_before = {period_of(this_month - n) for n in range(1, 13)}
    assert set(found.arrears.months) <= year_before
    assert list(found.arrears.months) == sorted(found.arrears.months)
    texts = (found.explanation.kk, found.explanation.ru, found.explanation.en)
    assert all(text and "{" not in text and "None" not in text for text in texts)


@given(CASES, PERIODS)
def test_a_payment_never_takes_insurance_away(case: MhiCase, period: str) -> None:
    more = Receipt(case.on, period, ReceiptKind.CONTRIBUTION, MONTHLY)
    richer = MhiCase(case.on, case.categories, (*case.receipts, more), case.self_payer)
    before, after = decide(case), decide(richer)
    assert before.status is Status.NOT_CONSUMER or after.status is Status.CONSUMER
    assert set(after.unpaid) <= set(before.unpaid)


@given(CASES, st.randoms(use_true_random=False))
def test_the_order_of_receipts_says_nothing(case: MhiCase, random: object) -> None:
    receipts, categories = list(case.receipts), list(case.categories)
    random.shuffle(receipts)  # type: ignore[attr-defined]
    shuffled = MhiCase(case.on, tuple(categories[::-1]), tuple(receipts), case.self_payer)
    first, second = decide(case), decide(shuffled)
    assert (first.status, first.basis, first.until) == (second.status, second.basis, second.until)
    assert first.unpaid == second.unpaid


@given(CASES)
def test_until_its_last_day_a_paid_status_needs_no_more_payments(case: MhiCase) -> None:
    found = decide(case)
    if found.until is None or found.basis not in {Basis.CATEGORY, Basis.PREPAID_12M}:
        return
    if found.until.year > 2026:
        return
    later = MhiCase(found.until, case.categories, case.receipts, case.self_payer)
    assert decide(later).status is Status.CONSUMER


def test_months_are_counted_over_years() -> None:
    assert period_of(month_of(day("2026-12-31")) + 1) == "2027-01"
    assert last_day_of(month_of(day("2024-02-01"))) == day("2024-02-29")
