"""Statuses follow what is told and the time; everybody can be judged anew; who lapses is known before."""

import asyncio
import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock, legal_midnight
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.entitlement import rules
from backend.registry.entitlement import service as entitlement
from backend.registry.standing import jobs, service
from backend.registry.standing.model import Recompute
from tests.registry.conftest import CLINIC_BIN, Insure, actor, iin_of
from tests.registry.standing.histories import fill, life
from tests.registry.standing.test_agreement import expected

Owner = asyncpg.Connection  # type: ignore[type-arg]
ADD_RECEIPT = """
    INSERT INTO registry.contribution (person_id, contribution_id, paid_on, period, kind, amount_tiyn,
        payer_bin, source_ref)
    VALUES ($1, $2, $3, $4, 'contribution', 425000, $5, $6)
"""
ADD_CATEGORY = "INSERT INTO registry.privilege VALUES ($1, $2, $3, $4)"
EMPLOYER = "100140000003"


async def pay(owner: Owner, person: UUID, period: str, payer: str | None = EMPLOYER) -> None:
    paid_on = date(2026, 4, 1)
    await owner.execute(ADD_RECEIPT, person, uuid4(), paid_on, period, payer, str(uuid4()))


async def settled(resources: Resources) -> None:
    for sweep in (jobs.judge_told, jobs.judge_due):
        await sweep(resources)


async def told(resources: Resources, person: UUID) -> tuple[str, str, date, date | None]:
    await settled(resources)
    found = await service.of_person(resources.db.registry, person)
    assert found is not None
    return found.status.value, found.reason.value, found.since, found.until


async def test_a_status_follows_what_is_told_and_the_time(
    resources: Resources, owner: Owner, clock: FixedClock, insure: Insure
) -> None:
    (person,) = (await insure(iin_of(31))).values()
    today = date(2026, 4, 6)
    await pay(owner, person, "2026-04")
    assert await told(resources, person) == ("CONSUMER", "PAID_MONTH", today, date(2026, 4, 30))
    clock.set(legal_midnight(date(2026, 4, 30)))
    assert (await told(resources, person))[2] == today
    clock.set(legal_midnight(date(2026, 5, 1)))
    may = ("CONSUMER", "CONTINUATION_3M", date(2026, 5, 1), date(2026, 7, 31))
    assert await told(resources, person) == may
    clock.set(legal_midnight(date(2026, 7, 31)))
    assert await told(resources, person) == may
    clock.set(legal_midnight(date(2026, 8, 2)))  # the worker slept for a day
    assert await told(resources, person) == ("NOT_CONSUMER", "ARREARS", date(2026, 8, 2), None)
    await owner.execute(ADD_CATEGORY, person, "7", date(2026, 8, 5), None)
    assert (await told(resources, person))[0] == "NOT_CONSUMER"
    clock.set(legal_midnight(date(2026, 8, 5)))
    assert await told(resources, person) == ("CONSUMER", "CATEGORY", date(2026, 8, 5), None)
    await owner.execute(
        "UPDATE registry.account SET status = 'CLOSED' WHERE person_id = $1", person
    )
    assert (await told(resources, person))[:2] == ("NOT_CONSUMER", "CLOSED")
    changes = await owner.fetch(
        "SELECT payload->>'before', payload->>'status', payload->>'basis', subject"
        " FROM kernel.event WHERE kind = 'StatusChanged' ORDER BY at"
    )
    assert [tuple(c)[:3] for c in changes] == [
        ("CONSUMER", "NOT_CONSUMER", None),
        ("NOT_CONSUMER", "CONSUMER", "CATEGORY"),
        ("CONSUMER", "NOT_CONSUMER", None),
    ]
    assert {c[3] for c in changes} == {person}


async def test_nothing_is_read_when_nothing_is_due(
    resources: Resources, owner: Owner, clock: FixedClock, insure: Insure
) -> None:
    (person,) = (await insure(iin_of(32))).values()
    await owner.execute(ADD_CATEGORY, person, "7", date(2024, 1, 1), None)
    await settled(resources)
    clock.advance(timedelta(days=700))
    assert await service.judge_due(resources.db.registry, clock) == 0
    assert await service.judge_told(resources.db.registry, clock) == 0


async def test_who_is_about_to_lapse(
    resources: Resources, owner: Owner, client: Any, insure: Insure
) -> None:
    people = list((await insure(*(iin_of(n) for n in range(40, 46)))).values())
    ending, carried, paid_ahead, this_month, far, _ = people
    for person in (ending, carried, paid_ahead):
        await owner.execute(ADD_CATEGORY, person, "13", date(2025, 9, 1), date(2026, 4, 20))
    await owner.execute(ADD_CATEGORY, carried, "7", date(2026, 4, 21), None)
    await pay(owner, paid_ahead, "2026-04")
    await pay(owner, this_month, "2026-04")
    await owner.execute(ADD_CATEGORY, far, "13", date(2025, 9, 1), date(2026, 7, 20))
    await settled(resources)
    first, last = date(2026, 4, 6), date(2026, 5, 6)
    found = await service.lapsing(resources.db.registry, first, last, after=None, limit=10)
    assert [(x.person_id, x.until) for x in found] == [(ending, date(2026, 4, 20))]
    async with client(Role.BOT, bin=CLINIC_BIN) as http:
        path = "/api/v1/entitlement/lapsing"
        page = (await http.get(path, params={"days": 120, "limit": 1})).json()
        seen = [page["items"][0]["person_id"]]
        while page["next"]:
            page = (
                await http.get(path, params={"days": 120, "limit": 1, "cursor": page["next"]})
            ).json()
            seen += [item["person_id"] for item in page["items"]]
        assert seen == [str(ending), str(far)]
        bad = await http.get(path, params={"cursor": "AAAA"})
        assert bad.json()["code"] == "BAD_CURSOR"
    for role in (Role.INSURED, Role.EXECUTOR_HEAD, Role.MIS):
        async with client(role, bin=CLINIC_BIN) as http:
            assert (await http.get(path)).status_code == 403


async def test_a_killed_recomputation_goes_on_where_it_was(
    resources: Resources, owner: Owner, clock: FixedClock
) -> None:
    on, db = date(2026, 4, 6), resources.db.registry
    lives = [life(random.Random(n), on) for n in range(300)]
    await fill(owner, lives, on)
    run = await service.ask(resources, actor(CLINIC_BIN, Role.REGISTRAR), Recompute())
    for after in (0.05, 0.15, 0.3):
        running = asyncio.create_task(service.recompute(db, clock, run.run_id, size=4))
        await asyncio.wait({running}, timeout=after)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    await asyncio.gather(*(service.recompute(db, clock, run.run_id, size=4) for _ in range(2)))
    done = await service.find(db, run.run_id)
    assert (done.done, done.finished_at is not None) == (300, True)
    kinds = [row[0] for row in await owner.fetch("SELECT kind FROM kernel.event")]
    assert kinds.count("EverybodyJudged") == 1
    assert await owner.fetchval("SELECT count(*) FROM registry.entitlement") == 300
    region = await service.ask(resources, actor(CLINIC_BIN, Role.REGISTRAR), Recompute("A"))
    await owner.execute("DELETE FROM registry.entitlement")
    await jobs.recompute(resources, {"run_id": str(region.run_id)})
    judged = await owner.fetch(
        "SELECT DISTINCT region FROM registry.entitlement JOIN registry.person USING (person_id)"
    )
    assert [row[0] for row in judged] == ["A"]


@given(st.lists(st.integers(0, 2**32), min_size=1, max_size=6, unique=True), st.integers(0, 700))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_few_are_judged_as_each(
    owner: Owner, db_registry: Db, seeds: list[int], later: int
) -> None:
    on = date(2026, 1, 1) + timedelta(days=later)
    lives = [life(random.Random(seed), on) for seed in seeds]
    await fill(owner, lives, on)
    ids = [one.person_id for one in lives]
    async with db_registry.transaction() as tx:
        await service.judge(tx, ids, on)
    cases = await entitlement.cases(db_registry, ids, on)
    for person in ids:
        kept = await service.of_person(db_registry, person)
        assert kept is not None
        rule = expected(cases[person])
        assert (kept.status, kept.basis, kept.reason, kept.until, kept.category) == rule[:5]
        assert (kept.last_paid, kept.unpaid, kept.self_payer) == rule[5:]
        assert rules.decide(cases[person]).reason == kept.reason


async def test_two_who_judge_the_same_people_at_once_agree(
    resources: Resources, owner: Owner, clock: FixedClock, insure: Insure
) -> None:
    ids = list((await insure(*(iin_of(n) for n in range(60, 80)))).values())
    db = resources.db.registry
    for _ in range(3):
        for person in ids:
            await pay(owner, person, "2026-04")
        await asyncio.gather(*(service.judge_told(db, clock, 7) for _ in range(12)))
    await settled(resources)
    rows = await owner.fetch("SELECT status, reason FROM registry.entitlement")
    assert [tuple(row) for row in rows] == [("CONSUMER", "PAID_MONTH")] * len(ids)
    assert await owner.fetchval("SELECT count(*) FROM registry.entitlement_dirty") == 0


@pytest.mark.parametrize("role", [Role.ISSUER_HEAD, Role.MOH, Role.INSURED, Role.INTEGRATION])
async def test_who_may_not_ask_for_a_recomputation(client: Any, role: Role) -> None:
    async with client(role, bin=CLINIC_BIN) as http:
        path = "/api/v1/entitlement/recomputations"
        assert (await http.post(path, json={})).status_code == 403
        assert (await http.get(f"{path}/{uuid4()}")).status_code == 403
