"""What is noted of a read: who, on what basis, which fields, when."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from backend.kernel.actor import Actor


class Basis(StrEnum):
    """On what ground a person's data were read. `basis_id` names the visit, act, complaint or paper."""

    OWN = "OWN"  # the person's own session
    VISIT = "VISIT"  # a clinic's desk registered a visit (M §6)
    ATTACHMENT = "ATTACHMENT"  # a clinic looked at its own attached people (M §38)
    ACT = "ACT"  # services presented, checked or paid for (M §13)
    REPRESENTATION = "REPRESENTATION"  # a parent, guardian, trustee or attorney acts for the person
    COMPLAINT = "COMPLAINT"  # a complaint is read and answered (M §53)
    RESTRICTION = "RESTRICTION"  # a document of a state body about the account (M §33, §34)
    ORDER = "ORDER"  # an information operation on the issuer's signed order (M §43)
    DUTY = "DUTY"  # the Fund's own task: entitlement, contributions, orders (M §42)
    NOTICE = "NOTICE"  # the bot told the person what the person chose to be told of
    REQUEST = "REQUEST"  # ... on the written request of an entitled state body (M §45)


class Field(StrEnum):
    """What was read, in the words shown to the person."""

    RECORD = "RECORD"  # one's own record, whole
    NAME = "NAME"
    IIN = "IIN"
    BIRTH_DATE = "BIRTH_DATE"
    ADDRESS = "ADDRESS"
    DOCUMENT = "DOCUMENT"
    PHONE = "PHONE"
    ACCOUNT = "ACCOUNT"
    POLICY = "POLICY"
    ATTACHMENT = "ATTACHMENT"
    ENTITLEMENT = "ENTITLEMENT"
    CONTRIBUTIONS = "CONTRIBUTIONS"
    VISITS = "VISITS"
    SERVICES = "SERVICES"
    COMPLAINT = "COMPLAINT"
    OPERATIONS = "OPERATIONS"


class Access(msgspec.Struct, frozen=True):
    """A read that is about to happen: by whom, in which operation of the API, on what basis, of what."""

    actor: Actor
    operation: str
    basis: Basis
    fields: tuple[Field, ...]
    basis_id: UUID | str | None = None


class AccessRecord(msgspec.Struct, frozen=True):
    """A read as the person sees it. `organisation` None: an office that keeps no account here."""

    record_id: UUID
    at: datetime
    own: bool
    organisation: str | None
    role: str
    staff: bytes | None
    basis: Basis
    fields: tuple[Field, ...]


class Horizon(msgspec.Struct, frozen=True):
    """Records of before this instant are forgotten; `cleared`: none is left."""

    before: datetime
    cleared: bool
