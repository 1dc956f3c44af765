"""Extracts (M §30, §43-45): the document, what proves it, and who may ask for it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from backend.registry.log.model import SignedHead

SCHEMA = "saqtau-extract-v1"
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S")]


class Kind(StrEnum):
    """The information operations about one person (M §30(2)-(5))."""

    ACCOUNT = "ACCOUNT"
    POLICY = "POLICY"
    INFORMATION_OPERATIONS = "INFORMATION_OPERATIONS"
    POLICY_EVENTS = "POLICY_EVENTS"


class TakeExtract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The insured asks for his own, and consents to its being made (M §44)."""

    kind: Kind
    consent: Literal[True]


class OrderExtract(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="information.order",
    tag_field="operation",
):
    """The issuer's signed order (M §43). `order_number` is the issuer's own."""

    iin: str
    kind: Kind
    order_number: Text


class RequestExtract(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="information.request",
    tag_field="operation",
):
    """An entitled state body's written request, signed for by the registrar (M §45)."""

    iin: str
    kind: Kind
    body: Text
    request_number: Text
    requested_on: date


# --- the document ---------------------------------------------------------------------------------


class Spoken(msgspec.Struct, frozen=True):
    """A text in the three languages."""

    kk: str
    ru: str
    en: str


class Ground(msgspec.Struct, frozen=True):
    """On what the extract was given; a body, number and date where it was not the insured himself."""

    kind: Literal["CONSENT", "ORDER", "REQUEST"]
    body: str | None = None
    number: str | None = None
    on: date | None = None


class Insured(msgspec.Struct, frozen=True):
    """Whose record it is (M §36)."""

    full_name: str
    iin: str
    birth_date: date
    address: str
    document_no: str


class AccountPart(msgspec.Struct, frozen=True):
    """The account's state."""

    status: str
    opened_at: datetime


class EntitlementPart(msgspec.Struct, frozen=True):
    """Entitled to care under the insurance on that day, and until when as far as is known."""

    on: date
    status: str
    until: date | None


class PolicyPart(msgspec.Struct, frozen=True):
    """The policy of the year (M §36, §37)."""

    number: str
    status: str
    gvfmc: bool
    mhi: bool
    service_list: str
    tariff_set: str
    rule_set: str
    issued_on: date
    valid_from: date
    valid_to: date
    issuer_name: str
    issuer_bin: str
    issuer_address: str
    executor_name: str | None
    executor_bin: str | None


class Entry(msgspec.Struct, frozen=True):
    """A registered operation, as the document lists it; `actor` is a role and a number or opaque id."""

    seq: int
    at: datetime
    op_class: str
    op_type: str
    actor: str
    basis_kind: str


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What is extracted. Its canonical JSON is hashed, and the hash stands in the log."""

    schema: str = SCHEMA
    extract_id: UUID
    kind: Kind
    issued_at: datetime
    registrar: Spoken
    registrar_bin: str
    registrar_address: str
    ground: Ground
    insured: Insured
    account: AccountPart
    entitlement: EntitlementPart
    policy: PolicyPart | None
    operations: tuple[Entry, ...]
    operations_total: int
    legal: Spoken


# --- what proves it -------------------------------------------------------------------------------


class LoggedOperation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The operation by which the extract was given, whole: its hash can be computed anew."""

    subject_id: UUID
    seq: int
    op_class: str
    op_type: str
    at: datetime
    actor: str
    basis_kind: str
    basis_id: str
    content: str
    previous: str
    hash: str


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="proof"):
    """The operation stands under a signed head (RFC 9162 §2.1.3)."""

    leaf_hash: str
    leaf_index: int
    inclusion_path: list[str]
    head: SignedHead


class Promise(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="promise"):
    """Given before a head covered it: the log's key promises one by `until`."""

    leaf_hash: str
    at: datetime
    until: datetime
    key_number: int
    signature: str


class ExtractFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: its octets are this struct's canonical JSON, and nothing else."""

    document: dict[str, Any]
    operation: LoggedOperation
    proof: Proof | Promise


# --- what is kept and shown -----------------------------------------------------------------------


class Row(msgspec.Struct, frozen=True):
    """A kept extract; `proved`: a signed head stands over it."""

    person_id: UUID
    extract_id: UUID
    kind: Kind
    at: datetime
    actor_bin: str | None
    code: str
    sha256: bytes
    sealed: bytes
    seq: int
    hash: bytes
    proved: bool


class Given(msgspec.Struct, frozen=True):
    """An extract that was given. `proved`: a signed head stands over it; else one is promised."""

    extract_id: UUID
    kind: Kind
    issued_at: datetime
    code: str
    sha256: str
    leaf_hash: str
    proved: bool


class CheckCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code printed on an extract."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Checked(msgspec.Struct, frozen=True):
    """What everybody may know who holds the paper: that it was given, what it is, and its proof."""

    kind: Kind
    issued_at: datetime
    sha256: str
    leaf_hash: str
    proved: bool


class AccountRow(msgspec.Struct, frozen=True):
    """A person's account."""

    status: str
    opened_at: datetime | None
