"""What happens to stored proofs."""

from backend.kernel.events import Event


class EvidenceFoundBroken(Event, frozen=True):
    """A stored proof was read and is not what was stored. `part` names where it differs."""

    part: str
