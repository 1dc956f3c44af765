"""Our statements as pgbench scripts, and run by the real pgbench on the real server."""

import os

import pytest

from infra import servers
from infra.bench import scene
from infra.bench.model import BenchFailed
from infra.bench.pgbench import PgBench, bound


def test_parameters_become_expressions_and_comments_go() -> None:
    sql = """
        SELECT a  -- it's $1
          FROM t WHERE b = $1 AND c = ANY ($12::uuid[]) AND d = $1
    """
    assert bound(sql, {1: ":x", 12: ":y"}) == (
        "SELECT a FROM t WHERE b = :x AND c = ANY (:y::uuid[]) AND d = :x"
    )


async def test_a_script_is_run_and_its_rate_read(database_url: str) -> None:
    bench = PgBench(database_url, "saqtau_egov", "SELECT :n::int + :round::int;\n")
    measured = await bench.run(0.05)
    assert measured.done > 0
    assert measured.errors == 0
    assert measured.rate > 10


async def test_a_statement_that_fails_says_why(database_url: str) -> None:
    bench = PgBench(database_url, "saqtau_egov", "SELECT * FROM registry.identity;\n")
    with pytest.raises(BenchFailed, match="permission denied"):
        await bench.run(0.05)


async def test_a_scene_leaves_no_database_behind(
    endpoints: servers.Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAQTAU_DATABASE_URL", endpoints.database_url)
    monkeypatch.setenv("SAQTAU_VALKEY_URL", endpoints.valkey_url)
    made = scene.Scene()
    try:
        url = await made.database_url("probe")
        assert url == await made.database_url("probe")
        assert await _databases(endpoints) == [f"bench_{os.getpid()}_probe"]
    finally:
        await made.close()
    assert await _databases(endpoints) == []


async def _databases(endpoints: servers.Endpoints) -> list[str]:
    import asyncpg

    admin = await asyncpg.connect(endpoints.database_url)
    try:
        rows = await admin.fetch(
            "SELECT datname FROM pg_database WHERE datname LIKE $1", f"bench_{os.getpid()}_%"
        )
    finally:
        await admin.close()
    return [row["datname"] for row in rows]


@pytest.mark.parametrize(
    ("name", "stale"),
    [
        (f"bench_{os.getpid()}_log", False), (f"bench_{os.getppid()}_log", False),
        ("bench_99999999_log", True), ("bench_x", False), ("test_99999999_1", False),
        ("saqtau", False),
    ],
    ids=["own", "parent", "ended", "no-number", "another-kind", "main"],
)  # fmt: skip
def test_only_databases_of_ended_runs_are_stale(name: str, stale: bool) -> None:
    assert scene.is_stale(name) is stale
