"""What depends on attachments is looked over every night: listed, put right, never detached in silence."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.attachment import service as attachments
from backend.registry.attachment.model import AttachmentBatch
from backend.registry.log import service as log
from backend.registry.log.verify import verify
from backend.registry.order import service as orders
from backend.registry.person import service as persons
from backend.registry.reattachment import jobs, service
from backend.registry.reattachment.model import Night
from tests.conftest import MONDAY_MORNING
from tests.registry.attachment.test_attachments import Clinics, clinics
from tests.registry.conftest import (
    CLINIC_BIN,
    ISSUER_BIN,
    MIS,
    OTHER_BIN,
    Insure,
    Register,
    entry,
    iin_of,
    person_batch,
)
from tests.registry.order.test_orders import order

__all__ = ["clinics"]

PEOPLE = [iin_of(n) for n in range(600, 640)]
DAY = date(2026, 4, 6)


async def attach(resources: Resources, clinics: Clinics, *iins: str, **where: Any) -> None:
    rows = tuple(clinics.row(iin, **where) for iin in iins)
    await attachments.attach(resources, MIS, AttachmentBatch(uuid4(), rows))


async def night(resources: Resources, day: date = DAY, **how: Any) -> Night:
    clock = resources.clock
    assert isinstance(clock, FixedClock)
    clock.set(MONDAY_MORNING + timedelta(days=(day - DAY).days))
    await service.start(resources)
    await service.run(resources, day, **how)
    (last, *_) = await service.nights(resources.db.registry, limit=1)
    assert last.day == day
    return last


async def status_of(owner: Any, bin_: str, status: str) -> None:
    await owner.execute("UPDATE registry.organisation SET status = $2 WHERE bin = $1", bin_, status)


async def test_people_of_a_blocked_executor_are_listed_and_stay_attached(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> None:
    await insure(*PEOPLE)
    await attach(resources, clinics, *PEOPLE[:25])
    await attach(resources, clinics, *PEOPLE[25:], bin_=OTHER_BIN)
    await status_of(owner, CLINIC_BIN, "BLOCKED")
    first = await night(resources, chunk=7)
    assert (first.persons, first.listed, first.resolved) == (40, 25, 0)
    (told,) = await service.summary(resources.db.registry)
    assert (told.reason, told.persons) == ("EXECUTOR_BLOCKED", 25)
    assert await owner.fetchval("SELECT count(*) FROM registry.attachment") == 40
    event = await owner.fetchrow("SELECT subject, payload FROM kernel.event WHERE kind = $1", EVENT)
    assert event["subject"] == told.executor_id
    # one of them is attached anew, the executor closes for the others
    await attach(resources, clinics, PEOPLE[0], bin_=OTHER_BIN, day=30)
    await status_of(owner, CLINIC_BIN, "CLOSED")
    second = await night(resources, DAY + timedelta(days=1), chunk=7)
    assert (second.listed, second.resolved) == (24, 25)
    (told,) = await service.summary(resources.db.registry)
    assert (told.reason, told.persons) == ("EXECUTOR_CLOSED", 24)
    await status_of(owner, CLINIC_BIN, "OPEN")
    third = await night(resources, DAY + timedelta(days=2))
    assert (third.listed, third.resolved) == (0, 24)
    assert await service.summary(resources.db.registry) == []


EVENT = "ReattachmentNeeded"


async def test_people_of_a_closed_building_are_listed(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> None:
    await insure(*PEOPLE[:3])
    await attach(resources, clinics, *PEOPLE[:3])
    await owner.execute("UPDATE registry.facility SET closed_on = $1", DAY + timedelta(days=1))
    assert (await night(resources)).listed == 0
    assert (await night(resources, DAY + timedelta(days=1))).listed == 3
    (told,) = await service.summary(resources.db.registry)
    assert told.reason == "FACILITY_CLOSED"


async def test_an_account_whose_second_signal_was_lost_opens(
    resources: Resources, insure: Insure, owner: Any
) -> None:
    ids = await insure(*PEOPLE[:2])
    await persons.enter(resources, MIS, person_batch(entry(PEOPLE[2])))
    await owner.execute("UPDATE registry.account SET status = 'NONE', opened_at = NULL")
    assert (await night(resources)).opened == 2
    rows = await owner.fetch("SELECT status, count(*) FROM registry.account GROUP BY 1 ORDER BY 1")
    assert [tuple(r) for r in rows] == [("NONE", 1), ("OPEN", 2)]
    operations = await log.of_subject(resources.db.registry, ids[PEOPLE[0]])
    assert [(o.op_type, o.actor) for o in operations] == [("OPEN", "registrar:automatic")] * 2


async def test_policies_that_strayed_follow_the_attachment(
    resources: Resources, insure: Insure, clinics: Clinics, register: Register, owner: Any
) -> None:
    ids = await insure(*PEOPLE[:4])
    await register(ISSUER_BIN, Role.ISSUER_HEAD)
    await attach(resources, clinics, *PEOPLE[:4])
    issued = await order(resources)
    await orders.run(resources.db.registry, resources.clock, issued.order_id)
    await owner.execute(
        "UPDATE registry.policy SET executor_id = person_id WHERE person_id = $1", ids[PEOPLE[0]]
    )
    await owner.execute("DELETE FROM registry.attachment WHERE person_id = $1", ids[PEOPLE[1]])
    assert (await night(resources)).moved == 2
    assert (await night(resources, DAY + timedelta(days=1))).moved == 0
    drifted = await owner.fetchval(
        "SELECT count(*) FROM registry.policy LEFT JOIN registry.attachment USING (person_id)"
        " WHERE policy.executor_id IS DISTINCT FROM attachment.executor_id"
    )
    assert drifted == 0
    last = (await log.of_subject(resources.db.registry, ids[PEOPLE[1]]))[-1]
    assert (last.op_class, last.op_type) == ("POLICY", "EXECUTOR_CHANGED")
    assert (await verify(resources.db.registry)).ok


async def test_a_night_begins_once_and_goes_on_where_it_was_killed(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any, clock: FixedClock
) -> None:
    await insure(*PEOPLE)
    await attach(resources, clinics, *PEOPLE[:30])
    await attach(resources, clinics, iin_of(641))  # nobody entered him yet
    await insure(iin_of(641))
    await status_of(owner, CLINIC_BIN, "CLOSED")
    clock.advance(-timedelta(hours=8))  # 01:00
    await service.start(resources)
    assert await service.nights(resources.db.registry, limit=5) == []
    clock.advance(timedelta(hours=1))
    await asyncio.gather(*(service.start(resources) for _ in range(3)))
    queued = await owner.fetch(
        "SELECT payload FROM jobs.pgqueuer WHERE entrypoint = $1", service.JOB
    )
    assert len(queued) == 1
    worker = asyncio.create_task(service.run(resources, DAY, chunk=3))
    while not await owner.fetchval("SELECT sum(persons) > 6 FROM registry.reevaluation"):
        await asyncio.sleep(0)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    again = {"day": DAY.isoformat()}
    await asyncio.gather(*(jobs.look_over(resources, again) for _ in range(3)))
    (done,) = await service.nights(resources.db.registry, limit=5)
    assert (done.persons, done.listed) == (41, 30)
    assert done.finished_at is not None
    assert await owner.fetchval("SELECT count(*) FROM kernel.event WHERE kind = $1", EVENT) == 1
    assert await owner.fetchval("SELECT count(*) FROM registry.attachment") == 31


@pytest.mark.notes("ListReattachments")
async def test_over_http(
    resources: Resources, insure: Insure, clinics: Clinics, client: Any, owner: Any
) -> None:
    await insure(*PEOPLE[:3])
    await attach(resources, clinics, *PEOPLE[:3])
    await status_of(owner, CLINIC_BIN, "BLOCKED")
    await night(resources)
    async with client(Role.ISSUER_REVIEWER, bin=ISSUER_BIN) as http:
        (told,) = (await http.get("/api/v1/reattachments/summary")).json()
        assert (told["persons"], told["reason"]) == (3, "EXECUTOR_BLOCKED")
        page = (await http.get("/api/v1/reattachments", params={"limit": 2})).json()
        rest = (await http.get("/api/v1/reattachments", params={"cursor": page["next"]})).json()
        seen = {UUID(i["person_id"]) for i in page["items"] + rest["items"]}
        assert len(seen) == 3
        noted = await owner.fetch("SELECT DISTINCT person_id, basis FROM registry.access_record")
        assert {tuple(r) for r in noted} == {(p, "ATTACHMENT") for p in seen}
        other = {"executor_id": str(uuid4())}
        assert (await http.get("/api/v1/reattachments", params=other)).json()["items"] == []
        (shown,) = (await http.get("/api/v1/reevaluations")).json()
        assert (shown["day"], shown["listed"]) == ("2026-04-06", 3)
    for role in (Role.MIS, Role.EXECUTOR_HEAD, Role.INSURED, Role.MOH):
        async with client(role, bin=CLINIC_BIN) as http:
            for path in ("reattachments", "reattachments/summary", "reevaluations"):
                assert (await http.get(f"/api/v1/{path}")).status_code == 403
