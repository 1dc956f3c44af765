"""Checks of the registry: policies, sealed identities, the log, terms."""

import asyncio
import json
import os
import re
import sys

from backend.app.demo.model import Check
from backend.app.demo.told import Told
from backend.app.demo.world import YEAR, World
from backend.kernel import strict_json

# a run of twelve digits, a phone, or three words of Cyrillic: what the logs are searched for
_PERSONAL = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])|\+[0-9]{11}|[^\W\d_]+ [^\W\d_]+ [^\W\d_]+")


async def policies_issued(world: World, _: Told) -> Check:
    """Everyone whose account is open has exactly one live policy of the year, credited."""
    row = await world.row(
        """
        SELECT count(*) AS accounts,
               count(*) FILTER (WHERE p.n = 1) AS with_one,
               coalesce(sum(p.n), 0)::bigint AS policies
          FROM registry.account a
          LEFT JOIN LATERAL (
              SELECT count(*) AS n FROM registry.policy
               WHERE person_id = a.person_id AND year = $1 AND status = 'CREDITED'
          ) p ON true
         WHERE a.status = 'OPEN'
        """,
        YEAR,
    )
    ok = row["accounts"] == row["with_one"] == row["policies"] >= 20_000 - 500
    return Check(
        "policies-issued",
        ok,
        f"{row['policies']:,} policies for {row['accounts']:,} open accounts, one each",
    )


async def executors_ready(world: World, _: Told) -> Check:
    """All five actions of M §6 are done for every executor."""
    row = await world.row(
        """
        SELECT count(*) AS executors, count(*) FILTER (WHERE r.ready) AS ready
          FROM registry.organisation o JOIN registry.executor_ready r USING (organisation_id)
         WHERE o.kind = 'EXECUTOR' AND o.status = 'OPEN'
        """
    )
    ok = row["executors"] == row["ready"] >= 60
    return Check("executors-ready", ok, f"{row['ready']} of {row['executors']} executors ready")


async def identities_sealed(world: World, _: Told) -> Check:
    """No identification number stands readable in what is stored of persons; no other role may read."""
    sample = world.country.people[:: max(1, len(world.country.people) // 200)]
    numbers = [p.iin.encode() for p in sample]
    rows = await world.database.fetch("SELECT sealed FROM registry.identity LIMIT 2000")
    open_ones = sum(any(n in r["sealed"] for n in numbers) for r in rows)
    readers = await world.database.fetch(
        """
        SELECT rolname FROM pg_roles
         WHERE rolname LIKE 'saqtau\\_%' AND rolname <> 'saqtau_registry'
           AND (has_table_privilege(rolname, 'registry.identity', 'SELECT')
                OR has_table_privilege(rolname, 'registry.iin_claim', 'SELECT'))
        """
    )
    ok = bool(rows) and not open_ones and not readers
    return Check(
        "identities-sealed",
        ok,
        f"{len(rows):,} identities looked at, {open_ones} readable; "
        f"{len(readers)} other roles may read them",
    )


async def log_verified(world: World, _: Told) -> Check:
    """The whole operation log re-read, every hash computed anew."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "backend.app.cli",
        "registry",
        "verify",
        env={**os.environ, "SAQTAU_DATABASE_URL": world.database_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out = (await child.communicate())[0]
    answer = json.loads(out)
    return Check(
        "log-verified",
        child.returncode == 0 and answer["ok"] and answer["operations"] > 20_000,
        f"{answer['operations']:,} operations re-read, root {answer['root'][:16]}…",
    )


async def terms_kept(world: World, _: Told) -> Check:
    """No legal term was missed, and there were terms to keep."""
    row = await world.row(
        """
        SELECT count(*) AS terms, count(DISTINCT code) AS codes,
               count(*) FILTER (WHERE coalesce(done_at, $1) > due_at) AS missed
          FROM kernel.term
        """,
        world.now(),
    )
    ok = row["terms"] > 0 and row["codes"] >= 6 and row["missed"] == 0
    return Check(
        "terms-kept",
        ok,
        f"{row['terms']} legal terms of {row['codes']} kinds, {row['missed']} missed",
    )


async def no_dead_letters(world: World, _: Told) -> Check:
    """No background job was given up."""
    failed = await world.database.fetchval(
        "SELECT count(*) FROM jobs.pgqueuer WHERE status = 'failed'"
    )
    return Check("no-dead-letters", failed == 0, f"{failed} jobs given up")


async def no_personal_data_in_logs(world: World, _: Told) -> Check:
    """No log line of any process holds a number, phone or full name of anybody in the country."""
    everybody = [
        *world.country.people,
        *(p for c in world.country.clinics for p in (c.head, c.finance, c.operator, *c.workers)),
        *(p for office in world.offices.values() for p in office.people.values()),
    ]
    secrets = {s for p in everybody for s in (p.iin, p.phone, p.full_name)}
    lines = 0
    leaks: set[str] = set()
    for file in sorted(world.logs.glob("*.log")):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            lines += 1
            leaks |= secrets.intersection(_PERSONAL.findall(_plain(line)))
    return Check(
        "no-personal-data-in-logs",
        lines > 0 and not leaks,
        f"{lines:,} log lines, {len(leaks)} numbers, phones or names of {len(everybody):,} people",
    )


def _plain(line: str) -> str:
    """The line with its JSON escapes resolved, so that nothing hides behind them."""
    try:
        return strict_json.dumps(strict_json.parse(line.encode()))
    except (strict_json.NotJson, strict_json.BadJson):
        return line
