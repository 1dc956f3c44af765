"""A facility closes once, by its own executor."""

from typing import Any
from uuid import uuid4

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from backend.registry.facility.model import Facility
from backend.registry.log import service as log
from tests.registry.conftest import CLINIC_BIN, OTHER_BIN, Register

PATH = "/api/v1/organisations/me/facilities/closures"


async def test_its_executor_closes_it_once(
    resources: Resources, facility: Facility, register: Register, client: Any
) -> None:
    body = {"facility_id": str(facility.facility_id), "closed_on": "2026-06-30"}
    async with client(Role.EXECUTOR_HEAD, bin=CLINIC_BIN) as http:
        early = await http.post(PATH, json=body | {"closed_on": "2026-04-05"})
        assert (early.status_code, early.json()["code"]) == (422, "FACILITY_CLOSED_TOO_EARLY")
        closed = await http.post(PATH, json=body)
        assert (closed.status_code, closed.json()["closed_on"]) == (201, "2026-06-30")
        assert (await http.post(PATH, json=body)).json() == closed.json()
        other = await http.post(PATH, json=body | {"closed_on": "2026-07-01"})
        assert (other.status_code, other.json()["code"]) == (409, "FACILITY_CLOSED")
        unknown = await http.post(PATH, json=body | {"facility_id": str(uuid4())})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "FACILITY_NOT_FOUND")
        (own,) = (await http.get("/api/v1/organisations/me/facilities")).json()["items"]
        assert own == closed.json()
    operations = await log.of_subject(resources.db.registry, facility.organisation_id)
    assert sum("closed_on" in o.content for o in operations) == 1
    await register(OTHER_BIN)
    async with client(Role.EXECUTOR_HEAD, bin=OTHER_BIN) as http:
        foreign = await http.post(PATH, json=body)
        assert (foreign.status_code, foreign.json()["code"]) == (404, "FACILITY_NOT_FOUND")
    for role in (Role.EXECUTOR_OPERATOR, Role.MIS, Role.REGISTRAR, Role.INSURED):
        async with client(role, bin=CLINIC_BIN) as http:
            assert (await http.post(PATH, json=body)).status_code == 403
