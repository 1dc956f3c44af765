"""A clinic with two facilities, another clinic, and citizens with open accounts."""

from uuid import UUID

import asyncpg
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.ids import check_digit
from backend.kernel.resources import Resources
from backend.visits.code import service as codes

Owner = asyncpg.Connection  # type: ignore[type-arg]

CLINIC = UUID("01980000-0000-7000-8000-00000000c001")
OTHER_CLINIC = UUID("01980000-0000-7000-8000-00000000c002")
CLINIC_BIN = "100140000003"
OTHER_BIN = "100240000009"
FACILITY = UUID("01980000-0000-7000-8000-00000000f001")
SECOND_FACILITY = UUID("01980000-0000-7000-8000-00000000f002")
OFFICE = UUID("01980000-0000-7000-8000-00000000f003")  # not a production facility
OTHER_FACILITY = UUID("01980000-0000-7000-8000-00000000f004")
AIGUL = UUID("01980000-0000-7000-8000-0000000000a1")
BOLAT = UUID("01980000-0000-7000-8000-0000000000b1")
SAULE = UUID("01980000-0000-7000-8000-0000000000d1")  # no open account

HEAD = Actor(UUID(int=1), frozenset({Role.EXECUTOR_HEAD}), bin=CLINIC_BIN)
CLERK = Actor(UUID(int=2), frozenset({Role.EXECUTOR_OPERATOR}), bin=CLINIC_BIN)
OTHER_CLERK = Actor(UUID(int=3), frozenset({Role.EXECUTOR_OPERATOR}), bin=OTHER_BIN)


def citizen(person_id: UUID) -> Actor:
    """The actor of a citizen's session."""
    return Actor(UUID(int=9), frozenset({Role.INSURED}), person_id=person_id)


async def own_code(resources: Resources, person_id: UUID, facility_id: UUID | None = None) -> str:
    """The text of a new code on this citizen's phone."""
    made = await codes.personal(
        resources.db.visits, resources.keyring, resources.clock, citizen(person_id), facility_id
    )
    return made.code


def iin(eleven: str) -> str:
    """The IIN that begins so."""
    digit = check_digit(eleven)
    assert digit is not None
    return f"{eleven}{digit}"


@pytest.fixture
async def clinics(owner: Owner) -> None:
    """Two executors: facilities of the first, one of the other."""
    evidence = UUID(int=77)
    await owner.execute(
        """
        INSERT INTO signing.evidence (evidence_id, operation, document, document_sha256, signature,
            signer_roles, certificate_serial, algorithm, result, verified_at)
        VALUES ($1, 'organisation.register', 'x', sha256('x'), 'x', '{head}', '1', 'a', '{}',
            '2026-04-01T00:00:00Z')
        """,
        evidence,
    )
    for organisation_id, bin_ in ((CLINIC, CLINIC_BIN), (OTHER_CLINIC, OTHER_BIN)):
        await owner.execute(
            """
            INSERT INTO registry.organisation (organisation_id, bin, kind, form, name, status,
                contacts, requisites, head, evidence_id, opened_at, changed_at)
            VALUES ($1, $2, 'EXECUTOR', 'LEGAL', 'Емхана ' || $2, 'OPEN',
                '{"postal_address": "a", "phone": "+77010000000", "email": "a@b.kz"}',
                '[{"iban": "KZ00", "bic": "HSBKKZKX", "bank": "b"}]', 'x', $3,
                '2026-04-01T00:00:00Z', '2026-04-01T00:00:00Z')
            """,
            organisation_id,
            bin_,
            evidence,
        )
    for facility_id, organisation_id, production in (
        (FACILITY, CLINIC, True),
        (SECOND_FACILITY, CLINIC, True),
        (OFFICE, CLINIC, False),
        (OTHER_FACILITY, OTHER_CLINIC, True),
    ):
        await owner.execute(
            """
            INSERT INTO registry.facility (facility_id, organisation_id, name, region, address,
                latitude, longitude, photo_outside, photo_inside, accounting_186, design_capacity,
                production, digitised_at)
            VALUES ($1, $2, $4, '75', 'Абай 1', 43.2, 76.9, sha256('o'), sha256('i'),
                '{"a": 1}', 100, $3, '2026-04-01T00:00:00Z')
            """,
            facility_id,
            organisation_id,
            production,
            f"Нысан {facility_id}",
        )


@pytest.fixture
async def citizens(owner: Owner) -> None:
    """Aigul and Bolat have open accounts, Saule none yet."""
    for person_id, status in ((AIGUL, "OPEN"), (BOLAT, "OPEN"), (SAULE, "NONE")):
        at = "2026-04-01T00:00:00Z" if status == "OPEN" else None
        await owner.execute(
            "INSERT INTO registry.person VALUES ($1, '75', '2026-04-01T00:00:00Z')", person_id
        )
        await owner.execute(
            "INSERT INTO registry.account VALUES ($1, $2, $3::text::timestamptz,"
            " $3::text::timestamptz, $3::text::timestamptz)",
            person_id,
            status,
            at,
        )
