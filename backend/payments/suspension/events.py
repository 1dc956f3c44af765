"""What happened to suspensions; `subject` is the suspension."""

from uuid import UUID

from backend.kernel.events import Event


class PaymentSuspended(Event, frozen=True):
    """Approval and payment are frozen."""

    executor_id: UUID
    contract_id: UUID | None
    ground: str


class PaymentResumed(Event, frozen=True):
    """The cause was removed in time."""

    executor_id: UUID
    contract_id: UUID | None
    ground: str


class SuspensionExpired(Event, frozen=True):
    """Four months passed: ground T3 to terminate payment and contract (M §17(3), §18)."""

    executor_id: UUID
    contract_id: UUID | None
    ground: str
