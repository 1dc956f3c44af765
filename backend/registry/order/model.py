"""Orders: signed instructions to the registry about policies (M §3(2), §29, §35)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec

from backend.registry.policy.model import CancelGround

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
Line = Annotated[
    str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]
Regions = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1, max_length=50)]


class PolicyOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="operation"):
    """Whose policies of `year` are meant.

    One insured, named by `iin`; or a class of them: of these `regions`, attached by (on or before)
    `attached_by`, to the executor of that BIN. What is left out does not narrow the class.
    `number` is the signer's own number of the order: a second order of the same scope needs it to
    be another document.
    """

    year: int
    iin: str | None = None
    regions: Regions | None = None
    attached_by: date | None = None
    executor: str | None = None
    number: Text | None = None


class IssuePolicies(PolicyOrder, frozen=True, tag="order.issue_policies"):
    """Issue a policy to every insured meant (M §29(1), §35), and credit it (M §29(4)) unless told not to."""

    credit: bool = True


class CreditPolicies(PolicyOrder, frozen=True, tag="order.credit_policies"):
    """Credit issued policies to the accounts of their holders: they come into force (M §29(4), D41)."""


class ChangePolicies(PolicyOrder, frozen=True, tag="order.change_policies"):
    """Change the data of policies (M §29(2)): what measures them, and the package by the status today."""

    tariff_set: Line | None = None
    rule_set: Line | None = None
    reassess: bool = False


class ChangeExecutor(PolicyOrder, frozen=True, tag="order.change_executor"):
    """Let policies follow the attachment of their holders (M §29(3), §38)."""


class CancelPolicies(PolicyOrder, frozen=True, kw_only=True, tag="order.cancel_policies"):
    """Cancel policies on one of the grounds of D13 (M §29(5))."""

    ground: CancelGround


class ReverseOperation(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="order.reverse_operation",
    tag_field="operation",
    kw_only=True,
):
    """Reverse an operation on a policy made in error: place `seq` in the insured's log (D2)."""

    iin: str
    seq: Annotated[int, msgspec.Meta(ge=1, le=2**62)]
    number: Text | None = None


class Scope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of an order's document: ids in place of numbers, for it is shown."""

    operation: str
    year: int | None = None
    person_id: UUID | None = None
    regions: tuple[str, ...] | None = None
    attached_by: date | None = None
    executor_id: UUID | None = None
    number: str | None = None
    credit: bool = True
    tariff_set: str | None = None
    rule_set: str | None = None
    reassess: bool = False
    ground: CancelGround | None = None
    seq: int | None = None


class OrderStatus(StrEnum):
    """How far an order is carried out."""

    ACCEPTED = "ACCEPTED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


class Reason(StrEnum):
    """Why an order did not serve one it meant."""

    ACCOUNT_NOT_OPEN = "ACCOUNT_NOT_OPEN"
    ACCOUNT_BLOCKED = "ACCOUNT_BLOCKED"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    POLICY_EXISTS = "POLICY_EXISTS"
    NO_POLICY = "NO_POLICY"
    POLICY_STATUS_WRONG = "POLICY_STATUS_WRONG"
    NOT_ATTACHED = "NOT_ATTACHED"
    NOTHING_TO_CHANGE = "NOTHING_TO_CHANGE"
    NOT_REVERSIBLE = "NOT_REVERSIBLE"


class Order(msgspec.Struct, frozen=True):
    """An order and its progress: of `total` insured meant, `done` were served, `refused` could not be.

    `total` None: not counted yet. `failure` says why an order ended unfinished.
    """

    order_id: UUID
    operation: str
    scope: dict[str, Any]
    status: OrderStatus
    total: int | None
    done: int
    refused: int
    failure: str | None
    created_at: datetime
    finished_at: datetime | None


class Refused(msgspec.Struct, frozen=True):
    """One the order meant and did not serve, by his opaque id, and why."""

    person_id: UUID
    reason: Reason


class RefusedFor(msgspec.Struct, frozen=True):
    """How many were not served for that reason."""

    reason: Reason
    count: int


class Refusals(msgspec.Struct, frozen=True):
    """Who was not served: how many for each reason, and a page of the list."""

    counts: list[RefusedFor]
    items: list[Refused]
    next: str | None


class RunningOrder(msgspec.Struct, frozen=True):
    """What carrying out an order needs of it."""

    order_id: UUID
    scope: Scope
    actor: str
    created_at: datetime


class Part(msgspec.Struct, frozen=True):
    """A partition of the persons: those above `after`, up to `until`, are still to be served."""

    part: int
    after: UUID
    until: UUID


class Slice(msgspec.Struct, frozen=True):
    """The next persons of a part: how many are meant, and the last of them. None: there are none."""

    persons: int
    until: UUID | None


class Served(msgspec.Struct, frozen=True):
    """What became of a slice."""

    done: int
    refused: int


class Issued(msgspec.Struct, frozen=True):
    """What became of a slice of persons to be issued policies.

    `chained` is how many chains were lengthened: fewer than `done` when others came between.
    `unsure`: whose status in the insurance system must be worked out first.
    """

    done: int
    refused: int
    chained: int
    unsure: tuple[UUID, ...] | None


class YearPart(msgspec.Struct, frozen=True):
    """A partition of the policies of a year that is over, gone through up to `after`."""

    year: int
    part: int
    after: UUID
