"""What many watch is read once for all of them, and their number is bounded."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from backend.kernel.errors import TooMany
from backend.kernel.hub import Hub

MANY = 200


class Full(TooMany):
    code = "FULL"


class Store:
    """What is watched: the number of its readings, told of each key."""

    def __init__(self) -> None:
        self.readings: list[list[str]] = []
        self.away = False

    async def read(self, watched: Sequence[str]) -> Mapping[str, int]:
        self.readings.append(sorted(watched))
        if self.away:
            raise OSError
        return {key: len(self.readings) for key in watched if key != "absent"}

    def hub(self, watchers_max: int = MANY) -> Hub[str, int]:
        return Hub(self.read, every_s=0.01, watchers_max=watchers_max, too_many=Full)


async def ended() -> None:
    """Once the tasks that were cut off have ended."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), 20)


async def test_two_hundred_cost_what_one_costs() -> None:
    store = Store()
    hub = store.hub()

    async def see(key: str, times: int) -> list[int | None]:
        with hub.watching(key):
            return [await hub.next(key) for _ in range(times)]

    keys = ["a", "b"] * (MANY // 2)
    seen = await asyncio.gather(*(see(key, 3) for key in keys))
    assert seen == [[1, 2, 3]] * MANY
    assert store.readings == [["a", "b"]] * 3
    await ended()
    assert len(store.readings) == 3  # nobody watches: nobody asks


async def test_one_more_is_told_to_come_again_and_finds_room_once_somebody_left() -> None:
    hub = Store().hub(watchers_max=2)
    with hub.watching("a"):
        with hub.watching("a"):
            for knock in (hub.require_room, hub.watching("b").__enter__):
                with pytest.raises(Full) as refused:
                    knock()
                assert refused.value.retry_after_s
        with hub.watching("b"):
            assert await hub.next("b") is not None
    await ended()


async def test_while_the_store_is_away_the_last_value_stands() -> None:
    store = Store()
    hub = store.hub()
    with hub.watching("a"), hub.watching("absent"):
        assert (await hub.next("a"), await hub.next("absent")) == (1, None)
        store.away = True
        assert await hub.next("a") == await hub.next("a")
        store.away = False
        assert await hub.next("a") == len(store.readings)
    await ended()


async def test_who_comes_back_sees_nothing_old() -> None:
    store = Store()
    hub = store.hub()
    with hub.watching("a"):
        await hub.next("a")
    await ended()
    store.away = True
    with hub.watching("a"):
        assert await hub.next("a") is None
    await ended()


async def test_a_reading_begun_before_the_question_does_not_answer_it() -> None:
    begun, go_on, readings = asyncio.Event(), asyncio.Event(), 0

    async def read(_: Sequence[str]) -> Mapping[str, int]:
        nonlocal readings
        readings += 1
        mine = readings
        begun.set()
        await go_on.wait()
        return {"a": mine}

    hub: Hub[str, int] = Hub(read, every_s=0.01, watchers_max=1, too_many=Full)
    with hub.watching("a"):
        await begun.wait()
        asked = asyncio.create_task(hub.next("a"))
        await asyncio.sleep(0)
        go_on.set()
        assert await asked == 2
    await ended()
