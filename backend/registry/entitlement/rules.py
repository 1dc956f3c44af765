"""Is this person insured? (domain 5.6, D40; CONTRACT `mhi-status`)

Read literally, and where the sources are silent, in the person's favour:

- A receipt counts from the day it was paid; one paid after `on` is not known yet. A month is paid
  when its receipts less refunds are above zero, whoever paid them.
- A closed account (a death, M §34) ends all: no status, and nothing is owed.
- A category holds on its days, both ends included. `until` is the end of the category in effect,
  of the one that ends last if there are several; it is None if one is open.
- Payment for the month of `on` gives PAID_MONTH until that month ends.
- After the last paid month before `on`, care goes on for 3 calendar months; for 6 when that month
  and the 59 before it were all paid. Months the State paid for are not such months and do not
  bridge a gap ("not counting persons paid for by the State"). A category that ended gives no
  continuation: nobody stopped paying.
- A self-payer is who paid himself for the last month not after that of `on` for which anybody paid (else
  for the first month after it), no employer paying for the same month. A sole proprietor or another
  payer of a kind of his own (domain 5.6, table of payers) is none. A payment that was refunded whole
  says nothing.
- A self-payer (rule 12M) has neither of the two: PREPAID_12M when twelve months in a row, that
  begin not later than the next month and reach the month of `on`, were all paid by the end of the first
  of them, until the last such month ends; it cancels earlier debt. Else NO_ARREARS_12M when none of the
  12 months before is in arrears, until the month of `on` ends.
- Arrears are the months among the 12 before that of `on` that are neither paid nor touched by a
  category, be it for a day. Each costs 5 % of the minimum wage of the year of `on`.
"""

import calendar as gregorian
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Final

from backend.kernel.calendar import FIRST_DAY, LAST_DAY
from backend.kernel.money import Tiyn
from backend.registry.entitlement import texts
from backend.registry.entitlement.errors import BadCase
from backend.registry.entitlement.law import BUILT_IN, Law
from backend.registry.entitlement.model import (
    Arrears,
    Basis,
    CategoryPeriod,
    MhiCase,
    MhiStatus,
    Receipt,
    Ruling,
    SelfPayerRule,
    Status,
)
from backend.registry.entitlement.rates import ARREARS_MONTHS

# Domain 5.6: care continues 3 months after payments stop, 6 after 60 months without a gap.
CONTINUATION_MONTHS: Final = 3
LONG_CONTINUATION_MONTHS: Final = 6
UNINTERRUPTED_MONTHS: Final = 60
# Domain 5.6, D40: a self-payer pays a year ahead.
PREPAID_MONTHS: Final = 12
# [ENG] Payments began in July 2017; nobody pays more than five years ahead: beyond, a month is a slip.
FIRST_PERIOD: Final = "2017-07"
MONTHS_AHEAD: Final = 60
RULINGS_KEPT: Final = 8_192  # some 4 MB
_REFUNDED: Final = attrgetter("refunded_tiyn")


def mhi_status(
    case: MhiCase,
    self_payer_rule: SelfPayerRule = SelfPayerRule.TWELVE_MONTHS,
    law: Law = BUILT_IN,
) -> MhiStatus:
    """The status of the person on `case.on`, its ground, its last day, arrears and why.

    Raises BadCase for a case that contradicts itself, MinimumWageUnknown when there are arrears and the
    year's minimum wage is not known.
    """
    ruling, arrears = judge(case, self_payer_rule, law)
    return MhiStatus(
        status=ruling.status,
        basis=ruling.basis,
        until=ruling.until,
        arrears=arrears,
        explanation=texts.explain(case.on, ruling, arrears, law, self_payer=case.self_payer),
    )


def judge(
    case: MhiCase,
    self_payer_rule: SelfPayerRule = SelfPayerRule.TWELVE_MONTHS,
    law: Law = BUILT_IN,
) -> tuple[Ruling, Arrears]:
    """`mhi_status` without its texts. Raises as it does."""
    require_sound(case, law)
    ruling = decide(case, self_payer_rule)
    count = len(ruling.unpaid)
    amount = count * law.arrears_per_month(case.on.year) if count else 0
    return ruling, Arrears(ruling.unpaid, Tiyn(amount))


def decide(case: MhiCase, self_payer_rule: SelfPayerRule = SelfPayerRule.TWELVE_MONTHS) -> Ruling:
    """`mhi_status` of a sound case without sums and texts: for many persons at once, and for any year."""
    paid = _first_payments(case.receipts, case.on)
    by_twelve = case.self_payer and self_payer_rule is SelfPayerRule.TWELVE_MONTHS
    return _ruled(case.on, case.categories, tuple(paid.items()), by_twelve, case.closed)


# What people paid differs, by tiyn and by day; what follows from it seldom does: most paid month by month.
@lru_cache(maxsize=RULINGS_KEPT)
def _ruled(
    on: date,
    categories: tuple[CategoryPeriod, ...],
    payments: tuple[tuple[int, int], ...],
    by_twelve: bool,
    closed: bool,
) -> Ruling:
    """`payments`: each paid month, and the month its first payment came in."""
    if closed:
        return Ruling(Status.NOT_CONSUMER, None, None, (), closed=True)
    this_month = month_of(on)
    paid = dict(payments)
    prepaid = _prepaid_until(paid, this_month) if by_twelve else None
    unpaid = () if prepaid is not None else _unpaid(categories, paid, this_month)
    if category := _category_on(categories, on):
        return _consumer(Basis.CATEGORY, category.to, unpaid, category=category)
    if by_twelve:
        if prepaid is not None:
            return _consumer(Basis.PREPAID_12M, last_day_of(prepaid), unpaid)
        if not unpaid:
            return _consumer(Basis.NO_ARREARS_12M, last_day_of(this_month), unpaid)
    elif this_month in paid:
        return _consumer(Basis.PAID_MONTH, last_day_of(this_month), unpaid)
    elif (last := max((m for m in paid if m < this_month), default=None)) is not None:
        long = all(last - n in paid for n in range(UNINTERRUPTED_MONTHS))
        ends = last + (LONG_CONTINUATION_MONTHS if long else CONTINUATION_MONTHS)
        if this_month <= ends:
            basis = Basis.CONTINUATION_6M if long else Basis.CONTINUATION_3M
            return _consumer(basis, last_day_of(ends), unpaid, last_paid_month=period_of(last))
    return Ruling(Status.NOT_CONSUMER, None, None, unpaid)


def pays_himself(on: date, receipts: Sequence[Receipt], himself: Sequence[bool]) -> bool:
    """Is he a self-payer on that day (see above)? `himself[n]`: he paid receipt n as such."""
    if not any(himself):
        return False
    this_month = month_of(on)
    by_others: dict[int, bool] = {}
    for receipt, own in zip(receipts, himself, strict=True):
        if receipt.amount_tiyn > receipt.refunded_tiyn and receipt.paid_on <= on:
            month = month_of_period(receipt.period)
            by_others[month] = by_others.get(month, False) or not own
    past = [month for month in by_others if month <= this_month]
    if not by_others:
        return False
    return not by_others[max(past) if past else min(by_others)]


def require_sound(case: MhiCase, law: Law = BUILT_IN) -> None:
    """Refuse what contradicts itself: BadCase with the path of the first such place."""
    if not FIRST_DAY <= case.on <= LAST_DAY:
        raise BadCase(f"the day must lie between {FIRST_DAY} and {LAST_DAY}", "$.on")
    for n, category in enumerate(case.categories):
        if category.code not in law.codes:
            raise BadCase("no such category", f"$.categories[{n}].code")
        if category.to is not None and category.to < category.from_:
            raise BadCase("a category ends before it begins", f"$.categories[{n}].to")
    if not any(map(_REFUNDED, case.receipts)):
        return
    received: defaultdict[str, int] = defaultdict(int)
    for receipt in case.receipts:
        received[receipt.period] += receipt.amount_tiyn
    for n, receipt in enumerate(case.receipts):
        received[receipt.period] -= receipt.refunded_tiyn
        if received[receipt.period] < 0:
            raise BadCase("more was refunded than paid", f"$.receipts[{n}].refunded_tiyn")


@lru_cache(maxsize=4_096)
def month_of(day: date) -> int:
    """The month of `day`, counted so that months can be added: `year * 12 + month - 1`."""
    return day.year * 12 + day.month - 1


def last_day_of(month: int) -> date:
    """The last day of a month counted by `month_of`."""
    year, index = divmod(month, 12)
    return date(year, index + 1, gregorian.monthrange(year, index + 1)[1])


@lru_cache(maxsize=2_048)
def period_of(month: int) -> str:
    """`YYYY-MM` of a month counted by `month_of`."""
    return f"{month // 12:04}-{month % 12 + 1:02}"


@lru_cache(maxsize=2_048)
def month_of_period(period: str) -> int:
    """The month of a `YYYY-MM`, counted as `month_of` does."""
    return int(period[:4]) * 12 + int(period[5:]) - 1


def period_is_sound(period: str, paid_on: date) -> bool:
    """A `YYYY-MM` for which a payment of that day can have been made."""
    return period >= FIRST_PERIOD and month_of_period(period) <= month_of(paid_on) + MONTHS_AHEAD


def _first_payments(receipts: Iterable[Receipt], on: date) -> Mapping[int, int]:
    """Each paid month, and the month in which its first payment that is not all refunded came.

    A refund may stand in a row of its own, so the whole month is summed up.
    """
    sums: dict[int, int] = {}
    found: dict[int, int] = {}
    for receipt in receipts:
        paid_on = receipt.paid_on
        if paid_on > on:
            continue
        period = month_of_period(receipt.period)
        kept = receipt.amount_tiyn - receipt.refunded_tiyn
        sums[period] = sums.get(period, 0) + kept
        if kept > 0:
            paid_in, before = month_of(paid_on), found.get(period)
            if before is None or paid_in < before:
                found[period] = paid_in
    return {period: paid_in for period, paid_in in found.items() if sums[period] > 0}


def _category_on(categories: Iterable[CategoryPeriod], on: date) -> CategoryPeriod | None:
    """The category in effect on `on`, of several the one that ends last, of these the one that began first."""
    current = [c for c in categories if c.from_ <= on and (c.to is None or on <= c.to)]
    first = sorted(current, key=lambda c: (c.from_, c.code))
    return max(first, key=lambda c: (c.to is None, c.to or date.max), default=None)


def _unpaid(
    categories: tuple[CategoryPeriod, ...], paid: Mapping[int, int], this_month: int
) -> tuple[str, ...]:
    """The months in arrears among the 12 before `this_month`, in order."""

    def covered(month: int) -> bool:
        return any(
            month_of(c.from_) <= month and (c.to is None or month <= month_of(c.to))
            for c in categories
        )

    before = range(this_month - ARREARS_MONTHS, this_month)
    return tuple(period_of(m) for m in before if m not in paid and not covered(m))


def _prepaid_until(paid: Mapping[int, int], this_month: int) -> int | None:
    """The last month of the latest year paid in advance that reaches `this_month`, or None."""
    for first in range(this_month + 1, this_month - PREPAID_MONTHS, -1):
        year = range(first, first + PREPAID_MONTHS)
        if all(month in paid and paid[month] <= first for month in year):
            return year[-1]
    return None


def _consumer(
    basis: Basis,
    until: date | None,
    unpaid: tuple[str, ...],
    category: CategoryPeriod | None = None,
    last_paid_month: str | None = None,
) -> Ruling:
    return Ruling(Status.CONSUMER, basis, until, unpaid, category, last_paid_month)
