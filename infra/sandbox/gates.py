"""Doors of the stand-ins that can be held: a request waits in them while somebody ends the one who asked.

PUT  /control/gates/POINT          hold the next request that comes by
GET  /control/gates/POINT          wait until one is held
DELETE /control/gates              let everything through again
"""

import asyncio
from typing import Final

from litestar import Response, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from infra.sandbox.state import Sandbox

WAIT_S: Final = 30


class Gate:
    """One request is held; the rest go by."""

    def __init__(self) -> None:
        self.reached, self.released = asyncio.Event(), asyncio.Event()


def _gates(sandbox: Sandbox) -> dict[str, Gate]:
    kept: dict[str, Gate] = sandbox.switches.setdefault("gates", {})
    return kept


async def pass_by(sandbox: Sandbox, point: str) -> None:
    """Go through the door `point`, or wait in it when it is held."""
    gate = _gates(sandbox).get(point)
    if gate is None or gate.reached.is_set():
        return
    gate.reached.set()
    await asyncio.wait_for(gate.released.wait(), WAIT_S)


@put("/control/gates/{point:str}", status_code=204)
async def hold(point: FromPath[str], sandbox: NamedDependency[Sandbox]) -> None:
    """Hold the next request at `point`."""
    _gates(sandbox)[point] = Gate()


@get("/control/gates/{point:str}")
async def held(point: FromPath[str], sandbox: NamedDependency[Sandbox]) -> Response[None]:
    """Wait until a request is held; 404 when none came."""
    gate = _gates(sandbox).get(point)
    try:
        if gate is not None:
            await asyncio.wait_for(gate.reached.wait(), WAIT_S)
            return Response(None, status_code=200)
    except TimeoutError:
        pass
    return Response(None, status_code=404)


@delete("/control/gates", status_code=204)
async def release(sandbox: NamedDependency[Sandbox]) -> None:
    """Open every door."""
    gates = _gates(sandbox)
    for gate in gates.values():
        gate.released.set()
    gates.clear()


HANDLERS = [hold, held, release]
