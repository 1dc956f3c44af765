"""What happened to drafts; `subject` is the draft."""

from uuid import UUID

from backend.kernel.events import Event


class DraftFormed(Event, frozen=True):
    """The portal formed an act from what a MIS recorded."""

    contract_id: UUID
    executor_id: UUID
    cases: int
