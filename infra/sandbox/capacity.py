"""The resource (SUR) and equipment (SUMT) systems: records of capacity, asked by question.

A record is told with the instant it was made. Switches: `silent` answers nothing but an error; `forgetful`
leaves the last answer out, which no reader may take for "no record".
"""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, Router, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from infra.sandbox.state import Sandbox


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose, of what, where, in which unit."""

    number: str
    service_type: str
    region: str
    unit: str


class Record(Key, frozen=True, forbid_unknown_fields=True):
    """A record of a system; without an instant it is made now."""

    capacity: int
    as_of: datetime | None = None


class Questions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked."""

    questions: list[Key]


class Mood(msgspec.Struct, frozen=True):
    """How the system behaves."""

    silent: bool = False
    forgetful: bool = False


class Register(msgspec.Struct):
    """What one system remembers."""

    records: dict[Key, tuple[int, datetime]] = {}
    mood: Mood = Mood()
    asked: int = 0


def register(sandbox: Sandbox, system: str) -> Register:
    """The memory of `sur` or `sumt`, kept with the others'."""
    kept: Register = sandbox.switches.setdefault(system, Register())
    return kept


def router(system: str) -> Router:
    """The handlers of one of the two systems, under its own path."""

    @post("/capacities", status_code=200)
    async def answer(
        data: JSONBody[Questions], sandbox: NamedDependency[Sandbox]
    ) -> Response[dict[str, Any]]:
        """Answer every question."""
        kept = register(sandbox, system)
        kept.asked += 1
        if kept.mood.silent:
            return Response({"error": "MAINTENANCE"}, status_code=503)
        answers = []
        for key in data.questions[: -1 if kept.mood.forgetful else None]:
            capacity, as_of = kept.records.get(key, (None, None))
            answers.append({**msgspec.to_builtins(key), "capacity": capacity, "as_of": as_of})
        return Response({"answers": answers})

    @put("/control/records", status_code=200)
    async def put_records(
        data: JSONBody[list[Record]], sandbox: NamedDependency[Sandbox]
    ) -> dict[str, int]:
        """Keep these records; one of the same key replaces the other."""
        kept = register(sandbox, system)
        for record in data:
            key = Key(record.number, record.service_type, record.region, record.unit)
            kept.records[key] = (record.capacity, record.as_of or sandbox.now())
        return {"records": len(kept.records)}

    @put("/control/mood", status_code=204)
    async def set_mood(data: JSONBody[Mood], sandbox: NamedDependency[Sandbox]) -> None:
        """Behave so from now on."""
        register(sandbox, system).mood = data

    return Router(f"/{system}", route_handlers=[answer, put_records, set_mood])
