"""Checks of the registry: policies, sealed identities, the log, terms."""

import asyncio
import json
import os
import re
import sys

from backend.app.demo.model import Check
from backend.app.demo.told import Told
from backend.app.demo.world import YEAR, World


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
    needles: list[str] = []
    for someone in world.country.people[:: max(1, len(world.country.people) // 3000)]:
        needles += [someone.iin, someone.phone, someone.full_name]
    for clinic in world.country.clinics:
        needles += [clinic.head.iin, clinic.head.phone, clinic.head.full_name]
    wanted = {n.encode() for n in needles}
    everybody = {p.iin.encode() for p in world.country.people}
    lines = leaks = 0
    for file in sorted(world.logs.glob("*.log")):
        text = file.read_bytes()
        lines += text.count(b"\n")
        leaks += sum(n in text for n in wanted)
        leaks += sum(word in everybody for word in _twelve_digits(text))
    ok = lines > 0 and leaks == 0
    return Check(
        "no-personal-data-in-logs",
        ok,
        f"{lines:,} log lines, {leaks} with a number, phone or name of a person",
    )


def _twelve_digits(text: bytes) -> list[bytes]:
    return re.findall(rb"(?<![0-9])[0-9]{12}(?![0-9])", text)
