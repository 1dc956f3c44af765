"""Whatever goes wrong, the answer is a problem document: a stable code, three languages, no leak."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.actor import Role
from backend.web.problems import LANGUAGES, language_of

JSON = {"content-type": "application/json"}
DO = "/test/do"
CLINIC = {"bin": "061211600012"}


def require_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] in LANGUAGES
    assert "x-request-id" in answer.headers or status in (404, 405)
    document: dict[str, Any] = answer.json()
    assert document["code"] == code
    assert document["status"] == status
    assert document["type"] == f"urn:saqtau:problem:{code}"
    assert document["title"] not in ("", code)
    assert document["detail"] not in ("", document["title"])
    return document


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "kk"),
        ("", "kk"),
        ("kk", "kk"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en;q=0.3, ru;q=0.7", "ru"),
        ("EN-us", "en"),
        ("de, fr", "kk"),
        ("de, *;q=0.5", "kk"),
        ("kk;q=0, *;q=0.5", "ru"),
        ("*;q=0.1, ru", "ru"),
        ("*", "kk"),
        ("ru;q=0", "kk"),
        ("ru;q=0, en;q=0", "kk"),
        ("ru;Q=0.2,en;q=0.3", "en"),
        ("ru;q=nan,en;q=inf", "kk"),
        ("ru;q=zzz, en;q=0.1", "en"),
        (",,;;q=,", "kk"),
    ],
)
def test_the_language_asked_for_is_the_one_answered(header: str | None, language: str) -> None:
    assert language_of(header) == language


@given(st.text(max_size=300))
def test_no_header_breaks_the_choice(header: str) -> None:
    assert language_of(header) in LANGUAGES


async def test_one_refusal_in_three_languages(client: Any) -> None:
    titles = set()
    async with client() as http:
        for language in LANGUAGES:
            answer = await http.post(DO, json={}, headers={"accept-language": language})
            document = require_problem(answer, 401, "UNAUTHENTICATED")
            assert answer.headers["content-language"] == language
            assert "accept-language" in answer.headers["vary"]
            assert answer.headers["www-authenticate"].startswith("Bearer")
            titles.add(document["title"])
    assert len(titles) == 3


async def test_what_the_router_refuses(client: Any) -> None:
    async with client() as http:
        require_problem(await http.get("/api/v1/no/such"), 404, "NO_SUCH_ROUTE")
        require_problem(await http.get("/api/v1/login/sessions"), 405, "METHOD_NOT_ALLOWED")
        refused = await http.delete(DO)
        require_problem(refused, 405, "METHOD_NOT_ALLOWED")
        assert "POST" in refused.headers["allow"]


@pytest.mark.parametrize(
    ("raw", "status", "code", "path"),
    [
        (b"{", 400, "MALFORMED_REQUEST", None),
        (b"\xff", 400, "MALFORMED_REQUEST", None),
        (b'{"text": NaN}', 400, "MALFORMED_REQUEST", None),
        (b'{"amount_tiyn": 1e400}', 400, "MALFORMED_REQUEST", "$"),
        (b'{"text": "a", "text": "b"}', 400, "MALFORMED_REQUEST", "$..text"),
        (b'{"inner": [{"text": "a", "text": "b"}]}', 400, "MALFORMED_REQUEST", "$..text"),
        (b"[" * 100_000 + b"]" * 100_000, 400, "MALFORMED_REQUEST", "$"),
        (b"[" * 100_000, 400, "MALFORMED_REQUEST", None),
        (b'{"text": "a\\u0000b"}', 422, "INVALID", "$.text"),
        (b'{"text": "\\ud800"}', 422, "INVALID", "$.text"),
        (b"", 422, "INVALID", None),
        (b"null", 422, "INVALID", None),
        (b"[]", 422, "INVALID", None),
        (b'{"amount_tiyn": 1.5}', 422, "INVALID", "amount_tiyn"),
        (b'{"amount_tiyn": "1"}', 422, "INVALID", "amount_tiyn"),
        (b'{"amount_tiyn": 1.0}', 422, "INVALID", "amount_tiyn"),
        (b'{"amount_tiyn": true}', 422, "INVALID", "amount_tiyn"),
        (b'{"text": null}', 422, "INVALID", "text"),
        (b'{"more": 1}', 422, "INVALID", None),
        (b'{"inner": [{"inner": [{"amount_tiyn": true}]}]}', 422, "INVALID", "amount_tiyn"),
    ],
)
async def test_a_body_that_cannot_be_taken(
    client: Any, effects: Any, raw: bytes, status: int, code: str, path: str | None
) -> None:
    async with client(Role.EXECUTOR_HEAD, **CLINIC) as http:
        document = require_problem(await http.post(DO, content=raw, headers=JSON), status, code)
    if path is not None:
        assert document["path"].endswith(path)
    assert effects.done == 0


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "x/y"])
async def test_no_content_type_is_a_way_round_strict_json(
    client: Any, effects: Any, kind: str | None
) -> None:
    headers = {} if kind is None else {"content-type": kind}
    async with client(Role.EXECUTOR_HEAD, **CLINIC) as http:
        answer = await http.post(DO, content=b'{"text": "a", "text": "b"}', headers=headers)
    require_problem(answer, 400, "MALFORMED_REQUEST")
    assert effects.done == 0


async def test_who_may_not_ask_learns_nothing_of_the_input(client: Any) -> None:
    body = {"content": b'{"plan_id": 1, "plan_id": 2}', "headers": JSON}
    async with client() as http:
        require_problem(await http.post("/test/pay", **body), 401, "UNAUTHENTICATED")
    async with client(Role.INSURED, person_id=uuid4()) as http:
        require_problem(await http.post("/test/pay", **body), 403, "FORBIDDEN")
    async with client(Role.TREASURY, **CLINIC) as http:
        require_problem(await http.post("/test/pay", **body), 400, "MALFORMED_REQUEST")


async def test_a_body_beyond_the_limit_is_refused(client: Any, config: Any) -> None:
    async with client(Role.EXECUTOR_HEAD, **CLINIC) as http:
        for headers in (JSON, {**JSON, "idempotency-key": "k"}, {"content-type": "x/y"}):
            big = b'{"text": "' + b"x" * config.body_max_bytes + b'"}'
            require_problem(await http.post(DO, content=big, headers=headers), 413, "TOO_LARGE")


@pytest.mark.parametrize("kind", ["defect", "assertion", "lookup"])
async def test_a_defect_tells_its_number_and_nothing_else(client: Any, kind: str) -> None:
    async with client() as http:
        for answer in (
            await http.get(f"/test/fail?kind={kind}"),
            await http.post(f"/test/fail?kind={kind}", headers={"idempotency-key": "k"}),
        ):
            document = require_problem(answer, 500, "DEFECT")
            assert document["instance"].startswith("urn:uuid:")
            assert "secret" not in answer.text
            assert "Error" not in answer.text
            assert "870101300123" not in answer.text


@pytest.mark.parametrize(
    "kind", ["deadlock", "timeout", "full", "gone", "no_socket", "slow", "valkey"]
)
async def test_a_store_that_is_away_is_503_and_come_again(client: Any, kind: str) -> None:
    async with client() as http:
        answer = await http.get(f"/test/fail?kind={kind}")
    require_problem(answer, 503, "STORE_UNAVAILABLE")
    assert int(answer.headers["retry-after"]) > 0
    assert "secret" not in answer.text


async def test_retry_after_stands_wherever_it_is_known(client: Any) -> None:
    async with client() as http:
        assert (await http.get("/test/fail?kind=conflict")).headers["retry-after"] == "3"
        assert int((await http.get("/test/fail?kind=busy")).headers["retry-after"]) > 0


@pytest.mark.parametrize("amount", [2**63, -(2**63) - 1, 10**30])
async def test_a_number_no_column_holds_is_the_caller_s_error(client: Any, amount: int) -> None:
    async with client() as http:
        fits = await http.post("/test/keep", json={"amount_tiyn": 2**63 - 1, "text": "ә"})
        assert (fits.status_code, fits.json()) == (201, 1)
        answer = await http.post("/test/keep", json={"amount_tiyn": amount})
    require_problem(answer, 422, "INVALID")
    assert str(amount) not in answer.text


async def test_nul_in_an_address_is_refused(client: Any) -> None:
    async with client() as http:
        for path in ("/api/v1/login%00/session", "/test/fail?kind=a%00b"):
            assert (await http.get(path)).status_code in (404, 422)
