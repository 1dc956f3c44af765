"""`saqtau registry verify` as a script sees it."""

import json
import os
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.registry.log import service
from backend.registry.log.model import BasisKind, NewOperation, OpClass


def run(database_url: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "registry", "verify"],
        env={**os.environ, "SAQTAU_DATABASE_URL": database_url, "SAQTAU_VALKEY_URL": "redis://x"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "{}"), json.loads(done.stderr or "{}")


async def test_a_sound_log_then_a_broken_one(
    db_registry: Db, owner: Any, config: Config, clock: FixedClock
) -> None:
    subject = uuid4()
    operation = NewOperation(
        subject_id=subject,
        op_class=OpClass.ACCOUNT,
        op_type="OPEN",
        at=clock.now(),
        actor="registrar:automatic",
        basis_kind=BasisKind.EVENT,
        basis_id="1",
        content={},
    )
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
