"""Why a trial cannot be computed."""

from backend.allocation.decision.errors import AllocationRefused


class LineRefused(Exception):
    """A line of the plan cannot be computed; `refused` says why."""

    def __init__(self, line: str, refused: AllocationRefused) -> None:
        self.line = line
        self.refused = refused
        super().__init__(line)
