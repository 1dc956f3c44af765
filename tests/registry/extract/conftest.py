"""An insured person with a policy, and offices that ask about her."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.extract import rules, service
from backend.registry.extract.model import ExtractFile, Given, Kind, Row, TakeExtract
from backend.registry.log import heads, queries, tree
from backend.signing.trust.store import TrustStore
from backend.signing.verify.judge import Policy
from tests.registry.conftest import ISSUER_BIN, Insure, Register, iin_of

IIN = iin_of(11)
ADD_POLICY = """
    INSERT INTO registry.policy VALUES ($1, $2, 2026, '2026-0000000001', 'CREDITED', true, true,
        'GVFMC+MHI', 'KR DSM-170/2020', 'KR DSM-291/2020', $3, $3, '2026-12-31', NULL, $4)
"""


@pytest.fixture
async def person_id(resources: Resources, insure: Insure, register: Register) -> UUID:
    """Ержан, whose account is open and whose policy is in force; the issuer is registered."""
    await register(ISSUER_BIN, Role.ISSUER_HEAD)
    person = (await insure(IIN))[IIN]
    await resources.db.registry.pool.execute(ADD_POLICY, person, uuid4(), date(2026, 4, 6), uuid4())
    return person


@pytest.fixture
def insured(person_id: UUID) -> Actor:
    return Actor(session_id=uuid4(), roles=frozenset({Role.INSURED}), person_id=person_id)


Take = Callable[..., Awaitable[Given]]


@pytest.fixture
def take(resources: Resources, insured: Actor) -> Take:
    """Takes the insured's own extract."""

    async def of(kind: Kind = Kind.ACCOUNT) -> Given:
        return await service.take(resources, insured, TakeExtract(kind, consent=True))

    return of


async def row_of(resources: Resources, insured: Actor, given: Given) -> Row:
    return await service.own_row(resources, insured, "GetOwnExtractJson", given.extract_id)


async def file_of(resources: Resources, insured: Actor, given: Given) -> ExtractFile:
    return await service.file(resources, await row_of(resources, insured, given))


async def octets_of(resources: Resources, insured: Actor, given: Given) -> bytes:
    return rules.file_octets(await file_of(resources, insured, given))


async def head_over_it(resources: Resources, clock: FixedClock) -> None:
    """Gives places and signs a head, as soon as one may be."""
    clock.advance(heads.SIGN_SOON)
    await tree.seal_all(resources.db.registry)
    await service.hurry(resources)


async def keys_of(resources: Resources) -> dict[int, bytes]:
    await heads.signing_key(resources)
    rows = await queries.KEYS.all(resources.db.registry)
    return {row.key_number: row.public_key for row in rows}


OFFLINE = Policy(
    trust=TrustStore("none", ()),
    at=datetime(2026, 4, 6, tzinfo=UTC),
    revocation=None,
    revocation_required=False,
)
