"""Natural batching: what arrives while a batch is under way goes together in the next (SPEED.md).

No timer: a lone request starts at once and pays nothing; under load batches grow by themselves.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

import asyncpg

from backend.kernel.db import Db

K = TypeVar("K")
V = TypeVar("V")

IN_FLIGHT = 2  # batches of one kind in one process; more would only be smaller
LARGEST = 128
# Beside a larger batch none begins: what comes meanwhile makes one batch, not two halves. A batch costs the database
# more than several of its rows do (docs/bench.md).
SMALL = 4
# The server is away or has no room: asking again one by one would only make it worse.
_ALL_ALIKE = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)


class Batches(Generic[K, V]):
    """Answers questions of one kind, several at once: `run(db, questions)` gives the answers in order.

    `run` is one statement, so it happens or it does not. When the database refuses a batch, each
    question is asked alone: a bad one fails alone. What fails otherwise fails for all of the batch.
    """

    def __init__(
        self,
        run: Callable[[Db, Sequence[K]], Awaitable[Sequence[V]]],
        *,
        largest: int = LARGEST,
    ) -> None:
        self._run, self._largest = run, largest
        self._queues: WeakKeyDictionary[Db, _Queue[K, V]] = WeakKeyDictionary()

    async def ask(self, db: Db, question: K) -> V:
        """The answer to one question. Raises what `run` raises."""
        queue = self._queues.get(db)
        if queue is None:
            queue = self._queues[db] = _Queue()
        answer: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        queue.waiting.append((question, answer))
        if not queue.woken and queue.has_room():
            # when this turn of the loop is over, so that what arrived with it comes along
            queue.woken = True
            asyncio.get_running_loop().call_soon(self._start, db, queue)
        return await answer

    def _start(self, db: Db, queue: "_Queue[K, V]") -> None:
        queue.woken = False
        batch: list[tuple[K, asyncio.Future[V]]] = []
        while queue.waiting and len(batch) < self._largest:
            question, answer = queue.waiting.popleft()
            if not answer.done():  # who asked may have left
                batch.append((question, answer))
        if batch:
            queue.flying += 1
            queue.rows += len(batch)
            task = asyncio.get_running_loop().create_task(self._carry(db, queue, batch))
            queue.tasks.add(task)
            task.add_done_callback(queue.tasks.discard)

    async def _carry(
        self, db: Db, queue: "_Queue[K, V]", batch: "list[tuple[K, asyncio.Future[V]]]"
    ) -> None:
        try:
            await self._answer(db, batch)
        finally:
            queue.flying -= 1
            queue.rows -= len(batch)
            for _, answer in batch:
                answer.cancel()  # none is left open when the process stops in the middle
            if queue.waiting and queue.has_room():
                self._start(db, queue)

    async def _answer(self, db: Db, batch: "list[tuple[K, asyncio.Future[V]]]") -> None:
        try:
            found = await self._run(db, [question for question, _ in batch])
        except asyncpg.PostgresError as e:
            if len(batch) > 1 and not isinstance(e, _ALL_ALIKE):
                for one in batch:
                    await self._answer(db, [one])
                return
            _fail(batch, e)
        except Exception as e:
            _fail(batch, e)
        else:
            for (_, answer), value in zip(batch, found, strict=True):
                if not answer.done():
                    answer.set_result(value)


class _Queue(Generic[K, V]):
    """What waits and flies on one pool."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[K, asyncio.Future[V]]] = deque()
        self.tasks: set[asyncio.Task[None]] = set()
        self.flying = 0
        self.rows = 0  # of the batches that fly
        self.woken = False

    def has_room(self) -> bool:
        """Whether another batch may begin."""
        return self.flying < IN_FLIGHT and self.rows <= SMALL


def _fail(batch: "list[tuple[K, asyncio.Future[V]]]", error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)
