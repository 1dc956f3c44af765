"""Legal terms as rows: who owes what by when, kept or breached (domain 3.19)."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel.db import Db, Query, Tx


class Term(msgspec.Struct, frozen=True):
    """One running or finished term; instants in UTC."""

    code: str
    subject: UUID
    owner: str
    started_at: datetime
    due_at: datetime
    done_at: datetime | None


class TermSummary(msgspec.Struct, frozen=True):
    """How the terms of one code fare."""

    code: str
    kept: int
    breached: int
    running: int


START = Query[None](
    """
    INSERT INTO kernel.term (code, subject, owner, started_at, due_at)
    SELECT code, subject, owner, started_at, due_at
      FROM unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[])
        AS new (code, subject, owner, started_at, due_at)
    ON CONFLICT (code, subject) DO NOTHING
    """
)
FULFIL = Query[None](
    """
    UPDATE kernel.term SET done_at = greatest($3, started_at)
     WHERE code = $1 AND subject = ANY ($2::uuid[]) AND done_at IS NULL
    """
)
BREACHED = Query[Term](
    """
    SELECT code, subject, owner, started_at, due_at, done_at
      FROM kernel.term
     WHERE coalesce(done_at, $1) > due_at
     ORDER BY due_at
     LIMIT $2
    """
)
SUMMARY = Query[TermSummary](
    """
    SELECT code,
           count(*) FILTER (WHERE done_at <= due_at) AS kept,
           count(*) FILTER (WHERE coalesce(done_at, $1) > due_at) AS breached,
           count(*) FILTER (WHERE done_at IS NULL AND due_at >= $1) AS running
      FROM kernel.term
     GROUP BY code
     ORDER BY length(code), code
    """
)


async def start(
    tx: Tx, code: str, subject: UUID, owner: str, *, started_at: datetime, due_at: datetime
) -> None:
    """Start the term `code` for `subject`; `owner` says who owes it. Starting twice changes nothing."""
    await START.run(tx, [code], [subject], [owner], [started_at], [due_at])


async def start_many(
    tx: Tx, code: str, subjects: list[UUID], owner: str, *, started_at: datetime, due_at: datetime
) -> None:
    """Start one term for each of `subjects`, in one statement."""
    n = len(subjects)
    await START.run(tx, [code] * n, subjects, [owner] * n, [started_at] * n, [due_at] * n)


async def start_each(
    tx: Tx, code: str, owners: Mapping[UUID, str], *, started_at: datetime, due_at: datetime
) -> None:
    """Start one term for each subject, with its own owner, in one statement."""
    n = len(owners)
    columns = [code] * n, list(owners), list(owners.values())
    await START.run(tx, *columns, [started_at] * n, [due_at] * n)


async def fulfil(tx: Tx, code: str, subjects: list[UUID], *, at: datetime) -> int:
    """What was owed is done; how many running terms that ended.

    A clock that jumped back behind the start does not undo the deed: it counts as done at the start.
    """
    return await FULFIL.run(tx, code, subjects, at)


async def breached(db: Db, *, at: datetime, limit: int = 100) -> list[Term]:
    """Terms missed by `at`, whether done late or not at all."""
    return await BREACHED.all(db, at, limit)


async def summary(db: Db, *, at: datetime) -> list[TermSummary]:
    """How many terms of each code are kept, breached and running."""
    return await SUMMARY.all(db, at)
