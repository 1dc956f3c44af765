"""Races of acts at full size (FAULTS 1, 6): one act key at once, one contract's balance at once.

`.venv/bin/pytest -q -s -m prove tests/payments/act/test_races.py` writes docs/proofs/acts.md
(`SAQTAU_ROUNDS`, `SAQTAU_ACTS` make it smaller; the page is written at full size only). The ordinary
suite runs `test_submit.py::test_200_at_once_leave_one_act` and the sample below.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from backend.kernel.resources import Resources
from backend.payments.act.errors import DuplicateAct, NotInOrder, OverContract
from backend.payments.act.model import ActStatus, ActWithReport
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.ledger.model import TransferKind
from tests.payments.conftest import (
    CONTRACT,
    LINE,
    TARIFF,
    UNITS,
    Owner,
    accept,
    act,
    cases,
    present,
)

PROOF = Path(__file__).parents[3] / "docs" / "proofs" / "acts.md"
POSTS, ROUNDS = 200, 50
WORKERS, ACTS = 64, 100
CONTRACTED = accounts.contract_line(CONTRACT, LINE, "mhi")
ACCEPTED = accounts.accepted(CONTRACT, "mhi")


async def one_key_at_once(world: Resources, owner: Owner, rounds: int) -> Counter[str]:
    """Every round: 200 equal acts at once. How they ended; one row and one claim are left of each round."""
    ended: Counter[str] = Counter()
    for number in range(rounds):
        command = act(f"{number}", cases([number % 20 + 1], f"{number}", episode=f"{number}"))
        outcomes = await asyncio.gather(
            *(present(world, command) for _ in range(POSTS)), return_exceptions=True
        )
        ended.update(type(o).__name__ for o in outcomes)
    assert ended == {ActWithReport.__name__: rounds, DuplicateAct.__name__: rounds * (POSTS - 1)}
    for table in ("act", "act_case", "service_record_claim", "service_content_claim"):
        assert await owner.fetchval(f"SELECT count(*) FROM payments.{table}") == rounds, table
    return ended


async def one_balance_at_once(world: Resources, each: int, units: int) -> Counter[str]:
    """64 workers present `each` acts of `units`, then sign them, while the contract loses a fifth."""
    room = UNITS // units

    async def present_some(worker: int) -> list[ActWithReport]:
        return [
            await present(
                world,
                act(f"{worker}-{n}", cases([n % 20 + 1], f"{worker}-{n}", units, episode=f"{worker}-{n}")),
            )
            for n in range(each)
        ]  # fmt: skip

    parts = await asyncio.gather(*(present_some(worker) for worker in range(WORKERS)))
    presented = [one for part in parts for one in part]
    passed = [one for one in presented if one.status is ActStatus.CHECK_PASSED]
    failed = [one for one in presented if one.status is ActStatus.CHECK_FAILED]
    assert (len(passed), len(failed)) == (room, WORKERS * each - room)
    assert {code for one in failed for code in one.report.counts} == {"OVER_CONTRACT"}
    lost = room // 5
    async with world.db.payments.transaction() as tx:
        await ledger.post(
            tx,
            "correction",
            TransferKind.CONTRACT_REDUCED,
            accounts.move(lost * units * TARIFF, CONTRACTED, accounts.plan_line(LINE, "mhi")),
            world.clock.now(),
        )
    queue = sorted(passed, key=lambda one: one.seq_no)

    async def sign(worker: int) -> list[str]:
        return [await _until_decided(world, one) for one in queue[worker::WORKERS]]

    told = [o for part in await asyncio.gather(*map(sign, range(WORKERS))) for o in part]
    db = world.db.payments
    assert Counter(told) == {"accepted": room - lost, "over": lost}
    assert await ledger.balance(db, CONTRACTED) == 0
    assert await ledger.balance(db, ACCEPTED) == (room - lost) * units * TARIFF
    assert (await ledger.proof(db)).ok
    return Counter(told) + Counter(failed=len(failed))


async def _until_decided(world: Resources, one: ActWithReport) -> str:
    while True:
        try:
            await accept(world, one)
        except NotInOrder:
            await asyncio.sleep(0)
        except OverContract:
            return "over"
        else:
            return "accepted"


async def test_a_sample_of_one_balance(world: Resources) -> None:
    await one_balance_at_once(world, each=1, units=5)


@pytest.mark.prove
async def test_one_key_at_once(world: Resources, owner: Owner) -> None:
    rounds = int(os.environ.get("SAQTAU_ROUNDS", ROUNDS))
    began = time.monotonic()
    ended = await one_key_at_once(world, owner, rounds)
    told = f"{rounds} rounds of {POSTS} equal acts at once: {dict(ended)}, {rounds} acts left"
    write("duplicates", told, time.monotonic() - began, whole=rounds >= ROUNDS)


@pytest.mark.prove
async def test_one_balance_at_once(world: Resources) -> None:
    each = int(os.environ.get("SAQTAU_ACTS", ACTS))
    began = time.monotonic()
    ended = await one_balance_at_once(world, each, units=1 if each >= 8 else 4)
    told = (
        f"{WORKERS} workers x {each} acts: {dict(sorted(ended.items()))}; balance 0, ledger proved"
    )
    write("one contract", told, time.monotonic() - began, whole=each >= ACTS)


def write(name: str, told: str, seconds: float, *, whole: bool) -> None:
    """A row on the terminal, and on the page when the proof was whole."""
    row = f"| {name} | {told} | {seconds:.0f} |"
    sys.stdout.write(f"\n{row}\n")
    if not whole:
        return
    head = (
        "# Races of acts (FAULTS 1, 6)\n\n"
        "`.venv/bin/pytest -q -s -m prove tests/payments/act/test_races.py`\n\n"
        "| what | outcome | s |\n|---|---|---|\n"
    )
    rows = PROOF.read_text("utf-8").splitlines()[6:] if PROOF.exists() else []
    kept = [line for line in rows if line and not line.startswith(f"| {name} ")]
    PROOF.write_text(head + "\n".join(sorted([*kept, row])) + "\n", "utf-8")
