"""What is known of a person's insurance, and what follows from it (CONTRACT, `mhi-status`)."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from backend.kernel.money import AMOUNT_MAX, Tiyn

Amount = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)]
# Payments began in July 2017; the calendar of the house ends with 2100.
Period = Annotated[str, msgspec.Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])\Z")]


class ReceiptKind(StrEnum):
    """Who pays: the employer (a deduction) or the person (a contribution)."""

    DEDUCTION = "deduction"
    CONTRIBUTION = "contribution"


class Status(StrEnum):
    """The status in the insurance system, as Appendix 3 prints it."""

    CONSUMER = "CONSUMER"
    NOT_CONSUMER = "NOT_CONSUMER"


class Basis(StrEnum):
    """What the status rests on."""

    CATEGORY = "CATEGORY"
    PAID_MONTH = "PAID_MONTH"
    CONTINUATION_3M = "CONTINUATION_3M"
    CONTINUATION_6M = "CONTINUATION_6M"
    PREPAID_12M = "PREPAID_12M"
    NO_ARREARS_12M = "NO_ARREARS_12M"


class Reason(StrEnum):
    """Why the status is what it is: the ground of a consumer, or what a non-consumer lacks."""

    CATEGORY = "CATEGORY"
    PAID_MONTH = "PAID_MONTH"
    CONTINUATION_3M = "CONTINUATION_3M"
    CONTINUATION_6M = "CONTINUATION_6M"
    PREPAID_12M = "PREPAID_12M"
    NO_ARREARS_12M = "NO_ARREARS_12M"
    ARREARS = "ARREARS"
    MONTH_UNPAID = "MONTH_UNPAID"
    CLOSED = "CLOSED"


class SelfPayerRule(StrEnum):
    """How self-payers are judged (D40): by twelve months, or by continuation like everyone."""

    TWELVE_MONTHS = "12M"
    CONTINUATION = "CONTINUATION"


class CategoryPeriod(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A category of the State's payment, both days inclusive; `to` None: still open."""

    code: str
    from_: date = msgspec.field(name="from")
    to: date | None = None


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One payment received for one month, `period`; amounts in tiyn."""

    paid_on: date
    period: Period
    kind: ReceiptKind
    amount_tiyn: Amount
    refunded_tiyn: Amount = 0


class MhiCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything `mhi_status` looks at. `closed`: the person's account was closed for ever (M §34)."""

    on: date
    categories: tuple[CategoryPeriod, ...]
    receipts: tuple[Receipt, ...]
    self_payer: bool
    closed: bool = False


class Arrears(msgspec.Struct, frozen=True):
    """The unpaid months, `YYYY-MM` in order, and what paying them off costs."""

    months: tuple[str, ...]
    amount_tiyn: Tiyn


class Explanation(msgspec.Struct, frozen=True):
    """The same in three languages, for the person."""

    kk: str
    ru: str
    en: str


class Ruling(msgspec.Struct, frozen=True):
    """The status and all that explains it; `unpaid` are the months in arrears, `YYYY-MM` in order.

    `category` is the category the status rests on, `last_paid_month` (`YYYY-MM`) the one
    continuation counts from.
    """

    status: Status
    basis: Basis | None
    until: date | None
    unpaid: tuple[str, ...]
    category: CategoryPeriod | None = None
    last_paid_month: str | None = None
    closed: bool = False

    @property
    def reason(self) -> Reason:
        """Why, in one word."""
        if self.basis is not None:
            return Reason(self.basis.value)
        if self.closed:
            return Reason.CLOSED
        return Reason.ARREARS if self.unpaid else Reason.MONTH_UNPAID


class MhiStatus(msgspec.Struct, frozen=True):
    """The answer: status, ground, last day (None: open, or not insured), arrears, explanation."""

    status: Status
    basis: Basis | None
    until: date | None
    arrears: Arrears
    explanation: Explanation
