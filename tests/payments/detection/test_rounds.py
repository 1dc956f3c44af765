"""Nobody has to be asked: debts and addresses suspend by themselves, silence and mass do not."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from backend.kernel import deadlines
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments.detection import reports, rules, service
from backend.payments.detection.errors import RoundDiffers, RoundNotFound, RoundNotHeld
from backend.payments.detection.model import (
    ConfirmedComplaint,
    DecideRound,
    Round,
    RoundStatus,
    SetLimit,
    Verdict,
)
from backend.payments.suspension import queries
from backend.payments.suspension import service as suspension
from backend.payments.suspension.errors import CauseNotRemoved
from backend.payments.suspension.model import Ground, Resume, Suspension
from infra.sandbox import permits, tax
from infra.sandbox.state import Sandbox
from tests.payments.conftest import (
    CLINIC,
    CLINIC_BIN,
    ISSUER_BIN,
    ISSUER_HEAD,
    Owner,
    act,
    cases,
    present,
    signed,
)
from tests.payments.detection.conftest import ADDRESS, ANNEX, clinic, clinic_bin, licence

SHA = "ab" * 32
DEBT = {"kind": "TAX", "amount": "1234.50", "since": "2026-02-26"}
Add = Callable[[int], Awaitable[None]]


async def a_day(asking: Resources, ground: Ground, steps: int = 3) -> Round:
    """Let the sweep go round so often; the newest round of that ground."""
    for _ in range(steps):
        await service.look(asking, ground)
    rounds = await service.page(asking.db.payments, None, None, 50)
    return next(r for r in rounds if r.ground == ground)


async def active(db: Db, executor: UUID | None = CLINIC) -> list[Suspension]:
    return await suspension.page(db, executor, "ACTIVE", None, 200)


async def owe(asking: Resources, *numbers: str, **payer: Any) -> None:
    rows = [{"number": n, "debts": [DEBT], **payer} for n in numbers]
    await asking.http.put("/tax/control/payers", json=rows)


async def resume(asking: Resources, one: Suspension, **changed: Any) -> Suspension:
    command = Resume(one.suspension_id, SHA, "берешек төленді", **changed)
    now = asking.clock.now()
    return await suspension.resume(asking, ISSUER_HEAD, signed(command, ISSUER_BIN, now, f" {now}"))


# --- S2 -----------------------------------------------------------------------------------------


async def test_a_debt_suspends_all_contracts_and_is_removed_when_the_tax_body_says_so(
    asking: Resources, clock: FixedClock, owner: Owner
) -> None:
    waiting = await present(asking, act("1", cases([1])))
    await owe(asking, CLINIC_BIN)
    done = await a_day(asking, Ground.S2)
    assert (done.status, done.asked, done.answered, done.found, done.contracts) == (
        RoundStatus.APPLIED, 1, 1, 1, 1,
    )  # fmt: skip
    [raised] = await active(asking.db.payments)
    assert (raised.ground, raised.contract_id, raised.origin) == (Ground.S2, None, "SYSTEM")
    assert raised.remove_by == date(2026, 8, 6)
    assert raised.facts["debts"] == [{"kind": "TAX", "amount_tiyn": 123450, "since": "2026-02-26"}]
    assert raised.basis_sha256 is not None
    frozen = "SELECT reason FROM payments.frozen_act WHERE act_id = $1"
    assert await owner.fetchval(frozen, waiting.act_id) == "S2"
    [term] = [
        t for t in await deadlines.summary(asking.db.registry, at=clock.now()) if t.code == "d7"
    ]
    assert term.running == 1
    # one a day, and who is suspended is not asked about again
    clock.advance(timedelta(days=1))
    assert (await a_day(asking, Ground.S2)).asked == 0
    # the document is of today, the record too: the cause stands
    with pytest.raises(CauseNotRemoved):
        await resume(asking, raised)
    # a document newer than the record is believed, and looked at again the next day
    clock.advance(timedelta(days=1))
    await asking.http.put("/tax/control/mood", json={"stale_days": 1})
    assert (await resume(asking, raised)).status == "RESUMED"
    await asking.http.put("/tax/control/mood", json={})
    clock.advance(timedelta(days=1))
    assert (await a_day(asking, Ground.S2)).found == 1
    [again] = await active(asking.db.payments)
    await asking.http.put("/tax/control/payers", json=[{"number": CLINIC_BIN}])
    await resume(asking, again)
    clock.advance(timedelta(days=1))
    assert (await a_day(asking, Ground.S2)).found == 0
    assert await active(asking.db.payments) == []
    told = await suspension.history(asking.db.payments, raised.suspension_id, CLINIC)
    assert [(c.kind, c.actor.split(":")[0]) for c in told] == [
        ("PaymentSuspended", "system"),
        ("PaymentResumed", "issuer_head"),
    ]


async def test_an_ended_contract_is_looked_at_while_an_act_of_it_is_unpaid(
    asking: Resources, owner: Owner, clock: FixedClock
) -> None:
    await owner.execute(
        "UPDATE allocation.contract SET status = 'EXPIRED', ended_at = executor_signed_at"
    )
    await owe(asking, CLINIC_BIN)
    assert (await a_day(asking, Ground.S2)).asked == 0
    await present(asking, act("1", cases([1])))
    clock.advance(timedelta(days=1))
    done = await a_day(asking, Ground.S2)
    assert (done.asked, done.found, done.contracts, done.total_contracts) == (1, 1, 1, 1)


async def test_what_was_paid_late_counts_once(asking: Resources, clock: FixedClock) -> None:
    late = {"kind": "SOCIAL", "amount": "5.00", "due_on": "2026-03-25", "paid_on": "2026-04-01"}
    before = {**late, "due_on": "2026-02-25"}  # before the contract
    await owe(asking, CLINIC_BIN, debts=[], late=[before])
    assert (await a_day(asking, Ground.S2)).found == 0
    clock.advance(timedelta(days=1))
    await owe(asking, CLINIC_BIN, debts=[], late=[before, late])
    assert (await a_day(asking, Ground.S2)).found == 1
    [raised] = await active(asking.db.payments)
    assert [p["due_on"] for p in raised.facts["late"]] == ["2026-03-25"]
    await resume(asking, raised)
    clock.advance(timedelta(days=1))
    assert (await a_day(asking, Ground.S2)).found == 0


async def test_a_silent_source_decides_nothing_and_is_left_alone(
    asking: Resources, clock: FixedClock, sandbox: Sandbox
) -> None:
    await owe(asking, CLINIC_BIN)
    await asking.http.put("/tax/control/mood", json={"silent": True})
    asked = await a_day(asking, Ground.S2, steps=20)
    kept = tax.state(sandbox)
    assert (asked.status, asked.answered, kept.asked) == (RoundStatus.ASKING, 0, 1)
    [_, state] = await service.sources(asking.db.payments, asking.config)
    assert (state.connected, state.failures, state.silent_since) == (True, 1, clock.now())
    for _ in range(20):
        clock.advance(timedelta(minutes=1))
        await service.look(asking, Ground.S2)
    assert kept.asked == 5  # after 1, 2, 4, 8 minutes
    assert await active(asking.db.payments) == []
    # the day ends: who could not be asked about stays unknown, and the next day begins anew
    clock.advance(timedelta(days=1))
    await service.look(asking, Ground.S2)
    await asking.http.put("/tax/control/mood", json={})
    clock.advance(timedelta(hours=2))
    last = await a_day(asking, Ground.S2)
    first = (await service.page(asking.db.payments, None, last.round_id, 5))[-1]
    assert (first.status, first.unknown, first.found) == (RoundStatus.APPLIED, 1, 0)
    assert (last.unknown, last.found) == (0, 1)
    [_, state] = await service.sources(asking.db.payments, asking.config)
    assert (state.failures, state.silent_since) == (0, None)


async def test_one_answer_that_cannot_be_read_does_not_hide_the_others(
    asking: Resources, clock: FixedClock, more_clinics: Add
) -> None:
    await more_clinics(7)
    await owe(asking, *(clinic_bin(n) for n in range(7)))
    await asking.http.put(
        "/tax/control/payers", json=[{"number": clinic_bin(3), "debts": [{**DEBT, "kind": "?"}]}]
    )
    await set_limit(asking, 1000, 0)
    for _ in range(40):
        await service.look(asking, Ground.S2)
        clock.advance(timedelta(minutes=20))
    [done] = await service.page(asking.db.payments, None, None, 50)
    assert (done.status, done.asked, done.answered) == (RoundStatus.ASKING, 8, 7)
    clock.advance(timedelta(days=1))
    await service.look(asking, Ground.S2)
    done = (await service.find(asking.db.payments, done.round_id)).round
    assert (done.status, done.unknown, done.found) == (RoundStatus.APPLIED, 1, 6)
    assert len(await active(asking.db.payments, None)) == 6


async def test_questions_go_in_bounded_portions(
    asking: Resources, more_clinics: Add, sandbox: Sandbox, owner: Owner
) -> None:
    await more_clinics(450)
    done = await a_day(asking, Ground.S2, steps=4)
    assert (done.status, done.asked, done.found) == (RoundStatus.APPLIED, 451, 0)
    kept = tax.state(sandbox)
    assert (kept.asked, kept.numbers) == (3, 451)


async def test_workers_at_once_ask_once_and_suspend_once(
    asking: Resources, more_clinics: Add, sandbox: Sandbox
) -> None:
    await more_clinics(30)
    await set_limit(asking, 1000, 0)
    await owe(asking, *(clinic_bin(n) for n in range(30)))
    for _ in range(3):
        await asyncio.gather(*(service.look(asking, Ground.S2) for _ in range(4)))
    [done] = await service.page(asking.db.payments, None, None, 50)
    assert (done.status, done.found) == (RoundStatus.APPLIED, 30)
    assert len(await active(asking.db.payments, None)) == 30
    assert tax.state(sandbox).numbers == 31


async def test_visits_are_found_by_index(asking: Resources) -> None:
    """A day of a facility is one look-up, not a walk through the visits of the country."""
    args = ([CLINIC], [date(2026, 4, 1)], date(2026, 4, 6))
    async with asking.db.payments.transaction() as tx:
        await tx.connection.execute("SET LOCAL enable_seqscan = off")
        rows = await tx.connection.fetch(f"EXPLAIN {queries.VISITED.sql}", *args)
    plan = [row[0] for row in rows]
    assert not any("Seq Scan on visit" in line for line in plan), plan
    assert any("Index" in line and "visit_p" in line for line in plan), plan


# --- the brake (FAULTS 22) ----------------------------------------------------------------------


async def set_limit(asking: Resources, share_milli: int, minimum: int) -> None:
    command, now = SetLimit(share_milli, minimum, "сынақ"), asking.clock.now()
    await service.set_limit(asking, ISSUER_HEAD, signed(command, ISSUER_BIN, now, f" {now}"))


async def decide(asking: Resources, held: Round, verdict: Verdict, sha256: str) -> Round:
    command = DecideRound(held.round_id, sha256, verdict, "тексерілді")
    now = asking.clock.now()
    return await service.decide(
        asking, ISSUER_HEAD, signed(command, ISSUER_BIN, now, f" {now}{sha256}")
    )


async def test_too_many_at_once_wait_for_a_second_approval(
    asking: Resources, clock: FixedClock, more_clinics: Add
) -> None:
    await more_clinics(99)  # 100 contracts in force
    await set_limit(asking, 50, 2)
    await owe(asking, *(clinic_bin(n) for n in range(6)))  # 6 % of them
    held = await a_day(asking, Ground.S2)
    assert (held.status, held.contracts, held.total_contracts) == (RoundStatus.HELD, 6, 100)
    assert await active(asking.db.payments, None) == []  # a dry run and no more
    shown = await service.find(asking.db.payments, held.round_id)
    assert [f.executor_id for f in shown.findings] == [clinic(n) for n in range(6)]
    with pytest.raises(RoundDiffers):
        await decide(asking, held, Verdict.RELEASE, SHA)
    with pytest.raises(RoundNotFound):
        await decide(asking, Round(**{**_fields(held), "round_id": CLINIC}), Verdict.RELEASE, SHA)
    released = await decide(asking, held, Verdict.RELEASE, held.sha256 or "")
    assert released.status is RoundStatus.RELEASED
    assert len(await active(asking.db.payments, None)) == 6
    with pytest.raises(RoundNotHeld):
        await decide(asking, held, Verdict.DISCARD, held.sha256 or "")


def _fields(one: Round) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


async def test_exactly_the_share_passes_and_what_passed_counts(
    asking: Resources, clock: FixedClock, more_clinics: Add
) -> None:
    await more_clinics(99)
    await set_limit(asking, 50, 2)
    await owe(asking, *(clinic_bin(n) for n in range(5)))
    assert (await a_day(asking, Ground.S2)).status is RoundStatus.APPLIED
    assert len(await active(asking.db.payments, None)) == 5
    # within the day another ground finds one more: together they are too many
    everybody = [{"number": clinic_bin(n), "licences": [licence(ANNEX)]} for n in range(99)]
    await asking.http.put("/permits/control/licences", json=everybody)
    assert (await a_day(asking, Ground.S1)).contracts == 0
    clock.advance(timedelta(hours=23, minutes=59))
    await owe(asking, clinic_bin(50))
    held = await a_day(asking, Ground.S2)
    assert (held.status, held.contracts, held.passed) == (RoundStatus.HELD, 1, 5)
    # a later round takes the place of one nobody decided about
    clock.advance(timedelta(days=1))
    await owe(asking, clinic_bin(51))
    assert (await a_day(asking, Ground.S2)).status is RoundStatus.APPLIED
    assert (await service.find(asking.db.payments, held.round_id)).round.status is (
        RoundStatus.SUPERSEDED
    )
    assert len(await active(asking.db.payments, None)) == 7
    with pytest.raises(RoundNotHeld):
        await decide(asking, held, Verdict.RELEASE, held.sha256 or "")


async def test_a_discarded_round_suspends_nobody(asking: Resources) -> None:
    await set_limit(asking, 0, 0)
    await owe(asking, CLINIC_BIN)
    held = await a_day(asking, Ground.S2)
    assert held.status is RoundStatus.HELD
    await decide(asking, held, Verdict.DISCARD, held.sha256 or "")
    assert await active(asking.db.payments) == []


# --- S1 -----------------------------------------------------------------------------------------


async def permit(asking: Resources, *licences: dict[str, Any]) -> None:
    entry = [{"number": CLINIC_BIN, "licences": list(licences)}]
    await asking.http.put("/permits/control/licences", json=entry)


async def test_care_at_an_address_the_licence_does_not_name_suspends(
    asking: Resources, facility: UUID, clock: FixedClock
) -> None:
    """People came on 20 March; the annex names the address as it is written or not at all."""
    await permit(asking, licence({**ANNEX, "address": "АСТАНА қ. Абай даңғ. 10"}))
    assert (await a_day(asking, Ground.S1)).found == 0
    assert await active(asking.db.payments) == []


@pytest.mark.parametrize(
    ("licences", "reason"),
    [
        ([licence({**ANNEX, "address": "Астана қ., Абай даңғ., 12"})], "ANOTHER_ADDRESS"),
        ([licence({**ANNEX, "issued_on": "2026-03-21"})], "NO_LICENCE"),
        ([licence({**ANNEX, "status": "REVOKED", "since": "2026-03-20"})], "NO_LICENCE"),
        ([licence(ANNEX, status="SUSPENDED", since="2026-03-01")], "NO_LICENCE"),
        ([licence(ANNEX, activity="PHARMACEUTICAL")], "NO_LICENCE"),
        ([], "NO_LICENCE"),
    ],
)
async def test_what_is_no_licence_for_the_address(
    asking: Resources, facility: UUID, licences: list[dict[str, Any]], reason: str
) -> None:
    await permit(asking, *licences)
    assert (await a_day(asking, Ground.S1)).found == 1
    [raised] = await active(asking.db.payments)
    assert raised.facts["places"] == [
        {
            "facility_id": str(facility),
            "address": ADDRESS,
            "reason": reason,
            "days": 1,
            "named": ["2026-03-20"],
        }
    ]
    await permit(asking, licence({**ANNEX, "address": "Астана қ., Абай даңғ., 12"}))
    with pytest.raises(CauseNotRemoved):
        await resume(asking, raised)
    await permit(asking, licence({**ANNEX, "issued_on": "2026-04-06"}))
    assert (await resume(asking, raised)).status == "RESUMED"


async def test_who_received_nobody_needs_no_licence_yet(
    asking: Resources, sandbox: Sandbox, clock: FixedClock
) -> None:
    """No facility, no visits: there is nothing to compare; and days looked at once are not looked at again."""
    assert (await a_day(asking, Ground.S1)).found == 0
    assert permits.state(sandbox).numbers == 1


# --- S4 -----------------------------------------------------------------------------------------


async def test_four_confirmed_complaints_of_a_year_suspend_three_do_not(
    asking: Resources,
) -> None:
    def complaint(number: int, year: int = 2026) -> ConfirmedComplaint:
        kind = "FREE_CHOICE" if number % 2 else "NO_CONSENT"
        return ConfirmedComplaint(UUID(int=number), CLINIC, kind, year)

    for number in (1, 2, 3):
        await reports.count(asking, complaint(number))
        await reports.count(asking, complaint(number))  # told twice, counted once
    await reports.count(asking, complaint(9, 2025))  # another year
    assert await active(asking.db.payments) == []
    await reports.count(asking, complaint(4))
    [raised] = await active(asking.db.payments)
    assert (raised.ground, raised.facts) == (
        Ground.S4,
        {"year": 2026, "confirmed": {"FREE_CHOICE": 2, "NO_CONSENT": 2}},
    )
    await reports.count(asking, complaint(5))
    assert len(await active(asking.db.payments)) == 1
    await resume(asking, raised)
    await reports.count(asking, complaint(5))
    assert await active(asking.db.payments) == []
    await reports.count(asking, complaint(6))
    [again] = await active(asking.db.payments)
    assert again.facts["confirmed"] == {"FREE_CHOICE": 3, "NO_CONSENT": 3}


async def test_a_protocol_that_records_the_address_suspends_once(asking: Resources) -> None:
    told = (CLINIC, UUID(int=7), SHA, date(2026, 4, 3))
    for _ in range(2):
        await reports.recorded_address(asking, *told)
    [raised] = await active(asking.db.payments)
    assert (raised.ground, raised.facts["protocol_sha256"]) == (Ground.S1, SHA)
    await resume(asking, raised)
    await reports.recorded_address(asking, *told)
    assert await active(asking.db.payments) == []


def test_a_source_is_left_alone_for_longer_and_longer() -> None:
    minutes = [rules.pause(n).total_seconds() / 60 for n in (1, 2, 3, 7, 99)]
    assert minutes == [1, 2, 4, 60, 60]
