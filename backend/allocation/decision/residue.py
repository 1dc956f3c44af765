"""Announce again what a plan's decisions left over (D21; M §7-8).

The residue of a line is what was planned less what signed decisions gave, lapsed contracts not counted.
An executor who has a share of the line already may apply again: what it has is no longer free capacity.
"""

from uuid import UUID

from msgspec import Struct

from backend.allocation.decision import queries
from backend.allocation.decision.events import ResidueAnnounced
from backend.allocation.decision.refusals import AnnouncementOpen, PlanNotInForce, ResidueNone
from backend.allocation.plan import queries as plan_queries
from backend.allocation.plan import service as plans
from backend.allocation.plan.errors import DocumentMismatch, PlanNotFound
from backend.allocation.plan.model import IN_FORCE, Published
from backend.allocation.plan.rules import require_pilot
from backend.kernel import deadlines, terms
from backend.kernel import events as log
from backend.kernel.actor import Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db
from backend.kernel.ids import uuid7
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


class AnnounceResidue(
    Struct, frozen=True, forbid_unknown_fields=True, tag="residue.announce", tag_field="operation"
):
    """The issuer announces what is left of a plan in force after its newest decision."""

    plan_id: UUID
    decision_id: UUID


async def announce(
    db: Db,
    clock: Clock,
    calendar: LegalCalendar,
    actor: Actor,
    plan_id: UUID,
    signed: Signed[AnnounceResidue],
    *,
    pilot_valid_to: str,
) -> Published:
    """Announce the residue of every line; five working days to apply begin (d2).

    Raises PlanNotFound, PlanNotInForce, PilotExpired, AnnouncementOpen while another announcement of the
    plan is undecided, DocumentMismatch for another plan or a decision that is not the newest,
    ResidueNone.
    """
    if signed.command.plan_id != plan_id:
        raise DocumentMismatch(path="document.plan_id")
    async with db.transaction() as tx:
        plan = await plan_queries.PLAN_FOR_UPDATE.one(tx, plan_id)
        if plan is None:
            raise PlanNotFound
        if plan.status not in IN_FORCE:
            raise PlanNotInForce(status=plan.status.value)
        now = clock.now()
        require_pilot(pilot_valid_to, now)
        if await queries.OPEN_ANNOUNCEMENT.one(tx, plan_id) is not None:
            raise AnnouncementOpen
        if await queries.NEWEST_OF_PLAN.one(tx, plan_id) != signed.command.decision_id:
            raise DocumentMismatch(path="document.decision_id")
        evidence_id = await evidence.store(tx, signed)
        announcement_id = uuid7()
        until = terms.deadline(calendar, "d2", legal_date(now))
        await plan_queries.ADD_ANNOUNCEMENT.run(tx, announcement_id, plan_id, now, until)
        if not await queries.ANNOUNCE_RESIDUE.run(tx, announcement_id, plan_id):
            raise ResidueNone
        await queries.ADD_RESIDUE.run(tx, announcement_id, evidence_id)
        await deadlines.start(
            tx, "d2", announcement_id, plans.EXECUTORS, started_at=now, due_at=until
        )
        await log.append(tx, ResidueAnnounced(announcement_id, plan_id), by=actor, at=now)
        return Published(announcement_id, plan_id, now, until)
