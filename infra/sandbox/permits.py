"""The state system of permits and notifications ("E-licensing"): licences by holder, and its journal.

A holder nobody entered has no licences. Switches (`/permits/control/mood`): `silent` answers nothing
but an error; `forgetful` leaves the last holder out; `stale_days` tells records so many days old.
"""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Response, Router, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody

from infra.sandbox import gbd
from infra.sandbox.state import Sandbox


class Annex(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An annex as the system keeps it."""

    number: str
    address: str
    sub_kinds: list[str]
    status: str
    issued_on: str
    since: str | None = None
    document: gbd.Document | None = None


class Licence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A licence as the system keeps it."""

    number: str
    activity: str
    status: str
    issued_on: str
    since: str | None = None
    document: gbd.Document | None = None
    annexes: list[Annex] = []


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All licences of a holder."""

    number: str
    licences: list[Licence]


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose licences are asked for."""

    numbers: list[str]


class Mood(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the system behaves."""

    silent: bool = False
    forgetful: bool = False
    stale_days: int = 0


class Permits(msgspec.Struct):
    """What the stand-in remembers. `asked` counts questions, `numbers` the holders asked about."""

    holders: dict[str, list[Licence]] = {}
    mood: Mood = Mood()
    asked: int = 0
    numbers: int = 0


def state(sandbox: Sandbox) -> Permits:
    """The stand-in's memory, kept with the others'."""
    kept: Permits = sandbox.switches.setdefault("permits", Permits())
    return kept


@post("/licences", status_code=200)
async def answer(data: JSONBody[Question], sandbox: NamedDependency[Sandbox]) -> Response[Any]:
    """Tell the licences of each holder."""
    kept = state(sandbox)
    kept.asked += 1
    kept.numbers += len(data.numbers)
    if kept.mood.silent:
        return Response({"error": "MAINTENANCE"}, status_code=503)
    as_of = (sandbox.now() - timedelta(days=kept.mood.stale_days)).isoformat()
    holders = [
        {"number": n, "as_of": as_of, "licences": msgspec.to_builtins(kept.holders.get(n, []))}
        for n in data.numbers[: -1 if kept.mood.forgetful else None]
    ]
    return Response({"holders": holders})


@put("/control/licences", status_code=200)
async def enter(data: JSONBody[list[Entry]], sandbox: NamedDependency[Sandbox]) -> dict[str, int]:
    """Keep these holders' licences; what stood of a holder before is replaced."""
    kept = state(sandbox)
    kept.holders |= {entry.number: entry.licences for entry in data}
    return {"holders": len(kept.holders)}


@put("/control/mood", status_code=204)
async def set_mood(data: JSONBody[Mood], sandbox: NamedDependency[Sandbox]) -> None:
    """Behave so from now on."""
    state(sandbox).mood = data


def router() -> Router:
    """The handlers under their own path; the journal is the one of the state databases."""

    async def journal(sandbox: NamedDependency[Sandbox]) -> gbd.Journal:
        return gbd.of(sandbox, "permits-journal")

    return Router(
        "/permits",
        route_handlers=[answer, enter, set_mood, gbd.read, gbd.enter, gbd.misbehave],
        dependencies={"journal": Provide(journal)},
    )
