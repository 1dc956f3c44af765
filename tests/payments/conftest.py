"""A clinic with a signed contract, people with policies who came by QR, and the issuer's signers."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.ids import check_digit
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.payments.act.model import ActWithReport, ApproveAct, Case, SubmitAct
from backend.payments.act.service import approve, submit
from backend.signing.evidence.model import Proof, Signed
from backend.signing.evidence.service import operation_of

C = TypeVar("C")
Owner = asyncpg.Connection  # type: ignore[type-arg]

ISSUER_BIN = "061211600012"
CLINIC_BIN = "100140000003"
CLINIC = UUID("01980000-0000-7000-8000-00000000c001")
ISSUER = UUID("01980000-0000-7000-8000-00000000c009")
FACILITY = UUID("01980000-0000-7000-8000-00000000f001")
PLAN = UUID("01980000-0000-7000-8000-0000000000a1")
LINE = UUID("01980000-0000-7000-8000-0000000000a3")
OTHER_LINE = UUID("01980000-0000-7000-8000-0000000000a4")
CONTRACT = UUID("01980000-0000-7000-8000-0000000000b1")
TARIFF = 1_000_00
UNITS = 200
DAY = date(2026, 3, 20)
FROM, TO = date(2026, 3, 12), date(2026, 4, 3)
CLINIC_IBAN, KBSH_IBAN = "KZ18722S000012345678", "KZ24070105KSN0000000"

HEAD = Actor(UUID(int=1), frozenset({Role.EXECUTOR_HEAD}), bin=CLINIC_BIN)
ACCOUNTANT = Actor(UUID(int=2), frozenset({Role.EXECUTOR_ACCOUNTANT}), bin=CLINIC_BIN)
ISSUER_HEAD = Actor(UUID(int=3), frozenset({Role.ISSUER_HEAD}), bin=ISSUER_BIN)
FINANCE = Actor(UUID(int=4), frozenset({Role.ISSUER_FINANCE}), bin=ISSUER_BIN)


def iin(number: int) -> str:
    """The n-th person's IIN."""
    for serial in range(number * 20, number * 20 + 20):
        eleven = f"8501013{serial:04}"
        digit = check_digit(eleven)
        if digit is not None:
            return f"{eleven}{digit}"
    raise AssertionError


def person(number: int) -> UUID:
    """The n-th person's id."""
    return UUID(f"01980000-0000-7000-8000-0000001{number:05}")


DOCTOR_IIN = iin(499)
PEOPLE = 40


def signed(command: C, bin_: str, at: datetime, salt: str = "") -> Signed[C]:
    """A command as `evidence.accept` hands it on."""
    document = msgspec.json.encode(command) + salt.encode()
    proof = Proof(
        operation=operation_of(type(command)),
        document=document,
        signature=b"cms",
        signer=None,
        signer_bin=bin_,
        signer_roles=("head",),
        certificate_serial="1",
        algorithm="gost2015-512",
        result={},
        verified_at=at,
    )
    return Signed(command, document, proof)


def cases(
    people: Sequence[int], prefix: str = "r", units: int = 1, **changes: Any
) -> tuple[Case, ...]:
    """One case for each of these people, on DAY."""
    return tuple(
        msgspec.structs.replace(
            Case(f"{prefix}-{n}", iin(n), DOCTOR_IIN, "A02.004.000", LINE, units, DAY), **changes
        )
        for n in people
    )


def act(number: str, lines: Sequence[Case]) -> SubmitAct:
    """An act of the contract for March."""
    return SubmitAct(CONTRACT, number, FROM, TO, tuple(lines))


async def present(resources: Resources, command: SubmitAct) -> ActWithReport:
    """The clinic's head submits an act."""
    return await submit.submit(resources, HEAD, signed(command, CLINIC_BIN, resources.clock.now()))


async def accept(resources: Resources, submitted: ActWithReport) -> None:
    """The issuer's head signs an act."""
    command = ApproveAct(submitted.act_id, submitted.content_sha256)
    now = resources.clock.now()
    await approve.approve(
        resources, ISSUER_HEAD, signed(command, ISSUER_BIN, now, salt=f" {now.isoformat()}")
    )


@pytest.fixture
async def world(owner: Owner, keyring: Keyring, resources: Resources) -> Resources:
    """The whole scene: PEOPLE persons, of whom all but the last ten came by QR on DAY."""
    # The rows of wings below are set as they would stand, without the road that led there.
    await owner.execute("SET session_replication_role = replica")
    await _organisations(owner)
    await _people(owner, keyring)
    await _contract(owner)
    await owner.execute("SET session_replication_role = origin")
    return resources


async def _organisations(owner: Owner) -> None:
    for id_, bin_, kind, iban, treasury in (
        (CLINIC, CLINIC_BIN, "EXECUTOR", CLINIC_IBAN, False),
        (ISSUER, ISSUER_BIN, "ISSUER", KBSH_IBAN, True),
    ):
        requisites = [{"iban": iban, "bic": "CASPKZKA", "bank": "банк", "treasury": treasury}]
        await owner.execute(
            """
            INSERT INTO registry.organisation (organisation_id, bin, kind, form, name, status,
                contacts, requisites, head, evidence_id, opened_at, changed_at)
            VALUES ($1, $2, $3, 'LEGAL', $4, 'OPEN',
                '{"postal_address": "a", "phone": "+77010000000", "email": "a@b.kz"}',
                $5::text::jsonb, 'x', $1, '2026-03-06T00:00:00Z', '2026-03-06T00:00:00Z')
            """,
            id_,
            bin_,
            kind,
            f"«{kind}»",
            msgspec.json.encode(requisites).decode(),
        )


async def _people(owner: Owner, keyring: Keyring) -> None:
    at = datetime.fromisoformat("2026-03-10T05:00:00+00:00")
    numbers = range(1, PEOPLE + 1)
    await owner.executemany(
        "INSERT INTO registry.person VALUES ($1, '75', $2)", [(person(n), at) for n in numbers]
    )
    await owner.executemany(
        "INSERT INTO registry.iin_claim VALUES ($1, $2)",
        [(keyring.lookup("iin", iin(n)), person(n)) for n in numbers],
    )
    await owner.executemany(
        "INSERT INTO registry.account VALUES ($1, 'OPEN', $2, $2, $2)",
        [(person(n), at) for n in numbers],
    )
    await owner.executemany(
        "INSERT INTO registry.attachment VALUES ($1, $2, $3, '2026-03-10')",
        [(person(n), CLINIC, FACILITY) for n in numbers],
    )
    await owner.executemany(
        """
        INSERT INTO registry.policy (person_id, policy_id, year, number, status, gvfmc, mhi,
            service_list, tariff_set, rule_set, issued_on, valid_from, valid_to, executor_id, order_id)
        VALUES ($1, $1, 2026, '2026-' || lpad($2::text, 10, '0'), 'CREDITED', true, true, 'a', 'b',
            'c', '2026-03-10', '2026-03-10', '2026-12-31', $3, $1)
        """,
        [(person(n), str(n), CLINIC) for n in numbers],
    )
    await owner.executemany(
        """
        INSERT INTO visits.visit (person_id, visit_id, facility_id, executor_id, at, visit_date,
            grade, code_id)
        VALUES ($1, $1, $2, $3, $4, $5, 'QR_ONLY', $2)
        """,
        [
            (person(n), FACILITY, CLINIC, datetime.fromisoformat(f"{DAY}T05:00:00+00:00"), DAY)
            for n in range(1, PEOPLE - 9)
        ],
    )
    await owner.execute(
        "INSERT INTO registry.worker VALUES ($1, $2, $3, 'терапевт', true, $4)",
        UUID(int=55),
        CLINIC,
        keyring.lookup("iin", DOCTOR_IIN),
        at,
    )


async def _contract(owner: Owner) -> None:
    at = datetime.fromisoformat("2026-03-10T06:00:00+00:00")
    amount = UNITS * TARIFF
    await owner.execute(
        """
        INSERT INTO allocation.plan (plan_id, year, version, status, imported_at, imported_by,
            approved_at, approval_evidence_id, published_at, publication_evidence_id)
        VALUES ($1, 2026, 1, 'PUBLISHED', $2, 'x', $2, $1, $2, $1)
        """,
        PLAN,
        at,
    )
    for line_id, code in ((LINE, "cdc"), (OTHER_LINE, "phc")):
        await owner.execute(
            """
            INSERT INTO allocation.plan_line (line_id, plan_id, code, source, region, service_type,
                care_form, title_kk, title_ru, unit, planned_units, tariff_tiyn, amount_tiyn,
                base_kind, payment_method, lot, phc_full, v_max_percent)
            VALUES ($1, $2, $3, 'mhi', '75', $3, 'ambulatory', 'Көмек ' || $3, 'Помощь ' || $3,
                'service', $4, $5, $4::bigint * $5::bigint, 'capacity', 'per_service', false, false, 25)
            """,
            line_id,
            PLAN,
            code,
            UNITS + 50,
            TARIFF,
        )
    await owner.execute(
        """
        INSERT INTO allocation.contract (contract_id, number, decision_id, application_id,
            executor_id, source, seq_no, status, content, content_sha256, amount_tiyn, valid_from,
            valid_to, formed_at, issuer_evidence_id, issuer_signed_at, executor_evidence_id,
            executor_signed_at)
        VALUES ($1, '2026-MHI-000001', $1, $1, $2, 'mhi', 1, 'SIGNED', 'x', sha256('x'), $3,
            '2026-03-10', '2026-12-31', $4, $1, $4, $1, $4)
        """,
        CONTRACT,
        CLINIC,
        amount,
        at,
    )
    await owner.execute(
        "INSERT INTO allocation.contract_line VALUES ($1, $2, 'cdc', '75', 'service', $3, $4, $5)",
        CONTRACT,
        LINE,
        UNITS,
        TARIFF,
        amount,
    )


MINUTE = timedelta(minutes=1)
