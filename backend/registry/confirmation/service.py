"""Ask outside systems about organisations, and keep what they say with its age."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.kernel.db import Executor, Query, Tx
from backend.kernel.resources import Resources
from backend.registry.confirmation import queries
from backend.registry.confirmation.errors import EntityNotConfirmed
from backend.registry.confirmation.model import Answer, Confirmation, Due, Kind, Status
from backend.sources.dfo import service as depository
from backend.sources.exchange import SourceUnavailable
from backend.sources.gbd_ul import service as entities

JOB: Final = "registry.confirm_organisations"
AT_ONCE: Final = 200
ASK_AGAIN: Final = timedelta(hours=1)  # about those not borne out


async def confirmed_entity(resources: Resources, number: str, head_iin: str) -> Answer | None:
    """GBD UL's word about a legal entity that opens an account (M §5(2), domain 3.1).

    None where GBD UL is not connected: then nothing is known, and it is asked later. Never inside a
    transaction. Raises EntityNotConfirmed, SourceUnavailable: registration waits.
    """
    if not resources.config.gbd_ul_url:
        return None
    now = resources.clock.now()
    found = await entities.ask(resources.http, resources.config, [number], now=now)
    entity = found[number]
    if entity.status is not entities.Status.REGISTERED:
        raise EntityNotConfirmed(path="$.number")
    if entity.head_iin is not None and entity.head_iin != head_iin:
        raise EntityNotConfirmed(path="$.head.iin")
    return Answer(Status.CONFIRMED, entity.as_of)


async def keep(
    tx: Tx, kind: Kind, rows: Sequence[tuple[UUID, int | None, Answer]], *, at: datetime
) -> None:
    """Keep answers about organisations: (organisation, year, answer)."""
    await queries.KEEP.run(
        tx,
        kind,
        at,
        [organisation_id for organisation_id, _, _ in rows],
        [answer.status for _, _, answer in rows],
        [year for _, year, _ in rows],
        [answer.as_of for _, _, answer in rows],
    )


async def of_organisation(where: Executor, organisation_id: UUID) -> list[Confirmation]:
    """What outside systems said of an organisation."""
    return await queries.OF_ORGANISATION.all(where, organisation_id)


async def confirm(resources: Resources) -> int:
    """Ask about those nobody has borne out yet, a portion at a time; how many are borne out now."""
    config, done = resources.config, 0
    if config.gbd_ul_url:
        done += await _confirm(resources, Kind.LEGAL_ENTITY, queries.ENTITIES_DUE, _ask_entities)
    if config.dfo_url:
        done += await _confirm(resources, Kind.STATEMENTS, queries.STATEMENTS_DUE, _ask_depository)
    return done


async def _confirm(
    resources: Resources, kind: Kind, due: Query[Due], ask: Callable[..., Any]
) -> int:
    db, now = resources.db.registry, resources.clock.now()
    waiting = await due.all(db, now - ASK_AGAIN, AT_ONCE)
    if not waiting:
        return 0
    try:
        answers: dict[UUID, Answer] = await ask(resources, waiting, now)
    except SourceUnavailable:
        answers = {d.organisation_id: Answer(Status.UNKNOWN, None) for d in waiting}
    async with db.transaction() as tx:
        rows = [(d.organisation_id, d.year, answers[d.organisation_id]) for d in waiting]
        await keep(tx, kind, rows, at=now)
    return sum(answer.status is Status.CONFIRMED for answer in answers.values())


async def _ask_entities(
    resources: Resources, waiting: Sequence[Due], now: datetime
) -> dict[UUID, Answer]:
    numbers = [d.number for d in waiting]
    found = await entities.ask(resources.http, resources.config, numbers, now=now)
    return {
        d.organisation_id: Answer(
            Status.CONFIRMED
            if found[d.number].status is entities.Status.REGISTERED
            else Status.REFUTED,
            found[d.number].as_of,
        )
        for d in waiting
    }


async def _ask_depository(
    resources: Resources, waiting: Sequence[Due], now: datetime
) -> dict[UUID, Answer]:
    told: dict[UUID, Answer] = {}
    for year in sorted({d.year for d in waiting if d.year is not None}):
        of = [d for d in waiting if d.year == year]
        numbers = [d.number for d in of]
        found = await depository.ask(resources.http, resources.config, year, numbers, now=now)
        for d in of:
            issuer = found[d.number]
            posted = issuer.registered and issuer.posted_on is not None
            status = Status.CONFIRMED if posted else Status.REFUTED
            told[d.organisation_id] = Answer(status, issuer.as_of)
    return told
