"""Accounts of organisations: the issuer and the executors (M §5, §6)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from backend.registry.confirmation.model import Confirmation

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S")]
Phone = Annotated[str, msgspec.Meta(pattern=r"^\+[0-9]{10,15}\Z")]
Email = Annotated[str, msgspec.Meta(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+\Z", max_length=200)]
# ISO 9362: a bank's identification code
Bic = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{8}([A-Z0-9]{3})?\Z")]


Line = Annotated[
    str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]


class OrganisationKind(StrEnum):
    """Who it is in the service."""

    ISSUER = "ISSUER"
    EXECUTOR = "EXECUTOR"


class Form(StrEnum):
    """A legal entity or a sole proprietor (M §5)."""

    LEGAL = "LEGAL"
    SOLE = "SOLE"


class AccountStatus(StrEnum):
    """Domain 3.12; NONE stands for a person whose account has not opened yet."""

    NONE = "NONE"
    OPEN = "OPEN"
    BLOCKED = "BLOCKED"
    CLOSED = "CLOSED"


class Action(StrEnum):
    """The actions of M §6 that make an executor ready."""

    AGREEMENT_SIGNED = "agreement_signed"
    MIS_DECLARED = "mis_declared"
    DFO_POSTED = "dfo_posted"
    FACILITIES_DIGITISED = "facilities_digitised"
    QR_OBTAINED = "qr_obtained"


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first head of a legal entity, or the sole proprietor himself (M §5)."""

    surname: Text
    first_name: Text
    iin: str
    patronymic: Text | None = None


class Contacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the organisation is reached (M §5)."""

    postal_address: Text
    phone: Phone
    email: Email


class Requisite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A settlement account in a second-tier bank, or in the Treasury (M §5)."""

    iban: str
    bic: Bic
    bank: Text
    treasury: bool = False


Requisites = Annotated[tuple[Requisite, ...], msgspec.Meta(min_length=1, max_length=20)]


class BasisDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document the registrar acts on: its number, date and the body that issued it."""

    number: Line
    issued_on: date
    issued_by: Line


class OrganisationData(msgspec.Struct, frozen=True):
    """What is registered of an organisation (M §5): kept sealed, version by version."""

    name: str
    head: Head
    contacts: Contacts
    requisites: Requisites


class RegisterOrganisation(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="organisation.register",
    tag_field="operation",
):
    """Self-registration (M §5, §41). `number` is a BIN, or the IIN of a sole proprietor."""

    form: Form
    number: str
    name: Text
    head: Head
    contacts: Contacts
    requisites: Requisites


class ChangeOrganisation(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="organisation.change",
    tag_field="operation",
):
    """What changed on `changed_on`; entered within one working day (M §31). None: as before."""

    changed_on: date
    name: Text | None = None
    head: Head | None = None
    contacts: Contacts | None = None
    requisites: Requisites | None = None


class ChangeIssuer(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="issuer.change",
    tag_field="operation",
):
    """The registrar enters changed data of the issuer, on a document (M §27(2)). None: as before."""

    changed_on: date
    basis: BasisDocument
    name: Text | None = None
    head: Head | None = None
    contacts: Contacts | None = None
    requisites: Requisites | None = None


class SignAgreement(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="agreement.sign",
    tag_field="operation",
):
    """The executor concludes the user agreement with the registrar (M §6(1)).

    `number` is the executor's own; `version` the text of the agreement that is signed now. Whoever
    concludes it anew after a withdrawal names the day, for no document serves twice.
    """

    number: str
    version: Literal["1"]
    concluded_on: date | None = None


class WithdrawAgreement(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="agreement.withdraw",
    tag_field="operation",
):
    """The executor withdraws from the user agreement: taking part is voluntary (M §2(4))."""

    number: str
    withdrawn_on: date


class DeclareReadiness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The medical information system chosen, and the year whose statements stand at dfo.kz.

    `changed_on`: the day it changed, when it is entered later; within one working day (M §31).
    """

    mis_code: Text | None = None
    dfo_year: int | None = None
    changed_on: date | None = None


class Organisation(msgspec.Struct, frozen=True):
    """An organisation as everyone in the house may see it: without its head."""

    organisation_id: UUID
    bin: str
    kind: OrganisationKind
    form: Form
    name: str
    status: AccountStatus
    contacts: Contacts
    requisites: tuple[Requisite, ...]
    opened_at: datetime
    changed_at: datetime
    agreement_signed_at: datetime | None
    mis_code: str | None
    dfo_year: int | None


class Numbered(msgspec.Struct, frozen=True):
    """An executor's number and id."""

    bin: str
    organisation_id: UUID


class Readiness(msgspec.Struct, frozen=True):
    """Whether all five actions of M §6 are done, and which are missing."""

    ready: bool
    missing: tuple[Action, ...]


class Cabinet(msgspec.Struct, frozen=True):
    """An organisation's own view of its account; readiness and confirmations for executors only."""

    organisation: Organisation
    readiness: Readiness | None
    confirmations: tuple[Confirmation, ...] = ()
