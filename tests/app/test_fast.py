"""Past the framework or through it: the caller cannot tell, but by the time it takes."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar import Litestar

from backend.app import fast as hot
from backend.app.asgi import Application
from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.visits.code import service as codes
from tests.conftest import application, open_session
from tests.visits.conftest import AIGUL, BOLAT, CLINIC_BIN, FACILITY, SAULE, citizens, clinics

assert clinics
assert citizens
pytestmark = pytest.mark.usefixtures("clinics", "citizens")

STATUS, VISITS = "/api/v1/citizen/status", "/api/v1/visits"
JSON = {"content-type": "application/json"}


@pytest.fixture
def framework(resources: Resources) -> Iterator[Litestar]:
    """The application without its fast paths."""
    with application(resources, fast_paths=False) as made:
        yield made


@pytest.fixture
async def token(resources: Resources) -> str:
    return await open_session(resources, Role.INSURED, person_id=AIGUL)


@pytest.fixture
async def code(resources: Resources) -> str:
    clerk = Actor(UUID(int=2), frozenset({Role.EXECUTOR_OPERATOR}), bin=CLINIC_BIN)
    issued = await codes.issue(
        resources.db.visits, resources.keyring, resources.clock, clerk, FACILITY
    )
    return issued.code


@pytest.fixture
async def ask(app: Litestar, framework: Litestar, token: str) -> Callable[..., Any]:
    """Send one request both ways; the two answers, the fast one first."""

    async def send(method: str, url: str, **request: Any) -> list[httpx.Response]:
        headers = {"authorization": f"Bearer {token}", **request.pop("headers", {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        answers = []
        for way in (app, framework):
            transport = httpx.ASGITransport(app=way, raise_app_exceptions=False)  # type: ignore[arg-type]
            async with httpx.AsyncClient(
                transport=transport, base_url="http://saqtau.test"
            ) as http:
                answers.append(await http.request(method, url, headers=headers, **request))
        return answers

    return send


def told(answer: httpx.Response) -> Any:
    """Everything of an answer but the request's own id."""
    headers = dict(answer.headers)
    if "allow" in headers:
        headers["allow"] = ", ".join(sorted(headers["allow"].split(", ")))
    named = len(UUID(headers.pop("x-request-id")).hex) if "x-request-id" in headers else 0
    return answer.status_code, headers, answer.content, named


@pytest.mark.parametrize("language", ["kk", "ru;q=0.5, en;q=0.9", "xx", ""])
async def test_a_status_is_the_same(ask: Any, language: str) -> None:
    fast, slow = await ask("GET", STATUS, headers={"accept-language": language})
    assert fast.status_code == 200
    assert told(fast) == told(slow)


REQUESTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a guest": ("GET", STATUS, {"headers": {"authorization": None}}),
    "a stranger's token": ("GET", STATUS, {"headers": {"authorization": "Bearer x"}}),
    "another scheme": ("GET", STATUS, {"headers": {"authorization": "Basic x"}}),
    "a parameter": ("GET", f"{STATUS}?person_id={BOLAT}", {}),
    "a body where none is due": ("GET", STATUS, {"content": b"{}", "headers": JSON}),
    "another method": ("DELETE", STATUS, {}),
    "a slash": ("GET", f"{STATUS}/", {}),
    "a guest's bad body": ("POST", VISITS, {"content": b"{", "headers": {"authorization": None}}),
    "nothing": ("POST", VISITS, {"headers": JSON}),
    "no JSON": ("POST", VISITS, {"content": b"{", "headers": JSON}),
    "no UTF-8": ("POST", VISITS, {"content": b'{"code": "\xff"}', "headers": JSON}),
    "a key twice": ("POST", VISITS, {"content": b'{"code":"a","code":"b"}', "headers": JSON}),
    "a list": ("POST", VISITS, {"json": ["x"]}),
    "a number": ("POST", VISITS, {"json": {"code": 1}}),
    "one field more": ("POST", VISITS, {"json": {"code": "x", "person_id": str(BOLAT)}}),
    "a NUL": ("POST", VISITS, {"content": b'{"code":"\\u0000"}', "headers": JSON}),
    "half a pair": ("POST", VISITS, {"content": b'{"code":"\\ud800"}', "headers": JSON}),
    "very long": ("POST", VISITS, {"json": {"code": "x" * 5_000}}),
    "a form": ("POST", VISITS, {"data": {"code": "x"}}),
    "a foreign code": ("POST", VISITS, {"json": {"code": "http://x"}}),
    "a forged code": ("POST", VISITS, {"json": {"code": "SQ1.AAAA.AAAA"}}),
    "in Russian": (
        "POST", VISITS, {"json": {"code": "http://x"}, "headers": {"accept-language": "ru"}},
    ),
    "a bad key of idempotency": (
        "POST", VISITS, {"json": {"code": "http://x"}, "headers": {"idempotency-key": "ы" * 3}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
async def test_what_is_odd_is_refused_the_same(ask: Any, name: str) -> None:
    method, url, request = REQUESTS[name]
    if "idempotency-key" in request.get("headers", {}):
        request = {**request, "headers": {"idempotency-key": b"\xff"}}
    fast, slow = await ask(method, url, **request)
    assert told(fast) == told(slow)


async def test_other_seats_and_other_peoples_are_refused_the_same(
    resources: Resources, ask: Any, code: str
) -> None:
    for role, who in ((Role.MIS, {"bin": CLINIC_BIN}), (Role.INSURED, {"person_id": SAULE})):
        token = await open_session(resources, role, **who)
        headers = {"authorization": f"Bearer {token}"}
        fast, slow = await ask("POST", VISITS, json={"code": code}, headers=headers)
        assert fast.status_code == (403 if role is Role.MIS else 409)
        assert told(fast) == told(slow)


async def test_a_check_in_is_made_once_whichever_way_it_comes(ask: Any, code: str) -> None:
    fast, slow = await ask("POST", VISITS, json={"code": code})
    assert (fast.status_code, slow.status_code) == (201, 409)
    again, _ = await ask("POST", VISITS, json={"code": code})
    assert told(again) == told(slow)
    listed, _ = await ask("GET", VISITS)
    assert listed.json()["items"] == [fast.json()]


async def test_both_ways_answer_a_check_in_alike(resources: Resources, ask: Any, code: str) -> None:
    fast, _ = await ask("POST", VISITS, json={"code": code})
    token = await open_session(resources, Role.INSURED, person_id=BOLAT)
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "through-the-framework"}
    slow, repeated = await ask("POST", VISITS, json={"code": code}, headers=headers)
    assert repeated.headers["idempotency-replayed"] == "true"
    assert fast.headers.keys() == slow.headers.keys()
    assert (fast.status_code, fast.headers["content-type"]) == (201, slow.headers["content-type"])
    same = {"visit_id": fast.json()["visit_id"]}
    assert fast.json() == {**slow.json(), **same}


async def test_plain_requests_do_not_enter_the_framework(
    app: Application, token: str, code: str
) -> None:
    entered: list[Any] = []

    async def framework(scope: Any, receive: Any, send: Any) -> None:
        entered.append(scope["path"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def only_fast(scope: Any, receive: Any, send: Any) -> None:
        assert app.fast is not None
        await app.fast(scope, receive, send, framework)

    headers = {"authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app=only_fast)
    async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=headers) as http:
        visit = http.post(VISITS, json={"code": code})
        statuses = await asyncio.gather(visit, *(http.get(STATUS) for _ in range(40)))
        assert [s.status_code for s in statuses] == [201, *[200] * 40]
        assert entered == []
        key = {"idempotency-key": "k"}
        assert (await http.post(VISITS, json={"code": code}, headers=key)).status_code == 204
        assert (await http.get("/api/v1/citizen/policy")).status_code == 204


@pytest.mark.parametrize(
    ("error", "told_of"), [(NameError("a defect"), 1), (asyncpg.ConnectionFailureError("away"), 0)]
)
async def test_a_defect_of_the_short_way_is_told_and_costs_nobody_his_answer(
    ask: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    told_of: int,
) -> None:
    async def broken(*_: Any) -> None:
        raise error

    monkeypatch.setattr(hot.login, "authenticate", broken)
    fast, slow = await ask("GET", STATUS)
    assert fast.status_code == 200
    assert told(fast) == told(slow)
    assert capsys.readouterr().out.count("a hot request could not be answered at once") == told_of


async def test_they_are_counted_with_the_others(ask: Any, code: str) -> None:
    async def counted() -> dict[str, float]:
        page, _ = await ask("GET", "/metrics")
        lines = (line for line in page.text.splitlines() if 'path="/api/v1/visits"' in line)
        return {
            line.partition("}")[0]: float(line.partition("} ")[2].split()[0])
            for line in lines
            if "requests_total{" in line
            or "in_progress{" in line
            or "duration_seconds_count" in line
        }

    before = await counted()
    await ask("POST", VISITS, json={"code": code})
    after = await counted()
    more = {key: n - before.get(key, 0) for key, n in after.items() if n != before.get(key, 0)}
    assert sorted(more.values()) == [1.0] * 4  # 201 and 409, how many and how long each
