"""Handing photographs in, naming them, and who may look at them."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from backend.kernel import deadlines
from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.objects import ObjectMissing, ObjectStore
from backend.kernel.resources import Resources
from backend.registry.account.model import Organisation
from backend.registry.facility.model import Facility
from tests.registry.conftest import CLINIC_BIN, MIS_BIN, OTHER_BIN, PHOTO_SHA256, Register, picture

UPLOAD = "/api/v1/organisations/me/photographs"
FACILITIES = "/api/v1/organisations/me/facilities"
PASSPORT = {
    "name": "Бас ғимарат",
    "region": "75",
    "address": "Абай 1",
    "latitude": 43.2,
    "longitude": 76.9,
    "accounting_186": {"kind": "polyclinic"},
    "design_capacity": 500,
}


async def test_a_facility_is_digitised_by_photographs_that_were_handed_in(
    resources: Resources, clinic: Organisation, register: Register, client: Any
) -> None:
    await register(OTHER_BIN)
    async with client(Role.EXECUTOR_OPERATOR, bin=CLINIC_BIN) as http:
        made = await http.post(UPLOAD, content=picture("olive"))
        assert made.status_code == 201
        photo = made.json()
        assert (photo["width"], photo["height"]) == (320, 240)
        assert (await http.post(UPLOAD, content=picture("olive"))).json() == photo
        named = {"photo_outside_sha256": photo["sha256"], "photo_inside_sha256": "ab" * 32}
        refused = await http.post(FACILITIES, json=PASSPORT | named)
        assert (refused.status_code, refused.json()["code"], refused.json()["path"]) == (
            422, "PHOTO_NOT_UPLOADED", "photo_inside_sha256"
        )  # fmt: skip
        inside = (await http.post(UPLOAD, content=picture("teal"))).json()["sha256"]
        named["photo_inside_sha256"] = inside
        facility = (await http.post(FACILITIES, json=PASSPORT | named)).json()
        cabinet = (await http.get("/api/v1/organisations/me")).json()
        assert "facilities_digitised" not in cabinet["readiness"]["missing"]
        shown = await http.get(f"/api/v1/facilities/{facility['facility_id']}/photographs/inside")
        assert shown.headers["content-type"] == "image/jpeg"
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.content.startswith(b"\xff\xd8\xff")
        wrong = await http.post(UPLOAD, content=b"<html>")
        assert (wrong.status_code, wrong.json()["code"]) == (422, "PHOTO_UNREADABLE")
    async with client(Role.EXECUTOR_OPERATOR, bin=OTHER_BIN) as http:  # another's are not one's own
        refused = await http.post(FACILITIES, json=PASSPORT | named)
        assert refused.json()["code"] == "PHOTO_NOT_UPLOADED"


async def test_who_may_look(
    resources: Resources, facility: Facility, register: Register, client: Any
) -> None:
    await register(OTHER_BIN)
    path = f"/api/v1/facilities/{facility.facility_id}/photographs/outside"
    seen = {
        (Role.EXECUTOR_SIGNER, CLINIC_BIN): 200,
        (Role.ISSUER_REVIEWER, None): 200,
        (Role.REGISTRAR, None): 200,
        (Role.MOH, None): 200,
        (Role.EXECUTOR_HEAD, OTHER_BIN): 404,
        (Role.INSURED, None): 403,
        (Role.MIS, MIS_BIN): 403,
        (Role.TREASURY, None): 403,
    }
    for (role, bin_), status in seen.items():
        who = {"person_id": uuid4()} if role is Role.INSURED else {"bin": bin_ or MIS_BIN}
        async with client(role, **who) as http:
            assert (await http.get(path)).status_code == status, role
    async with client() as http:
        assert (await http.get(path)).status_code == 401
    async with client(Role.REGISTRAR, bin=MIS_BIN) as http:
        assert (await http.get(path[:-7] + "roof")).status_code in (400, 404, 422)


async def test_a_photograph_touched_on_the_disk_is_not_given_out(
    resources: Resources, facility: Facility, client: Any
) -> None:
    store = Path(resources.config.object_dir)
    file = store / PHOTO_SHA256[:2] / PHOTO_SHA256[2:]
    assert await asyncio.to_thread(file.write_bytes, b"other octets")
    with pytest.raises(ObjectMissing):
        ObjectStore(store).get(bytes.fromhex(PHOTO_SHA256))
    async with client(Role.REGISTRAR, bin=MIS_BIN) as http:
        told = await http.get(f"/api/v1/facilities/{facility.facility_id}/photographs/outside")
        assert (told.status_code, told.json()["code"]) == (503, "PHOTO_STORE_UNAVAILABLE")


async def test_photographs_are_never_changed_in_the_database(
    facility: Facility, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    with pytest.raises(asyncpg.PostgresError):
        await owner.execute("UPDATE registry.photograph SET bytes = 1")


async def test_what_changed_of_a_facility_is_entered_within_a_working_day(
    resources: Resources,
    facility: Facility,
    register: Register,
    clock: FixedClock,
    client: Any,
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    body = {"facility_id": str(facility.facility_id), "changed_on": "2026-04-06"}
    async with client(Role.EXECUTOR_OPERATOR, bin=CLINIC_BIN) as http:
        made = await http.post(f"{FACILITIES}/changes", json=body | {"design_capacity": 650})
        assert (made.status_code, made.json()["design_capacity"]) == (201, 650)
        same = await http.post(f"{FACILITIES}/changes", json=body | {"design_capacity": 650})
        assert (same.status_code, same.json()["code"]) == (422, "NOTHING_TO_CHANGE")
        future = body | {"changed_on": "2026-04-07", "name": "Жаңа атау"}
        told = await http.post(f"{FACILITIES}/changes", json=future)
        assert (told.status_code, told.json()["code"]) == (422, "CHANGE_IN_FUTURE")
        # Wednesday: a change of Monday is late
        clock.set(datetime(2026, 4, 8, 5, 0, tzinfo=UTC))
    async with client(Role.EXECUTOR_OPERATOR, bin=CLINIC_BIN) as http:
        late = await http.post(f"{FACILITIES}/changes", json=body | {"name": "Жаңа атау"})
        assert late.status_code == 201
    await register(OTHER_BIN)
    async with client(Role.EXECUTOR_OPERATOR, bin=OTHER_BIN) as http:
        foreign = await http.post(f"{FACILITIES}/changes", json=body | {"name": "Бөтен"})
        assert (foreign.status_code, foreign.json()["code"]) == (404, "FACILITY_NOT_FOUND")
    (missed,) = await deadlines.breached(resources.db.registry, at=clock.now() + timedelta(hours=1))
    assert (missed.code, missed.owner) == ("d10", f"organisation:{facility.organisation_id}")
    rows = await owner.fetch(
        "SELECT before, after FROM registry.facility_change ORDER BY change_id"
    )
    assert len(rows) == 2
