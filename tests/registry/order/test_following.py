"""An order followed as it is carried out: by one, and by many for what one costs."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from backend.registry.account.model import Organisation
from backend.registry.order import service
from backend.registry.order.model import IssuePolicies, Order
from backend.registry.order.queries import progress as progress_queries
from backend.registry.order.service import show
from tests.conftest import open_session
from tests.registry.conftest import ISSUER_BIN, Insure, Register, actor, iin_of, signed
from tests.serving import serving

ISSUER = actor(ISSUER_BIN, Role.ISSUER_HEAD)
PEOPLE = [iin_of(n) for n in range(300, 308)]
FOLLOWERS = 200


@pytest.fixture
async def issuer(register: Register) -> Organisation:
    return await register(ISSUER_BIN, Role.ISSUER_HEAD)


async def test_progress_is_followed_to_the_end(
    resources: Resources, issuer: Organisation, insure: Insure, client: Any
) -> None:
    await insure(*PEOPLE)
    accepted = await service.accept(
        resources, ISSUER, signed(IssuePolicies(2026), resources, ISSUER_BIN)
    )
    db = resources.db.registry
    quiet = [o async for o in service.progress(db, accepted.order_id, every_s=0, looks=20)]
    assert [o is None for o in quiet] == [False, True]  # and a sign of life

    running = asyncio.create_task(service.run(db, resources.clock, accepted.order_id, chunk=1))
    seen = [o async for o in service.progress(db, accepted.order_id, every_s=0, looks=10_000) if o]
    await running
    assert [o.done for o in seen] == sorted(o.done for o in seen)
    assert (seen[-1].status, seen[-1].done) == ("DONE", 8)
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        told = await http.get(f"/api/v1/orders/{accepted.order_id}/progress")
    assert told.headers["content-type"].startswith("text/event-stream")
    event, data = told.text.strip().splitlines()[:2]
    assert event == "event: progress"
    assert msgspec.json.decode(data.removeprefix("data: "))["done"] == 8


async def test_two_hundred_follow_an_order_for_what_one_costs(
    resources: Resources,
    issuer: Organisation,
    insure: Insure,
    app: Litestar,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each, over a socket of his own, sees it come to its end; one more is told to come again, before an answer begins."""
    monkeypatch.setattr(show, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(show, "WATCHERS_MAX", FOLLOWERS)
    looks: list[int] = []
    look = progress_queries.FIND_ALL.all

    async def counted(*given: Any) -> Any:
        looks.append(len(given[1]))
        return await look(*given)

    monkeypatch.setattr(progress_queries.FIND_ALL, "all", counted)
    await insure(*PEOPLE)
    accepted = await service.accept(
        resources, ISSUER, signed(IssuePolicies(2026), resources, ISSUER_BIN)
    )
    token = await open_session(resources, Role.ISSUER_HEAD, bin=ISSUER_BIN)
    path = f"/api/v1/orders/{accepted.order_id}/progress"
    begun = asyncio.Semaphore(0)

    async def follow(http: httpx.AsyncClient) -> list[Order]:
        seen = []
        async with http.stream("GET", path) as answer:
            assert answer.status_code == 200
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    seen.append(msgspec.json.decode(line.removeprefix("data: "), type=Order))
                    begun.release()
        return seen

    async with (
        serving(app) as server,
        httpx.AsyncClient(
            base_url=server.url,
            headers={"Authorization": f"Bearer {token}"},
            limits=httpx.Limits(max_connections=FOLLOWERS + 1),
            timeout=60,
            trust_env=False,
        ) as http,
    ):
        following = [asyncio.create_task(follow(http)) for _ in range(FOLLOWERS)]
        for _ in following:
            await begun.acquire()
        refused = await http.get(path)
        assert (refused.status_code, refused.json()["code"]) == (429, "ORDER_WATCHED_TOO_MUCH")
        await service.run(resources.db.registry, resources.clock, accepted.order_id, chunk=1)
        for seen in await asyncio.gather(*following):
            assert [order.done for order in seen] == sorted(order.done for order in seen)
            assert (seen[0].status, seen[-1].status, seen[-1].done) == ("ACCEPTED", "DONE", 8)
        assert set(looks) == {1}  # one order, once a round, for all of them
        assert (await http.get(path)).status_code == 200  # there is room again


async def test_no_room_is_said_with_a_status(
    resources: Resources, issuer: Organisation, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show, "WATCHERS_MAX", 0)
    accepted = await service.accept(
        resources, ISSUER, signed(IssuePolicies(2026), resources, ISSUER_BIN)
    )
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        refused = await http.get(f"/api/v1/orders/{accepted.order_id}/progress")
    assert (refused.status_code, refused.json()["code"]) == (429, "ORDER_WATCHED_TOO_MUCH")
    assert int(refused.headers["retry-after"]) > 0
