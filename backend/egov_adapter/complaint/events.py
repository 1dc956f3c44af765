"""What happened to complaints; never what they say."""

from uuid import UUID

from backend.kernel.events import Event


class ComplaintRegistered(Event, frozen=True):
    """A complaint (`subject`) was registered."""

    kind: str
    executor_id: UUID | None
    act_id: UUID | None
    case_id: UUID | None


class ComplaintTakenUp(Event, frozen=True):
    """An officer opened a complaint (`subject`): it is in review."""


class ComplaintForwarded(Event, frozen=True):
    """A complaint (`subject`) went to the body that reviews it, with the administrative file."""

    to: str


class ComplaintConfirmed(Event, frozen=True):
    """The issuer's head confirmed a service complaint (`subject`): M §15(4), ground S4 (R99, D9).

    Appended once a complaint, in the transaction of the signed answer, for a complaint about a breach of
    free choice (`FREE_CHOICE`) or a service without consent (`NO_CONSENT`); S4 counts both kinds together,
    at least four for one `executor_id` in one `financial_year`: the legal year of the complaint's
    registration, so that a slow answer moves none into another year.

    Payments stand below and cannot import this: their job is subscribed by its name in
    `egov_adapter/jobs.py` and gets `{"event_id", "subject", "ground", "executor_id", "financial_year"}`.
    """

    ground: str
    executor_id: UUID
    financial_year: int


class ComplaintAnswered(Event, frozen=True):
    """A complaint (`subject`) is answered: by the issuer's head, or by the body it was forwarded to."""

    kind: str
    ground: str | None
    executor_id: UUID | None
    outcome: str
