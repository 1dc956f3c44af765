"""`saqtau registry rekey`, killed with -9 on its way and run again: everybody is sealed anew, once."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest

from backend.kernel.resources import Resources
from backend.kernel.sealing import MARK_BYTES, Keyring

pytestmark = pytest.mark.slow

PEOPLE = 12_000  # more than two batches
NEW = "a-new-secret-a-new-secret-a-new-secret"
MARKS = f"SELECT substring(sealed FOR {MARK_BYTES}), count(*) FROM person.identity GROUP BY 1"


def command(environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "backend.app.cli", "registry", "rekey", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(environment: dict[str, str], *arguments: str) -> tuple[int, Any, str]:
    process = command(environment, *arguments)
    out, err = process.communicate(timeout=120)
    return process.returncode, json.loads(out) if out else None, err.decode()


async def test_killed_it_goes_on_where_it_was(
    owner: Any, resources: Resources, environment: dict[str, str]
) -> None:
    ring = resources.keyring
    people = [uuid4() for _ in range(PEOPLE)]
    await owner.execute("SET session_replication_role = replica")
    await owner.executemany(
        "INSERT INTO person.identity VALUES ($1, $2, sha256('f'), '2026-04-01Z')",
        [(who, ring.seal(b'{"name":"x"}', who.bytes)) for who in people],
    )
    await owner.execute("SET session_replication_role = origin")
    code, done, _ = await asyncio.to_thread(run, environment)
    assert (code, done["in_use"], done["retired"]) == (0, {}, [])
    both = {**environment, "SAQTAU_SECRET": f"{NEW},{environment['SAQTAU_SECRET']}"}
    first = command(both)
    new = Keyring.from_secret(NEW)
    until = asyncio.get_running_loop().time() + 60
    while asyncio.get_running_loop().time() < until:  # until a batch is committed, and not the last
        counts = {r[0]: r[1] for r in await owner.fetch(MARKS)}
        if counts.get(new.mark):
            break
        await asyncio.sleep(0.01)
    os.kill(first.pid, signal.SIGKILL)
    await asyncio.to_thread(first.communicate)
    halfway = {r[0]: r[1] for r in await owner.fetch(MARKS)}
    assert 0 < halfway[new.mark] <= PEOPLE
    code, done, told = await asyncio.to_thread(run, both)
    assert code == 0, told
    assert done["retired"] == [ring.current.hex()]
    assert done["sealed"]["person.identity.sealed"] == PEOPLE
    assert "person.identity.sealed: " in told
    assert {r[0]: r[1] for r in await owner.fetch(MARKS)} == {new.mark: PEOPLE}
    sealed = await owner.fetchval(
        "SELECT sealed FROM person.identity WHERE person_id = $1", people[7]
    )
    assert new.open(sealed, people[7].bytes) == b'{"name":"x"}'
    # the old secret alone does not start anything any more, and says why
    code, _, told = await asyncio.to_thread(run, environment)
    assert code == 2
    assert json.loads(told.strip().splitlines()[-1])["code"] == "BAD_CONFIG"
    assert "SAQTAU_SECRET" in told
