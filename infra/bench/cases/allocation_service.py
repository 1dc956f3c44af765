"""2,000 executors on 200 lines decided by the service itself: read, computed, explained, kept.

    python -m infra.bench.cases.allocation_service DATABASE_URL

runs in a process of its own, so that its peak of memory is its own, and prints one JSON object. The
database must be migrated; it is filled, decided once, and looked at.
"""

import asyncio
import json
import random
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from backend.allocation.decision import case as cases
from backend.allocation.decision import service
from backend.kernel.actor import Actor, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.db import open_db
from backend.kernel.ids import uuid7
from infra.bench.cases import allocation
from infra.bench.model import BenchFailed

AT = datetime(2026, 5, 14, 5, tzinfo=UTC)
REGIONS = 20
HEAD = Actor(session_id=UUID(int=1), roles=frozenset({Role.ISSUER_HEAD}), bin="061211600012")
LINES_PROVED = 20


async def measure(url: str) -> dict[str, Any]:
    """Fill the database, decide, and see that the bare loop gives the same units."""
    owner = await asyncpg.connect(url)
    try:
        announcement_id = await fill(owner)
        db = await open_db(url, "saqtau_allocation", max_size=2)
        before_mb = peak_mb()
        began, cpu = time.perf_counter(), time.process_time()
        decision = await service.decide(db, FixedClock(AT), LegalCalendar(), HEAD, announcement_id)
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        after_mb = peak_mb()
        content = await owner.fetchval("SELECT bundle FROM allocation.decision")
        bare_s = _bare(json.loads(content))
        await db.close()
    finally:
        await owner.close()
    return {
        "service_s": round(took, 2),
        "service_cpu_s": round(cpu, 2),
        "service_to_bare": round(took / bare_s, 1),
        "service_bare_s": round(bare_s, 3),
        "service_shares": decision.shares,
        "service_bundle_mb": round(len(content) / 1e6, 1),
        "service_peak_mb": after_mb,
        "service_peak_before_mb": before_mb,
    }


def peak_mb() -> int:
    """The most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _bare(record: Any) -> float:
    """Seconds of the bare loop over the same lines; raises BenchFailed where it decides otherwise."""
    read = [cases.read_case(line["case"]) for line in record["lines"]]
    bare = [allocation.bare_input(case.line, case.applications) for case in read]
    began = time.perf_counter()
    given = [allocation.bare_allocate(*one) for one in bare]
    took = time.perf_counter() - began
    for line, units in list(zip(record["lines"], given, strict=True))[:LINES_PROVED]:
        if [s["allocated"] for s in line["result"]["shares"]] != units:
            raise BenchFailed("allocation: the bare loop decides otherwise than the service")
    return took


async def fill(owner: "asyncpg.Connection[asyncpg.Record]") -> UUID:
    """A closed announcement of 200 lines, 2,000 accepted applications of 80 lines each."""
    dice = random.Random(allocation.SEED)
    executors = [uuid7() for _ in range(allocation.EXECUTORS)]
    lines = [uuid7() for _ in range(allocation.LINES)]
    plan_id, announcement_id, import_id = uuid7(), uuid7(), uuid7()
    evidence = [uuid4() for _ in range(3 * len(executors) + 3)]
    async with owner.transaction():
        await _copy(owner, "signing.evidence", _EVIDENCE, (_proof(e) for e in evidence))
        await _copy(
            owner, "registry.organisation", _ORGANISATION,
            (_organisation(n, e, evidence[3 + n]) for n, e in enumerate(executors)),
        )  # fmt: skip
        await _plan(owner, plan_id, lines, evidence)
        await owner.execute(_ANNOUNCE, announcement_id, plan_id, AT - timedelta(days=10), AT)
        await _rate(owner, import_id, executors, dice)
        applications = [uuid7() for _ in executors]
        await _copy(
            owner, "allocation.application", _APPLICATION,
            (
                (a, announcement_id, e, n, AT - timedelta(days=2), "ACCEPTED",
                 evidence[3 + len(executors) + n - 1], "{}", [], AT - timedelta(days=1),
                 evidence[3 + 2 * len(executors) + n - 1])
                for n, (a, e) in enumerate(zip(applications, executors, strict=True), start=1)
            ),
        )  # fmt: skip
        await _copy(
            owner, "allocation.application_line", _ASKED,
            (
                (a, lines[line], announcement_id, e, True, dice.randrange(1, 20_000))
                for a, e in zip(applications, executors, strict=True)
                for line in dice.sample(range(len(lines)), allocation.LINES_OF_ONE)
            ),
        )  # fmt: skip
    await owner.execute("VACUUM ANALYZE")
    return announcement_id


_EVIDENCE = (
    "evidence_id", "operation", "document", "document_sha256", "signature", "signer_bin",
    "signer_roles", "certificate_serial", "algorithm", "result", "verified_at",
)  # fmt: skip
_ORGANISATION = (
    "organisation_id", "bin", "kind", "form", "name", "status", "contacts", "requisites", "head",
    "evidence_id", "opened_at", "changed_at",
)  # fmt: skip
_APPLICATION = (
    "application_id", "announcement_id", "executor_id", "seq_no", "submitted_at", "status",
    "evidence_id", "contents", "warnings", "reviewed_at", "review_evidence_id",
)  # fmt: skip
_ASKED = ("application_id", "line_id", "announcement_id", "executor_id", "live", "requested")
_LINE = (
    "line_id", "plan_id", "code", "source", "region", "service_type", "care_form", "title_kk",
    "title_ru", "unit", "planned_units", "tariff_tiyn", "amount_tiyn", "base_kind",
    "payment_method", "lot", "phc_full", "v_max_percent",
)  # fmt: skip
_ANNOUNCE = """
    WITH made AS (
        INSERT INTO allocation.announcement (
            announcement_id, plan_id, posted_at, accepting_until, status, closed_at
        )
        VALUES ($1, $2, $3, $4::timestamptz - interval '1 day', 'CLOSED', $4)
        RETURNING plan_id
    )
    INSERT INTO allocation.announcement_line (announcement_id, line_id, plan_id, units, amount_tiyn)
    SELECT $1, line_id, plan_id, planned_units, amount_tiyn
      FROM allocation.plan_line WHERE plan_id IN (SELECT plan_id FROM made)
"""


def _proof(evidence_id: UUID) -> tuple[Any, ...]:
    from hashlib import sha256

    document = evidence_id.bytes
    return (
        evidence_id, "bench", document, sha256(document).digest(), b"", HEAD.bin, ["head"], "00",
        "bench", "{}", AT - timedelta(days=30),
    )  # fmt: skip


def _organisation(n: int, executor_id: UUID, evidence_id: UUID) -> tuple[Any, ...]:
    at = AT - timedelta(days=30)
    return (
        executor_id, f"{100000000000 + n}", "EXECUTOR", "LEGAL", f"Клиника {n}", "OPEN", "{}", "[{}]",
        b"", evidence_id, at, at,
    )  # fmt: skip


async def _plan(owner: Any, plan_id: UUID, lines: list[UUID], evidence: list[UUID]) -> None:
    at = AT - timedelta(days=20)
    await owner.execute(
        """
        INSERT INTO allocation.plan (
            plan_id, year, version, status, imported_at, imported_by, evidence_id, approved_at,
            approval_evidence_id, published_at, publication_evidence_id
        ) VALUES ($1, 2026, 1, 'PUBLISHED', $2, 'bench', $3, $2, $4, $2, $5)
        """,
        plan_id,
        at,
        *evidence[:3],
    )
    await owner.execute(
        "INSERT INTO allocation.financing_limit SELECT $1, s, 1000000000000000000"
        " FROM unnest('{gvfmc,mhi}'::text[]) s",
        plan_id,
    )
    units, tariff = 4_000_000, 123_456
    await _copy(
        owner, "allocation.plan_line", _LINE,
        (
            (line, plan_id, f"2026-mhi-{n:03}", "mhi", f"{n % REGIONS:02}", f"s{n // REGIONS}",
             "ambulatory", "т", "т", "service", units + n * 7_000, tariff,
             (units + n * 7_000) * tariff, "fact", "per_service", False, False, 25)
            for n, line in enumerate(lines)
        ),
    )  # fmt: skip


async def _rate(owner: Any, import_id: UUID, executors: list[UUID], dice: random.Random) -> None:
    await owner.execute(
        "INSERT INTO allocation.indicator_import VALUES ($1, 'RATING', 's', 'p', 'r', $2, 0, $3, 'b')",
        import_id,
        bytes(32),
        AT - timedelta(days=9),
    )
    services = [f"s{n}" for n in range(allocation.LINES // REGIONS)]
    await _copy(
        owner, "allocation.rating",
        ("executor_id", "service_type", "import_id", "score_milli", "accreditation_rank",
         "no_history"),
        (
            (e, s, import_id, dice.randrange(0, 5001), dice.randrange(0, 4), False)
            for e in executors for s in services
        ),
    )  # fmt: skip
    await _copy(
        owner, "allocation.capacity",
        ("executor_id", "service_type", "region", "unit", "import_id", "capacity", "fact"),
        (
            (e, s, f"{r:02}", "service", import_id,
             dice.randrange(0, 20_000) if dice.random() < 0.5 else None, dice.randrange(0, 20_000))
            for e in executors for s in services for r in range(REGIONS)
        ),
    )  # fmt: skip


async def _copy(owner: Any, table: str, columns: tuple[str, ...], records: Any) -> None:
    schema, name = table.split(".")
    await owner.copy_records_to_table(
        name, schema_name=schema, columns=columns, records=list(records)
    )


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1]))))
