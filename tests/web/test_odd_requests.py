"""FAULTS 28, a sample: odd requests against every operation there is, and never a 5xx of ours."""

import random
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from backend.kernel.actor import Role

SEED = 20260406
ROUNDS = 5
ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30, 0.1, 1e300,
    "", " ", "x", "\t\n", "'; DROP TABLE x; --", "\u202eabc", "é" * 300, "x" * 70_000, "🙂",
    "=1+1", "\\N", "\\.", "870101300123", "0001-01-01", "9999-12-31", "2026-02-30", "NaN", "%00",
    "2026-04-06T04:00:00", "9999-12-31T23:59:59.999999+14:00", str(uuid4()), [], [[]], {}, [{}],
    {"a": {}}, [None] * 300, "////", "../../etc/passwd", "AAAA", "+77011234567", "-0", "٣",
]  # fmt: skip
RAW = [
    b"", b"{", b"null", b"[]", b"0", b'"', b"\xff\xfe", b'{"a":1,"a":2}', b"[" * 5000, b"NaN",
    b'{"x": 1e400}', b'{"x": "\\ud800"}', b'{"x": "\\u0000"}', b"\x00", b"a=1&b=2",
]  # fmt: skip
PATHS = [
    "0", "-1", "x", "%00", "%ff", "..%2f..", "a" * 3000, "99999999999999999999",
    "00000000-0000-0000-0000-000000000000", "٣", "'", "%F0%9F%99%82",
]  # fmt: skip


def mutated(chance: random.Random, value: Any) -> Any:
    """`value` with one place in it, or a few, made odd."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        changed = dict(value)
        if chance.random() < 0.1:
            del changed[key]
        elif chance.random() < 0.1:
            changed[chance.choice(["", "x", "iin", key.upper()])] = chance.choice(ODD)
        else:
            changed[key] = mutated(chance, value[key])
        return changed
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], mutated(chance, value[place]), *value[place + 1 :]]
    return chance.choice(ODD)


def address(chance: random.Random, path: str, parameters: list[dict[str, Any]]) -> str:
    for parameter in parameters:
        if parameter["in"] == "path":
            given = str(UUID(int=chance.getrandbits(128))) if chance.random() < 0.6 else None
            path = path.replace("{" + parameter["name"] + "}", given or chance.choice(PATHS))
    queries = [p["name"] for p in parameters if p["in"] == "query"]
    odd = [str(v) for v in ODD if isinstance(v, str | int) and len(str(v)) < 400]
    asked = {n: chance.choice(odd) for n in queries if chance.random() < 0.7}
    return path + ("?" + "&".join(f"{k}={_quoted(v)}" for k, v in asked.items()) if asked else "")


def _quoted(text: str) -> str:
    return "".join(f"%{b:02x}" for b in text.encode())


@pytest.mark.parametrize("who", ["organisation", "citizen", "guest"])
async def test_odd_requests_are_refused_and_break_nothing(client: Any, who: str) -> None:
    chance = random.Random(f"{SEED} {who}")
    everything = tuple(Role)
    seats = {
        "organisation": (everything, {"bin": "061211600012"}),
        "citizen": (everything, {"person_id": uuid4()}),
        "guest": ((), {}),
    }
    roles, identity = seats[who]
    broken, sent = [], 0
    async with client() as guest:
        schema = (await guest.get("/schema/openapi.json")).json()
    async with client(*roles, **identity) as http:
        for path, item in schema["paths"].items():
            if path.startswith("/test/"):
                continue
            for method in sorted(item.keys() & {"get", "post", "put", "patch", "delete"}):
                operation = item[method]
                media = (operation.get("requestBody") or {"content": {}})["content"]
                example = next((m.get("example") for m in media.values()), None)
                for _ in range(ROUNDS if media else 2):
                    url = address(chance, path, operation.get("parameters", []))
                    content, headers = None, {}
                    if media:
                        raw = chance.random() < 0.2
                        content = (
                            chance.choice(RAW)
                            if raw
                            else msgspec.json.encode(mutated(chance, example))
                        )
                        headers = {"content-type": "application/json"}
                    if chance.random() < 0.2:
                        headers["idempotency-key"] = chance.choice(["k", "k2", "x" * 201])
                    answer = await http.request(method, url, content=content, headers=headers)
                    sent += 1
                    if answer.status_code >= 500 and answer.json().get("code") == "DEFECT":
                        broken.append(f"{method} {url[:120]} {content[:200] if content else b''!r}")
                    elif (
                        answer.status_code >= 400
                        and not path.startswith("/health/")
                        and ("/egov-qr/phone/" not in path)
                    ):
                        # (eGov Mobile prescribes its own form of errors; health tells what is unwell)
                        assert answer.headers["content-type"] == "application/problem+json", url
    assert sent > 200
    assert not broken, "\n".join(broken)
