"""A cancelling act: by the executor before the issuer signs, by both after, never out of a register."""

import asyncio

import pytest

from backend.kernel.actor import Actor
from backend.kernel.resources import Resources
from backend.payments.act.errors import ActNotFound, ActStateWrong, ContentMismatch
from backend.payments.act.model import ActStatus, ActWithReport
from backend.payments.act.service import read
from backend.payments.cancellation import service
from backend.payments.cancellation.errors import CancellationNotFound, InvoiceStands
from backend.payments.cancellation.model import AgreeToCancel, CancelAct, Cancellation
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.registry.log import service as log
from tests.payments.conftest import (
    CLINIC,
    CLINIC_BIN,
    CONTRACT,
    HEAD,
    ISSUER_BIN,
    ISSUER_HEAD,
    LINE,
    TARIFF,
    UNITS,
    Owner,
    accept,
    act,
    cases,
    person,
    present,
    signed,
)

CONTRACTED = accounts.contract_line(CONTRACT, LINE, "mhi")
ACCEPTED = accounts.accepted(CONTRACT, "mhi")


async def cancel(
    world: Resources, one: ActWithReport, sha: str | None = None, salt: str = ""
) -> Cancellation:
    command = CancelAct(one.act_id, sha or one.content_sha256, "саны қате")
    return await service.cancel(world, HEAD, signed(command, CLINIC_BIN, world.clock.now(), salt))


async def agree(world: Resources, one: ActWithReport, actor: Actor = ISSUER_HEAD) -> Cancellation:
    command = AgreeToCancel(one.act_id, one.content_sha256)
    return await service.agree(world, actor, signed(command, ISSUER_BIN, world.clock.now()))


async def status(world: Resources, one: ActWithReport) -> ActStatus:
    return (await read.act(world.db.payments, one.act_id, None)).status


async def test_before_the_issuer_signs_the_executor_takes_it_back_alone(world: Resources) -> None:
    one = await present(world, act("7", cases([1, 2])))
    with pytest.raises(ContentMismatch):
        await cancel(world, one, "0" * 64)
    done = await cancel(world, one)
    assert done.cancelled_at == world.clock.now()
    assert await status(world, one) is ActStatus.CANCELLED
    # the number and the services are free again, put right
    again = await present(world, act("7", cases([1, 2], units=2)))
    assert again.status is ActStatus.CHECK_PASSED
    with pytest.raises(ActStateWrong) as refused:
        await cancel(world, one, salt=" ")
    assert refused.value.facts == {"status": "CANCELLED"}
    with pytest.raises(ActStateWrong):
        await accept(world, one)


async def test_after_the_issuer_signed_both_must(world: Resources) -> None:
    one = await present(world, act("7", cases([1, 2], units=3)))
    await accept(world, one)
    db = world.db.payments
    with pytest.raises(CancellationNotFound):
        await agree(world, one)
    assert (await cancel(world, one)).cancelled_at is None
    assert await status(world, one) is ActStatus.SIGNED_BY_ISSUER
    assert await ledger.balance(db, ACCEPTED) == 6 * TARIFF
    assert (await agree(world, one)).cancelled_at == world.clock.now()
    assert await status(world, one) is ActStatus.CANCELLED
    assert await ledger.balance(db, ACCEPTED) == 0
    assert await ledger.balance(db, CONTRACTED) == UNITS * TARIFF
    assert (await ledger.proof(db)).ok
    # what the account was told is answered, not erased (D2)
    told = await log.of_subject(world.db.registry, person(1))
    assert [o.op_type for o in told] == ["COVERAGE_USED", "COVERAGE_RETURNED"]
    assert told[0].content == told[1].content
    again = await present(world, act("8", cases([1, 2])))
    assert again.status is ActStatus.CHECK_PASSED


@pytest.mark.parametrize("state", ["IN_REGISTER", "PAID", "CHECK_FAILED"])
async def test_never_out_of_a_register(world: Resources, owner: Owner, state: str) -> None:
    one = await present(world, act("7", cases([1])))
    await accept(world, one)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "UPDATE payments.act SET status = $1, paid_at = CASE WHEN $1 = 'PAID' THEN signed_at END,"
        " signed_at = CASE WHEN $1 <> 'CHECK_FAILED' THEN signed_at END,"
        " issuer_evidence_id = CASE WHEN $1 <> 'CHECK_FAILED' THEN issuer_evidence_id END",
        state,
    )
    with pytest.raises(ActStateWrong) as refused:
        await cancel(world, one)
    assert refused.value.facts == {"status": state}
    with pytest.raises(ActStateWrong):
        await agree(world, one)


async def test_a_standing_invoice_is_revoked_first(world: Resources, owner: Owner) -> None:
    one = await present(world, act("7", cases([1])))
    await accept(world, one)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        """
        INSERT INTO payments.e_invoice (invoice_id, act_id, executor_id, contract_id, number,
            issued_on, period_from, period_to, total_tiyn, status, evidence_id, issued_at, try_at)
        SELECT act_id, act_id, executor_id, contract_id, 'ESF-1', period_to, period_from, period_to,
               total_tiyn, 'ISSUED', act_id, signed_at, signed_at
          FROM payments.act
        """
    )
    with pytest.raises(InvoiceStands):
        await cancel(world, one)
    await owner.execute("UPDATE payments.e_invoice SET status = 'REVOKED', revoked_at = issued_at")
    assert (await cancel(world, one)).cancelled_at is None


async def test_another_clinic_cannot(world: Resources, owner: Owner) -> None:
    one = await present(world, act("7", cases([1])))
    await accept(world, one)
    await cancel(world, one)
    db = world.db.payments
    assert (await service.find(db, one.act_id, CLINIC)).reason == "саны қате"
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("UPDATE payments.act SET executor_id = $1", LINE)
    with pytest.raises(ActNotFound):
        await cancel(world, one, salt=" ")
    with pytest.raises(CancellationNotFound):
        await service.find(db, one.act_id, CLINIC)
    assert (await service.find(db, one.act_id, None)).cancelled_at is None


async def test_signing_and_cancelling_at_once_never_do_both(world: Resources) -> None:
    submitted = [await present(world, act(f"{n}", cases([n], prefix=f"{n}"))) for n in range(1, 9)]
    for one in submitted:
        await asyncio.gather(accept(world, one), cancel(world, one), return_exceptions=True)
        # whichever came first: signed and proposed, or cancelled and never signed
        found = await status(world, one)
        assert found in (ActStatus.SIGNED_BY_ISSUER, ActStatus.CANCELLED)
    accepted = [one for one in submitted if await status(world, one) is ActStatus.SIGNED_BY_ISSUER]
    assert await ledger.balance(world.db.payments, ACCEPTED) == len(accepted) * TARIFF
    assert (await ledger.proof(world.db.payments)).ok
