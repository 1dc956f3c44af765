"""The insured confirm or dispute their lines before payment; the issuer sees it, the clinic does not."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.act.errors import ActStateWrong
from backend.payments.act.model import ActWithReport, Mark
from backend.payments.act.service import read
from backend.payments.mark import service as marks
from backend.payments.mark.errors import LineNotFound
from backend.payments.mark.model import MarkLine
from tests.payments.conftest import (
    CLINIC,
    HEAD,
    ISSUER_HEAD,
    Owner,
    accept,
    act,
    cases,
    person,
    present,
)

CITIZEN = Actor(UUID(int=7), frozenset({Role.INSURED}), person_id=person(1))
COMPLAINT = uuid7()


async def case_of(owner: Owner, who: UUID) -> UUID:
    found = await owner.fetchval("SELECT case_id FROM payments.act_case WHERE person_id = $1", who)
    assert isinstance(found, UUID)
    return found


async def say(world: Resources, case_id: UUID, word: Mark, complaint: UUID | None = None) -> bool:
    async with world.db.egov.transaction() as tx:
        command = MarkLine(person(1), case_id, word, complaint)
        return await marks.mark(tx, CITIZEN, command, at=world.clock.now())


async def seen(world: Resources, submitted: ActWithReport, scope: UUID | None) -> ActWithReport:
    return await read.act_with_report(world.db.payments, submitted.act_id, scope)


async def test_a_word_is_kept_shown_to_the_issuer_and_never_changed(
    world: Resources, owner: Owner
) -> None:
    submitted = await present(world, act("7", cases([1, 2, 3])))
    await accept(world, submitted)
    case_id = await case_of(owner, person(1))
    assert await say(world, case_id, Mark.CONFIRMED)
    assert not await say(world, case_id, Mark.CONFIRMED)
    found = await seen(world, submitted, None)
    assert (found.confirmed, found.disputed, found.disputes) == (1, 0, ())
    assert await say(world, case_id, Mark.DISPUTED, COMPLAINT)
    assert not await say(world, case_id, Mark.DISPUTED, COMPLAINT)
    found = await seen(world, submitted, None)
    assert (found.confirmed, found.disputed) == (0, 1)
    assert [(d.line_no, d.service_record_id, d.complaint_id) for d in found.disputes] == [
        (1, "r-1", COMPLAINT)
    ]
    db, clock = world.db.payments, world.clock
    lines = (await read.cases(db, clock, ISSUER_HEAD, found.act_id, None, 10)).items
    assert [line.mark for line in lines] == [Mark.DISPUTED, None, None]
    history = await marks.history(world.db.egov, person(1), case_id)
    assert [(h.seq, h.mark, h.complaint_id, h.marked_by) for h in history] == [
        (1, Mark.CONFIRMED, None, CITIZEN.label),
        (2, Mark.DISPUTED, COMPLAINT, CITIZEN.label),
    ]
    kinds = await owner.fetch("SELECT kind FROM kernel.event WHERE kind LIKE 'Line%' ORDER BY at")
    assert [k[0] for k in kinds] == ["LineConfirmed", "LineDisputed"]
    # who spoke against it is not the clinic's to know
    theirs = await seen(world, submitted, CLINIC)
    assert (theirs.confirmed, theirs.disputed, theirs.disputes) == (None, None, ())
    lines = (await read.cases(db, clock, HEAD, found.act_id, None, 10)).items
    assert {(line.mark, line.complaint_id) for line in lines} == {(None, None)}
    with pytest.raises(asyncpg.PostgresError):
        await owner.execute("UPDATE payments.act_case_mark SET mark = 'CONFIRMED'")


async def test_nobody_speaks_of_anothers_line_nor_after_payment(
    world: Resources, owner: Owner
) -> None:
    submitted = await present(world, act("7", cases([1, 2])))
    own, foreign = await case_of(owner, person(1)), await case_of(owner, person(2))
    for unknown in (foreign, uuid7()):
        with pytest.raises(LineNotFound):
            await say(world, unknown, Mark.CONFIRMED)
    assert await say(world, own, Mark.DISPUTED, COMPLAINT)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "UPDATE payments.act SET status = 'PAID', issuer_evidence_id = evidence_id,"
        " signed_at = submitted_at, paid_at = submitted_at"
    )
    await owner.execute("SET session_replication_role = origin")
    with pytest.raises(ActStateWrong) as refused:
        await say(world, own, Mark.CONFIRMED)
    assert refused.value.facts == {"status": "PAID"}
    # what was said in time may be said again
    assert not await say(world, own, Mark.DISPUTED, COMPLAINT)
    # the database keeps it too, whatever the service thought it saw
    async with world.db.egov.transaction() as tx:
        with pytest.raises(asyncpg.CheckViolationError, match="PAID"):
            await tx.connection.execute(
                "INSERT INTO payments.act_case_mark (person_id, case_id, mark, marked_by, marked_at)"
                " VALUES ($1, $2, 'CONFIRMED', 'x', $3)",
                person(1),
                own,
                world.clock.now(),
            )
    assert (await seen(world, submitted, None)).disputed == 1


async def test_one_word_said_twenty_times_at_once_is_written_once(
    world: Resources, owner: Owner
) -> None:
    await present(world, act("7", cases([1])))
    case_id = await case_of(owner, person(1))
    said = await asyncio.gather(*(say(world, case_id, Mark.CONFIRMED) for _ in range(20)))
    assert sum(said) == 1
    assert await owner.fetchval("SELECT count(*) FROM payments.act_case_mark") == 1
