"""Use cases of the law's figures."""

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Executor
from backend.kernel.resources import Resources
from backend.registry.entitlement import figures, rates
from backend.registry.entitlement import queries as entitlement
from backend.registry.mhi_law import queries
from backend.registry.mhi_law.errors import FigureClosed, FigureKnown
from backend.registry.mhi_law.events import CategorySet, MinimumWageSet
from backend.registry.mhi_law.model import MhiLaw, MinimumWage, SetCategory, SetMinimumWage
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def show(where: Executor) -> MhiLaw:
    """Every row there is."""
    law = await figures.read(where)
    wages = tuple(
        MinimumWage(
            row.year,
            row.amount_tiyn,
            rates.arrears_per_month(row.year, law.minimum_wages),
            row.source,
        )
        for row in await entitlement.WAGES.all(where)
    )
    return MhiLaw(
        wages,
        tuple(sorted(law.rates, key=lambda r: (r.payer, r.valid_from))),
        tuple(sorted(law.categories, key=lambda c: (int(c.code), c.valid_from))),
    )


async def set_minimum_wage(
    resources: Resources, actor: Actor, signed: Signed[SetMinimumWage]
) -> MhiLaw:
    """Enter the minimum wage of this year or the next; of a year entered twice the later counts.

    What is owed follows at once: arrears are kept in months and priced when they are told. Raises
    FigureClosed, FigureKnown, DocumentAlreadyUsed.
    """
    now, command = resources.clock.now(), signed.command
    this_year = legal_date(now).year
    if not this_year <= command.year <= this_year + 1:
        raise FigureClosed(path="year", year=command.year)
    async with resources.db.registry.transaction() as tx:
        known = {row.year: row for row in await entitlement.WAGES.all(tx)}.get(command.year)
        if known and (known.amount_tiyn, known.source) == (command.amount_tiyn, command.source):
            raise FigureKnown(path="year")
        evidence_id = await evidence.store(tx, signed)
        if not await queries.ADD_WAGE.run(
            tx,
            command.year,
            command.amount_tiyn,
            command.source,
            actor.label,
            now,
            evidence_id,
        ):
            raise FigureKnown(path="year")  # another, at this very moment
        told = MinimumWageSet(evidence_id, command.year, command.amount_tiyn)
        await events.append(tx, told, by=actor, at=now)
    return await _shown_anew(resources)


async def set_category(resources: Resources, actor: Actor, signed: Signed[SetCategory]) -> MhiLaw:
    """Enter a category, or how it stands from a later day on. Raises FigureKnown, DocumentAlreadyUsed."""
    now, command = resources.clock.now(), signed.command
    async with resources.db.registry.transaction() as tx:
        evidence_id = await evidence.store(tx, signed)
        added = await queries.ADD_CATEGORY.one(
            tx,
            command.code,
            command.valid_from,
            command.payer,
            command.kk,
            command.ru,
            command.en,
            command.source,
            evidence_id,
        )
        if added is None:
            raise FigureKnown(path="valid_from")
        await events.append(tx, CategorySet(evidence_id, command.code), by=actor, at=now)
    return await _shown_anew(resources)


async def _shown_anew(resources: Resources) -> MhiLaw:
    for db in (resources.db.registry, resources.db.egov):
        figures.forget(db)
    return await show(resources.db.registry)
