"""The jobs of this wing, gathered from its rooms for the composition root."""

from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable

JOBS: JobTable = {}
SWEEPS: SweepTable = {}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {}
