"""An application: what is asked, by whom, with which documents (M §8), and what became of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from backend.kernel.money import AMOUNT_MAX

LINES_MAX = 5_000
LIST_MAX = 1_000
CO_EXECUTORS_MAX = 200

Requested = Annotated[int, Meta(ge=1, le=AMOUNT_MAX)]
Text = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]
LongText = Annotated[str, Meta(min_length=1, max_length=4_000, pattern=r"\S")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]


class ApplicationStatus(StrEnum):
    """SUBMITTED -> UNDER_REVIEW -> ACCEPTED or REJECTED; WITHDRAWN ends it within the window."""

    SUBMITTED = "SUBMITTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class LicenceKind(StrEnum):
    """The four licences of M §8(1)."""

    MEDICAL = "MEDICAL"
    RADIATION = "RADIATION"
    NARCOTICS = "NARCOTICS"
    PHARMACEUTICAL = "PHARMACEUTICAL"


class Ground(StrEnum):
    """The closed list of M §10: nothing else rejects an application."""

    G1 = "G1"  # actions of §6 not done, or documents and data of §8 not given (D33)
    G2 = "G2"  # the other cases of 37-1(2) of the purchase rules


class Outcome(StrEnum):
    """What a review says."""

    ACCEPT = "accept"
    REJECT = "reject"


class FormOfCoExecutor(StrEnum):
    """A legal entity with its BIN, or a sole proprietor with his IIN (M §8(9))."""

    LEGAL = "LEGAL"
    SOLE = "SOLE"


class LineRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """How much is asked of one line, co-executors included: services, or tiyn on a money line."""

    line_id: UUID
    requested: Requested


class Licence(Struct, frozen=True, forbid_unknown_fields=True):
    """A valid licence with its annex and the address where the work is done (M §8(1))."""

    kind: LicenceKind
    number: Text
    annex_address: Text
    facility_id: UUID
    sub_kinds: Annotated[list[Text], Meta(max_length=LIST_MAX)] = []


class Sanitary(Struct, frozen=True, forbid_unknown_fields=True):
    """A facility conforms to the sanitary requirements of KR DSM-96/2020 (M §8(2))."""

    facility_id: UUID
    number: Text
    issued_on: date


class TaxInfo(Struct, frozen=True, forbid_unknown_fields=True):
    """Tax debt, and untimely taxes and social payments, as the tax body says (M §8(3)).

    A debt does not reject by itself: the issuer decides (D37).
    """

    debt_tiyn: Annotated[int, Meta(ge=0, le=AMOUNT_MAX)]
    untimely_payments: bool
    as_of: date


class Conclusion(Struct, frozen=True, forbid_unknown_fields=True):
    """Fitness to provide a high technology, KR DSM-238/2020 (M §8(4)): for HTMC only."""

    technology: Text
    number: Text
    issued_on: date


class Paper(Struct, frozen=True, forbid_unknown_fields=True):
    """A document in copy: its number, its last day if it has one, and the hash of the copy."""

    number: Text
    sha256: Sha256
    valid_to: date | None = None


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """What a co-executor carries of one line."""

    line_id: UUID
    requested: Requested


class CoExecutorRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A co-executor: BIN and name, or the IIN and full name of a sole proprietor (M §8(9))."""

    form: FormOfCoExecutor
    number: str
    name: Text
    parts: Annotated[list[Part], Meta(min_length=1, max_length=LINES_MAX)]


class Contents(Struct, frozen=True, forbid_unknown_fields=True):
    """The documents and data of M §8(1)-(7). What is left out may be rejected with G1 (D33)."""

    licences: Annotated[list[Licence], Meta(max_length=LIST_MAX)] = []
    sanitary: Annotated[list[Sanitary], Meta(max_length=LIST_MAX)] = []
    tax_info: TaxInfo | None = None
    htmc: Annotated[list[Conclusion], Meta(max_length=LIST_MAX)] = []
    ppp_contract: Paper | None = None
    accreditation: Paper | None = None
    leases: Annotated[list[Paper], Meta(max_length=LIST_MAX)] = []


class SubmitApplication(
    Contents,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag="application.submit",
    tag_field="operation",
):
    """An application for lines of one announcement.

    An undertaking not to take money for guaranteed care must not be asked for (M §8): like every
    field not named here it is refused as unknown.
    """

    announcement_id: UUID
    lines: Annotated[list[LineRequest], Meta(min_length=1, max_length=LINES_MAX)]
    co_executors: Annotated[list[CoExecutorRequest], Meta(max_length=CO_EXECUTORS_MAX)] = []


class WithdrawApplication(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="application.withdraw",
    tag_field="operation",
):
    """The executor takes the application back, inside the window (M §9)."""

    application_id: UUID


class Manual(Struct, frozen=True, forbid_unknown_fields=True):
    """A paper a reviewer takes for the licence at `place` while the system of permits is down."""

    place: Annotated[int, Meta(ge=0)]
    number: Text
    issued_on: date
    issued_by: Text


class ReviewApplication(
    Struct, frozen=True, forbid_unknown_fields=True, tag="application.review", tag_field="operation"
):
    """The issuer's review; a rejection has a ground and a text (M §10).

    `rule`: with G2, the case of 37-1(2) of the purchase rules, by its code in the directory. `manual`: with
    an acceptance, papers for licences that the system of permits says nothing of.
    """

    application_id: UUID
    decision: Outcome
    ground: Ground | None = None
    text: LongText | None = None
    rule: Text | None = None
    manual: Annotated[list[Manual], Meta(max_length=LIST_MAX)] = []


class ChangeApplication(
    Contents,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag="application.change",
    tag_field="operation",
):
    """Data of M §8 that changed on `changed_on`, after the application was sent, as they are now (M §31).

    What was reviewed and decided stays; contracts are judged by the law, not by this entry.
    """

    application_id: UUID
    changed_on: date


class EnteredChange(Struct, frozen=True):
    """A change of the data of M §8 as it was entered."""

    no: int
    changed_on: date
    contents: Contents
    entered_at: datetime


class Submitted(Struct, frozen=True):
    """The answer to a submission. `warnings`: what a review may reject with G1 (D33)."""

    application_id: UUID
    announcement_id: UUID
    seq_no: int
    submitted_at: datetime
    review_due_at: datetime
    warnings: list[str]


class ApplicationState(Struct, frozen=True):
    """What a step on an application looks at, under the row's lock."""

    application_id: UUID
    announcement_id: UUID
    executor_id: UUID
    seq_no: int
    status: ApplicationStatus


class ApplicationSummary(Struct, frozen=True):
    """An application in the issuer's queue or in its executor's list."""

    application_id: UUID
    announcement_id: UUID
    seq_no: int
    executor_id: UUID
    executor_bin: str
    executor_name: str
    submitted_at: datetime
    status: ApplicationStatus
    lines: int
    amount_tiyn: int
    warnings: list[str]
    ground: Ground | None
    ground_rule: str | None
    ground_text: str | None
    reviewed_at: datetime | None
    withdrawn_at: datetime | None


class OfferedLine(Struct, frozen=True):
    """A line of the announcement; its form of care and service say which documents it needs."""

    line_id: UUID
    care_form: str
    service_type: str


class RequestedLine(Struct, frozen=True):
    """A line of an application."""

    line_id: UUID
    code: str
    requested: int


class StoredContents(Struct, frozen=True):
    """The documents and data of an application as stored."""

    contents: Contents


class SealedCoExecutor(Struct, frozen=True):
    """A co-executor as stored: a sole proprietor sealed."""

    co_executor_no: int
    form: FormOfCoExecutor
    bin: str | None
    name: str | None
    sealed: bytes | None


class NamedPart(Struct, frozen=True):
    """A co-executor's part of a line as stored."""

    co_executor_no: int
    line_id: UUID
    requested: int


class Person(Struct, frozen=True):
    """What is sealed of a sole proprietor."""

    iin: str
    name: str


class CoExecutorView(Struct, frozen=True):
    """A co-executor as the parties see it."""

    co_executor_no: int
    form: FormOfCoExecutor
    number: str
    name: str
    parts: list[Part]
