"""The state databases "Natural persons" (GBD FL) and "Legal entities" (GBD UL): their journals.

What is entered by `/control/events` is read by cursor, in pages. The stand-in behaves as badly as
the real thing may: `/control/faults` makes it repeat pages, shuffle events and lose answers.
"""

import random
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody

from infra.sandbox.state import Sandbox


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a record rests on."""

    number: str
    issued_on: str
    issued_by: str


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event of a database."""

    event_id: UUID
    number: str
    kind: str
    happened_on: str
    registered_at: str
    document: Document
    annuls: UUID | None = None


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was recorded behind the cursor `after`?"""

    after: str | None
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class Faults(msgspec.Struct, forbid_unknown_fields=True):
    """How many answers are lost, events a page holds at most; pages told twice, and in disorder."""

    drop: int = 0
    page: int = 10_000
    repeat: bool = False
    shuffle: bool = False


class Represents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who acts for whom, as the database has it; also the question, then without `until`."""

    representative_iin: str
    iin: str
    basis: str
    document_number: str
    until: str | None = None


class Journal(msgspec.Struct):
    """What one database remembers."""

    events: list[Record] = []
    faults: Faults = msgspec.field(default_factory=Faults)
    told: set[int] = set()
    representations: list[Represents] = []


class Entity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A legal entity as it is entered; one nobody entered is absent."""

    number: str
    status: str = "REGISTERED"
    head_iin: str | None = None


class EntityQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which legal entities are asked about."""

    numbers: list[str]


class Entities(msgspec.Struct):
    """The legal entities the stand-in knows; `silent` ones are not told of."""

    known: dict[str, Entity] = {}
    silent: bool = False


def entities(sandbox: Sandbox) -> Entities:
    """The memory of legal entities, kept with the other stand-ins'."""
    kept: Entities = sandbox.switches.setdefault("gbd-ul-entities", Entities())
    return kept


@post("/entities", status_code=200)
async def tell_entities(
    data: JSONBody[EntityQuestion], sandbox: NamedDependency[Sandbox]
) -> Response[Any]:
    """Tell of each legal entity."""
    kept = entities(sandbox)
    if kept.silent:
        return Response({"error": "MAINTENANCE"}, status_code=503)
    as_of = sandbox.now().isoformat()
    told = []
    for number in data.numbers:
        found = kept.known.get(number, Entity(number, "ABSENT"))
        told.append({**msgspec.to_builtins(found), "as_of": as_of})
    return Response({"entities": told})


@put("/control/entities", status_code=200)
async def enter_entities(
    data: JSONBody[list[Entity]], sandbox: NamedDependency[Sandbox]
) -> dict[str, int]:
    """Know these legal entities."""
    kept = entities(sandbox)
    kept.known |= {entity.number: entity for entity in data}
    return {"entities": len(kept.known)}


def of(sandbox: Sandbox, database: str) -> Journal:
    """The journal of `gbd-fl` or `gbd-ul`, kept with the other stand-ins' memory."""
    kept: Journal = sandbox.switches.setdefault(database, Journal())
    return kept


@post("/events", status_code=200)
async def read(data: JSONBody[Question], journal: NamedDependency[Journal]) -> Response[Any]:
    """One page of the journal."""
    faults = journal.faults
    if faults.drop > 0:
        faults.drop -= 1
        return Response({"error": "GATEWAY"}, status_code=504)
    start = int(data.after or 0)
    page = journal.events[start : start + min(data.limit, faults.page)]
    upto = start + len(page)
    if faults.repeat and start not in journal.told:
        journal.told.add(start)
        upto = start  # the same page will be asked for again
    if faults.shuffle:
        page = random.Random(start).sample(page, len(page))
    more = upto < len(journal.events)
    return Response({"events": page, "next": str(upto), "more": more})


@post("/control/events", status_code=200)
async def enter(data: JSONBody[list[Record]], journal: NamedDependency[Journal]) -> dict[str, int]:
    """Enter events at the journal's end."""
    journal.events.extend(data)
    return {"events": len(journal.events)}


@put("/control/faults")
async def misbehave(data: JSONBody[Faults], journal: NamedDependency[Journal]) -> Faults:
    """Behave badly from now on."""
    journal.faults = data
    journal.told.clear()
    return data


@post("/representations/check", status_code=200)
async def check_representation(
    data: JSONBody[Represents], journal: NamedDependency[Journal]
) -> Response[Any]:
    """Whether it is recorded: same people, basis and document."""
    if journal.faults.drop > 0:
        journal.faults.drop -= 1
        return Response({"error": "GATEWAY"}, status_code=504)
    for known in journal.representations:
        if msgspec.structs.replace(known, until=None) == data:
            return Response({"confirmed": True, "until": known.until})
    return Response({"confirmed": False, "until": None})


@post("/control/representations", status_code=200)
async def enter_representations(
    data: JSONBody[list[Represents]], journal: NamedDependency[Journal]
) -> dict[str, int]:
    """Record who acts for whom."""
    journal.representations.extend(data)
    return {"representations": len(journal.representations)}


def router(database: str) -> Router:
    """The stand-in of `gbd-fl` or `gbd-ul` under its own address."""

    async def provide(sandbox: NamedDependency[Sandbox]) -> Journal:
        return of(sandbox, database)

    return Router(
        f"/{database}",
        route_handlers=[
            read,
            enter,
            misbehave,
            check_representation,
            enter_representations,
            *([tell_entities, enter_entities] if database == "gbd-ul" else []),
        ],
        dependencies={"journal": Provide(provide)},
    )
