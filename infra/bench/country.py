"""A small country for the paths through the database: people, policies, receipts, clinics, codes.

Person number i has the UUID whose 32 digits spell i in decimals, so that pgbench, whose variables
are numbers, can name it too: `PERSON`. Everything is written set-based, as the database's owner.
"""

import hashlib
import secrets
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.kernel.actor import Role, Scope
from backend.kernel.clock import legal_date
from backend.kernel.ids import uuid7
from backend.signing.login import queries as sessions
from backend.visits.code import rules as codes
from backend.visits.code.model import CodePayload

PEOPLE = 100_000  # each with an account and a policy
CITIZENS = 10_000  # the first so many have a session, and twelve months of receipts
CLINICS = 50
MONTHS = 12

PERSON = "lpad(({i})::text, 32, '0')::uuid"  # PostgreSQL's UUID of number i

_PEOPLE = """
    INSERT INTO registry.person (person_id, region, added_at)
    SELECT lpad(i::text, 32, '0')::uuid, 'ALMATY', $2 FROM generate_series(1, $1::int) AS i
"""
_ACCOUNTS = """
    INSERT INTO registry.account (person_id, status, opened_at, signal_visit_at, signal_mis_at)
    SELECT lpad(i::text, 32, '0')::uuid, 'OPEN', $2, $2, $2 FROM generate_series(1, $1::int) AS i
"""
_POLICIES = """
    INSERT INTO registry.policy (
        person_id, policy_id, year, number, status, gvfmc, mhi, service_list, tariff_set, rule_set,
        issued_on, valid_from, valid_to, order_id
    )
    SELECT lpad(i::text, 32, '0')::uuid, lpad(i::text, 32, '0')::uuid, $2, $2::int || '-' || lpad(i::text, 10, '0'),
           'CREDITED', true, true, 'bench', 'bench', 'bench', make_date($2::int, 1, 1),
           make_date($2::int, 1, 1), make_date($2::int, 12, 31), lpad('1', 32, '0')::uuid
      FROM generate_series(1, $1::int) AS i
"""
_ORGANISATIONS = """
    INSERT INTO registry.organisation (
        organisation_id, bin, kind, form, name, status, contacts, requisites, head, evidence_id,
        opened_at, changed_at
    )
    SELECT lpad(k::text, 32, '0')::uuid, (100140000000 + k)::text, 'EXECUTOR', 'LEGAL',
           'Емхана ' || k, 'OPEN', '{}', '[{}]', '', lpad('1', 32, '0')::uuid, $2, $2
      FROM generate_series(1, $1::int) AS k
"""
_FACILITIES = """
    INSERT INTO registry.facility (
        facility_id, organisation_id, name, region, address, latitude, longitude, photo_outside,
        photo_inside, accounting_186, design_capacity, production, digitised_at, qr_obtained_at
    )
    SELECT lpad(k::text, 32, '0')::uuid, lpad(k::text, 32, '0')::uuid, 'Емхана ' || k, 'ALMATY',
           'Абай ' || k, 43.2, 76.9, sha256('outside'), sha256('inside'), '{"beds": 10}', 100, true,
           $2, $2
      FROM generate_series(1, $1::int) AS k
"""
# An employee: deducted by the employer and withheld from the wage, month after month; everybody on a day and of a sum
# of his own, and for one month in twelve nothing came.
_RECEIPTS = """
    INSERT INTO registry.contribution (
        person_id, contribution_id, paid_on, period, kind, amount_tiyn, payer_bin, source_ref
    )
    SELECT lpad(i::text, 32, '0')::uuid, lpad((m * 2 + k)::text, 32, '0')::uuid,
           ($2::date - make_interval(months => m, days => i % 28))::date,
           to_char($2::date - make_interval(months => m), 'YYYY-MM'),
           (ARRAY['deduction', 'contribution'])[k + 1], 850000 + i, '100140000001',
           i || '-' || m || '-' || k
      FROM generate_series(1, $1::int) AS i,
           generate_series(0, $3::int - 1) AS m,
           generate_series(0, 1) AS k
     WHERE (i * 7919 + m * 104729) % 1009 % 12 > 0
"""
_KEY = "INSERT INTO visits.qr_key (key_number, public_key, private_sealed, created_at) VALUES (1, $1, '', $2)"
_CODE = """
    INSERT INTO visits.facility_code (code_id, facility_id, key_number, code, issued_at)
    VALUES ($1, $2, 1, $3, $4)
"""


class Country:
    """What the load generator needs to know of the seeded people and clinics."""

    def __init__(self, tokens: list[str], codes: list[str]) -> None:
        self.tokens, self.codes = tokens, codes


def numbered(i: int) -> UUID:
    """The UUID of number i."""
    return UUID(f"{i:032}")


async def seed(url: str) -> Country:
    """Fill the migrated, empty database at `url`."""
    now = datetime.now(UTC)
    connection = await asyncpg.connect(url)
    try:
        # Foreign keys and triggers are not asked while seeding: the rows fit each other.
        await connection.execute(
            "SET session_replication_role = replica; SET synchronous_commit = off;"
            "SET search_path = pg_catalog"
        )
        await connection.execute(_PEOPLE, PEOPLE, now)
        await connection.execute(_ACCOUNTS, PEOPLE, now)
        await connection.execute(_POLICIES, PEOPLE, legal_date(now).year)
        await connection.execute(_ORGANISATIONS, CLINICS, now)
        await connection.execute(_FACILITIES, CLINICS, now)
        await connection.execute(_RECEIPTS, CITIZENS, legal_date(now), MONTHS)
        texts = await _codes(connection, now)
        tokens = await _sessions(connection, now)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return Country(tokens, texts)


async def _codes(connection: "asyncpg.Connection[asyncpg.Record]", now: datetime) -> list[str]:
    """A signed QR code for every clinic; the private key is thrown away."""
    key = Ed25519PrivateKey.generate()
    await connection.execute(_KEY, key.public_key().public_bytes_raw(), now)
    day: date = legal_date(now)
    rows = []
    for k in range(1, CLINICS + 1):
        payload = CodePayload(numbered(k), numbered(k), 1, day)
        text = codes.sign_facility(payload, key)
        rows.append((payload.code_id, payload.facility_id, text, now))
    await connection.executemany(_CODE, rows)
    return [text for _, _, text, _ in rows]


async def _sessions(connection: "asyncpg.Connection[asyncpg.Record]", now: datetime) -> list[str]:
    """A citizen's session for the first people, as `open_session` stores it."""
    tokens = [secrets.token_urlsafe(32) for _ in range(CITIZENS)]
    until = now + timedelta(days=1)
    await connection.executemany(
        sessions.ADD_SESSION.sql,
        [
            (
                uuid7(),
                hashlib.sha256(token.encode()).digest(),
                [Role.INSURED.value],
                None,
                numbered(i),
                None,
                now,
                until,
                None,
                "EGOV",
                sorted(Scope),
                None,  # no representation, no family
                None,
                None,
            )
            for i, token in enumerate(tokens, 1)
        ],
    )
    return tokens
