"""What happened to changes of plans; the subject is the change."""

from uuid import UUID

from backend.kernel.events import Event


class PlanChangeSent(Event, frozen=True):
    """A draft was sent to the ministry."""

    plan_id: UUID


class PlanChangeAnswered(Event, frozen=True):
    """The ministry agreed or made remarks."""

    plan_id: UUID
    outcome: str


class PlanChanged(Event, frozen=True):
    """A change came into force: the ledger follows, freed or added volume may be announced."""

    plan_id: UUID
