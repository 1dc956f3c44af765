"""Days without a network: signed and counted by a device, uploaded later, each visit once."""

import asyncio
import base64
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.visits.device import rules
from tests.registry.access_record.noted import noted
from tests.visits.conftest import (
    AIGUL,
    BOLAT,
    CLINIC_BIN,
    FACILITY,
    OTHER_BIN,
    OTHER_FACILITY,
    SAULE,
    SECOND_FACILITY,
    Owner,
    own_code,
)

pytestmark = pytest.mark.usefixtures("clinics", "citizens")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def new_device(key: Ed25519PrivateKey = KEY, facility_id: UUID = FACILITY) -> dict[str, str]:
    return {
        "name": "Планшет",
        "public_key": b64(key.public_key().public_bytes_raw()),
        "proof": b64(key.sign(rules.registering(facility_id))),
    }


def batch(
    device_id: str, *scans: tuple[int, datetime, str], key: Ed25519PrivateKey = KEY
) -> dict[str, str]:
    visits = [{"counter": n, "at": at.isoformat(), "code": code} for n, at, code in scans]
    document = msgspec.json.encode({"device_id": device_id, "visits": visits})
    return {"document": b64(document), "signature": b64(key.sign(rules.batch_octets(document)))}


async def upload(http: httpx.AsyncClient, *made: Any, **more: Any) -> dict[str, Any]:
    answer = await http.post("/api/v1/visits/batches", json=batch(*made, **more))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def device(http: httpx.AsyncClient, key: Ed25519PrivateKey = KEY) -> str:
    answer = await http.post(f"/api/v1/facilities/{FACILITY}/devices", json=new_device(key))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["device_id"])


def fates(told: dict[str, Any]) -> list[str]:
    return [r["code"] or r["fate"] for r in told["results"]]


DESK = (Role.EXECUTOR_HEAD, Role.EXECUTOR_OPERATOR)


@pytest.mark.notes("UploadVisitBatch")
async def test_a_day_without_a_network_is_counted_once(
    client: Any, resources: Resources, clock: FixedClock, owner: Owner
) -> None:
    async with client(*DESK, bin=CLINIC_BIN) as desk:
        tablet = await device(desk)
        monday = clock.now()
        codes = {who: await own_code(resources, who) for who in (AIGUL, BOLAT, SAULE)}
        scans = [
            (1, monday + timedelta(seconds=20), codes[AIGUL]),
            (2, monday + timedelta(seconds=30), codes[BOLAT]),
            (4, monday + timedelta(seconds=40), codes[AIGUL]),  # shown twice
            (5, monday + timedelta(seconds=50), codes[SAULE]),  # no open account
            (6, monday + timedelta(seconds=61), await own_code(resources, AIGUL)),  # a screenshot
        ]
    clock.advance(timedelta(days=3))
    async with client(*DESK, bin=CLINIC_BIN) as desk:
        first = await upload(desk, tablet, *scans)
        assert fates(first) == [
            "COUNTED", "COUNTED", "USED_CODE", "ACCOUNT_NOT_OPEN", "EXPIRED_CODE"
        ]  # fmt: skip
        assert (first["counted"], first["repeated"], first["refused"]) == (2, 0, 3)
        assert first["gaps"] == [{"first": 3, "last": 3}]
        assert first["results"][2]["message"] == "Бұл QR-код бұрын қолданылған"
        # sent again, by twenty at once
        again = await asyncio.gather(*(upload(desk, tablet, *scans) for _ in range(20)))
        assert {tuple(r["fate"] for r in told["results"]) for told in again} == {("REPEATED",) * 5}
        assert {told["batch_id"] for told in again} == {first["batch_id"]}
        assert again[0]["results"][0]["visit_id"] == first["results"][0]["visit_id"]
        assert again[0]["results"][3]["code"] == "ACCOUNT_NOT_OPEN"
        # what was missing comes late, beside a counter that now says something else
        tuesday = clock.now()
        more = await upload(
            desk, tablet,
            (2, tuesday, await own_code(resources, AIGUL)),
            (3, tuesday, await own_code(resources, BOLAT)),
            (9, tuesday, await own_code(resources, AIGUL)),
        )  # fmt: skip
        assert fates(more) == ["COUNTER_REUSED", "COUNTED", "COUNTED"]
        assert more["gaps"] == [{"first": 7, "last": 8}]
        [shown] = (await desk.get(f"/api/v1/facilities/{FACILITY}/devices")).json()
        assert (shown["last_counter"], shown["gaps"]) == (9, [{"first": 7, "last": 8}])
    rows = await owner.fetch(
        "SELECT person_id, at, visit_date, grade FROM visits.visit ORDER BY at"
    )
    assert [(r["person_id"], r["grade"]) for r in rows[:2]] == [
        (AIGUL, "QR_ONLY"),
        (BOLAT, "QR_ONLY"),
    ]
    assert rows[0]["at"] == monday + timedelta(seconds=20)  # the visit's day, not the upload's
    assert len(rows) == 4
    kinds = Counter(r[0] for r in await owner.fetch("SELECT kind FROM kernel.event"))
    assert (kinds["VisitRegistered"], kinds["DeviceCounterReused"]) == (4, 1)
    looks = await noted(owner, "UploadVisitBatch")
    assert Counter(n.person_id for n in looks) == {AIGUL: 2, BOLAT: 2}


async def test_a_code_scanned_at_a_desk_is_not_counted_again_by_a_device(
    client: Any, resources: Resources, clock: FixedClock
) -> None:
    async with client(*DESK, bin=CLINIC_BIN) as desk:
        tablet, code = await device(desk), await own_code(resources, AIGUL)
        body = {"facility_id": str(SECOND_FACILITY), "code": code}
        assert (await desk.post("/api/v1/visits/desk", json=body)).status_code == 201
        bound = await own_code(resources, BOLAT, SECOND_FACILITY)
        told = await upload(desk, tablet, (1, clock.now(), code), (2, clock.now(), bound))
        assert fates(told) == ["USED_CODE", "FOREIGN_CODE"]


async def test_time_and_withdrawal_bound_what_is_counted(
    client: Any, resources: Resources, clock: FixedClock
) -> None:
    async with client(*DESK, bin=CLINIC_BIN) as desk:
        tablet = await device(desk)
        then, early = clock.now(), await own_code(resources, AIGUL)
        clock.advance(timedelta(minutes=50))
        url = f"/api/v1/facilities/{FACILITY}/devices/{tablet}"
        assert (await desk.delete(url)).status_code == 204
        assert (await desk.delete(url)).status_code == 204
        late = await own_code(resources, BOLAT)
        told = await upload(
            desk, tablet,
            (1, then, early),
            (2, clock.now(), late),
            (3, clock.now() + timedelta(seconds=61), late),
            (4, clock.now() - rules.UPLOAD_WITHIN - timedelta(seconds=1), late),
        )  # fmt: skip
        assert fates(told) == [
            "COUNTED", "DEVICE_REVOKED", "SCANNED_IN_FUTURE", "UPLOADED_TOO_LATE"
        ]  # fmt: skip


async def test_only_what_the_own_device_signed_is_taken(
    client: Any, resources: Resources, clock: FixedClock, owner: Owner
) -> None:
    stranger = Ed25519PrivateKey.generate()
    devices = f"/api/v1/facilities/{FACILITY}/devices"
    async with (
        client(*DESK, bin=CLINIC_BIN) as desk,
        client(*DESK, bin=OTHER_BIN) as other,
        client(Role.EXECUTOR_ACCOUNTANT, bin=CLINIC_BIN) as accountant,
    ):
        tablet = await device(desk)
        scan = (1, clock.now(), await own_code(resources, AIGUL))
        good = batch(tablet, scan)

        async def refused(http: httpx.AsyncClient, url: str, body: dict[str, str]) -> str:
            answer = await http.post(url, json=body)
            return f"{answer.status_code} {answer.json()['code']}"

        batches = "/api/v1/visits/batches"
        forged = batch(tablet, scan, key=stranger)
        assert await refused(desk, batches, forged) == "422 BATCH_UNSIGNED"
        changed = {**good, "document": b64(base64.b64decode(good["document"]) + b" ")}
        assert await refused(desk, batches, changed) == "422 BATCH_UNSIGNED"
        assert await refused(other, batches, good) == "404 DEVICE_NOT_FOUND"
        assert await refused(desk, batches, batch(str(AIGUL), scan)) == "404 DEVICE_NOT_FOUND"
        assert await refused(accountant, batches, good) == "403 FORBIDDEN"
        for odd in (batch(tablet), batch(tablet, scan, scan), {**good, "document": "ж"}):
            assert await refused(desk, batches, odd) == "422 INVALID"
        assert await refused(desk, devices, new_device()) == "409 DEVICE_EXISTS"
        assert await refused(other, devices, new_device(stranger)) == "404 FACILITY_NOT_FOUND"
        elsewhere = new_device(stranger, OTHER_FACILITY)
        assert await refused(desk, devices, elsewhere) == "422 DEVICE_KEY_NOT_PROVED"
        assert (await other.get(devices)).status_code == 404
        assert (await other.delete(f"{devices}/{tablet}")).status_code == 404
    assert await owner.fetchval("SELECT count(*) FROM visits.visit") == 0
    assert await owner.fetchval("SELECT count(*) FROM visits.device_batch") == 0
