"""Attachments over a real database: late, doubled, out of order, at once, held, repaired."""

import asyncio
import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.account.model import Organisation
from backend.registry.attachment import jobs, rules
from backend.registry.attachment import service as attachments
from backend.registry.attachment.model import AttachmentBatch, AttachmentEntry
from backend.registry.brake import service as brake
from backend.registry.brake.model import Decide, Held, Kind, SetLimit, Verdict
from backend.registry.facility.model import Facility
from backend.registry.feed.model import FeedAnswer
from backend.registry.log import service as log
from backend.registry.log.verify import verify
from backend.registry.person import service as persons
from backend.registry.repair import service as repairs
from tests.registry.conftest import (
    CLINIC_BIN,
    ISSUER_BIN,
    MIS,
    MIS_BIN,
    OTHER_BIN,
    Insure,
    Register,
    actor,
    digitise,
    entry,
    iin_of,
    number,
    person_batch,
    signed,
)

OTHER_MIS = actor(number("060340"), Role.MIS)
REGISTRAR = actor(number("040440"), Role.REGISTRAR)
ISSUER = actor(ISSUER_BIN, Role.ISSUER_SIGNER)
PEOPLE = [iin_of(n) for n in range(300, 340)]
DAY = date(2026, 3, 1)


class Clinics:
    """Two executors, a building each."""

    def __init__(self, facility_of: dict[str, UUID]) -> None:
        self.facility_of = facility_of

    def row(
        self,
        iin: str,
        bin_: str = CLINIC_BIN,
        day: int = 0,
        seq: int = 0,
        *,
        detached: bool = False,
    ) -> AttachmentEntry:
        facility = None if detached else self.facility_of[bin_]
        return AttachmentEntry(iin, bin_, DAY + timedelta(days=day), facility, seq, detached)


@pytest.fixture
async def clinics(resources: Resources, register: Register, facility: Facility) -> Clinics:
    await register(OTHER_BIN)
    other = await digitise(resources, OTHER_BIN)
    return Clinics({CLINIC_BIN: facility.facility_id, OTHER_BIN: other.facility_id})


async def send(resources: Resources, *rows: AttachmentEntry, by: Any = MIS) -> FeedAnswer:
    return await attachments.attach(resources, by, AttachmentBatch(uuid4(), rows))


async def state(owner: Any) -> list[Any]:
    """Who is attached where, and whose policies follow: everything that must not depend on order."""
    return [
        [tuple(r) for r in await owner.fetch(sql)]
        for sql in (
            "SELECT person_id, executor_id, facility_id, since FROM registry.attachment ORDER BY 1",
            "SELECT person_id, since, seq, source, executor_id, facility_id"
            " FROM registry.attachment_fact ORDER BY 1, 2, 3, 4, 5, 6",
        )
    ]


async def test_history_is_kept_and_every_change_is_an_operation(
    resources: Resources, insure: Insure, clinics: Clinics
) -> None:
    (person_id,) = (await insure(PEOPLE[0])).values()
    assert (await send(resources, clinics.row(PEOPLE[0], CLINIC_BIN, 10))).changed == 1
    late = await send(resources, clinics.row(PEOPLE[0], OTHER_BIN, 3))
    assert (late.accepted, late.changed) == (1, 0)
    await send(resources, clinics.row(PEOPLE[0], OTHER_BIN, 20))
    await send(resources, clinics.row(PEOPLE[0], OTHER_BIN, 25, detached=True))
    assert await attachments.of_person(resources.db.registry, person_id) is None
    told = await attachments.history(resources.db.registry, person_id)
    assert [(f.since - DAY).days for f in told] == [3, 10, 20, 25]
    assert rules.settle(told) is None
    operations = await log.of_subject(resources.db.registry, person_id)
    changes = [msgspec.json.decode(o.content) for o in operations if o.op_type == "CHANGE"]
    places = [(c["before"]["facility"], c["after"]["facility"]) for c in changes]
    here, there = (str(clinics.facility_of[b]) for b in (CLINIC_BIN, OTHER_BIN))
    assert places == [(None, here), (here, there), (there, None)]
    assert {(o.actor, o.basis_kind) for o in operations[1:]} == {(f"mis:{MIS_BIN}", "EVENT")}


async def test_a_fact_told_again_does_nothing(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> None:
    await insure(*PEOPLE[:5])
    rows = [clinics.row(iin) for iin in PEOPLE[:5]]
    await send(resources, *rows)
    before = await state(owner), await owner.fetchval("SELECT count(*) FROM registry.operation")
    again = await send(resources, *rows)
    assert (again.accepted, again.repeated, again.changed) == (0, 5, 0)
    by_another = await send(resources, *rows, by=OTHER_MIS)
    assert (by_another.accepted, by_another.changed) == (5, 0)
    count = await owner.fetchval("SELECT count(*) FROM registry.operation")
    assert ((await state(owner))[0], count) == (before[0][0], before[1])


rows_told = st.lists(
    st.tuples(
        st.integers(0, 2),  # who
        st.sampled_from([CLINIC_BIN, OTHER_BIN]),
        st.integers(0, 2),  # day
        st.integers(0, 2),  # seq
        st.booleans(),  # detached
        st.booleans(),  # which system tells
    ),
    min_size=1,
    max_size=14,
)


@given(told=rows_told, cut=st.integers(1, 5), lot=st.randoms(use_true_random=False))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_order_any_batches_any_repeats_end_the_same(
    resources: Resources,
    insure: Insure,
    clinics: Clinics,
    owner: Any,
    told: list[tuple[int, str, int, int, bool, bool]],
    cut: int,
    lot: random.Random,
) -> None:
    """Twins get the same facts: one in order, the other shuffled, cut otherwise and partly doubled."""
    await let_pass(resources)
    base = lot.randrange(1_000, 9_000, 10)
    twins = [[iin_of(base + n) for n in range(k, k + 3)] for k in (0, 3)]
    ids = await insure(*twins[0], *twins[1])

    async def tell(people: list[str], facts: list[Any], size: int) -> None:
        for n in range(0, len(facts), size):
            for by, system in ((MIS, True), (OTHER_MIS, False)):
                rows = [
                    clinics.row(people[who], bin_, day, seq, detached=detached)
                    for who, bin_, day, seq, detached, first in facts[n : n + size]
                    if first is system
                ]
                if rows:
                    await send(resources, *rows, by=by)

    await tell(twins[0], sorted(told, key=lambda f: (f[2], f[3])), 1)
    shuffled = told + lot.choices(told, k=3)
    lot.shuffle(shuffled)
    await tell(twins[1], shuffled, cut)
    for first, second in zip(*twins, strict=True):
        held = [
            await attachments.of_person(resources.db.registry, ids[iin]) for iin in (first, second)
        ]
        facts = await attachments.history(resources.db.registry, ids[first])
        assert facts == await attachments.history(resources.db.registry, ids[second])
        meant = rules.settle(facts)
        for found in held:
            assert (found and found.facility_id) == (meant and meant.facility_id)
            assert (found and found.since) == (meant and meant.since)


async def let_pass(resources: Resources) -> None:
    for kind, window in ((Kind.MOVE, 86_400), (Kind.DETACH, 86_400), (Kind.DETACH, 2_592_000)):
        limit = SetLimit(kind, "*", window, 1_000, 10**6, f"{uuid4()}")
        await brake.set_limit(resources, REGISTRAR, signed(limit, resources, REGISTRAR.bin))


async def test_batches_of_the_same_persons_at_once(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> None:
    ids = await insure(*PEOPLE)
    lot = random.Random(4)
    batches = []
    for day in range(1, 9):
        rows = [clinics.row(iin, (CLINIC_BIN, OTHER_BIN)[day % 2], day, seq=day) for iin in PEOPLE]
        lot.shuffle(rows)
        batches.append(rows)
    await let_pass(resources)
    lot.shuffle(batches)
    answers = await asyncio.gather(*(send(resources, *rows) for rows in batches))
    assert sum(a.accepted for a in answers) == 8 * len(PEOPLE)
    rows = await owner.fetch("SELECT person_id, since, facility_id FROM registry.attachment")
    last = (DAY + timedelta(days=8), clinics.facility_of[CLINIC_BIN])
    assert {r["person_id"]: (r["since"], r["facility_id"]) for r in rows} == dict.fromkeys(
        ids.values(), last
    )
    assert (await verify(resources.db.registry)).ok


async def test_one_who_has_no_account_yet_is_not_lost_between_two_batches(
    resources: Resources, clinics: Clinics, owner: Any
) -> None:
    """Nobody has logged anything of him: there is no chain to lock yet."""
    await persons.enter(resources, MIS, person_batch(*(entry(iin) for iin in PEOPLE[:10])))
    here = [clinics.row(iin, CLINIC_BIN, 1) for iin in PEOPLE[:10]]
    there = [clinics.row(iin, OTHER_BIN, 2) for iin in PEOPLE[:10]]
    await asyncio.gather(*(send(resources, *rows) for rows in (here, there, here[::-1])))
    found = await owner.fetch("SELECT DISTINCT facility_id FROM registry.attachment")
    assert [r[0] for r in found] == [clinics.facility_of[OTHER_BIN]]


# --- the brake -------------------------------------------------------------------------------------


async def crowd(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> dict[str, UUID]:
    """Forty persons attached, and a brake that lets four of them move or leave in a day."""
    ids = await insure(*PEOPLE)
    await send(resources, *(clinics.row(iin) for iin in PEOPLE))
    for kind, window in ((Kind.MOVE, 86_400), (Kind.DETACH, 86_400)):
        limit = SetLimit(kind, "*", window, 100, 2, f"{uuid4()}")
        await brake.set_limit(resources, REGISTRAR, signed(limit, resources, REGISTRAR.bin))
    return ids


async def test_a_feed_that_detaches_thirty_percent_of_a_region_stops_and_asks(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> None:
    ids = await crowd(resources, insure, clinics, owner)
    before = await state(owner)
    rows = [clinics.row(iin, day=9, detached=True) for iin in PEOPLE[:12]]
    batch = AttachmentBatch(uuid4(), (*rows, clinics.row(iin_of(999))))
    answer = await attachments.attach(resources, MIS, batch)
    assert (answer.accepted, answer.held, len(answer.refused)) == (0, 12, 1)
    assert answer.hold_id is not None
    assert await state(owner) == before  # nothing is half applied
    again = await attachments.attach(resources, MIS, batch)
    assert (again.held, again.hold_id) == (12, answer.hold_id)
    # meanwhile somebody else tells of one of them: later, so it must stand
    newer = clinics.row(PEOPLE[0], OTHER_BIN, day=20)
    assert (await send(resources, newer)).changed == 1

    await release(resources, answer.hold_id)
    for _ in range(3):
        await jobs.apply_held(resources, {"hold_id": str(answer.hold_id), "verdict": "RELEASE"})
    gone = {ids[iin] for iin in PEOPLE[1:12]}
    left = {r[0] for r in await owner.fetch("SELECT person_id FROM registry.attachment")}
    assert left == set(ids.values()) - gone
    operations = await log.of_subject(resources.db.registry, ids[PEOPLE[1]])
    assert [o.op_type for o in operations] == ["OPEN", "CHANGE", "CHANGE"]
    assert operations[-1].basis_id == str(batch.batch_id)
    told = await attachments.history(resources.db.registry, ids[PEOPLE[0]])
    assert [f.facility_id is None for f in told] == [False, True, False]
    assert (await verify(resources.db.registry)).ok


async def release(resources: Resources, hold_id: UUID, verdict: Verdict = Verdict.RELEASE) -> None:
    hold = await brake.find(resources.db.registry, hold_id)
    command = Decide((Held(hold_id, hold.sha256),), verdict, f"{uuid4()}")
    await brake.decide(resources, ISSUER, signed(command, resources, ISSUER_BIN))


async def test_a_discarded_batch_leaves_no_trace_in_the_state(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> None:
    await crowd(resources, insure, clinics, owner)
    before = await state(owner)
    rows = [clinics.row(iin, OTHER_BIN, day=9) for iin in (*PEOPLE[:12], iin_of(998))]
    answer = await send(resources, *rows)
    await insure(iin_of(998))  # whose row waits for repair, and for the officer
    assert await attachments.retry(resources) == 0
    assert answer.hold_id is not None
    await release(resources, answer.hold_id, Verdict.DISCARD)
    for verdict in ("DISCARD", "RELEASE"):
        await jobs.apply_held(resources, {"hold_id": str(answer.hold_id), "verdict": verdict})
    assert await attachments.retry(resources) == 0
    assert await state(owner) == before


async def test_a_flood_in_small_batches_is_stopped_too(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> None:
    await crowd(resources, insure, clinics, owner)
    answers = [await send(resources, clinics.row(iin, OTHER_BIN, day=9)) for iin in PEOPLE[:8]]
    assert [a.changed for a in answers] == [1, 1, 1, 1, 0, 0, 0, 0]
    assert all(a.hold_id for a in answers[4:])


# --- what cannot be taken yet ----------------------------------------------------------------------


async def test_what_came_too_early_is_taken_when_it_can_be(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any, register: Register
) -> None:
    clock = resources.clock
    assert isinstance(clock, FixedClock)
    late_clinic = number("110540")
    (known,) = (await insure(PEOPLE[0])).values()
    early = [
        clinics.row(PEOPLE[1]),  # nobody entered him yet
        AttachmentEntry(PEOPLE[0], late_clinic, DAY, None, 5, detached=True),
        clinics.row(PEOPLE[0], OTHER_BIN, day=40),  # 10 April: has not come
        clinics.row("850101300001"),  # no such number can be
        AttachmentEntry(PEOPLE[0], CLINIC_BIN, DAY),  # neither a building nor detached
    ]
    answer = await send(resources, *early)
    assert [r.code for r in answer.refused] == [
        "INSURED_NOT_FOUND",
        "EXECUTOR_NOT_FOUND",
        "DATE_IN_FUTURE",
        "IIN_INVALID",
        "ROW_MALFORMED",
    ]
    await send(resources, *early)  # told again they wait once
    waiting = await repairs.waiting(
        resources.db.registry, MIS, feed=None, code=None, run_id=None, after=None, limit=50
    )
    assert [w.code for w in waiting] == [r.code for r in answer.refused]
    dump = str(await owner.fetch("SELECT * FROM registry.repair"))
    assert not any(iin in dump for iin in (*PEOPLE[:2], "850101300001"))
    assert await attachments.retry(resources) == 0

    await insure(PEOPLE[1])
    assert await attachments.retry(resources) == 1
    await register(late_clinic)
    clock.advance(timedelta(days=5))
    assert await attachments.retry(resources) == 2
    left = await repairs.summary(resources.db.registry, MIS)
    assert {(s.code, s.waiting) for s in left} == {("IIN_INVALID", 1), ("ROW_MALFORMED", 1)}
    told = await attachments.history(resources.db.registry, known)
    assert {f.source for f in told} == {MIS_BIN}
    held = await attachments.of_person(resources.db.registry, known)
    assert held is not None
    assert held.facility_id == clinics.facility_of[OTHER_BIN]


async def test_two_retries_at_once_share_the_work(
    resources: Resources, insure: Insure, clinics: Clinics
) -> None:
    await send(resources, *(clinics.row(iin) for iin in PEOPLE))
    await insure(*PEOPLE)
    taken = await asyncio.gather(*(attachments.retry(resources, limit=7) for _ in range(3)))
    assert sum(taken) == len(PEOPLE)


async def test_repairs_over_http(
    resources: Resources, insure: Insure, clinics: Clinics, client: Any
) -> None:
    await send(resources, clinics.row(PEOPLE[0]), clinics.row(PEOPLE[1]))
    await send(resources, clinics.row(PEOPLE[2]), by=OTHER_MIS)
    async with client(Role.MIS, bin=MIS_BIN) as http:
        shown = (await http.get("/api/v1/repairs", params={"limit": 1})).json()
        assert shown["next"] is not None
        rest = (await http.get("/api/v1/repairs", params={"cursor": shown["next"]})).json()
        assert [i["place"] for i in shown["items"] + rest["items"]] == [0, 1]
        own = (await http.get("/api/v1/repairs/summary")).json()
        assert [(s["source"], s["waiting"]) for s in own] == [(MIS_BIN, 2)]
        refused = await http.post("/api/v1/repairs/drops", json={"repairs": [str(uuid4())]})
        assert refused.status_code == 403
    async with client(Role.REGISTRAR, bin=REGISTRAR.bin) as http:
        everyone = (await http.get("/api/v1/repairs")).json()["items"]
        assert len(everyone) == 3
        drops = {"repairs": [i["repair_id"] for i in everyone[:2]]}
        assert (await http.post("/api/v1/repairs/drops", json=drops)).json() == {"dropped": 2}
        assert (await http.post("/api/v1/repairs/drops", json=drops)).json() == {"dropped": 0}
    for role in (Role.ISSUER_HEAD, Role.EXECUTOR_HEAD, Role.INSURED):
        async with client(role, bin=CLINIC_BIN) as http:
            assert (await http.get("/api/v1/repairs")).status_code == 403


async def test_an_executor_that_closed_is_still_told_of(
    resources: Resources, insure: Insure, clinics: Clinics, clinic: Organisation, owner: Any
) -> None:
    """Else it would matter whether the row came before or after the closing."""
    await insure(PEOPLE[0])
    await owner.execute("UPDATE registry.organisation SET status = 'CLOSED'")
    assert (await send(resources, clinics.row(PEOPLE[0]))).changed == 1
