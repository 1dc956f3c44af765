"""The limit of a path through the database: PostgreSQL's own pgbench with our own statements."""

import asyncio
import os
import re
import tempfile
from pathlib import Path

from backend.app.resources import PLAN_ONCE
from infra import servers
from infra.bench.harness import percentile
from infra.bench.model import BenchFailed, Measured

CLIENTS = 16  # SPEED.md: -M prepared -c 16
THREADS = 2
SAMPLED = 0.05  # of the transactions have their latency written down
FIRST_TRANSACTIONS = 100  # of each client, to learn the rate
GRACE_S = 60  # a run lasts its own time and no longer than this beyond
_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_DONE = re.compile(r"^number of transactions actually processed: (\d+)", re.MULTILINE)
_FAILED = re.compile(r"^number of failed transactions: (\d+)", re.MULTILINE)
_PLACE = re.compile(r"\$(\d+)")


def bound(sql: str, values: dict[int, str]) -> str:
    """`sql` with its numbered parameters replaced by pgbench expressions, on one line."""
    text = " ".join(_without_comments(sql).split())
    return _PLACE.sub(lambda m: values[int(m[1])], text)


def _without_comments(sql: str) -> str:
    return "\n".join(line.partition("--")[0] for line in sql.splitlines())


class PgBench:
    """One script, run again and again; `:round` tells the runs apart, `:n` counts within a client."""

    def __init__(self, url: str, role: str, script: str, *, first: int = 0) -> None:
        """`first` is the number before the first run's."""
        self._url, self._role = url, role
        self._script = script
        self._rate: float | None = None
        self._round = first

    async def run(self, seconds: float) -> Measured:
        """Run for about `seconds`: so many transactions as the last rate promises."""
        if self._rate is None:
            await self._transactions(FIRST_TRANSACTIONS, 0)
        assert self._rate is not None
        return await self._transactions(max(10, round(self._rate * seconds / CLIENTS)), seconds)

    async def _transactions(self, each: int, seconds: float) -> Measured:
        self._round += 1
        with tempfile.TemporaryDirectory(prefix="saqtau-bench-") as folder:
            script = _written(Path(folder), "\\set n :n + 1\n" + self._script)
            arguments = [
                "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", str(THREADS), "-t", str(each),
                "-D", "n=0", "-D", f"round={self._round}", "-f", str(script),
                "-l", f"--sampling-rate={SAMPLED}", f"--log-prefix={folder}/log",
                self._url,
            ]  # fmt: skip
            told = await self._call(arguments, folder, 2 * seconds + GRACE_S)
            done = int(_found(_DONE, told))
            rate = self._rate = float(_found(_RATE, told))
            late = _latencies_ms(Path(folder))
        return Measured(
            done=done,
            elapsed_s=done / rate,
            errors=int(_found(_FAILED, told)),
            first_error="a transaction failed",
            p50_ms=percentile(late, 0.5) if late else None,
            p99_ms=percentile(late, 0.99) if late else None,
        )

    async def _call(self, arguments: list[str], folder: str, timeout_s: float) -> str:
        program = servers.installed_programs().postgres("pgbench")
        options = f"-c role={self._role} -c search_path=pg_catalog -c jit=off"
        if self._role.removeprefix("saqtau_") in PLAN_ONCE:  # as the service's own connections
            options += " -c plan_cache_mode=force_generic_plan"
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "PGOPTIONS": options, "LC_ALL": "C"},
            start_new_session=True,
        )
        try:
            out, err = await asyncio.wait_for(process.communicate(), timeout_s)
        except TimeoutError:
            raise BenchFailed("pgbench did not come to an end") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            why = err.decode("utf-8", "replace").strip().splitlines()
            raise BenchFailed(f"pgbench: {' '.join(why[:2]) or process.returncode}")
        return out.decode("utf-8", "replace")


def _written(folder: Path, text: str) -> Path:
    script = folder / "script.sql"
    script.write_text(text, encoding="utf-8")
    return script


def _latencies_ms(folder: Path) -> list[float]:
    """The latencies that were written down, sorted."""
    lines = (line for log in folder.glob("log.*") for line in log.read_text().splitlines())
    return sorted(int(line.split()[2]) / 1e3 for line in lines)


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    if match is None:
        raise BenchFailed("pgbench printed something unexpected")
    return match[1]
