"""What is told of decisions: to the parties, and to everybody, sealed by the issuer (M §11, domain 3.4)."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from backend.allocation.decision import bundle, queries, rules, service
from backend.allocation.decision.explain import explain, explain_line
from backend.allocation.decision.model import Line, Outcome, Rung
from backend.allocation.decision.record import (
    Decision,
    LineRow,
    LineView,
    PublicDecision,
    ShareRow,
    ShareView,
)
from backend.allocation.decision.refusals import DecisionNotFound
from backend.kernel.actor import ISSUER, Actor
from backend.kernel.db import Db
from backend.kernel.money import Language
from backend.kernel.resources import Resources
from backend.signing.seal import service as seals
from backend.signing.stamping import service as stamping

# What is served again and again; a seal is made once, so the time for its stamp is not short.
STAMP_WITHIN_S = 10.0


async def published(db: Db, actor: Actor | None, decision_id: UUID) -> bytes:
    """The record's bytes: for everyone once signed, for the issuer before. Raises DecisionNotFound."""
    found = await queries.BUNDLE.one(db, decision_id)
    inside = actor is not None and bool(actor.roles & ISSUER)
    if found is None or not (inside or found.status in service.PUBLIC):
        raise DecisionNotFound
    return found.bundle


async def sealed(db: Db, decision_id: UUID) -> bytes:
    """The file for everybody: the record and the issuer's seal over it. Raises DecisionNotFound."""
    found = await queries.SEALED.one(db, decision_id)
    if found is None or found.status not in service.PUBLIC:
        raise DecisionNotFound
    return await asyncio.to_thread(bundle.sealed, found.bundle, found.cms)


async def public_decisions(db: Db, after: UUID | None, limit: int) -> list[PublicDecision]:
    """Signed decisions, newest first, `limit` + 1 of them."""
    return await queries.PUBLIC_DECISIONS.all(db, after, limit + 1)


async def seal_public(resources: Resources) -> int:
    """Put the issuer's seal on public decisions that have none; how many. Safe to run in parallel.

    Without a configured seal nothing is done: the record is public all the same, and says by its hash
    what the head signed.
    """
    if not resources.config.seal_issuer:
        return 0
    db, done = resources.db.allocation, 0
    for decision_id in await queries.UNSEALED.all(db):
        content = (await queries.BUNDLE.get(db, decision_id)).bundle
        now = resources.clock.now()
        cms = await seals.seal(
            resources.config, seals.Owner.ISSUER, content, now, stamp=_stamp(resources)
        )
        done += await queries.ADD_SEAL.run(db, decision_id, cms, now)
    return done


def _stamp(resources: Resources) -> Callable[[bytes], bytes] | None:
    """A time stamp lets the seal outlive its certificate; without an authority there is none."""
    if not resources.config.tsp_url:
        return None
    loop = asyncio.get_running_loop()

    def stamped(signature: bytes) -> bytes:
        asking = stamping.stamp(resources, signature, None, within_s=STAMP_WITHIN_S)
        found = asyncio.run_coroutine_threadsafe(asking, loop).result()
        if found.token is None:
            raise NotStamped(found.outcome)
        return found.token

    return stamped


class NotStamped(RuntimeError):
    """The authority gives no time stamp now; the sweep comes again."""


# --- to the parties -------------------------------------------------------------------------------


async def lines(
    db: Db, actor: Actor, language: Language, decision_id: UUID, after: str | None, limit: int
) -> list[LineView]:
    """How each line was shared, by code, `limit` + 1 of them. Raises DecisionNotFound."""
    found = await service.decision(db, actor, decision_id)
    rows = await queries.LINES.all(db, decision_id, after, limit + 1)
    return [_line_view(row, found, language) for row in rows]


def _line_view(row: LineRow, decision: Decision, language: Language) -> LineView:
    left, ladder = row.plan - row.sum_min, []
    for rung in row.rungs if left >= 0 else ():
        if rung.headroom:
            ladder.append(Rung(rung.group, left, rung.headroom))
            left -= rung.supplement
    outcome = Outcome(
        row.line_code,
        row.mode,
        row.sum_min,
        row.sum_max,
        row.residue,
        row.amount_tiyn,
        decision.algorithm,
        (),
        tuple(ladder),
    )
    line = Line(
        id=row.line_code,
        unit=row.unit,
        plan=row.plan,
        tariff_tiyn=row.tariff_tiyn,
        base_kind=row.base_kind,
    )
    told = {f: getattr(row, f) for f in LineView.__struct_fields__ if f != "explanation"}
    return LineView(**told, explanation=explain_line(line, outcome, language))


async def shares(
    db: Db,
    actor: Actor,
    language: Language,
    decision_id: UUID,
    after: tuple[int, UUID] | None,
    limit: int,
) -> list[ShareView]:
    """Shares in the order of applications, `limit` + 1 of them; an executor sees his own.

    Raises DecisionNotFound.
    """
    await service.decision(db, actor, decision_id)
    only = None if actor.roles & ISSUER else actor.bin
    seq_no, line_id = after or (None, None)
    rows = await queries.SHARES.all(db, decision_id, seq_no, line_id, only, limit + 1)
    return [_view(row, language) for row in rows]


def _view(row: ShareRow, language: Language) -> ShareView:
    own = ("warnings", "explanation")
    told = {f: getattr(row, f) for f in ShareView.__struct_fields__ if f not in own}
    asked = row.trace.application
    return ShareView(
        **told,
        warnings=rules.co_execution_warnings(row.service_type, asked.requested, asked.co_executors),
        explanation=explain(row.trace, language, row.origin),
    )
