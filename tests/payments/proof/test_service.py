"""The hourly proof: it comes out, it finds what an owner of the database changed, it is shown to anybody."""

from datetime import timedelta

import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments import jobs
from backend.payments.proof import service
from tests.conftest import Client
from tests.payments.conftest import (
    CONTRACT,
    ISSUER_BIN,
    LINE,
    TARIFF,
    Owner,
    accept,
    act,
    cases,
    present,
)


async def test_an_hourly_proof_stays_and_anybody_reads_it(
    world: Resources, clock: FixedClock, client: Client
) -> None:
    async with client() as guest:
        assert (await guest.get("/api/v1/public/ledger-proof")).status_code == 404
        await accept(world, await present(world, act("7", cases([1, 2]))))
        first = await service.prove_due(world)
        assert first is not None
        assert first.ok
        assert await service.prove_due(world) is None
        clock.advance(timedelta(minutes=61))
        await jobs.prove_ledger(world)
        last = (await guest.get("/api/v1/public/ledger-proof")).json()
        assert last["ok"] is True
        assert last["totals"][1]["accepted_tiyn"] == 2 * TARIFF
        assert (await guest.get("/api/v1/ledger/proofs")).status_code == 401
    async with client(Role.ISSUER_FINANCE, bin=ISSUER_BIN) as officer:
        kept = (await officer.get("/api/v1/ledger/proofs")).json()["items"]
        assert [p["result"]["proved_at"] for p in kept] == [
            "2026-04-06T05:01:00Z",
            "2026-04-06T04:00:00Z",
        ]
        assert (await officer.get("/api/v1/ledger/proof")).json()["ok"] is True


@pytest.mark.parametrize(
    ("change", "lines", "contracts"),
    [
        ("UPDATE payments.act SET total_tiyn = total_tiyn + 1", 0, 1),
        ("UPDATE payments.act_line SET amount_tiyn = amount_tiyn + 1", 1, 0),
        # a well-formed transfer that nothing on paper stands for
        (
            """
            INSERT INTO payments.transfer (transfer_id, kind, cause, at)
            VALUES (uuidv7(), 'act_accepted', 'nothing', '2026-04-06Z');
            INSERT INTO payments.entry (transfer_id, account, amount_tiyn)
            SELECT transfer_id, account, sign * 5 FROM payments.transfer, (VALUES
                ('accepted:01980000-0000-7000-8000-0000000000b1', 1),
                ('contract:01980000-0000-7000-8000-0000000000b1:01980000-0000-7000-8000-0000000000a3', -1)
            ) AS side (account, sign) WHERE cause = 'nothing'
            """,
            1,
            1,
        ),
    ],
)
async def test_what_no_document_stands_for_is_found(
    world: Resources, owner: Owner, change: str, lines: int, contracts: int
) -> None:
    await accept(world, await present(world, act("7", cases([1, 2]))))
    async with owner.transaction():
        await owner.execute(change)
    found = await service.prove_due(world)
    assert found is not None
    assert not found.ok
    assert found.counted.ok
    assert [x.line_id for x in found.lines] == [LINE] * lines
    assert [x.contract_id for x in found.contracts] == [CONTRACT] * contracts
    assert service.ALARM._value.get() == 1
    told = await owner.fetchval(
        "SELECT count(*) FROM kernel.event WHERE kind = 'LedgerProofFailed'"
    )
    assert told == 1
