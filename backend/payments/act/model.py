"""Acts and their cases; money in tiyn, dates are legal dates."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from backend.payments.ledger.model import Source

CASES_MAX = 50_000
UNITS_MAX = 10**18
STAY_MAX_DAYS = 366  # [ENG] a longer stay is billed in parts

Number = Annotated[str, msgspec.Meta(pattern=r"^\S(.{0,62}\S)?\Z")]
# Printable ASCII without spaces: what a MIS calls its own records.
Key = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,64}\Z")]
Sha256Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class ActStatus(StrEnum):
    """Domain 3.6; CHECKING is never seen from outside."""

    CHECKING = "CHECKING"
    CHECK_PASSED = "CHECK_PASSED"
    CHECK_FAILED = "CHECK_FAILED"
    SIGNED_BY_ISSUER = "SIGNED_BY_ISSUER"
    INVOICED = "INVOICED"
    IN_REGISTER = "IN_REGISTER"
    PAID = "PAID"
    CANCELLED = "CANCELLED"


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One service to one insured person, as the MIS recorded it.

    `units` of a money line are tiyn. `referral` is the number of the referral of a person attached
    elsewhere. `episode` tells apart equal services of one day. Of an inpatient stay `service_date` is
    the day of discharge and `admitted_on` that of admission, at most STAY_MAX_DAYS before.
    """

    service_record_id: Key
    iin: str
    worker_iin: str
    service_code: Key
    line_id: UUID
    units: Annotated[int, msgspec.Meta(ge=1, le=UNITS_MAX)]
    service_date: date
    episode: Annotated[str, msgspec.Meta(max_length=64)] = ""
    referral: Key | None = None
    admitted_on: date | None = None


class SubmitAct(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="act.submit", tag_field="operation"
):
    """The executor presents an act to the issuer (M §4(3), §13)."""

    contract_id: UUID
    number: Number
    period_from: date
    period_to: date
    cases: Annotated[tuple[Case, ...], msgspec.Meta(min_length=1, max_length=CASES_MAX)]


class ApproveAct(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="act.approve",
    tag_field="operation",
):
    """The issuer signs an act: exactly the one whose document has this hash (M §13)."""

    act_id: UUID
    content_sha256: Sha256Hex


class LineErrors(msgspec.Struct, frozen=True):
    """Why a line of the act failed; `line_no` counts the cases from 1."""

    line_no: int
    service_record_id: str
    codes: tuple[str, ...]


class Report(msgspec.Struct, frozen=True):
    """The outcome of the automatic checks: how often each code, and the lines (at most 10 000).

    `notes`: how many lines tell what although nothing fails them; the report on the act names each.
    """

    counts: dict[str, int] = {}
    lines: tuple[LineErrors, ...] = ()
    notes: dict[str, int] = {}


class Act(msgspec.Struct, frozen=True):
    """An act as its parties see it. `frozen` tells why it may not be signed or paid now:
    S1-S4, T3, ACCOUNT_BLOCKED, ACCOUNT_CLOSED; `held` a hindrance met at signing (OVER_CONTRACT).
    `confirmed` and `disputed` lines are counted for the issuer; who said so is not the clinic's.
    """

    act_id: UUID
    contract_id: UUID
    contract_number: str
    executor_id: UUID
    executor_name: str
    source: Source
    number: str
    period_from: date
    period_to: date
    status: ActStatus
    seq_no: int
    submitted_at: datetime
    cases: int
    no_qr: int
    total_tiyn: int
    content_sha256: str
    frozen: str | None
    held: str | None
    signed_at: datetime | None
    paid_at: datetime | None
    confirmed: int | None
    disputed: int | None


class Mark(StrEnum):
    """What the insured says of a service billed in his name, before it is paid."""

    CONFIRMED = "CONFIRMED"
    DISPUTED = "DISPUTED"


class DisputedLine(msgspec.Struct, frozen=True):
    """A line whose insured says that the service was not given, and the complaint about it."""

    line_no: int
    service_record_id: str
    complaint_id: UUID
    disputed_at: datetime


class ActWithReport(Act, frozen=True):
    """An act and the report of its checks; `skips` are the reasons it was passed over for.

    `disputes` are the lines the insured dispute (at most 10 000), told to the issuer alone.
    """

    report: Report
    skips: tuple[str, ...]
    disputes: tuple[DisputedLine, ...] = ()


class ActCase(msgspec.Struct, frozen=True):
    """A case without the person: what the accountants of both sides need.

    `mark` is what the insured said of it, `complaint_id` his dispute: told to the issuer alone.
    """

    case_id: UUID
    line_no: int
    service_record_id: str
    service_code: str
    line_id: UUID
    units: int
    amount_tiyn: int
    service_date: date
    grade: str
    errors: tuple[str, ...]
    mark: Mark | None
    complaint_id: UUID | None


# --- rows of the database -----------------------------------------------------------------------


class ContractRow(msgspec.Struct, frozen=True):
    """The contract an act is presented under."""

    contract_id: UUID
    executor_id: UUID
    source: Source
    status: str
    valid_from: date
    valid_to: date


class ActRow(msgspec.Struct, frozen=True):
    """What signing an act must know of it."""

    act_id: UUID
    contract_id: UUID
    executor_id: UUID
    source: Source
    status: ActStatus
    seq_no: int
    total_tiyn: int
    cases: int
    content_sha256: bytes
    frozen: str | None


class LineSum(msgspec.Struct, frozen=True):
    """What an act asks for under one line of its contract."""

    line_id: UUID
    amount_tiyn: int


class CoverageUse(msgspec.Struct, frozen=True):
    """A case as it is logged on the person's account."""

    line_no: int
    person_id: UUID
    case_id: UUID
    service_code: str
    line_id: UUID
    units: int
    amount_tiyn: int
    service_date: date


class Noted(msgspec.Struct, frozen=True):
    """A note, and how many lines of the act bear it."""

    code: str
    lines: int


class Sums(msgspec.Struct, frozen=True):
    """The totals of a checked act."""

    no_qr: int
    total_tiyn: int
