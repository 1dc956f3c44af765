"""The request, its stages, and the documents it ends in (M §46-53, App.2, App.3)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from backend.registry.consent.model import ConsentProof

Code = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}\Z")]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S")]


class Stage(StrEnum):
    """Where a request stands (domain 3.15)."""

    RECEIVED = "RECEIVED"
    QUEUED_NEXT_WD = "QUEUED_NEXT_WD"  # came outside the issuer's hours (domain 4.4)
    IDENTIFIED = "IDENTIFIED"
    PROCESSED = "PROCESSED"  # the document is formed and sealed, not yet in the cabinet
    DELIVERED = "DELIVERED"
    REFUSED = "REFUSED"


class Ground(StrEnum):
    """Why the service is refused: the five grounds of App.2 row 9 and no other."""

    F1 = "F1"  # untrue documents or data
    F2 = "F2"  # they do not meet legal requirements
    F3 = "F3"  # a court act in force forbids the activity
    F4 = "F4"  # a verdict in force takes the right to the service away
    F5 = "F5"  # no consent to restricted personal data


class CertifiedBy(StrEnum):
    """How the electronic request is certified (M §47)."""

    ECP = "ECP"
    OTP = "OTP"


class ConsentAsked(msgspec.Struct, frozen=True):
    """An SMS went to the person's own number: its code, or a reply to it, is the consent."""

    consent_id: UUID
    expires_at: datetime


class AskService(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The request of a session opened by one-time password.

    `consent_id` of the consent asked for before, with the `code` of its SMS; without the code a reply
    to the SMS is waited for. No consent at all is a request that is refused (F5).
    """

    consent_id: UUID | None
    code: Code | None = None


class SignedAsk(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="state_service.request",
    tag_field="operation",
):
    """The same, signed with the person's own ECP."""

    consent_id: UUID | None
    code: Code | None = None


class Request(msgspec.Struct, frozen=True):
    """A request as its person sees it; `due_at` is when the result is owed."""

    request_id: UUID
    certified_by: CertifiedBy
    stage: Stage
    ground: Ground | None
    arrived_at: datetime
    accepted_at: datetime
    due_at: datetime
    finished_at: datetime | None


# --- the documents --------------------------------------------------------------------------------


class Holder(msgspec.Struct, frozen=True):
    """To whom the document is given."""

    full_name: str
    iin: str


class Payment(msgspec.Struct, frozen=True):
    """A row of App.3: columns 2 to 8. `payer` is a BIN, or the own IIN of who pays for himself."""

    paid_on: date
    amount_tiyn: int
    kind: Literal["deduction", "contribution"]
    period: str
    payer: str
    returned_tiyn: int
    returned_on: date | None


class Owed(msgspec.Struct, frozen=True):
    """What the note of App.3 comes to for this person: months unpaid of the last twelve, and their price."""

    months: tuple[str, ...]
    amount_tiyn: int


class ResultDocument(
    msgspec.Struct, frozen=True, tag="saqtau-app3-v1", tag_field="schema", kw_only=True
):
    """The result, in the form of App.3: `payments` in order of payment; `consumer` on `on`."""

    request_id: UUID
    issued_at: datetime
    issuer_bin: str
    holder: Holder
    payments: tuple[Payment, ...]
    on: date
    consumer: bool
    owed: Owed


class RefusalDocument(
    msgspec.Struct, frozen=True, tag="saqtau-app3-refusal-v1", tag_field="schema", kw_only=True
):
    """The reasoned refusal. `act` names the court act (F3, F4): court, number, day."""

    request_id: UUID
    issued_at: datetime
    issuer_bin: str
    holder: Holder
    ground: Ground
    act: "ActNamed | None" = None


Outcome = ResultDocument | RefusalDocument


class OutcomeFile(msgspec.Struct, frozen=True):
    """What lies in the store: the sealed octets of an outcome and the issuer's CMS over them."""

    octets: bytes
    cms: bytes


# --- court acts -----------------------------------------------------------------------------------


class ActNamed(msgspec.Struct, frozen=True):
    """A court act by its court, number and day."""

    court: str
    number: str
    decided_on: date


class EnterCourtAct(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="state_service.court_act",
    tag_field="operation",
):
    """A court act in force that bars the person from the service (App.2 row 9(3), (4)), both days inclusive."""

    iin: str
    ground: Literal["F3", "F4"]
    court: Line
    number: Line
    decided_on: date
    in_force_from: date
    in_force_to: date | None = None


class LiftCourtAct(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="state_service.lift_court_act",
    tag_field="operation",
):
    """The act is no longer in force; `basis` is the document that says so."""

    act_id: UUID
    basis: Line


class CourtActEntered(msgspec.Struct, frozen=True):
    """The id it is lifted by."""

    act_id: UUID


# --- the passport ---------------------------------------------------------------------------------


class PassportRow(msgspec.Struct, frozen=True):
    """A row of App.2; the block of other requirements has no number."""

    no: int | None
    name: str
    content: str


class Passport(msgspec.Struct, frozen=True):
    """App.2: the service's full name, the names the law gives it elsewhere (D14), and nine rows."""

    name: str
    aliases: list[str]
    rows: list[PassportRow]
    other: PassportRow


# --- the record of terms --------------------------------------------------------------------------


class Day(msgspec.Struct, frozen=True):
    """A day of the service: requests accepted, how they ended, and how long it took in seconds."""

    day: date
    accepted: int
    delivered: int
    refused: int
    late: int
    running: int
    median_s: float | None
    slowest_s: float | None


class Row(msgspec.Struct, frozen=True):
    """A request as the store holds it."""

    person_id: UUID
    request_id: UUID
    consent_id: UUID | None
    consent_proof: ConsentProof | None
    language: str
    status: Stage
    ground: Ground | None
    accepted_at: datetime
    due_at: datetime
    result_sealed: bytes | None
    result_cms: bytes | None


class CourtAct(msgspec.Struct, frozen=True):
    """A court act in force."""

    act_id: UUID
    ground: Ground
    sealed: bytes
