"""Check-in over HTTP: shapes, codes, and whose visits one sees."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from backend.kernel.actor import Role
from tests.conftest import BOTH_WAYS
from tests.visits.conftest import (
    AIGUL,
    BOLAT,
    CLINIC_BIN,
    FACILITY,
    OTHER_BIN,
    OTHER_FACILITY,
    SECOND_FACILITY,
)

pytestmark = [BOTH_WAYS, pytest.mark.usefixtures("clinics", "citizens")]
OPERATOR = Role.EXECUTOR_OPERATOR


async def issue(client: Any, facility_id: UUID, bin_: str = CLINIC_BIN) -> str:
    async with client(OPERATOR, bin=bin_) as http:
        answer = await http.post(f"/api/v1/facilities/{facility_id}/code")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


async def test_a_day_at_the_clinic(client: Any) -> None:
    code = await issue(client, FACILITY)
    async with client(Role.INSURED, person_id=AIGUL) as aigul:
        answers = await asyncio.gather(
            *(aigul.post("/api/v1/visits", json={"code": code}) for _ in range(50))
        )
        assert Counter(a.status_code for a in answers) == {201: 1, 409: 49}
        visit = next(a.json() for a in answers if a.status_code == 201)
        assert visit == {
            "visit_id": visit["visit_id"],
            "facility_id": str(FACILITY),
            "executor_id": visit["executor_id"],
            "at": "2026-04-06T04:00:00Z",
            "visit_date": "2026-04-06",
            "grade": "QR_ONLY",
        }
        refused = next(a.json() for a in answers if a.status_code == 409)
        assert refused["code"] == "DUPLICATE_VISIT"
        assert refused["facts"] == {"first_visit_id": visit["visit_id"]}
        assert (await aigul.get("/api/v1/visits")).json()["items"] == [visit]
        shown = (await aigul.post("/api/v1/visits/personal-code")).json()
    async with client(Role.INSURED, person_id=BOLAT) as bolat:
        assert (await bolat.get("/api/v1/visits")).json() == {"items": [], "next": None}
    async with client(OPERATOR, bin=CLINIC_BIN) as desk:
        body = {"facility_id": str(SECOND_FACILITY), "code": shown["code"]}
        assert (await desk.post("/api/v1/visits/desk", json=body)).status_code == 201
        again = await desk.post("/api/v1/visits/desk", json=body)
        assert (again.status_code, again.json()["code"]) == (409, "USED_CODE")
        today = await desk.get(f"/api/v1/facilities/{FACILITY}/visits/today")
        assert today.json() == {
            "facility_id": str(FACILITY),
            "visit_date": "2026-04-06",
            "visits": 1,
            "by_grade": {"QR_ONLY": 1},
        }


async def test_pages_of_own_visits(client: Any) -> None:
    code_one = await issue(client, FACILITY)
    code_two = await issue(client, SECOND_FACILITY)
    async with client(Role.INSURED, person_id=AIGUL) as http:
        for code in (code_one, code_two):
            assert (await http.post("/api/v1/visits", json={"code": code})).status_code == 201
        first = (await http.get("/api/v1/visits?limit=1")).json()
        assert first["items"][0]["facility_id"] == str(SECOND_FACILITY)
        second = (await http.get(f"/api/v1/visits?limit=1&cursor={first['next']}")).json()
        assert second["items"][0]["facility_id"] == str(FACILITY)
        assert second["next"] is None
        for bad in ("limit=0", "limit=201", "cursor=x", "limit=x"):
            assert (await http.get(f"/api/v1/visits?{bad}")).status_code == 422, bad


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"code": "SQ1.AAAA.AAAA"}, 422, "FORGED_CODE"),
        ({"code": "http://x"}, 422, "FOREIGN_CODE"),
        ({"code": "x" * 201}, 422, "INVALID"),
        ({"code": "x", "person_id": str(BOLAT)}, 422, "INVALID"),
        ({}, 422, "INVALID"),
    ],
)
async def test_bad_check_ins_are_told_why(
    client: Any, body: dict[str, Any], status: int, code: str
) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        answer = await http.post("/api/v1/visits", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_another_clinic_sees_and_does_nothing_here(client: Any) -> None:
    await issue(client, FACILITY)
    async with client(OPERATOR, bin=OTHER_BIN) as http:
        for path in (f"/facilities/{FACILITY}/code", f"/facilities/{FACILITY}/visits/today"):
            assert (await http.get(f"/api/v1{path}")).status_code == 404, path
        assert (await http.post(f"/api/v1/facilities/{FACILITY}/code")).status_code == 404
        body = {"facility_id": str(FACILITY), "iin": "900101300017"}
        refused = await http.post("/api/v1/visits/desk", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "FOREIGN_CODE")
    assert await issue(client, OTHER_FACILITY, OTHER_BIN)
    async with client() as guest:
        keys = (await guest.get("/api/v1/public/qr-keys")).json()
        assert [k["key_number"] for k in keys] == [1]
        assert (await guest.post("/api/v1/visits", json={"code": "x"})).status_code == 401
