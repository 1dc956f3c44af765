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


class ComplaintConfirmed(Event, frozen=True):
    """The issuer's head found a complaint (`subject`) about an executor right: S4 counts it (M §15(4)).

    Told by the citizens' side, which registers and answers complaints; `ground` is FREE_CHOICE (of the
    organisation of primary care) or NO_CONSENT (service without the consumer's consent).
    """

    executor_id: UUID
    ground: str
