"""What happened to acts; `subject` is the act. Amounts in tiyn."""

from uuid import UUID

from backend.kernel.events import Event


class ActSubmitted(Event, frozen=True):
    """An act passed or failed its checks."""

    contract_id: UUID
    executor_id: UUID
    status: str
    cases: int
    total_tiyn: int


class ActApproved(Event, frozen=True):
    """The issuer signed an act."""

    contract_id: UUID
    executor_id: UUID
    cases: int
    total_tiyn: int
