"""`saqtau registry order`: what a script reads, and what a person watches."""

import asyncio
import io
import json
import os
import subprocess
import sys
from typing import Any
from uuid import UUID, uuid4

from rich.console import Console

from backend.app.commands.order import follow
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.registry.order import service
from infra.bench import population


def run(database_url: str, order_id: UUID) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "registry", "order", "--watch", str(order_id)],
        env={**os.environ, "SAQTAU_DATABASE_URL": database_url, "SAQTAU_VALKEY_URL": "redis://x"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout), done.stderr


async def test_an_order_is_watched_to_its_end(
    db_registry: Db, config: Config, clock: FixedClock
) -> None:
    await population.populate(config.database_url, 1_000)
    order_id = await population.order(config.database_url, 2026)
    drawn = io.StringIO()
    screen = Console(file=drawn, force_terminal=True, width=100)
    watching = asyncio.create_task(follow(db_registry, order_id, screen, every_s=0.01))
    await service.run(db_registry, clock, order_id, chunk=20)
    await watching
    assert "issue policies 2026" in drawn.getvalue()
    assert "999 of 1,000" in drawn.getvalue()
    assert "1 refused" in drawn.getvalue()

    code, answer, shown = await asyncio.to_thread(run, config.database_url, order_id)
    assert (code, answer["status"], answer["done"]) == (0, "DONE", 999)
    assert answer["refusals"] == {"ACCOUNT_BLOCKED": 1}
    assert "100%" in shown
    code, answer, _ = await asyncio.to_thread(run, config.database_url, uuid4())
    assert (code, answer["code"]) == (1, "ORDER_NOT_FOUND")
