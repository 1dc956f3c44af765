"""Insured people for measuring what is done to all of them: accounts, attachments, statuses, logs.

Written set-based as the database's owner, in the order they came, not in that of their random ids.
One in a thousand has a blocked account. Who they are (the sealed identities) is left out: nothing that
is measured here reads it.
"""

from datetime import UTC, date, datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.kernel.ids import uuid7
from backend.registry.order.model import Scope
from backend.registry.order.rules import FIRST, LAST, PARTS

NOW = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)
DAY = date(2026, 4, 6)
BLOCKED_EVERY = 1_000
MANY = 50_000  # so many are worth settling before measuring
ACTOR = "issuer_head:061211600012"

_PEOPLE = """
    CREATE TABLE public.people AS
    SELECT i, md5('saqtau ' || i)::uuid AS person_id FROM generate_series(1, $1::int) AS i
"""
_STATEMENTS = (
    """
    INSERT INTO registry.person (person_id, region, added_at)
    SELECT person_id, (ARRAY['Астана', 'Алматы', 'Абай', 'Ақмола'])[i % 4 + 1], $1 FROM public.people
    """,
    """
    INSERT INTO registry.account (person_id, status, opened_at, signal_visit_at, signal_mis_at)
    SELECT person_id, CASE WHEN i % $2::int = 0 THEN 'BLOCKED' ELSE 'OPEN' END, $1, $1, $1
      FROM public.people
    """,
    """
    INSERT INTO registry.attachment (person_id, executor_id, facility_id, since)
    SELECT person_id, md5('executor ' || i % 60)::uuid, md5('facility ' || i % 60)::uuid,
           date '2026-01-05' + i % 60
      FROM public.people
    """,
    # six of ten paid for by the state, three employees, one nobody pays for
    """
    INSERT INTO registry.entitlement (
        person_id, paid, by_himself, prepaid, status, basis, reason, since, until, category,
        unpaid, self_payer, judged_on, review_on
    )
    SELECT person_id, repeat('0', 240)::bit(240), repeat('0', 240)::bit(240),
           repeat('0', 240)::bit(240),
           CASE WHEN i % 10 < 9 THEN 'CONSUMER' ELSE 'NOT_CONSUMER' END,
           CASE WHEN i % 10 < 6 THEN 'CATEGORY' WHEN i % 10 < 9 THEN 'PAID_MONTH' END, 'seed',
           '2026-03-06', CASE WHEN i % 10 BETWEEN 6 AND 8 THEN date '2026-04-30' END,
           CASE WHEN i % 10 < 6 THEN '7' END, 0, false, '2026-04-05',
           CASE WHEN i % 10 >= 6 THEN date '2026-05-01' END
      FROM public.people
    """,
)
# Everybody's log begins with the opening of his account.
_LOG = """
    INSERT INTO registry.operation (
        subject_id, seq, op_class, op_type, at, actor, basis_kind, basis_id, content, previous, hash
    )
    SELECT person_id, 1, 'ACCOUNT', 'OPEN', $1, 'registrar', 'EVENT', 'seed', content,
           previous, sha256(previous || registry.operation_bytes(
               person_id, 1, $1, 'ACCOUNT', 'OPEN', 'registrar', 'EVENT', 'seed', content))
      FROM public.people,
           (SELECT decode(repeat('00', 32), 'hex') AS previous,
                   '{"after":{"status":"OPEN"},"before":{"status":"NONE"}}' AS content) AS same
"""
_HEADS = """
    INSERT INTO registry.log_head (subject_id, seq, hash)
    SELECT subject_id, seq, hash FROM registry.operation WHERE seq = 1
"""
_ORDER = """
    INSERT INTO registry.policy_order (
        order_id, evidence_id, operation, scope, actor, status, created_at
    )
    VALUES ($1, $1, $2, $3, $4, 'ACCEPTED', $5)
"""
_PART = """
    INSERT INTO registry.policy_order_part (order_id, part, after, until)
    SELECT $1, part, $2, $3 FROM generate_series(0, $4::int - 1) AS part
"""


async def populate(url: str, people: int) -> None:
    """Fill the migrated, empty database at `url`."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET synchronous_commit = off; SET search_path = pg_catalog")
        await connection.execute(_PEOPLE, people)
        # Foreign keys are not asked while seeding: the rows fit each other.
        await connection.execute("SET session_replication_role = replica")
        for number, statement in enumerate(_STATEMENTS):
            await connection.execute(statement, *_given(number))
        await connection.execute("RESET session_replication_role")
        await connection.execute(_LOG, NOW)
        await connection.execute(_HEADS)
        await connection.execute("DROP TABLE public.people")
        if people >= MANY:
            await connection.execute("VACUUM (ANALYZE)")
            await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def _given(number: int) -> tuple[object, ...]:
    return ((NOW,), (NOW, BLOCKED_EVERY), (), ())[number]


async def order(url: str, year: int) -> UUID:
    """An order of the issuer to issue policies of `year` to everybody, as if just accepted."""
    order_id = uuid7()
    scope = Scope(operation="order.issue_policies", year=year)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        text = msgspec.json.encode(scope).decode()
        await connection.execute(_ORDER, order_id, scope.operation, text, ACTOR, NOW)
        await connection.execute(_PART, order_id, FIRST, LAST, PARTS)
    finally:
        await connection.close()
    return order_id
