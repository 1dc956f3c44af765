"""Batches grow under load, answer each question its own answer, and let a bad question fail alone."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from backend.kernel.batches import IN_FLIGHT, SMALL, Batches
from backend.kernel.db import Db, Query

DIVIDE = Query[int](
    "SELECT (100 / n)::int FROM unnest($1::int[]) WITH ORDINALITY AS a (n, i) ORDER BY i"
)


class Divider:
    """100 divided by each, in the database; remembers how it was asked."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.flying = self.most = 0

    async def __call__(self, db: Db, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            return await DIVIDE.all(db, numbers)
        finally:
            self.flying -= 1


async def test_everyone_gets_his_own_answer_and_few_statements_are_sent(db_signing: Db) -> None:
    run = Divider()
    batches = Batches(run, largest=40)

    async def late(n: int) -> int:
        for _ in range(n % 7):
            await asyncio.sleep(0)
        return await batches.ask(db_signing, n)

    answers = await asyncio.gather(*(late(n) for n in range(1, 301)))
    assert answers == [100 // n for n in range(1, 301)]
    assert len(run.batches) <= 20
    assert run.most <= IN_FLIGHT
    assert max(map(len, run.batches)) <= 40


async def test_small_batches_fly_together_and_a_large_one_alone(db_signing: Db) -> None:
    gate, begun = asyncio.Event(), list[int]()

    async def run(_: Db, questions: Sequence[int]) -> list[int]:
        begun.append(len(questions))
        await gate.wait()
        return list(questions)

    batches, asked = Batches(run), list[asyncio.Task[int]]()
    for size in (1, SMALL, 3):  # the third finds no lane free
        asked += [asyncio.create_task(batches.ask(db_signing, n)) for n in range(size)]
        for _ in range(3):
            await asyncio.sleep(0)
    assert begun == [1, SMALL]
    gate.set()
    await asyncio.gather(*asked)
    gate.clear()
    begun.clear()
    for size in (SMALL + 1, 1):  # one lane is free, but what flies is large
        asked += [asyncio.create_task(batches.ask(db_signing, n)) for n in range(size)]
        for _ in range(3):
            await asyncio.sleep(0)
    assert begun == [SMALL + 1]
    gate.set()
    await asyncio.gather(*asked)
    assert begun == [SMALL + 1, 1]


async def test_one_alone_is_asked_at_once(db_signing: Db) -> None:
    run = Divider()
    assert await Batches(run).ask(db_signing, 4) == 25
    assert run.batches == [[4]]


async def test_a_bad_question_fails_alone(db_signing: Db) -> None:
    batches = Batches(Divider())
    answers = await asyncio.gather(
        *(batches.ask(db_signing, n) for n in (5, 0, 10, 0)), return_exceptions=True
    )
    assert (answers[0], answers[2]) == (20, 10)
    assert all(isinstance(answers[n], asyncpg.DivisionByZeroError) for n in (1, 3))
    assert await batches.ask(db_signing, 2) == 50


async def test_a_defect_reaches_everyone_and_the_next_batch_runs(db_signing: Db) -> None:
    async def run(_: Db, questions: Sequence[str]) -> list[str]:
        if "bad" in questions:
            raise ZeroDivisionError
        return list(questions)

    batches = Batches(run)
    asked = [batches.ask(db_signing, q) for q in ("good", "bad")]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(a) for a in answers] == [ZeroDivisionError] * 2
    assert await batches.ask(db_signing, "good") == "good"


async def test_who_leaves_takes_nobody_along(db_signing: Db) -> None:
    batches = Batches(Divider())
    leaves = asyncio.create_task(batches.ask(db_signing, 1))
    stays = asyncio.create_task(batches.ask(db_signing, 2))
    await asyncio.sleep(0)
    leaves.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaves
    assert await stays == 50
