"""Facility codes: one live per facility, signed by keys that rotate, private halves sealed."""

import asyncio
import base64
from datetime import date, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.sealing import Keyring
from backend.registry.account.errors import AccountBlocked
from backend.visits.code import rules, service
from backend.visits.code.errors import FacilityNotFound, FacilityShut, ForgedCode, NotProduction
from tests.visits.conftest import (
    CLERK,
    CLINIC_BIN,
    FACILITY,
    HEAD,
    OFFICE,
    OTHER_CLERK,
    OTHER_FACILITY,
    Owner,
)

REGISTRAR = Actor(UUID(int=4), frozenset({Role.REGISTRAR}), bin="100340000005")
pytestmark = pytest.mark.usefixtures("clinics")


async def test_a_code_is_verified_offline_with_the_published_key(
    db_visits: Db, keyring: Keyring, clock: FixedClock
) -> None:
    code = await service.issue(db_visits, keyring, clock, HEAD, FACILITY)
    [published] = await service.public_keys(db_visits)
    payload, signed, signature = rules.read_facility(code.code)
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(published.public_key))
    key.verify(signature, signed)
    assert (payload.facility_id, payload.code_id) == (FACILITY, code.code_id)
    assert code.svg.startswith("<svg ")
    assert await service.verify(db_visits, code.code) == payload


async def test_issuing_marks_the_facility_ready_and_revokes_the_code_before(
    db_visits: Db, keyring: Keyring, clock: FixedClock, owner: Owner
) -> None:
    first = await service.issue(db_visits, keyring, clock, HEAD, FACILITY)
    second = await service.issue(db_visits, keyring, clock, CLERK, FACILITY)
    assert (await service.live(db_visits, CLERK, FACILITY)).code == second.code != first.code
    codes = await owner.fetch("SELECT code_id FROM visits.facility_code WHERE revoked_at IS NULL")
    assert [r[0] for r in codes] == [second.code_id]
    assert await owner.fetchval(
        "SELECT qr_obtained_at IS NOT NULL FROM registry.facility WHERE facility_id = $1", FACILITY
    )


async def test_parallel_rotations_leave_one_live_code_and_one_key(
    db_visits: Db, keyring: Keyring, clock: FixedClock, owner: Owner
) -> None:
    await asyncio.gather(
        *(service.issue(db_visits, keyring, clock, HEAD, FACILITY) for _ in range(10))
    )
    live = "SELECT count(*) FROM visits.facility_code WHERE revoked_at IS NULL"
    assert await owner.fetchval(live) == 1
    assert await owner.fetchval("SELECT count(*) FROM visits.qr_key") == 1


async def test_nobody_gets_a_code_for_what_is_not_theirs_or_not_production(
    db_visits: Db, keyring: Keyring, clock: FixedClock, owner: Owner
) -> None:
    with pytest.raises(FacilityNotFound):
        await service.issue(db_visits, keyring, clock, HEAD, OTHER_FACILITY)
    with pytest.raises(FacilityNotFound):
        await service.live(db_visits, OTHER_CLERK, FACILITY)
    with pytest.raises(NotProduction):
        await service.issue(db_visits, keyring, clock, HEAD, OFFICE)
    await owner.execute(
        "UPDATE registry.organisation SET status = 'BLOCKED' WHERE bin = $1", CLINIC_BIN
    )
    with pytest.raises(AccountBlocked):
        await service.issue(db_visits, keyring, clock, HEAD, FACILITY)


async def test_codes_of_a_retired_key_stay_good(
    db_visits: Db, keyring: Keyring, clock: FixedClock
) -> None:
    old = await service.issue(db_visits, keyring, clock, HEAD, FACILITY)
    rotated = await service.rotate_key(db_visits, keyring, clock, REGISTRAR)
    assert (rotated.key_number, rotated.retired_at) == (2, None)
    new = await service.issue(db_visits, keyring, clock, OTHER_CLERK, OTHER_FACILITY)
    assert (await service.verify(db_visits, new.code)).key_number == 2
    assert (await service.verify(db_visits, old.code)).key_number == 1


async def test_a_code_of_a_key_we_never_had_is_forged(
    db_visits: Db, keyring: Keyring, clock: FixedClock, owner: Owner
) -> None:
    code = await service.issue(db_visits, keyring, clock, HEAD, FACILITY)
    await owner.execute("DELETE FROM visits.facility_code")
    await owner.execute("DELETE FROM visits.qr_key")
    with pytest.raises(ForgedCode):
        await service.verify(db_visits, code.code)


async def test_the_private_key_is_sealed(
    db_visits: Db, keyring: Keyring, clock: FixedClock, owner: Owner
) -> None:
    await service.issue(db_visits, keyring, clock, HEAD, FACILITY)
    sealed = await owner.fetchval("SELECT private_sealed FROM visits.qr_key")
    assert len(keyring.open(sealed, b"visits.qr_key:1")) == 32
    stranger = Keyring.from_secret("another secret")
    with pytest.raises(ValueError, match="seal"):
        stranger.open(sealed, b"visits.qr_key:1")


async def test_a_withdrawn_code_leaves_the_facility_without_one(
    db_visits: Db, keyring: Keyring, clock: FixedClock, owner: Owner
) -> None:
    await service.issue(db_visits, keyring, clock, HEAD, FACILITY)
    clock.advance(timedelta(hours=-1))  # a clock that was set back
    with pytest.raises(FacilityNotFound):
        await service.revoke(db_visits, clock, OTHER_CLERK, FACILITY)
    await service.revoke(db_visits, clock, CLERK, FACILITY)
    with pytest.raises(FacilityNotFound):
        await service.live(db_visits, CLERK, FACILITY)
    with pytest.raises(FacilityNotFound):
        await service.revoke(db_visits, clock, CLERK, FACILITY)
    obtained = "SELECT qr_obtained_at FROM registry.facility WHERE facility_id = $1"
    assert await owner.fetchval(obtained, FACILITY) is None


async def test_a_code_ends_with_its_facility(
    db_visits: Db, keyring: Keyring, clock: FixedClock, owner: Owner
) -> None:
    await service.issue(db_visits, keyring, clock, HEAD, FACILITY)
    await owner.execute(
        "UPDATE registry.facility SET closed_on = $2 WHERE facility_id = $1",
        FACILITY,
        date(2026, 4, 7),
    )
    assert await service.revoke_closed(db_visits, clock) == 0  # care is given there today
    assert (await service.poster(db_visits, clock, CLERK, FACILITY)).startswith(b"%PDF")
    clock.advance(timedelta(days=1))
    with pytest.raises(FacilityShut):
        await service.poster(db_visits, clock, CLERK, FACILITY)
    assert await asyncio.gather(*(service.revoke_closed(db_visits, clock) for _ in range(3))) in (
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
    )
    with pytest.raises(FacilityShut):
        await service.issue(db_visits, keyring, clock, HEAD, FACILITY)
    told = await owner.fetch("SELECT subject FROM kernel.event WHERE kind = 'FacilityCodeRevoked'")
    assert [r[0] for r in told] == [FACILITY]
