"""Orders: signed instructions to the registry about policies (M §3(2), §35)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]


class IssuePolicies(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="order.issue_policies",
    tag_field="operation",
):
    """Issue a policy of `year` to every insured without one; `region` None: in the whole country.

    `number` is the issuer's own number of the order: a second order of the same scope needs it to
    be another document.
    """

    year: int
    region: Text | None = None
    number: Text | None = None


class OrderStatus(StrEnum):
    """How far an order is carried out."""

    ACCEPTED = "ACCEPTED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


class Order(msgspec.Struct, frozen=True):
    """An order and its progress: `total` insured are meant, `done` have been looked at and served."""

    order_id: UUID
    operation: str
    scope: dict[str, Any]
    status: OrderStatus
    total: int | None
    done: int
    created_at: datetime
    finished_at: datetime | None


class RunningOrder(msgspec.Struct, frozen=True):
    """What carrying out an order needs of it."""

    order_id: UUID
    scope: IssuePolicies
    actor: str
    created_at: datetime


class Part(msgspec.Struct, frozen=True):
    """A sixteenth of the persons: those above `after`, up to `until`, are still to be served."""

    part: int
    after: UUID
    until: UUID
