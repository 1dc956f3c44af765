"""A running service says how it is."""

import asyncio
from datetime import UTC, datetime, timedelta

from backend.app import wings, worker
from backend.kernel import heartbeats


async def test_a_started_service_is_ready(client) -> None:
    async with client() as http:
        answer = await http.get("/health/ready")
        assert answer.status_code == 200, answer.text
        assert {c["name"] for c in answer.json()["checks"]} == {
            "database",
            "valkey",
            "migrations",
            "clock",
            "registry",
        }
        assert answer.json()["ready"] is True


async def test_metrics_name_routes_not_values(client) -> None:
    async with client() as http:
        await http.get("/health/live")
        metrics = await http.get("/metrics")
        assert metrics.status_code == 200
        assert "saqtau" in metrics.text


async def test_head_is_get_without_its_body(client) -> None:
    async with client() as http:
        asked, told = await http.head("/health/live"), await http.get("/health/live")
        assert (asked.status_code, asked.content) == (200, b"")
        assert asked.headers["content-length"] == str(len(told.content))
        assert (await http.head("/api/v1/login/session")).status_code == 401
        assert (await http.head("/api/v1/login/challenges")).status_code == 405


async def test_an_unknown_address_is_a_problem_document(client) -> None:
    async with client() as http:
        answer = await http.get("/api/v1/nothing", headers={"Accept-Language": "ru"})
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["code"] == "NO_SUCH_ROUTE"
        assert answer.json()["title"] == "Такого адреса нет"


async def test_a_challenge_is_given_to_anyone(client) -> None:
    async with client() as http:
        answer = await http.post("/api/v1/login/challenges")
        assert answer.status_code == 201, answer.text
        assert answer.json()["document"]


async def test_without_a_session_nothing_is_told(client) -> None:
    async with client() as http:
        answer = await http.get("/api/v1/login/session")
        assert answer.status_code == 401
        assert answer.json()["code"] == "UNAUTHENTICATED"


async def test_a_worker_that_stopped_is_an_alarm_within_five_minutes(client, resources) -> None:
    names = wings.sweep_table().keys()
    async with client() as http:
        assert (await http.get("/health/sweeps")).status_code == 503  # no worker was ever here
        now = datetime.now(UTC)
        await heartbeats.beat(resources.db.registry, names, [], at=now - timedelta(minutes=4))
        assert (await http.get("/health/sweeps")).json()["alive"] is True
        others = names - {"payments.expire_suspensions"}
        await heartbeats.beat(resources.db.registry, others, [], at=now + timedelta(minutes=2))
        await heartbeats.beat(resources.db.registry, [], ["payments.expire_suspensions"], at=now)
        assert (await http.get("/health/sweeps")).status_code == 200


async def test_the_worker_s_heart_beats(resources, monkeypatch) -> None:
    """One round of the worker itself; the sweep that fails is the one that is told of."""

    async def broken(_: object) -> None:
        raise RuntimeError("no")

    stop = asyncio.Event()

    async def last(_: object) -> None:
        stop.set()

    monkeypatch.setattr(wings, "sweep_table", lambda: {"broken": broken, "last": last})
    await worker.sweep_for_ever(resources, stop)
    found = await heartbeats.of(resources.db.registry, ["broken", "last"], at=datetime.now(UTC))
    assert [(b.name, b.silent, b.failures) for b in found] == [
        ("broken", True, 1),
        ("last", False, 0),
    ]
