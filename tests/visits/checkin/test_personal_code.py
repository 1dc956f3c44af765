"""FAULTS 27 over HTTP: a citizen's own code serves once, within a minute, at the desk that scans it first."""

import asyncio
import math
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.visits.checkin import service
from backend.visits.checkin.model import CheckIn, Place
from tests.visits.checkin.test_service import issue
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
    citizen,
    own_code,
)

pytestmark = pytest.mark.usefixtures("clinics", "citizens")
OPERATOR = Role.EXECUTOR_OPERATOR


async def scan(desk: httpx.AsyncClient, facility_id: UUID, code: str) -> str:
    """What the desk is told: the grade, or the refusal's status and code."""
    body = {"facility_id": str(facility_id), "code": code}
    answer = await desk.post("/api/v1/visits/desk", json=body)
    told = answer.json()
    return str(told.get("grade") or f"{answer.status_code} {told['code']}")


async def test_once_within_a_minute_and_at_one_clinic(
    client: Any, resources: Resources, clock: FixedClock
) -> None:
    async with (
        client(OPERATOR, bin=CLINIC_BIN) as desk,
        client(OPERATOR, bin=CLINIC_BIN) as next_desk,
        client(OPERATOR, bin=OTHER_BIN) as elsewhere,
        client(Role.INSURED, person_id=AIGUL) as aigul,
    ):
        # two citizens at one desk, each scanned at two desks and at another clinic at the same time
        mine, bolats = await own_code(resources, AIGUL), await own_code(resources, BOLAT)
        told = await asyncio.gather(
            *(scan(at, FACILITY, code) for at in (desk, next_desk) for code in (mine, bolats)),
            *(scan(elsewhere, OTHER_FACILITY, code) for code in (mine, bolats)),
        )
        assert Counter(told) == {"QR_ONLY": 2, "409 USED_CODE": 4}
        # a screenshot
        late = await own_code(resources, AIGUL)
        clock.advance(timedelta(seconds=61))
        assert await scan(desk, SECOND_FACILITY, late) == "409 EXPIRED_CODE"
        # made for one facility
        own = "/api/v1/visits/personal-code"
        shown = await aigul.post(f"{own}?facility_id={SECOND_FACILITY}")
        bound = shown.json()["code"]
        assert await scan(elsewhere, OTHER_FACILITY, bound) == "422 FOREIGN_CODE"
        assert await scan(desk, FACILITY, bound) == "422 FOREIGN_CODE"
        assert await scan(desk, SECOND_FACILITY, bound) == "QR_ONLY"
        # forged and foreign
        assert await scan(desk, FACILITY, bound[:-3] + "AAA") == "422 FORGED_CODE"
        assert await scan(desk, FACILITY, "https://egov.kz") == "422 FOREIGN_CODE"
        assert (await aigul.post(f"{own}?facility_id={SAULE}")).status_code == 404


async def test_who_scans_first_has_it_whatever_becomes_of_the_visit(
    client: Any, resources: Resources
) -> None:
    async with (
        client(OPERATOR, bin=CLINIC_BIN) as desk,
        client(OPERATOR, bin=OTHER_BIN) as elsewhere,
    ):
        assert await scan(desk, FACILITY, await own_code(resources, AIGUL)) == "QR_ONLY"
        again = await own_code(resources, AIGUL)
        assert await scan(desk, FACILITY, again) == "409 DUPLICATE_VISIT"
        assert await scan(elsewhere, OTHER_FACILITY, again) == "409 USED_CODE"


async def test_scans_are_forgotten_after_a_day(
    resources: Resources, clock: FixedClock, client: Any, owner: Owner
) -> None:
    async with client(OPERATOR, bin=CLINIC_BIN) as desk:
        await scan(desk, FACILITY, await own_code(resources, AIGUL))
    for days, left in ((1, 1), (1, 0)):
        clock.advance(timedelta(days=days, seconds=1 - days % 2))
        await service.forget_scans(resources.db.visits, clock)
        clock.advance(timedelta(seconds=1))
        assert await owner.fetchval("SELECT count(*) FROM visits.scanned_code") == left


async def test_a_closed_facility_takes_nobody(
    resources: Resources, clock: FixedClock, owner: Owner, client: Any
) -> None:
    wall = (await issue(resources, FACILITY)).code
    close = "UPDATE registry.facility SET closed_on = $2 WHERE facility_id = $1"
    await owner.execute(close, FACILITY, date(2026, 4, 6))
    async with (
        client(OPERATOR, bin=CLINIC_BIN) as desk,
        client(Role.INSURED, person_id=AIGUL) as aigul,
    ):
        refused = await aigul.post("/api/v1/visits", json={"code": wall})
        assert (refused.status_code, refused.json()["code"]) == (409, "FACILITY_SHUT")
        assert refused.json()["facts"] == {"closed_on": "2026-04-06"}
        assert await scan(desk, FACILITY, await own_code(resources, AIGUL)) == "409 FACILITY_SHUT"
        await owner.execute(close, FACILITY, date(2026, 4, 7))  # the last day of care is today
        assert (await aigul.post("/api/v1/visits", json={"code": wall})).status_code == 201


EARTH_M = 6_371_008.8


def great_circle_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two places by the spherical law of cosines: another way than the statement's."""
    (la, lo), (lb, lp) = (tuple(map(math.radians, p)) for p in (a, b))
    cosine = math.sin(la) * math.sin(lb) + math.cos(la) * math.cos(lb) * math.cos(lo - lp)
    return EARTH_M * math.acos(max(-1.0, min(1.0, cosine)))


async def test_where_the_phone_was_is_evidence_and_never_refused(
    resources: Resources, db_visits: Db, clock: FixedClock, owner: Owner
) -> None:
    clinic = (43.2, 76.9)
    wall = (await issue(resources, FACILITY)).code
    for place in (clinic, (43.2001, 76.9), (51.1694, 71.4491), (-43.2, -103.1), (90.0, 0.0), None):
        told = None if place is None else Place(*place, accuracy_m=20)
        visit = await service.check_in(db_visits, clock, citizen(AIGUL), CheckIn(wall, place=told))
        found = await owner.fetchrow(
            "SELECT distance_m, accuracy_m FROM visits.visit WHERE visit_id = $1", visit.visit_id
        )
        assert found is not None
        if place is None:
            assert tuple(found) == (None, None)
        else:
            assert found["accuracy_m"] == 20
            assert found["distance_m"] == pytest.approx(great_circle_m(clinic, place), abs=1)
        clock.advance(timedelta(days=1))
    row = await owner.fetchrow("SELECT * FROM visits.visit LIMIT 1")
    assert row is not None
    assert not {"latitude", "longitude"} & set(row.keys())
