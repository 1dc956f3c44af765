"""Whatever is sent at whatever operation: a clear refusal, or what was asked; never a defect (FAULTS 28).

`.venv/bin/pytest -q -s -m prove tests/hostile/test_every_operation.py` writes docs/proofs/http-fuzz.md. The operations are
read from the OpenAPI: a new one is attacked from its first day.
"""

import os
import random
import secrets
from typing import Any

import pytest
from litestar import Litestar

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from tests.hostile.attacks import Attack, Attacker, sealed
from tests.hostile.operations import Operation, document_of, every, seat
from tests.hostile.sender import Sender, tagged
from tests.hostile.shapes import Shapes

SAMPLE = 3  # attacks of each operation on an ordinary day
SEED = 20260406


@pytest.mark.usefixtures("scene")
async def test_no_operation_breaks(
    app: Any, house: Litestar, resources: Resources, keys: Any
) -> None:
    most = int(os.environ.get("MOST", SAMPLE)) or None
    await run(app, house, resources, keys, int(os.environ.get("SAQTAU_SEED", SEED)), most)


async def run(
    app: Any, house: Litestar, resources: Resources, keys: Any, seed: int, most: int | None
) -> Sender:
    sender = Sender(app, resources)
    shapes = Shapes(document_of(house)["components"]["schemas"])
    unasked: list[str] = []
    kinds, now = tagged(), resources.clock.now()
    only = os.environ.get("ONLY", "")
    for one in every(house):
        if only and only not in one.name:
            continue
        chance = random.Random(f"{seed} {one.name}")
        attacker = Attacker(shapes, shapes, chance.getrandbits(62))
        attacks = list(attacker.all(one, 4 if most else 30))
        roles: list[Role | None] = sorted(one.roles) or [None]
        if most or "ONEROLE" in os.environ:
            roles = [chance.choice(roles)]
        if most:
            attacks = chance.sample(attacks, min(most, len(attacks)))
        for role in roles:
            for attack in attacks:
                await sender.send(one, role, attack)
            if role is None or not takes_signed(one):
                continue
            pair = keys[seat(role).get("bin", "")]
            signed = list(attacker.unsigned(one, pair, now))
            tag = await asked_for(sender, one, role, attacker.url(one), pair, now)
            if tag is None:
                unasked.append(f"{one.name} as {role}")
            else:
                signed += attacker.signed(one, pair, now, kinds, tag, 4 if most else 30)
            for attack in chance.sample(signed, min(most or len(signed), len(signed))):
                await sender.send(one, role, attack)
    print("no tag:", unasked)
    print(sender.report(), sender.sent.total(), sender.answers)
    assert not sender.wrong, sender.report()
    return sender


def takes_signed(one: Operation) -> bool:
    return isinstance(one.example, dict) and {"document", "signature"} <= one.example.keys()


async def asked_for(
    sender: Sender, one: Operation, role: Role, url: str, pair: Any, now: Any
) -> str | None:
    """The operation whose signed document this one takes: what it says of a document of no kind."""
    body = sealed(pair, now, {"operation": "no.such", "n": secrets.token_hex(8)})
    answer = await sender.request(one, role, Attack("of no kind", url, body))
    facts = answer.json().get("facts") or {}
    told = str(facts.get("detail", ""))
    if not told.startswith("not "):
        print(one.name, role, answer.status_code, answer.json().get("code"))
        return None
    return told.removeprefix("not ")
