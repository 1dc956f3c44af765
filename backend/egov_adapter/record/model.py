"""What a citizen reads about himself."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from backend.registry.entitlement.model import Arrears, Basis, Status
from backend.registry.policy.model import Registrar


class OwnStatus(msgspec.Struct, frozen=True):
    """Insured or not on `on`, why, until when, and what to do, in the language asked for."""

    on: date
    status: Status
    basis: Basis | None
    until: date | None
    arrears: Arrears
    explanation: str


class OwnPolicy(msgspec.Struct, frozen=True):
    """The policy of the year: number, packages, validity, and the clinic one is attached to."""

    policy_id: UUID
    number: str
    year: int
    status: str
    gvfmc: bool
    mhi: bool
    service_list: str
    issued_on: date
    valid_from: date
    valid_to: date
    executor_id: UUID | None
    executor: str | None


class Holder(msgspec.Struct, frozen=True):
    """Whose policy it is (M §36)."""

    full_name: str
    iin: str
    address: str
    document_no: str


class Issuer(msgspec.Struct, frozen=True):
    """Who answers for it (M §36)."""

    name: str
    bin: str
    address: str


class OwnCard(msgspec.Struct, frozen=True):
    """The policy with everything M §36 and §37 demand."""

    policy: OwnPolicy
    holder: Holder
    issuer: Issuer
    registrar: Registrar


class OwnVisit(msgspec.Struct, frozen=True):
    """A visit and how well it is proved."""

    visit_id: UUID
    at: datetime
    visit_date: date
    facility: str
    executor: str
    grade: str


class BilledState(StrEnum):
    """Where a service billed in my name stands."""

    CHECKED = "CHECKED"  # claimed, passed the automatic checks, not yet accepted
    ACCEPTED = "ACCEPTED"  # the issuer signed the act
    PAID = "PAID"
    REFUSED = "REFUSED"  # the act failed its checks or was cancelled: nothing is paid


class Billed(msgspec.Struct, frozen=True):
    """A service billed in my name. `grade` tells whether a visit of mine stands behind it.

    `mark`: CONFIRMED or DISPUTED by me; `dispute`: the tracking number of that complaint.
    """

    case_id: UUID
    service_date: date
    service_code: str
    service: str
    executor: str
    units: int
    amount_tiyn: int
    state: BilledState
    grade: str
    mark: str | None
    dispute: str | None


class OwnCase(msgspec.Struct, frozen=True):
    """A billed service to be disputed."""

    case_id: UUID
    act_id: UUID
    executor_id: UUID


class OwnContribution(msgspec.Struct, frozen=True):
    """A receipt of a deduction or contribution (App.3); `payer_bin` None: paid by oneself."""

    contribution_id: UUID
    paid_on: date
    period: str
    kind: str
    amount_tiyn: int
    payer_bin: str | None
    refunded_tiyn: int
    refunded_on: date | None


class MonthState(StrEnum):
    """What is known of a month of insurance."""

    PAID = "PAID"
    OWED = "OWED"  # one of the arrears: to be paid before one is insured again (App.3, note)
    NOT_NEEDED = (
        "NOT_NEEDED"  # nothing was paid, and nothing is owed: the State pays, or it is not over
    )


class PaidMonth(msgspec.Struct, frozen=True):
    """What came for one month, less refunds."""

    month: str
    amount_tiyn: int
    receipts: int


class OwnMonth(msgspec.Struct, frozen=True):
    """One month, `YYYY-MM`: what came for it, less refunds, and how it stands."""

    month: str
    amount_tiyn: int
    receipts: int
    state: MonthState


class OwnClinic(msgspec.Struct, frozen=True):
    """The clinic a person is attached to, and since when."""

    executor_id: UUID
    executor: str
    facility_id: UUID
    facility: str
    address: str
    since: date
