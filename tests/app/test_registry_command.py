"""`saqtau registry verify` as a script sees it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.log import heads, service, tree
from backend.registry.log.model import BasisKind, NewOperation, OpClass


def run(database_url: str, *options: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "registry", "verify", *options],
        env={**os.environ, "SAQTAU_DATABASE_URL": database_url, "SAQTAU_VALKEY_URL": "redis://x"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "{}"), json.loads(done.stderr or "{}")


def opened(subject: UUID, clock: FixedClock) -> NewOperation:
    return NewOperation(
        subject_id=subject,
        op_class=OpClass.ACCOUNT,
        op_type="OPEN",
        at=clock.now(),
        actor="registrar:automatic",
        basis_kind=BasisKind.EVENT,
        basis_id="1",
        content={},
    )


async def test_a_sound_log_then_a_broken_one(
    db_registry: Db, owner: Any, config: Config, clock: FixedClock
) -> None:
    subject = uuid4()
    operation = opened(subject, clock)
    async with db_registry.transaction() as tx:
        await service.append(tx, [operation, operation])
    code, answer, _ = run(config.database_url)
    assert (code, answer["ok"], answer["operations"]) == (0, True, 2)
    assert len(answer["root"]) == 64
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("UPDATE registry.operation SET actor = 'x' WHERE seq = 2")
    code, answer, _ = run(config.database_url)
    assert (code, answer["ok"], answer["code"]) == (1, False, "LOG_BROKEN")
    assert answer["operation"] == {"subject_id": str(subject), "seq": 2}


async def test_a_head_kept_outside_is_held_against_the_log(
    resources: Resources, owner: Any, config: Config, clock: FixedClock, tmp_path: Path
) -> None:
    db = resources.db.registry
    async with db.transaction() as tx:
        await service.append(tx, [opened(uuid4(), clock)])
    await tree.seal_all(db)
    kept, keys = tmp_path / "head.json", tmp_path / "keys.json"
    kept.write_bytes(msgspec.json.encode(await heads.sign(resources)))
    keys.write_bytes(msgspec.json.encode(await heads.public_keys(db)))
    options = ("--head", str(kept), "--keys", str(keys))
    code, answer, _ = run(config.database_url, *options)
    assert (code, answer["ok"], answer["sealed"], answer["heads"]) == (0, True, 1, 1)
    await owner.execute(
        "SET session_replication_role = replica; DELETE FROM registry.log_tree_head;"
        "DELETE FROM registry.operation; DELETE FROM registry.log_head; DELETE FROM registry.log_leaf"
    )
    code, answer, _ = run(config.database_url)
    assert (code, answer["operations"]) == (0, 0)
    code, answer, _ = run(config.database_url, *options)
    assert (code, answer["damage"], answer["leaves"], answer["head"]) == (1, "SHORTENED", [0, 1], 1)
    kept.write_text('{"number": 1}')
    assert run(config.database_url, "--head", str(kept))[2]["code"] == "BAD_HEAD"
    keys.write_text("[]x")
    assert run(config.database_url, "--keys", str(keys))[0] == 2


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody:secret@127.0.0.1:1/none",
        "postgresql://nobody:secret@127.0.0.1:99999/none",
        "postgresql://nobody:secret@[::1/none",
        "mysql://nobody:secret@127.0.0.1/none",
        "nonsense",
    ],
)
def test_no_database_is_said_plainly(url: str) -> None:
    code, answer, error = run(url)
    assert (code, answer, error["code"]) == (2, {}, "DATABASE_UNREADABLE")
    assert "secret" not in error["detail"]
