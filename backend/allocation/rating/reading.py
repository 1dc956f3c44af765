"""Read ratings: the public table, one score with its reasons, the profile of an executor."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from backend.allocation.decision.rules import group_of
from backend.allocation.rating import queries
from backend.allocation.rating.errors import ExecutorNotFound, RatingNotFound
from backend.allocation.rating.explain import explain, plain
from backend.allocation.rating.record import (
    Explained,
    Indicator,
    PartRow,
    PartView,
    Profile,
    PublicRating,
    Rating,
    RatingView,
)
from backend.kernel.actor import ISSUER, Actor
from backend.kernel.db import Db, Executor
from backend.kernel.money import Language
from backend.registry.account import service as accounts

PublicPlace = tuple[str, int, int, UUID]


async def in_force(db: Db, after: tuple[UUID, str] | None, limit: int) -> list[RatingView]:
    """The ratings in force by executor and kind of service, `limit` + 1 of them."""
    executor_id, service_type = after or (None, None)
    rows = await queries.IN_FORCE.all(db, executor_id, service_type, limit + 1)
    return [_view(row) for row in rows]


async def public_table(
    db: Db, service_type: str | None, after: PublicPlace | None, limit: int
) -> list[PublicRating]:
    """The ratings for everybody, best first within each kind of service, `limit` + 1 of them (R63)."""
    place = (after[0], -after[1], -after[2], after[3]) if after else (None, None, None, None)
    rows = await queries.PUBLIC.all(db, service_type, *place, limit + 1)
    return [PublicRating(row, group_of(row.score_milli)) for row in rows]


async def indicators(db: Db, after: tuple[str, str, date] | None, limit: int) -> list[Indicator]:
    """The definitions, past and present, `limit` + 1 of them."""
    return await queries.INDICATORS.all(db, *(after or (None, None, None)), limit + 1)


async def explained(
    db: Db, actor: Actor, executor_id: UUID, service_type: str, language: Language
) -> Explained:
    """One score with every indicator in it; an executor sees his own. Raises RatingNotFound."""
    await _require_own(db, actor, executor_id)
    found = await queries.OF_EXECUTOR.one(db, executor_id, service_type)
    if found is None:
        raise RatingNotFound
    rows = await queries.PARTS.all(db, executor_id, service_type, found.import_id)
    return Explained(found, group_of(found.score_milli), [_part(row, language) for row in rows])


async def profile(db: Db, actor: Actor, executor_id: UUID) -> Profile:
    """All factors of 48 of the purchase rules about one executor (R62). Raises ExecutorNotFound."""
    await _require_own(db, actor, executor_id)
    name = await queries.NAME.one(db, executor_id)
    if name is None:
        raise ExecutorNotFound
    return Profile(
        executor_id,
        name,
        [_view(row) for row in await queries.OF_EXECUTOR.all(db, executor_id, None)],
        await queries.CAPACITIES.all(db, executor_id),
        await queries.FACTORS.all(db, executor_id),
    )


async def _require_own(where: Executor, actor: Actor, executor_id: UUID) -> None:
    if actor.roles & ISSUER:
        return
    assert actor.bin is not None, "guarded: the issuer and executors only"
    own = await accounts.executor_ids(where, [actor.bin])
    if own.get(actor.bin) != executor_id:
        raise ExecutorNotFound


def _view(row: Rating) -> RatingView:
    return RatingView(row, group_of(row.score_milli))


def _part(row: PartRow, language: Language) -> PartView:
    def exact(value: Decimal | None) -> str | None:
        return None if value is None else plain(value)

    return PartView(
        code=row.code,
        title=getattr(row, f"title_{language}"),
        unit=row.unit,
        scale=row.scale,
        target=exact(row.target),
        max_points=exact(row.max_points),
        weight=plain(row.weight),
        formula_ref=row.formula_ref,
        state=row.state,
        value=exact(row.value),
        attained=exact(row.attained),
        source_system=row.source_system,
        reference=row.reference,
        imported_at=row.imported_at,
        explanation=explain(row, language),
    )
