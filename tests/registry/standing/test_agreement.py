"""The database's judgement of many is the pure function's judgement of each."""

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from backend.kernel.clock import FixedClock, legal_midnight
from backend.kernel.db import Db
from backend.registry.entitlement import rules
from backend.registry.entitlement import service as entitlement
from backend.registry.entitlement.model import MhiCase
from backend.registry.standing import service
from tests.registry.standing.histories import Life, Owner, fill, life

PROOF = Path(__file__).parents[3] / "docs" / "proofs" / "entitlement.md"
SEED = int(os.environ.get("SAQTAU_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
AT_ONCE = 5_000
Told = tuple[Any, ...]
KEPT = """
    SELECT person_id, status, basis, reason, until, category, last_paid, unpaid, self_payer
      FROM registry.entitlement
"""


def expected(case: MhiCase) -> Told:
    """What the pure rules say, in the columns of the table."""
    ruling = rules.decide(case)
    this = rules.month_of(case.on)
    unpaid = sum(1 << (this - 1 - rules.month_of_period(p)) for p in ruling.unpaid)
    return (
        ruling.status,
        ruling.basis,
        ruling.reason,
        ruling.until,
        ruling.category.code if ruling.category else None,
        ruling.last_paid_month,
        unpaid,
        case.self_payer and not case.closed,
    )


async def differences(
    owner: Owner, db: Db, lives: Sequence[Life], on: date, seen: Counter[str]
) -> list[tuple[UUID, Told, Told]]:
    """The persons of whom table and rules say different things; `seen` counts what was met."""
    kept = {row[0]: tuple(row)[1:] for row in await owner.fetch(KEPT)}
    wrong = []
    ids = [one.person_id for one in lives]
    for start in range(0, len(ids), AT_ONCE):
        for person_id, case in (
            await entitlement.cases(db, ids[start : start + AT_ONCE], on)
        ).items():
            rule = expected(case)
            seen[rule[2]] += 1
            if kept.get(person_id) != rule:
                wrong.append((person_id, kept.get(person_id, ()), rule))
    return wrong


async def judge_all(db: Db, on: date, *, size: int = service.SLICE) -> None:
    """Everybody, part by part, as a recomputation does."""
    clock = FixedClock(legal_midnight(on))
    run = await service.start(db, clock, None)
    await service.recompute(db, clock, run.run_id, size=size)


async def agree(owner: Owner, db: Db, count: int, seed: int) -> tuple[Counter[str], list[float]]:
    """Judge `count` random people anew, and then by time alone until four months later."""
    chance = random.Random(seed)
    on = date(2026, 1, 1).replace(month=chance.randint(1, 12), day=chance.randint(1, 28))
    lives = [life(chance, on) for _ in range(count)]
    await fill(owner, lives, on)
    seen: Counter[str] = Counter()
    began = time.perf_counter()
    await judge_all(db, on, size=max(50, count // 20))
    took = [time.perf_counter() - began]
    assert not (wrong := await differences(owner, db, lives, on, seen)), (seed, on, wrong[:3])
    for _ in range(3):
        on = date.fromordinal(on.toordinal() + chance.choice((1, 9, 31, 45)))
        began = time.perf_counter()
        while await service.judge_due(db, FixedClock(legal_midnight(on)), AT_ONCE):
            pass
        took.append(time.perf_counter() - began)
        assert not (wrong := await differences(owner, db, lives, on, seen)), (seed, on, wrong[:3])
    return seen, took


async def test_many_are_judged_as_each(owner: Owner, db_registry: Db) -> None:
    seen, _ = await agree(owner, db_registry, 1_000, SEED)
    assert len(seen) >= 8, seen


@pytest.mark.prove
async def test_a_hundred_thousand_are_judged_as_each(owner: Owner, db_registry: Db) -> None:
    people = int(os.environ.get("SAQTAU_PROOF_PEOPLE", "100000"))
    total: Counter[str] = Counter()
    took: list[list[float]] = []
    for n in range(rounds := max(1, people // AT_ONCE)):
        seen, seconds = await agree(owner, db_registry, people // rounds, SEED + n)
        total += seen
        took.append(seconds)
    rows = "\n".join(f"| {reason} | {count:,} |" for reason, count in total.most_common())
    table = PAGE.format(
        seed=SEED,
        people=f"{people:,}",
        judgements=f"{sum(total.values()):,}",
        rounds=rounds,
        anew=sum(run[0] for run in took),
        later=sum(sum(run[1:]) for run in took),
        rows=rows,
    )
    sys.stdout.write(table)
    if people >= 100_000:
        PROOF.write_text(table, "utf-8")


PAGE = """# Entitlement: the database judges as the rules do

Run again with `SAQTAU_SEED={seed} .venv/bin/pytest -q -s -m prove tests/registry/standing/test_agreement.py`
(`SAQTAU_PROOF_PEOPLE` for another number). A new seed every time without `SAQTAU_SEED`; a failure prints seed, day
and persons. A sample of 1,000 people runs in `make test`.

**{people} random histories, seed {seed}: {judgements} judgements, 0 differences.** Each person is judged on four
days: once from the receipts (a recomputation in slices of a few hundred), then three times by time alone, from
the months as kept, where only those are looked at whose `review_on` has come. After every step the whole
table is compared with the pure function (`rules.decide`) over the receipts and categories of each: status, ground, reason,
last day, category, last paid month, unpaid months, self-payer. {rounds} databases full, each on days of its own in 2026
and 2027. Judging anew took {anew:.0f} s in all, by time alone {later:.0f} s, on a machine that did other work.

The histories are made to fall on the edges: runs of 1, 2, 3, 11 to 13, 59 to 61 and 66 months that end 0 to 13 months
ago or ahead, with a hole, paid month by month or all at once, by employers, sole proprietors, self-payers and
several of them for one month, refunded in part or whole; categories that begin and end the day before, on, and
after the day, that overlap, or never end; closed accounts.

| reason | judgements |
|---|---|
{rows}
"""
