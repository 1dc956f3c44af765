"""Whatever is sent at whatever operation: a clear refusal, or what was asked; never a defect (FAULTS 28).

`.venv/bin/pytest -q -s -m prove tests/hostile/test_every_operation.py` sends everything as every role and writes
docs/proofs/http-fuzz.md; `SAQTAU_SEED=…` repeats a run, `SAQTAU_FUZZ_ROLES=one` asks as one role each. The operations are read from the OpenAPI: a new one is attacked
from its first day.
"""

import os
import random
import resource
import secrets
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from infra.sandbox.nca.keypair import KeyPair
from tests.hostile.attacks import Attack, Attacker, sealed
from tests.hostile.operations import Operation, document_of, every, seat
from tests.hostile.sender import Sender, tagged
from tests.hostile.shapes import Shapes

PROOF = Path(__file__).parents[2] / "docs" / "proofs" / "http-fuzz.md"
SEED = 20260406
GROWTH_MAX = 50_000_000  # bytes (FAULTS 28)
# Pages for people, metrics and the document itself: no operations. Their edges: test_server_edges.py.
PAGES = {
    "/metrics", "/sign", "/sign/{name:str}", "/visits", "/visits/{name:str}",
    "/schema", "/schema/scalar", "/schema/{path:str}", "/schema/openapi.json",
}  # fmt: skip
# Signed by what has no certificate of the centre: their own tests forge them.
OTHERWISE_SIGNED = {
    "UploadVisitBatch": "a device's Ed25519 key: tests/visits/device/test_offline.py",
    "RequestServiceSigned": "the person's own key: tests/egov_adapter/state_service/test_service.py",
}


class Size(msgspec.Struct, frozen=True):
    """How much is sent: `most` attacks of an operation (None: all), `bodies` made by a schema, as which roles."""

    most: int | None
    signed: int | None
    bodies: int
    every_role: bool


SAMPLE = Size(most=2, signed=1, bodies=2, every_role=False)
WHOLE = Size(most=None, signed=None, bodies=40, every_role=True)


class Siege:
    """One run over every operation."""

    def __init__(
        self, sender: Sender, house: Litestar, keys: dict[str, KeyPair], now: datetime, seed: int
    ) -> None:
        self.sender, self.house, self.keys, self.now, self.seed = sender, house, keys, now, seed
        self.shapes = Shapes(document_of(house)["components"]["schemas"])
        self.kinds = tagged()
        self.signed: Counter[str] = Counter()

    async def attack(self, one: Operation, size: Size) -> None:
        """Everything at one operation."""
        chance = random.Random(f"{self.seed} {one.name}")
        attacker = Attacker(self.shapes, chance.getrandbits(62))
        attacks = list(attacker.all(one, size.bodies))
        roles: list[Role | None] = sorted(one.roles) or [None]
        if not size.every_role:
            roles = [chance.choice(roles)]
        elif one.roles:
            refused = sorted(set(Role) - one.roles)  # whom it refuses, too
            roles += [*([chance.choice(refused)] if refused else []), None]
        for role in roles:
            for attack in _some(chance, attacks, size.most):
                await self.sender.send(one, role, attack)
            if role in one.roles and _takes_signed(one):
                assert role is not None
                await self._signed(one, role, attacker, size, chance)

    async def _signed(
        self, one: Operation, role: Role, attacker: Attacker, size: Size, chance: random.Random
    ) -> None:
        pair = self.keys[seat(role).get("bin", "")]
        tag = await self._asked_for(one, role, attacker.url(one), pair)
        assert (tag is None) == (one.name in OTHERWISE_SIGNED), one.name
        if tag is not None:
            self.signed[one.name] += 1
        command = self.kinds[tag] if tag is not None else None
        attacks = attacker.signatures(one, pair, self.now, command, self.kinds, size.bodies)
        for attack in _some(chance, list(attacks), size.signed):
            await self.sender.send(one, role, attack)

    async def _asked_for(self, one: Operation, role: Role, url: str, pair: KeyPair) -> str | None:
        """The operation whose signed document this one takes: what it says of a document of no kind."""
        body = sealed(pair, self.now, {"operation": "no.such", "n": secrets.token_hex(8)})
        answer = await self.sender.request(one, role, Attack("of no kind", url, body))
        detail = str((answer.json().get("facts") or {}).get("detail", ""))
        return detail.removeprefix("not ") if detail.startswith("not ") else None


def _some(chance: random.Random, attacks: list[Attack], most: int | None) -> list[Attack]:
    return attacks if most is None else chance.sample(attacks, min(most, len(attacks)))


def _takes_signed(one: Operation) -> bool:
    return isinstance(one.example, dict) and {"document", "signature"} <= one.example.keys()


def test_no_route_is_left_out(house: Litestar) -> None:
    described = {o.path for o in every(house)}
    routes = {r.path for r in house.routes if isinstance(r, HTTPRoute)}
    plain = {p for p in routes if "/".join(_plain(s) for s in p.split("/")) not in described}
    assert plain == PAGES


def _plain(segment: str) -> str:
    return segment.partition(":")[0] + "}" if segment.startswith("{") else segment


@pytest.mark.usefixtures("scene")
async def test_no_operation_breaks(
    app: Any, house: Litestar, resources: Resources, keys: dict[str, KeyPair]
) -> None:
    sender = Sender(app, resources)
    siege = Siege(sender, house, keys, resources.clock.now(), SEED)
    for one in every(house):
        await siege.attack(one, SAMPLE)
    assert not sender.wrong, sender.report()
    assert sender.sent.total() > 800
    assert len(siege.signed) > 60


@pytest.mark.prove
@pytest.mark.usefixtures("scene")
async def test_no_operation_breaks_whatever_is_sent(
    app: Any, house: Litestar, resources: Resources, keys: dict[str, KeyPair]
) -> None:
    seed = int(os.environ.get("SAQTAU_SEED", secrets.randbelow(10**8)))
    print(f"seed {seed}")  # noqa: T201
    sender, started = Sender(app, resources), time.monotonic()
    siege = Siege(sender, house, keys, resources.clock.now(), seed)
    everything = list(every(house))
    memory = []
    one_role = os.environ.get("SAQTAU_FUZZ_ROLES") == "one"
    bodies = int(os.environ.get("SAQTAU_FUZZ_BODIES", WHOLE.bodies))
    size = msgspec.structs.replace(WHOLE, every_role=not one_role, bodies=bodies)
    for n, one in enumerate(everything):
        await siege.attack(one, size)
        if n % (len(everything) // 4) == 0:
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    assert not sender.wrong, f"seed {seed}: {sender.report()}"
    assert memory[-1] - memory[1] < GROWTH_MAX, memory
    text = _table(
        one_role, sender, siege, seed, len(everything), time.monotonic() - started, memory
    )
    print(text)  # noqa: T201
    PROOF.write_text(text, encoding="utf-8")


def _table(
    one_role: bool,
    sender: Sender,
    siege: Siege,
    seed: int,
    operations: int,
    seconds: float,
    memory: list[int],
) -> str:
    rows = "\n".join(
        f"| {group} | {sum(counts.values()):,} | "
        + ", ".join(f"{status}: {n:,}" for status, n in sorted(counts.items()))
        + " |"
        for group, counts in sorted(sender.by_group.items())
    )
    asked = "every role its guard admits, as one it does not, and as a guest"
    if one_role:
        asked = "one of the roles its guard admits (`SAQTAU_FUZZ_ROLES=one`)"
    megabytes = ", ".join(str(m // 1_000_000) for m in memory)
    return f"""# Hostile input at every operation of the API

Run again with `SAQTAU_SEED={seed} .venv/bin/pytest -q -s -m prove tests/hostile/test_every_operation.py` ({seconds:,.0f} s on
a busy machine). A new seed every time without `SAQTAU_SEED`. A sample of two or three requests of each operation is in
`make test`.

**{sender.sent.total():,} requests at {operations} operations, seed {seed}: every answer is as promised.** Each operation of the
OpenAPI is asked as {asked}. {len(siege.signed)} of them take signed
documents: theirs are signed with a real key of the sandbox centre and made by the command's own schema, so that they reach
the rules behind the signature.

Asserted of every answer: below 500, or 503 with a code the operation documents; a problem document of RFC 9457 whose
code is in the dictionary, with title and advice in the language asked for; status and code are those the OpenAPI tells
of this operation; nothing of the inside, no number of twelve digits, no header of the sender's making; a value of a wrong
type, an unknown key, a repeated key, a misspelt or unfit parameter is never passed over; a refusal of a shape names the
`path` that leads to it.

Memory at the quarters, MB: {megabytes}.

| sent | requests | answers |
|---|---|---|
{rows}
"""
