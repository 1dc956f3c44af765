"""What the service answers to a citizen, as far as the bot reads it (held to the OpenAPI by a test)."""

from datetime import date, datetime
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Session(msgspec.Struct, frozen=True):
    """A citizen's session; `renewal` brings its next token, once."""

    token: str
    renewal: str


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
    """One service billed in the person's name; `dispute` is the number of its complaint, if any.

    `mark`: CONFIRMED or DISPUTED by the person.
    """

    case_id: str
    service_date: date
    service: str
    executor: str
    amount_tiyn: int
    state: str
    grade: str
    mark: str | None = None
    dispute: str | None = None


class Registered(msgspec.Struct, frozen=True):
    """A complaint was registered; the answer is due by `due_on`."""

    complaint_id: str
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


class Links(msgspec.Struct, frozen=True):
    """How a telephone opens the challenge by itself."""

    egov_mobile: str


class LoginOffered(msgspec.Struct, frozen=True):
    """A challenge to be signed with eGov Mobile; `watch_token` follows it."""

    package_id: str
    qr_text: str
    links: Links
    watch_token: str | None


class LoginState(msgspec.Struct, frozen=True):
    """Where the challenge stands."""

    status: str


class LoginSigned(msgspec.Struct, frozen=True):
    """The signed challenge."""

    challenge_id: str
    signature: str


class ExtractGiven(msgspec.Struct, frozen=True):
    """An extract was made."""

    extract_id: str


class Clinic(msgspec.Struct, frozen=True):
    """A clinic and how far it is by air, in metres."""

    name: str
    executor: str
    address: str
    latitude: float
    longitude: float
    distance_m: int


class Clinics(msgspec.Struct, frozen=True):
    """The nearest first."""

    items: list[Clinic]


class Quiet(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """From when to when nothing is told, `HH:MM`."""

    start: str
    end: str


class Choice(msgspec.Struct, frozen=True):
    """What the person is told of, and when not."""

    topics: tuple[str, ...]
    quiet: Quiet | None


class Facts(msgspec.Struct, frozen=True):
    """What a notice says, by its topic."""

    valid_from: date | None = None
    valid_to: date | None = None
    count: int | None = None
    number: str | None = None
    outcome: str | None = None
    until: date | None = None


class OwnNotice(msgspec.Struct, frozen=True):
    """A notice as its person reads it."""

    topic: str
    facts: Facts
    created_at: datetime


class Notice(msgspec.Struct, frozen=True):
    """A notice to be told in a chat."""

    chat: str
    language: str
    topic: str
    facts: Facts


class Claimed(msgspec.Struct, frozen=True):
    """The notice to be told; None: nothing is due."""

    notice: Notice | None


class Challenge(msgspec.Struct, frozen=True):
    """Bytes to be signed, in base64."""

    challenge_id: str
    document: str


class BotSession(msgspec.Struct, frozen=True):
    """The bot's own session."""

    token: str
    expires_at: datetime


class Problem(msgspec.Struct, frozen=True):
    """A problem document (RFC 9457); the bot branches on `code`."""

    code: str
    title: str
    detail: str = ""
    facts: dict[str, str | int] = {}
