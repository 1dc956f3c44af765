"""T1-T3 stop payment at once, end contracts by a signed decision, and give back what is left."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments import jobs
from backend.payments.act.errors import ContractNotSigned
from backend.payments.act.model import ActWithReport
from backend.payments.act.service import read
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.monitoring.events import ProtocolSigned
from backend.payments.suspension import service as suspension
from backend.payments.suspension.errors import Suspended
from backend.payments.suspension.model import Suspend
from backend.payments.termination import rules, service
from backend.payments.termination.errors import (
    ActNotBefore,
    AlreadyTerminated,
    DocumentNeeded,
    EffectiveDateWrong,
    NothingToTerminate,
    TerminationNotFound,
    TerminationNotOpen,
)
from backend.payments.termination.model import (
    Document,
    Open,
    Settle,
    Terminate,
    Termination,
    TerminationGround,
    TerminationStatus,
    TerminationWithActs,
    Verdict,
    Withdraw,
)
from tests.payments.conftest import (
    CLINIC,
    CONTRACT,
    DAY,
    ISSUER,
    ISSUER_BIN,
    ISSUER_HEAD,
    LINE,
    PEOPLE,
    TARIFF,
    UNITS,
    Owner,
    accept,
    act,
    cases,
    present,
    signed,
)

SHA = "cd" * 32
DOCUMENT = Document("12-4/7", date(2026, 4, 2), "МФБК", SHA)
T1 = Open(CLINIC, "T1", date(2026, 4, 6), DOCUMENT, "лицензиядан айыру туралы шешім")
HELD = accounts.contract_line(CONTRACT, LINE, "mhi")
PLANNED = accounts.plan_line(LINE, "mhi")


def command(world: Resources, what: Any) -> Any:
    now = world.clock.now()
    return signed(what, ISSUER_BIN, now, f" {now.isoformat()}")


async def stop(world: Resources, **changed: Any) -> Termination:
    what = msgspec.structs.replace(T1, **changed)
    return await service.open_(world, ISSUER_HEAD, command(world, what))


async def decide(
    world: Resources, one: Termination, document: Document | None = None
) -> Termination:
    what = Terminate(one.termination_id, "шарт бұзылсын", document)
    return await service.decide(world, ISSUER_HEAD, command(world, what))


async def settle(
    world: Resources, one: Termination, verdict: Verdict, *acts: UUID
) -> TerminationWithActs:
    what = Settle(one.termination_id, acts, verdict, "тексерілді")
    return await service.settle(world, ISSUER_HEAD, command(world, what))


async def withdraw(world: Resources, one: Termination) -> Termination:
    what = Withdraw(one.termination_id, DOCUMENT, "сот шешімнің күшін жойды")
    return await service.withdraw(world, ISSUER_HEAD, command(world, what))


async def frozen(world: Resources, submitted: ActWithReport) -> str | None:
    return (await read.act_with_report(world.db.payments, submitted.act_id, None)).frozen


async def contract(owner: Owner) -> tuple[str, str | None]:
    row = await owner.fetchrow(
        "SELECT status, end_ground FROM allocation.contract WHERE contract_id = $1", CONTRACT
    )
    assert row is not None
    return row["status"], row["end_ground"]


async def test_the_whole_way_of_t1(world: Resources, owner: Owner, clock: FixedClock) -> None:
    """Stopped at detection, terminated by decision, settled as far as it was before, the rest given back."""
    waiting = await present(world, act("1", cases([1, 2])))
    late = await present(world, act("2", cases([3], "l")))
    one = await stop(world)
    assert (one.status, one.detected_at, one.effective_from, one.contract_ids) == (
        "OPEN", clock.now(), date(2026, 4, 6), (CONTRACT,),
    )  # fmt: skip
    # stopped from detection on, also what was before, and the contract stands until it is decided
    assert await contract(owner) == ("SIGNED", None)
    for stopped in (waiting, late):
        assert await frozen(world, stopped) == "T1"
        with pytest.raises(Suspended):
            await accept(world, stopped)
    clock.advance(timedelta(days=1))
    with pytest.raises(AlreadyTerminated):
        await stop(world)
    decided = await decide(world, one)
    assert (decided.status, decided.decided_at) == (TerminationStatus.DECIDED, clock.now())
    assert await contract(owner) == ("TERMINATED_BY_ISSUER", "T1")
    with pytest.raises(ContractNotSigned):
        await present(world, act("3", cases([4], "n")))
    clock.advance(timedelta(minutes=1))
    with pytest.raises(TerminationNotOpen):
        await decide(world, one)
    # money that no act waits for goes back at once, once
    assert await service.return_money(world) == 1
    assert await service.return_money(world) == 0
    assert await ledger.balance(world.db.payments, HELD) == 3 * TARIFF
    assert await ledger.balance(world.db.payments, PLANNED) == (UNITS + 50 - 3) * TARIFF
    # services of before: one act is settled and signed, one is held; the last word counts
    found = await settle(world, one, Verdict.SETTLE, waiting.act_id)
    assert [(a.before, a.verdict) for a in found.acts] == [(True, "SETTLE"), (True, None)]
    assert (await frozen(world, waiting), await frozen(world, late)) == (None, "T1")
    await accept(world, waiting)
    clock.advance(timedelta(minutes=1))
    await settle(world, one, Verdict.HOLD, late.act_id)
    assert await frozen(world, late) == "T1"
    clock.advance(timedelta(minutes=1))
    await settle(world, one, Verdict.SETTLE, late.act_id)
    await accept(world, late)
    assert await service.return_money(world) == 0
    assert await ledger.balance(world.db.payments, HELD) == 0
    assert (await ledger.proof(world.db.payments)).ok
    told = await service.history(world.db.payments, one.termination_id, CLINIC)
    assert [c.kind for c in told] == [
        "PaymentTerminated", "TerminationDecided", *["StoppedActsDecided"] * 3,
    ]  # fmt: skip
    ended = "SELECT payload ->> 'ground' FROM kernel.event WHERE kind = 'ContractTerminated'"
    assert [r[0] for r in await owner.fetch(ended)] == ["T1"]


async def test_services_from_the_effective_date_on_are_never_settled(world: Resources) -> None:
    on_the_day = await present(world, act("1", cases([1])))
    one = await stop(
        world,
        effective_from=DAY,
        document=msgspec.structs.replace(DOCUMENT, issued_on=date(2026, 3, 19)),
    )
    with pytest.raises(ActNotBefore) as refused:
        await settle(world, one, Verdict.SETTLE, on_the_day.act_id)
    assert refused.value.path == "$.acts[0]"
    with pytest.raises(ActNotBefore):  # not an act of this termination
        await settle(world, one, Verdict.HOLD, CONTRACT)
    await decide(world, one)
    # nothing can be settled: all of it goes back
    assert await service.return_money(world) == 1
    assert await ledger.balance(world.db.payments, HELD) == 0


async def test_a_termination_withdrawn_lets_payment_go_on(
    world: Resources, owner: Owner, clock: FixedClock
) -> None:
    waiting = await present(world, act("1", cases([1])))
    one = await stop(world)
    clock.advance(timedelta(minutes=1))
    assert (await withdraw(world, one)).status is TerminationStatus.WITHDRAWN
    assert await frozen(world, waiting) is None
    await accept(world, waiting)
    clock.advance(timedelta(minutes=1))
    for again in (withdraw, decide):
        with pytest.raises(TerminationNotOpen):
            await again(world, one)
    with pytest.raises(TerminationNotOpen):
        await settle(world, one, Verdict.HOLD, waiting.act_id)
    # the same document may be brought again: it did not count
    assert (await stop(world)).status is TerminationStatus.OPEN


async def test_whom_and_what_is_not_there(world: Resources, clock: FixedClock) -> None:
    with pytest.raises(NothingToTerminate):
        await stop(world, executor_id=ISSUER)
    with pytest.raises(NothingToTerminate):
        await stop(world, contract_id=LINE)
    one = await stop(world)
    with pytest.raises(TerminationNotFound):
        await service.find(world.db.payments, one.termination_id, ISSUER)
    with pytest.raises(TerminationNotFound):
        await decide(world, msgspec.structs.replace(one, termination_id=LINE))


@pytest.mark.parametrize(
    ("ground", "effective", "issued"),
    [
        ("T1", date(2026, 4, 7), date(2026, 4, 2)),  # not received yet
        ("T1", date(2026, 4, 1), date(2026, 4, 2)),  # received before it was made
        ("T1", date(2026, 4, 6), date(2026, 4, 7)),  # not made yet
        ("T2", date(2026, 4, 3), date(2026, 4, 2)),  # recorded after the protocol
        ("T2", date(2026, 4, 7), date(2026, 4, 7)),
    ],
)
def test_a_ground_counts_from_a_possible_day(ground: Any, effective: date, issued: date) -> None:
    document = msgspec.structs.replace(DOCUMENT, issued_on=issued)
    what = Open(CLINIC, ground, effective, document, "x")
    with pytest.raises(EffectiveDateWrong):
        rules.require_openable(what, date(2026, 4, 6))


def test_the_day_of_receipt_or_of_the_record_may_be_the_documents() -> None:
    for ground, effective in (("T1", date(2026, 4, 2)), ("T2", date(2026, 4, 2)), ("T2", DAY)):
        what = Open(CLINIC, ground, effective, DOCUMENT, "x")  # type: ignore[arg-type]
        rules.require_openable(what, date(2026, 4, 6))


# --- T3 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("detected", "last", "effective"),
    [
        ("2026-03-31", "2026-07-31", date(2026, 8, 1)),  # C14
        ("2026-06-10", "2026-10-12", date(2026, 10, 13)),  # 10 October is a Saturday (domain 3.20)
        ("2026-04-30", "2026-08-31", date(2026, 9, 1)),  # C16: 30 August is a Sunday
        ("2026-10-31", "2027-03-01", date(2027, 3, 2)),  # C15: no 31 February, the 28th is a Sunday
    ],
)
async def test_t3_from_the_day_after_the_four_months(
    world: Resources, clock: FixedClock, owner: Owner, detected: str, last: str, effective: date
) -> None:
    """The calendar's vectors: on the last day nothing ends and payment may be resumed, on the next it is T3."""
    clock.set(clock.now().fromisoformat(f"{detected}T05:00:00+00:00"))
    raised = await suspension.suspend(
        world, ISSUER_HEAD, command(world, Suspend(CLINIC, "S2", "берешек", SHA))
    )
    assert raised.remove_by == date.fromisoformat(last)
    clock.set(clock.now().fromisoformat(f"{last}T18:59:59+00:00"))  # 23:59:59 in Kazakhstan
    assert await service.expire(world) == 0
    clock.advance(timedelta(seconds=1))
    assert await service.expire(world) == 1
    assert await service.expire(world) == 0
    [one] = await service.page(world.db.payments, CLINIC, None, None, 10)
    assert (one.ground, one.effective_from, one.suspension_id) == (
        TerminationGround.T3, effective, raised.suspension_id,
    )  # fmt: skip
    # the decision brings the document M §17 asks for
    with pytest.raises(DocumentNeeded):
        await decide(world, one)
    decided = await decide(world, one, DOCUMENT)
    assert decided.document == DOCUMENT
    assert (await contract(owner))[0] in ("TERMINATED_BY_ISSUER", "EXPIRED")


async def test_t3_of_one_act_stops_its_contract_alone(
    world: Resources, clock: FixedClock, owner: Owner
) -> None:
    frozen_act = await present(world, act("1", cases([PEOPLE])))  # S3
    clock.set(clock.now().replace(month=8, day=6, hour=19))
    assert await service.expire(world) == 1
    assert await frozen(world, frozen_act) == "T3"
    [one] = await service.page(world.db.payments, CLINIC, TerminationStatus.OPEN, None, 10)
    assert one.contract_ids == (CONTRACT,)
    found = await settle(world, one, Verdict.SETTLE, frozen_act.act_id)
    assert [a.verdict for a in found.acts] == [Verdict.SETTLE]
    assert await frozen(world, frozen_act) is None


# --- T2 -----------------------------------------------------------------------------------------


async def test_a_protocol_signed_by_all_stops_payment_once(world: Resources, owner: Owner) -> None:
    waiting = await present(world, act("1", cases([1])))
    told = ProtocolSigned(
        subject=UUID(int=1),
        executor_id=CLINIC,
        protocol_id=UUID(int=2),
        protocol_sha256=SHA,
        nonconformities=2,
        terminates=True,
        recorded_on=date(2026, 4, 3),
        contract_id=None,
        address_mismatch_on=date(2026, 4, 2),
    )
    payload = {"event_id": "x", **msgspec.to_builtins(told)}
    for _ in range(2):
        await jobs.take_protocol(world, payload)
    [one] = await service.page(world.db.payments, CLINIC, None, None, 10)
    assert (one.ground, one.effective_from, one.protocol_id) == (
        TerminationGround.T2, date(2026, 4, 3), UUID(int=2),
    )  # fmt: skip
    assert one.document is not None
    assert one.document.sha256 == SHA
    assert await frozen(world, waiting) == "T2"
    [also] = await suspension.page(world.db.payments, CLINIC, "ACTIVE", None, 10)
    assert (also.ground, also.facts["recorded_on"]) == ("S1", "2026-04-02")


async def test_what_a_termination_rests_on_never_changes(world: Resources, owner: Owner) -> None:
    one = await stop(world)
    for change in (
        "UPDATE payments.termination SET effective_from = effective_from - 1",
        "UPDATE payments.termination SET document = '{}', status = 'DECIDED'",
        "DELETE FROM payments.termination",
        "DELETE FROM payments.termination_contract",
        "TRUNCATE payments.confirmed_complaint",
    ):
        with pytest.raises(Exception, match=r"does not go|never changed|cannot truncate"):
            await owner.execute(change)
    assert (await service.find(world.db.payments, one.termination_id, None)).termination == one
