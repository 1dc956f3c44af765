"""Which licences are wanted follows the services applied for (M §8(1)); the matrix is the registrar's."""

from typing import Any

from backend.allocation.licence_need import service
from backend.allocation.licence_need.model import EnterNeed, Further
from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from tests.allocation.conftest import CDC, HEAD, PHC, Executor, Publish, Sign, Submit


async def test_the_licences_wanted_follow_the_services_applied_for(
    db_allocation: Db,
    clock: FixedClock,
    publish: Publish,
    submit: Submit,
    sign: Sign,
    executors: list[Executor],
) -> None:
    plan = await publish()
    need = EnterNeed("cdc", [Further.RADIATION, Further.NARCOTICS], "М §8(1)")
    (kept,) = await service.enter(db_allocation, clock, sign(need, HEAD))
    assert kept.kinds == ["NARCOTICS", "RADIATION"]
    wanted = {"contents:licences", "contents:licences:NARCOTICS", "contents:licences:RADIATION"}
    told = await submit(plan, executors[0], {CDC: 10})
    assert {w for w in told.warnings if "licences" in w} == wanted
    other = await submit(plan, executors[1], {PHC: 10})
    assert {w for w in other.warnings if "licences" in w} == {"contents:licences"}
    none = EnterNeed("cdc", [], "М §8(1)")
    await service.enter(db_allocation, clock, sign(none, HEAD))
    later = await submit(plan, executors[2], {CDC: 10})
    assert {w for w in later.warnings if "licences" in w} == {"contents:licences"}


async def test_everybody_reads_and_the_registrar_alone_enters(client: Any) -> None:
    body = {"document": "e30=", "signature": "AAAA"}
    for role in (Role.ISSUER_HEAD, Role.EXECUTOR_HEAD, Role.MOH):
        async with client(role, bin=HEAD.bin) as http:
            assert (await http.post("/api/v1/licence-needs", json=body)).status_code == 403
    async with client() as http:
        assert (await http.get("/api/v1/public/licence-needs")).json() == []
