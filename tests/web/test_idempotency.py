"""One key, one effect, one answer: also in parallel, after a restart, and never for somebody else."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.web import idempotency
from tests.conftest import open_session

DO = "/test/do"
ONE, OTHER = "061211600012", "090240000015"
HEAD = Role.EXECUTOR_HEAD


def key(name: str) -> dict[str, str]:
    return {"idempotency-key": name}


async def test_the_same_request_is_carried_out_once_and_answered_byte_for_byte(
    client: Any, effects: Any
) -> None:
    async with client(HEAD, bin=ONE) as http:
        first = await http.post(DO, json={"text": "қ"}, headers=key("a"))
        again = await http.post(DO, json={"text": "қ"}, headers=key("a"))
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["x-made-by"] == "do"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert "idempotency-replayed" not in first.headers
    assert effects.done == 1


async def test_also_after_a_restart_and_a_new_session(
    client: Any, another_app: Any, resources: Resources, effects: Any
) -> None:
    async with client(HEAD, bin=ONE) as http:
        first = await http.post(DO, json={"text": "x"}, headers=key("a"))
    token = await open_session(resources, HEAD, bin=ONE)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=another_app), base_url="http://x"
    ) as http:
        headers = {**key("a"), "authorization": f"Bearer {token}"}
        again = await http.post(DO, json={"text": "x"}, headers=headers)
    assert again.content == first.content
    assert effects.done == 1


async def test_another_request_under_the_key_is_refused(client: Any, effects: Any) -> None:
    async with client(HEAD, bin=ONE) as http:
        await http.post(DO, json={"text": "x"}, headers=key("a"))
        for path, body in ((DO, {"text": "y"}), (f"{DO}?q=1", {"text": "x"}), ("/test/token", {})):
            refused = await http.post(path, json=body, headers=key("a"))
            assert refused.status_code == 409
            assert refused.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
        assert (await http.post(DO, json={"text": "y"}, headers=key("b"))).status_code == 201
    assert effects.done == 2


async def test_fifty_at_once_have_one_effect(client: Any, effects: Any) -> None:
    effects.gate = asyncio.Event()
    async with client(HEAD, bin=ONE) as http:
        running = [
            asyncio.create_task(http.post(DO, json={"text": "x"}, headers=key("a")))
            for _ in range(50)
        ]
        while sum(task.done() for task in running) < 49:
            await asyncio.sleep(0.01)
        effects.gate.set()
        answers = await asyncio.gather(*running)
        after = await http.post(DO, json={"text": "x"}, headers=key("a"))
    assert effects.done == 1
    assert sorted(a.status_code for a in answers) == [201] + [409] * 49
    for waiting in (a for a in answers if a.status_code == 409):
        assert waiting.json()["code"] == "IDEMPOTENCY_STILL_RUNNING"
        assert waiting.headers["retry-after"] == "1"
    assert after.content == next(a.content for a in answers if a.status_code == 201)


@pytest.mark.parametrize("status", [500, 503, 401, 429])
async def test_failures_are_no_outcome(client: Any, effects: Any, status: int) -> None:
    effects.status = status
    async with client(HEAD, bin=ONE) as http:
        first = await http.post(DO, json={}, headers=key("a"))
        effects.status = 201
        again = await http.post(DO, json={}, headers=key("a"))
    assert (first.status_code, again.status_code) == (status, 201)
    assert effects.done == 2


@pytest.mark.parametrize("status", [200, 202, 404, 409, 422])
async def test_refusals_are_outcomes(client: Any, effects: Any, status: int) -> None:
    effects.status = status
    async with client(HEAD, bin=ONE) as http:
        first = await http.post(DO, json={}, headers=key("a"))
        again = await http.post(DO, json={}, headers=key("a"))
    assert first.status_code == again.status_code == status
    assert first.content == again.content
    assert effects.done == 1


async def test_a_defect_leaves_the_key_free(client: Any, effects: Any) -> None:
    async with client() as http:
        for _ in range(3):
            answer = await http.post("/test/fail?kind=defect", headers=key("a"))
            assert answer.status_code == 500
    assert effects.done == 3


async def test_keys_of_others_are_others(client: Any, effects: Any) -> None:
    answers = []
    for role, bin_ in ((HEAD, ONE), (HEAD, OTHER), (Role.EXECUTOR_OPERATOR, ONE)):
        async with client(role, bin=bin_) as http:
            answers.append(await http.post(DO, json={}, headers=key("a")))
    assert [a.json()["n"] for a in answers] == [1, 2, 3]
    assert answers[1].json()["who"] == OTHER


async def test_a_token_is_shown_once_and_lies_nowhere(
    client: Any, effects: Any, owner: asyncpg.Connection
) -> None:
    async with client() as http:
        first = await http.post("/test/token", headers=key("a"))
        again = await http.post("/test/token", headers=key("a"))
    assert (first.json()["token"], again.json()["token"]) == ("t1", "t2")
    assert await owner.fetchval("SELECT count(*) FROM web.idempotent_answer") == 0


async def test_who_asked_is_not_written_in_clear(client: Any, owner: asyncpg.Connection) -> None:
    iin = "870101300123"  # a sole proprietor acts under his IIN
    async with client(HEAD, bin=iin) as http:
        await http.post(DO, json={}, headers=key("a"))
    assert iin not in await owner.fetchval("SELECT actor FROM web.idempotent_answer")


@pytest.mark.parametrize(
    "bad",
    ["", " ", "a b", "ключ".encode(), "x" * 201, "\x7f", b"\xff", "a\tb"],
)
async def test_a_key_nobody_would_send_is_refused(client: Any, effects: Any, bad: Any) -> None:
    async with client(HEAD, bin=ONE) as http:
        refused = await http.post(DO, json={}, headers={"idempotency-key": bad})
    assert (refused.status_code, refused.json()["code"]) == (422, "IDEMPOTENCY_KEY_BAD")
    assert refused.json()["path"] == "Idempotency-Key"
    assert effects.done == 0


async def test_two_keys_are_none(client: Any, effects: Any) -> None:
    async with client(HEAD, bin=ONE) as http:
        headers = [("idempotency-key", "a"), ("idempotency-key", "b")]
        refused = await http.post(DO, json={}, headers=headers)
    assert refused.json()["code"] == "IDEMPOTENCY_KEY_BAD"


async def test_reading_needs_no_key_and_ignores_one(client: Any) -> None:
    async with client(HEAD, bin=ONE) as http:
        for _ in range(2):
            answer = await http.get("/api/v1/login/session", headers=key("not a key"))
            assert answer.status_code == 200


async def test_odd_but_lawful_keys_work(client: Any, effects: Any) -> None:
    async with client(HEAD, bin=ONE) as http:
        for name in ('"quoted"', "x" * 200, "';DROP-TABLE--", "%00", "01980000-0000-7000"):
            for _ in range(2):
                assert (await http.post(DO, json={}, headers=key(name))).status_code == 201
    assert effects.done == 5


async def test_the_claim_of_a_dead_process_is_taken_over_and_old_answers_forgotten(
    client: Any, effects: Any, clock: FixedClock, resources: Resources, owner: asyncpg.Connection
) -> None:
    async with client(HEAD, bin=ONE) as http:
        await http.post(DO, json={}, headers=key("a"))
        await owner.execute(
            "UPDATE web.idempotent_answer SET status = NULL, body = NULL, headers = NULL"
        )
        waiting = await http.post(DO, json={}, headers=key("a"))
        assert waiting.json()["code"] == "IDEMPOTENCY_STILL_RUNNING"
        clock.advance(timedelta(seconds=idempotency.CLAIM_S + 1))
        taken_over = await http.post(DO, json={}, headers=key("a"))
        assert (taken_over.status_code, taken_over.json()["n"]) == (201, 2)
    await idempotency.forget_old(resources)
    assert await owner.fetchval("SELECT count(*) FROM web.idempotent_answer") == 1
    clock.advance(idempotency.KEPT + timedelta(minutes=5))
    await idempotency.forget_old(resources)
    assert await owner.fetchval("SELECT count(*) FROM web.idempotent_answer") == 0


async def test_half_a_body_is_no_command(app: Any, resources: Resources, effects: Any) -> None:
    token = await open_session(resources, HEAD, bin=ONE)
    sent: list[Any] = []
    messages = iter(
        [
            {"type": "http.request", "body": b"{}", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": DO, "raw_path": DO.encode(), "query_string": b"",
        "headers": [(b"authorization", f"Bearer {token}".encode())], "http_version": "1.1",
        "scheme": "http", "server": ("x", 80), "client": ("x", 1), "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert effects.done == 0
