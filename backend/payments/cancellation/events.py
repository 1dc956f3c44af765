"""What happened to acts taken back; `subject` is the act. Amounts in tiyn."""

from uuid import UUID

from backend.kernel.events import Event


class ActCancellationProposed(Event, frozen=True):
    """The executor wants to take back an act the issuer has signed."""

    contract_id: UUID
    executor_id: UUID


class ActCancelled(Event, frozen=True):
    """An act was taken back; `accepted` tells whether the issuer had signed it."""

    contract_id: UUID
    executor_id: UUID
    cases: int
    total_tiyn: int
    accepted: bool
