"""The issuer signs in order, passes over what is frozen, and never accepts more than a contract holds."""

import asyncio
import hashlib
from collections import Counter
from datetime import date, timedelta

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.act.errors import (
    ActNotFound,
    ActStateWrong,
    ContentMismatch,
    NotInOrder,
    OverContract,
)
from backend.payments.act.model import ActStatus, ActWithReport, ApproveAct
from backend.payments.act.service import approve, read
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.ledger.model import TransferKind
from backend.payments.suspension import service as suspension
from backend.payments.suspension.errors import (
    AlreadySuspended,
    ExecutorUnknown,
    Suspended,
    SuspensionNotActive,
    SuspensionNotFound,
)
from backend.payments.suspension.model import Resume, Suspend, Suspension
from backend.payments.termination import service as termination
from backend.registry.log import service as log
from tests.payments.conftest import (
    CLINIC,
    CONTRACT,
    ISSUER,
    ISSUER_BIN,
    ISSUER_HEAD,
    LINE,
    PEOPLE,
    TARIFF,
    accept,
    act,
    cases,
    person,
    present,
    signed,
)

CONTRACTED = accounts.contract_line(CONTRACT, LINE, "mhi")
SHA = hashlib.sha256(b"proof").hexdigest()


async def state(world: Resources, submitted: ActWithReport) -> ActWithReport:
    return await read.act_with_report(world.db.payments, submitted.act_id, None)


async def test_acceptance_moves_money_and_tells_each_insured(
    world: Resources, clock: FixedClock
) -> None:
    submitted = await present(world, act("7", [*cases([1, 2]), *cases([1], "s", 2, episode="2")]))
    await accept(world, submitted)
    db = world.db.payments
    _, mhi = await ledger.totals(db)
    assert (mhi.accepted_tiyn, mhi.contracted_tiyn) == (4 * TARIFF, 200 * TARIFF)
    used = await log.of_subject(world.db.registry, person(1))
    assert [(o.seq, o.op_type, o.basis_id) for o in used] == [
        (1, "COVERAGE_USED", str(submitted.act_id)),
        (2, "COVERAGE_USED", str(submitted.act_id)),
    ]
    assert f'"amount_tiyn":{2 * TARIFF}' in used[1].content
    assert (await state(world, submitted)).status is ActStatus.SIGNED_BY_ISSUER
    clock.advance(timedelta(seconds=1))
    with pytest.raises(ActStateWrong):
        await accept(world, submitted)
    assert (await ledger.proof(db)).ok


async def test_acts_are_signed_in_the_order_of_submission(world: Resources) -> None:
    first, second, third = [
        await present(world, act(f"{n}", cases([n], prefix=f"{n}"))) for n in (1, 2, 3)
    ]
    for later in (second, third):
        with pytest.raises(NotInOrder) as refused:
            await accept(world, later)
        assert refused.value.facts == {"next": 1}
    for one in (first, second, third):
        await accept(world, one)


async def test_only_the_act_that_was_read_is_signed(world: Resources) -> None:
    submitted = await present(world, act("7", cases([1])))
    now = world.clock.now()
    for command, error in (
        (ApproveAct(submitted.act_id, "0" * 64), ContentMismatch),
        (ApproveAct(CONTRACT, submitted.content_sha256), ActNotFound),
    ):
        with pytest.raises(error):
            await approve.approve(world, ISSUER_HEAD, signed(command, ISSUER_BIN, now))


async def resume(world: Resources, suspension_id: object, salt: str = "") -> Suspension:
    command = Resume(suspension_id, SHA, "QR кодтар ілінді")  # type: ignore[arg-type]
    return await suspension.resume(
        world, ISSUER_HEAD, signed(command, ISSUER_BIN, world.clock.now(), salt)
    )


async def test_a_frozen_act_is_passed_over_and_signed_after_resumption(world: Resources) -> None:
    frozen = await present(world, act("1", cases([PEOPLE, PEOPLE - 1])))
    failed = await present(world, act("2", cases([1], iin="850101300999")))
    assert (frozen.frozen, failed.status) == ("S3", ActStatus.CHECK_FAILED)
    with pytest.raises(Suspended) as refused:
        await accept(world, frozen)
    assert refused.value.facts == {"ground": "S3"}
    # the whole contract is frozen with it: also acts that are good in themselves
    good = await present(world, act("3", cases([1], prefix="g")))
    assert good.frozen == "S3"
    with pytest.raises(Suspended):
        await accept(world, good)
    [raised] = await suspension.page(world.db.payments, CLINIC, "ACTIVE", None, 10)
    resumed = await resume(world, raised.suspension_id)
    assert (resumed.status, resumed.resumed_at) == ("RESUMED", world.clock.now())
    with pytest.raises(SuspensionNotActive):
        await resume(world, raised.suspension_id, salt=" ")
    with pytest.raises(SuspensionNotFound):
        await resume(world, CONTRACT)
    await accept(world, frozen)
    await accept(world, good)


async def test_the_queue_goes_past_what_is_frozen_and_says_why(
    world: Resources, clock: FixedClock, owner: object
) -> None:
    """S1 on another contract's act: here a second contract of the same clinic, frozen by hand."""
    other = await _second_contract(owner)
    first = await present(world, act("1", cases([1])))
    command = Suspend(CLINIC, "S1", "мекенжай лицензияға сай емес", SHA, contract_id=CONTRACT)
    now = clock.now()
    await suspension.suspend(world, ISSUER_HEAD, signed(command, ISSUER_BIN, now))
    with pytest.raises(AlreadySuspended):
        await suspension.suspend(world, ISSUER_HEAD, signed(command, ISSUER_BIN, now, " "))
    free = await present(
        world, type(act("1", ()))(other, "1", first.period_from, first.period_to, cases([2], "o"))
    )
    assert ((await state(world, first)).frozen, free.frozen) == ("S1", None)
    await accept(world, free)
    assert (await state(world, first)).skips == ("S1",)
    for executor, contract in ((ISSUER, None), (CLINIC, LINE)):
        with pytest.raises(ExecutorUnknown):
            await suspension.suspend(
                world,
                ISSUER_HEAD,
                signed(Suspend(executor, "S2", "x", SHA, contract), ISSUER_BIN, now),
            )


async def _second_contract(owner: object) -> object:
    other = CONTRACT.__class__(int=CONTRACT.int + 1)
    await owner.execute("SET session_replication_role = replica")  # type: ignore[attr-defined]
    await owner.execute(  # type: ignore[attr-defined]
        """
        INSERT INTO allocation.contract (contract_id, number, decision_id, application_id,
            executor_id, source, seq_no, status, content, content_sha256, amount_tiyn, valid_from,
            valid_to, formed_at, issuer_evidence_id, issuer_signed_at, executor_evidence_id,
            executor_signed_at)
        SELECT $1, '2026-MHI-000002', $1, $1, executor_id, source, seq_no, status, content,
               content_sha256, $2, valid_from, valid_to, formed_at, $1, issuer_signed_at, $1,
               executor_signed_at
          FROM allocation.contract
        """,
        other,
        10 * TARIFF,
    )
    await owner.execute(  # type: ignore[attr-defined]
        "INSERT INTO allocation.contract_line VALUES ($1, $2, 'cdc', '75', 'service', 10, $3, $4)",
        other,
        LINE,
        TARIFF,
        10 * TARIFF,
    )
    await owner.execute("SET session_replication_role = origin")  # type: ignore[attr-defined]
    return other


async def test_four_months_run_out_on_the_legal_day(world: Resources, clock: FixedClock) -> None:
    frozen = await present(world, act("1", cases([PEOPLE])))
    [raised] = await suspension.page(world.db.payments, CLINIC, None, None, 10)
    assert raised.remove_by == date(2026, 8, 6)
    clock.set(clock.now().replace(month=8, day=6, hour=18, minute=59))  # 23:59 in Kazakhstan
    assert await termination.expire(world) == 0
    clock.advance(timedelta(minutes=1))
    # the last day is over: too late even before the sweep has looked
    with pytest.raises(SuspensionNotActive):
        await resume(world, raised.suspension_id)
    assert await termination.expire(world) == 1
    assert await termination.expire(world) == 0
    gone = await suspension.find(world.db.payments, raised.suspension_id, CLINIC)
    assert (gone.status, gone.terminated_from) == ("EXPIRED", date(2026, 8, 7))
    assert (await state(world, frozen)).frozen == "T3"


async def test_64_at_once_never_accept_more_than_the_contract_holds(
    world: Resources, clock: FixedClock
) -> None:
    """The contract shrinks after submission: the ledger alone stands between 64 workers and it."""
    submitted = [
        await present(world, act(f"{n}", cases([n % 20 + 1], prefix=f"{n}", episode=f"{n}")))
        for n in range(64)
    ]
    async with world.db.payments.transaction() as tx:
        await ledger.post(
            tx,
            "correction",
            TransferKind.CONTRACT_REDUCED,
            accounts.move(160 * TARIFF, CONTRACTED, accounts.plan_line(LINE, "mhi")),
            clock.now(),
        )

    async def until_decided(one: ActWithReport) -> str:
        while True:
            try:
                await accept(world, one)
            except NotInOrder:
                await asyncio.sleep(0)
            except OverContract:
                return "over"
            else:
                return "accepted"

    outcomes = Counter(await asyncio.gather(*(until_decided(one) for one in submitted)))
    assert outcomes == {"accepted": 40, "over": 24}
    assert await ledger.balance(world.db.payments, CONTRACTED) == 0
    assert (await ledger.proof(world.db.payments)).ok
    assert (await state(world, submitted[-1])).held == "OVER_CONTRACT"
