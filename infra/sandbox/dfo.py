"""The depository of financial statements: who is registered, and whose statements are posted.

An organisation nobody entered is not registered. Switches (`/dfo/control/mood`): `silent` answers
nothing but an error; `forgetful` leaves the last one out; `stale_days` tells records so many days old.
"""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Response, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from infra.sandbox.state import Sandbox


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Statements of a year, posted."""

    number: str
    year: int
    posted_on: str


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose statements of which year."""

    year: int
    numbers: list[str]


class Mood(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the depository behaves."""

    silent: bool = False
    forgetful: bool = False
    stale_days: int = 0


class Depository(msgspec.Struct):
    """What the stand-in remembers; `asked` counts questions."""

    posted: dict[tuple[str, int], str] = {}
    mood: Mood = Mood()
    asked: int = 0


def state(sandbox: Sandbox) -> Depository:
    """The stand-in's memory, kept with the others'."""
    kept: Depository = sandbox.switches.setdefault("dfo", Depository())
    return kept


@post("/statements", status_code=200)
async def answer(data: JSONBody[Question], sandbox: NamedDependency[Sandbox]) -> Response[Any]:
    """Tell of each organisation."""
    kept = state(sandbox)
    kept.asked += 1
    if kept.mood.silent:
        return Response({"error": "MAINTENANCE"}, status_code=503)
    as_of = (sandbox.now() - timedelta(days=kept.mood.stale_days)).isoformat()
    known = {number for number, _ in kept.posted}
    issuers = [
        {
            "number": number,
            "as_of": as_of,
            "registered": number in known,
            "posted_on": kept.posted.get((number, data.year)),
        }
        for number in data.numbers[: -1 if kept.mood.forgetful else None]
    ]
    return Response({"issuers": issuers})


@put("/control/statements", status_code=200)
async def enter(data: JSONBody[list[Entry]], sandbox: NamedDependency[Sandbox]) -> dict[str, int]:
    """Post these statements."""
    kept = state(sandbox)
    kept.posted |= {(entry.number, entry.year): entry.posted_on for entry in data}
    return {"statements": len(kept.posted)}


@put("/control/mood", status_code=204)
async def set_mood(data: JSONBody[Mood], sandbox: NamedDependency[Sandbox]) -> None:
    """Behave so from now on."""
    state(sandbox).mood = data


HANDLERS = [answer, enter, set_mood]
