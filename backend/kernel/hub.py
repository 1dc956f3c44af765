"""What many follow is asked for once: one statement a while for all that is watched in this process.

So a hundred open pages cost the database what one costs, and their number is bounded.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from backend.kernel import logs
from backend.kernel.errors import TooMany

K = TypeVar("K")
V = TypeVar("V")

RETRY_AFTER_S = 5  # somebody will have left
log = logs.get("kernel.hub")


class Hub(Generic[K, V]):
    """`read` tells the present value of each key that is there, for all that are watched; asked every `every_s`.

    At most `watchers_max` watch at a time; `too_many` is what others are told.
    """

    def __init__(
        self,
        read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
        *,
        every_s: float,
        watchers_max: int,
        too_many: type[TooMany],
    ) -> None:
        self._read, self._every_s = read, every_s
        self._watchers_max, self._too_many = watchers_max, too_many
        self._watched: Counter[K] = Counter()
        self._values: Mapping[K, V] = {}
        self._next: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    def require_room(self) -> None:
        """Raise `too_many` when nobody else can watch: before an answer begins that cannot say so any more."""
        if self._watched.total() >= self._watchers_max:
            raise self._too_many(retry_after_s=RETRY_AFTER_S)

    @contextmanager
    def watching(self, key: K) -> Iterator[None]:
        """Watch `key` for as long as the block lasts. Raises `too_many`."""
        self.require_room()
        self._watched[key] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())
        try:
            yield
        finally:
            self._leave(key)

    async def next(self, key: K) -> V | None:
        """The value at the next reading that begins; None when there is none, or it was never read.

        While the store is away, the last one.
        """
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._next)
        return self._values.get(key)

    def _leave(self, key: K) -> None:
        self._watched[key] -= 1
        if not self._watched[key]:
            del self._watched[key]
        if not self._watched and self._task is not None:
            self._task.cancel()
            self._task, self._values = None, {}

    async def _poll(self) -> None:
        while self._watched:
            await asyncio.sleep(self._every_s)
            # who asks while this reading is under way waits for the next: it may be older than what he knows
            waiting, self._next = self._next, None
            try:
                self._values = await self._read(list(self._watched))
            except Exception as e:  # those who watch wait on
                log.warning("what is watched was not read", error=type(e).__name__)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)
