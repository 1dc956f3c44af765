"""What the service answers to a citizen, as far as the bot reads it (held to the OpenAPI by a test)."""

from datetime import date, datetime
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Session(msgspec.Struct, frozen=True):
    """A citizen's session."""

    token: str


class Arrears(msgspec.Struct, frozen=True):
    """Unpaid months, `YYYY-MM`, and what paying them off costs."""

    months: tuple[str, ...]
    amount_tiyn: int


class Status(msgspec.Struct, frozen=True):
    """Insured or not, why, until when, and what to do; `explanation` in the language asked for."""

    status: str
    until: date | None
    arrears: Arrears
    explanation: str


class Policy(msgspec.Struct, frozen=True):
    """The policy of the year."""

    number: str
    year: int
    status: str
    gvfmc: bool
    mhi: bool
    valid_from: date
    valid_to: date
    executor_id: str | None = None
    executor: str | None = None


class Contribution(msgspec.Struct, frozen=True):
    """One payment for one month."""

    paid_on: date
    period: str
    kind: str
    amount_tiyn: int
    refunded_tiyn: int = 0


class Visit(msgspec.Struct, frozen=True):
    """One visit to a clinic and how it was confirmed."""

    at: datetime
    facility: str
    grade: str


class Billed(msgspec.Struct, frozen=True):
    """One service billed in the person's name; `dispute` is the number of its complaint, if any."""

    case_id: str
    service_date: date
    service: str
    executor: str
    amount_tiyn: int
    state: str
    grade: str
    dispute: str | None = None


class Registered(msgspec.Struct, frozen=True):
    """A complaint was registered; the answer is due by `due_on`."""

    tracking_number: str
    due_on: date


class Complaint(msgspec.Struct, frozen=True):
    """A complaint's state, as anyone with its number may see it."""

    tracking_number: str
    status: str
    registered_at: datetime
    due_on: date


class OwnComplaint(Complaint, frozen=True):
    """A complaint as its author sees it, with the answer once there is one."""

    answer: str | None = None


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page; `next` is the cursor of the following one."""

    items: list[T]
    next: str | None = None


class Problem(msgspec.Struct, frozen=True):
    """A problem document (RFC 9457); the bot branches on `code`."""

    code: str
    title: str
    detail: str = ""
    facts: dict[str, str | int] = {}
