"""What happened to terminations; `subject` is the termination."""

from datetime import date
from uuid import UUID

from backend.kernel.events import Event


class PaymentTerminated(Event, frozen=True):
    """Payment is stopped on T1, T2 or T3; the contracts are to be terminated."""

    executor_id: UUID
    ground: str
    effective_from: date
    contract_ids: tuple[UUID, ...]


class TerminationDecided(Event, frozen=True):
    """The issuer's head terminated these contracts; those that had ended before are left out."""

    executor_id: UUID
    ground: str
    contract_ids: tuple[UUID, ...]


class TerminationWithdrawn(Event, frozen=True):
    """The ground fell away before the contracts were terminated: payment goes on."""

    executor_id: UUID
    ground: str


class StoppedActsDecided(Event, frozen=True):
    """The issuer settles or holds acts for services before the effective date (D10)."""

    executor_id: UUID
    verdict: str
    act_ids: tuple[UUID, ...]
