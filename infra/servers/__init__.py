"""Embedded PostgreSQL and Valkey, started on demand and shared by the processes of a checkout.

`ensure()` for the rest of the process, `running()` for a block. docs/adr/0003-embedded-servers.md
says how, and why so.
"""

from infra.servers.client import ensure, running, state, stop
from infra.servers.errors import ServersUnavailable
from infra.servers.model import Endpoints, Phase, State
from infra.servers.programs import installed_programs

__all__ = [
    "Endpoints",
    "Phase",
    "ServersUnavailable",
    "State",
    "ensure",
    "installed_programs",
    "running",
    "state",
    "stop",
]
