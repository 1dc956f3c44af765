"""A clinic with 50,000 insured people attached, one contract, and acts it signs; everything set as it would stand."""

import base64
import hashlib
import secrets
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from backend.kernel.clock import legal_date
from backend.kernel.ids import check_digit, uuid7
from backend.kernel.sealing import PERSON_KEY, Keyring
from backend.payments.act.model import CASES_MAX, Case, SubmitAct
from infra.bench.country import numbered
from infra.sandbox.nca.keypair import KeyPair

CLINIC_BIN = "100140000003"
CLINIC, FACILITY, PLAN, LINE, CONTRACT, WORKER = (numbered(n) for n in range(1, 7))
TARIFF, UNITS = 1_000_00, 100_000_000
DAYS = 20

_ORGANISATION = """
    INSERT INTO registry.organisation (
        organisation_id, bin, kind, form, name, status, contacts, requisites, head, evidence_id,
        opened_at, changed_at
    )
    VALUES ($1, $2, 'EXECUTOR', 'LEGAL', 'Емхана', 'OPEN',
            '{"postal_address": "a", "phone": "+77010000000", "email": "a@b.kz"}',
            '[{"iban": "KZ18722S000012345678", "bic": "CASPKZKA", "bank": "b", "treasury": false}]',
            '', $1, $3, $3)
"""
_PEOPLE = """
    INSERT INTO registry.person (person_id, region, added_at)
    SELECT person_id, 'ALMATY', $2 FROM unnest($1::uuid[]) AS new (person_id)
"""
_ACCOUNTS = """
    INSERT INTO registry.account (person_id, status, opened_at, signal_visit_at, signal_mis_at)
    SELECT person_id, 'OPEN', $2, $2, $2 FROM unnest($1::uuid[]) AS new (person_id)
"""
_CLAIMS = """
    INSERT INTO person.iin_claim (iin_hash, person_id, key_id)
    SELECT iin_hash, person_id, $3 FROM unnest($1::bytea[], $2::uuid[]) AS new (iin_hash, person_id)
"""
_ATTACHMENTS = """
    INSERT INTO registry.attachment (person_id, executor_id, facility_id, since)
    SELECT person_id, $2, $3, $4 FROM unnest($1::uuid[]) AS new (person_id)
"""
_POLICIES = """
    INSERT INTO registry.policy (
        person_id, policy_id, year, number, status, gvfmc, mhi, service_list, tariff_set, rule_set,
        issued_on, valid_from, valid_to, order_id, executor_id
    )
    SELECT person_id, person_id, $2, $2::int || '-' || lpad(place::text, 10, '0'), 'CREDITED', true,
           true, 'bench', 'bench', 'bench', make_date($2::int, 1, 1), make_date($2::int, 1, 1),
           make_date($2::int, 12, 31), $3, $3
      FROM unnest($1::uuid[]) WITH ORDINALITY AS new (person_id, place)
"""
# Seven of ten came by QR on the day of their case.
_VISITS = """
    INSERT INTO visits.visit (
        person_id, visit_id, facility_id, executor_id, at, visit_date, grade, code_id
    )
    SELECT person_id, uuidv7(), $2, $3, $5::timestamptz + interval '5 hours' +
           (place % $4) * interval '1 day', $5::date + (place % $4)::int, 'QR_ONLY', $2
      FROM unnest($1::uuid[]) WITH ORDINALITY AS new (person_id, place)
     WHERE place % 10 < 7
"""
_WORKER = """
    INSERT INTO registry.worker (worker_id, executor_id, iin_hash, speciality, active, changed_at)
    VALUES ($1, $2, $3, 'терапевт', true, $4)
"""
_PLAN = """
    INSERT INTO allocation.plan (
        plan_id, year, version, status, imported_at, imported_by, approved_at,
        approval_evidence_id, published_at, publication_evidence_id
    )
    VALUES ($1, $2, 1, 'PUBLISHED', $3, 'x', $3, $1, $3, $1)
"""
_PLAN_LINE = """
    INSERT INTO allocation.plan_line (
        line_id, plan_id, code, source, region, service_type, care_form, title_kk, title_ru, unit,
        planned_units, tariff_tiyn, amount_tiyn, base_kind, payment_method, lot, phc_full,
        v_max_percent
    )
    VALUES ($1, $2, 'cdc', 'mhi', '75', 'cdc', 'ambulatory', 'Көмек', 'Помощь', 'service', $3, $4,
            $5, 'capacity', 'per_service', false, false, 25)
"""
_CONTRACT = """
    INSERT INTO allocation.contract (
        contract_id, number, decision_id, application_id, executor_id, source, seq_no, status,
        content, content_sha256, amount_tiyn, valid_from, valid_to, formed_at, issuer_evidence_id,
        issuer_signed_at, executor_evidence_id, executor_signed_at
    )
    VALUES ($1, '2026-MHI-000001', $1, $1, $2, 'mhi', 1, 'SIGNED', 'x', sha256('x'), $3, $4, $5, $6,
            $1, $6, $1, $6)
"""
_CONTRACT_LINE = """
    INSERT INTO allocation.contract_line (
        contract_id, line_id, service_type, region, unit, units, tariff_tiyn, amount_tiyn
    )
    VALUES ($1, $2, 'cdc', '75', 'service', $3, $4, $5)
"""

_SESSION = """
    INSERT INTO signing.session (session_id, token_sha256, roles, bin, opened_at, expires_at)
    VALUES ($1, $2, '{executor_head}', $3, $4, $5)
"""


class Clinic(msgspec.Struct, frozen=True):
    """Who presents the acts, and about whom."""

    token: str
    iins: list[str]
    worker_iin: str
    first_day: date
    last_day: date

    def act(self, number: int) -> bytes:
        """An act of 50,000 cases, one for each person, unlike all others."""
        days = [self.first_day + timedelta(days=n) for n in range(DAYS)]
        cases = tuple(
            Case(
                f"MIS-{number:04}-{place:06}", iin, self.worker_iin, "A02.004.000", LINE, 1,
                days[place % DAYS], episode=f"{number}",
            )
            for place, iin in enumerate(self.iins, 1)
        )  # fmt: skip
        command = SubmitAct(CONTRACT, f"A-{number}", self.first_day, self.last_day, cases)
        return msgspec.json.encode(command)


def iin_of(n: int) -> str | None:
    """An IIN of somebody born in 1985; None where the serial has no check digit."""
    eleven = f"{850101 + n // 10_000 % 28:06}3{n % 10_000:04}"
    digit = check_digit(eleven)
    return None if digit is None else f"{eleven}{digit}"


def iins(count: int) -> list[str]:
    """So many different IINs."""
    found: list[str] = []
    n = 0
    while len(found) < count:
        iin = iin_of(n)
        n += 1
        if iin is not None:
            found.append(iin)
    return found


def signed(document: bytes, pair: KeyPair, at: datetime) -> bytes:
    """The body of a signed request."""
    return msgspec.json.encode(
        {
            "document": base64.b64encode(document).decode(),
            "signature": base64.b64encode(pair.sign_cms(document, at=at)).decode(),
        }
    )


async def seed(url: str, secret: str, people: int = CASES_MAX) -> Clinic:
    """Fill the migrated, empty database at `url`."""
    now = datetime.now(UTC)
    today = legal_date(now)
    first, last = today - timedelta(days=DAYS + 1), today - timedelta(days=1)
    keyring = Keyring.from_secret(secret)
    numbers = iins(people + 1)
    worker_iin, given = numbers.pop(), numbers
    ids = [UUID(hashlib.md5(iin.encode(), usedforsecurity=False).hexdigest()) for iin in given]
    hashes = [keyring.lookup("iin", iin) for iin in given]
    amount = TARIFF * UNITS
    token = secrets.token_urlsafe(32)
    connection = await asyncpg.connect(url)
    try:
        # Foreign keys and triggers are not asked while seeding: the rows fit each other.
        await connection.execute(
            "SET session_replication_role = replica; SET synchronous_commit = off;"
            "SET search_path = pg_catalog"
        )
        for statement, arguments in (
            (_ORGANISATION, (CLINIC, CLINIC_BIN, now)),
            (_PEOPLE, (ids, now)),
            (_ACCOUNTS, (ids, now)),
            (_CLAIMS, (hashes, ids, PERSON_KEY)),
            (_ATTACHMENTS, (ids, CLINIC, FACILITY, first - timedelta(days=30))),
            (_POLICIES, (ids, today.year, CLINIC)),
            (_VISITS, (ids, FACILITY, CLINIC, DAYS, first)),
            (_WORKER, (WORKER, CLINIC, keyring.lookup("iin", worker_iin), now)),
            (_PLAN, (PLAN, today.year, now)),
            (_PLAN_LINE, (LINE, PLAN, UNITS, TARIFF, amount)),
            (_CONTRACT, (CONTRACT, CLINIC, amount, first, date(today.year, 12, 31), now)),
            (_CONTRACT_LINE, (CONTRACT, LINE, UNITS, TARIFF, amount)),
        ):
            await connection.execute(statement, *arguments)
        await connection.execute(
            _SESSION, uuid7(), hashlib.sha256(token.encode()).digest(), CLINIC_BIN, now,
            now + timedelta(days=1),
        )  # fmt: skip
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return Clinic(token, given, worker_iin, first, last)
