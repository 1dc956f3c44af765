"""State databases block accounts: each event once, in any order, never for silence; unknown ones wait."""

import asyncio
from datetime import timedelta
from itertools import permutations
from typing import Any

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.account.model import Form, Head, Organisation
from backend.registry.log import service as log
from backend.registry.restriction.service import account
from backend.registry.state_event.model import Source
from backend.registry.state_event.service import apply
from tests.registry.conftest import (
    CLINIC_BIN,
    OTHER_BIN,
    SOLE_IIN,
    Insure,
    Register,
    iin_of,
)
from tests.registry.state_event.conftest import Tell, follow, outcomes, statuses, told

ASAN, UNKNOWN = iin_of(31), iin_of(32)


async def test_each_fact_blocks_whom_it_is_about_and_once(
    world: Resources, tell: Tell, insure: Insure, register: Register, clinic: Organisation
) -> None:
    (asan, owner) = (await insure(ASAN, SOLE_IIN)).values()
    head = Head("Ахметова", "Айгүл", SOLE_IIN)
    business = await register(SOLE_IIN, form=Form.SOLE, head=head)
    death, both = told(ASAN), told(SOLE_IIN, "DECLARED_DEAD")
    stranger, gone = told(UNKNOWN, "MISSING"), told(ASAN, "DEPARTURE")
    odd = told(ASAN, "A_WORD_OF_TOMORROW")
    future = told(ASAN, "INCAPABLE", happened_on="2026-05-01")
    company = told(CLINIC_BIN, "LIQUIDATION")
    await tell(death, both, stranger, gone, odd, future, death, page=2, repeat=True, shuffle=True)
    await tell(company, told(OTHER_BIN, "LIQUIDATION"), database="gbd-ul", repeat=True)
    await follow(world)
    found = await outcomes(world)
    assert {e["kind"]: found[e["event_id"]] for e in (death, both, stranger, gone, odd)} == {
        "DEATH": "BLOCKED",
        "DECLARED_DEAD": "BLOCKED",
        "MISSING": "WAITING",
        "DEPARTURE": "NOTED",
        "A_WORD_OF_TOMORROW": "UNCLEAR",
    }
    assert (found[future["event_id"]], found[company["event_id"]]) == ("UNCLEAR", "BLOCKED")
    assert await statuses(world) == {
        asan: "BLOCKED",
        owner: "BLOCKED",
        business.organisation_id: "BLOCKED",
        clinic.organisation_id: "BLOCKED",
    }
    (blocking,) = (await log.of_subject(world.db.registry, asan))[1:]
    assert (blocking.op_type, blocking.actor, blocking.basis_kind) == (
        "BLOCK",
        "registrar:automatic",
        "EVENT",
    )
    assert blocking.basis_id == f"gbd_fl:{death['event_id']}"
    assert ASAN not in blocking.content
    # told again under another number of the database: nothing new is put on the account
    await tell(told(ASAN))
    await follow(world)
    assert len(await log.of_subject(world.db.registry, asan)) == 2


async def test_in_whatever_order_the_same_grounds_stand(
    world: Resources, tell: Tell, insure: Insure
) -> None:
    kinds = ("DEATH", "LIMITED_CAPACITY", "MISSING")
    orders = list(permutations(kinds))
    people = list((await insure(*(iin_of(n) for n in range(40, 40 + len(orders))))).items())
    for (iin, _), order in zip(people, orders, strict=True):
        await tell(*(told(iin, kind) for kind in (*order, order[0])))
        await follow(world, seconds=1)
    standing = await account.standing(world.db.registry, [p for _, p in people])
    assert {frozenset(str(r.fact) for r in there) for there in standing.values()} == {
        frozenset(kinds)
    }
    assert {len(there) for there in standing.values()} == {3}


async def test_what_the_database_takes_back(
    world: Resources, tell: Tell, insure: Insure, clock: FixedClock
) -> None:
    early, late = iin_of(51), iin_of(52)
    ids = await insure(early, late)
    never, applied = told(early), told(late)
    before = told(early, "ANNULMENT", annuls=never["event_id"])
    after = told(late, "ANNULMENT", annuls=applied["event_id"])
    await tell(before, applied)
    await follow(world)
    await tell(never, after)
    await follow(world)
    found = await outcomes(world)
    assert [found[e["event_id"]] for e in (never, before, applied, after)] == [
        "ANNULLED",
        "NOTED",
        "BLOCKED",
        "UNCLEAR",
    ]
    # only an act of a state body unblocks (M §33), but the account no longer closes by itself
    assert await statuses(world) == {ids[early]: "OPEN", ids[late]: "BLOCKED"}
    (standing,) = (await account.standing(world.db.registry, [ids[late]]))[ids[late]]
    assert standing.close_due_at is None


async def test_a_silent_database_blocks_nobody_and_is_asked_again_where_it_was_left(
    world: Resources, tell: Tell, insure: Insure, clock: FixedClock
) -> None:
    people = [iin_of(n) for n in range(60, 64)]
    ids = await insure(*people)
    await tell(*(told(iin) for iin in people), drop=2, page=3)
    for _ in range(2):
        await follow(world, seconds=1)
        assert set((await statuses(world)).values()) == {"OPEN"}
    row = await world.db.registry.pool.fetchrow(
        "SELECT failures, next_at FROM registry.state_feed WHERE source = 'gbd_fl'"
    )
    assert row["failures"] == 2
    assert row["next_at"] == clock.now() + timedelta(seconds=60)
    await follow(world)
    assert await statuses(world) == dict.fromkeys(ids.values(), "BLOCKED")


async def test_workers_in_parallel_block_each_account_once(
    world: Resources, tell: Tell, insure: Insure
) -> None:
    people = [iin_of(n) for n in range(70, 90)]
    ids = await insure(*people)
    await tell(*(told(iin) for iin in people))
    await asyncio.gather(*(follow(world, seconds=2) for _ in range(3)))
    while await apply.apply(world, Source.GBD_FL, chunk=7):
        pass
    assert await statuses(world) == dict.fromkeys(ids.values(), "BLOCKED")
    for person_id in ids.values():
        assert len(await log.of_subject(world.db.registry, person_id)) == 2


async def test_who_was_unknown_is_found_the_night_after_his_account_opened(
    world: Resources, tell: Tell, insure: Insure, clock: FixedClock
) -> None:
    waiting = [told(iin_of(n)) for n in range(90, 95)]
    await tell(*waiting)
    await follow(world)
    assert set((await outcomes(world)).values()) == {"WAITING"}
    (person_id,) = (await insure(waiting[3]["number"])).values()
    await follow(world)
    assert (await statuses(world))[person_id] == "OPEN"
    clock.advance(timedelta(hours=23))  # 08:00 of the next day
    await follow(world)
    assert (await statuses(world))[person_id] == "BLOCKED"
    assert sorted((await outcomes(world)).values()) == ["BLOCKED", *["WAITING"] * 4]


async def test_the_registrar_sees_the_queue_and_clears_it(
    world: Resources, tell: Tell, insure: Insure, client: Any
) -> None:
    await insure(ASAN)
    odd, stranger = told(ASAN, "A_WORD"), told(UNKNOWN)
    await tell(odd, stranger)
    await follow(world)
    where = "/api/v1/state-events?source=gbd_fl&outcome="
    async with client(Role.ISSUER_HEAD, bin=OTHER_BIN) as http:
        assert (await http.get(f"{where}UNCLEAR")).status_code == 403
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        (row,) = (await http.get(f"{where}UNCLEAR")).json()["items"]
        assert row["event_id"] == odd["event_id"]
        feed = (await http.get("/api/v1/state-feeds")).json()[0]
        assert (feed["source"], feed["waiting"], feed["unclear"]) == ("gbd_fl", 1, 1)
        assert (await http.get(f"{where}WAITING")).text.count(UNKNOWN) == 0

        async def resolve(event: dict[str, Any], verdict: str) -> tuple[int, str]:
            answer = await http.post(
                "/api/v1/state-events/resolutions",
                json={
                    "source": "gbd_fl",
                    "event_id": event["event_id"],
                    "verdict": verdict,
                    "reason": "тексерілді",
                },
            )
            return answer.status_code, answer.json().get("outcome") or answer.json()["code"]

        assert await resolve(odd, "RETRY") == (409, "STATE_EVENT_DECIDED")
        assert await resolve(odd, "DISCARD") == (200, "DISCARDED")
        assert await resolve(odd, "DISCARD") == (409, "STATE_EVENT_DECIDED")
        assert await resolve(stranger, "RETRY") == (200, "PENDING")
        assert await resolve(told(ASAN), "RETRY") == (404, "STATE_EVENT_NOT_FOUND")
    await follow(world)
    assert (await outcomes(world))[stranger["event_id"]] == "WAITING"
