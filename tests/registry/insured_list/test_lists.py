"""The list of insured: on the issuer's signed order, each insured once and told of it, forgotten in a week."""

import csv
import io
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.insured_list import rules, service
from backend.registry.insured_list.model import InsuredList, ListInsured, RequestInsuredList
from backend.registry.log import service as log
from backend.registry.order import service as orders
from backend.registry.order.model import IssuePolicies
from tests.registry.access_record.noted import noted
from tests.registry.conftest import (
    ISSUER_BIN,
    OTHER_BIN,
    Insure,
    Register,
    actor,
    iin_of,
    signed,
)

HEAD = actor(ISSUER_BIN, Role.ISSUER_HEAD)
PEOPLE = [iin_of(n) for n in range(300, 307)]


@pytest.fixture
async def insured(resources: Resources, register: Register, insure: Insure) -> dict[str, UUID]:
    """Seven insured with policies, two of them in another region; one person without a policy."""
    await register(ISSUER_BIN, Role.ISSUER_HEAD)
    ids = await insure(*PEOPLE[:5])
    ids |= await insure(*PEOPLE[5:], region="Алматы", surname="=Сериков")
    command = signed(IssuePolicies(2026), resources, ISSUER_BIN)
    order = await orders.accept(resources, HEAD, command)
    await orders.run(resources.db.registry, resources.clock, order.order_id)
    await insure(iin_of(308))
    return ids


async def compose(resources: Resources, number: str, **scope: Any) -> InsuredList:
    command = ListInsured(order_number=number, **scope)
    found = await service.order(resources, HEAD, signed(command, resources, ISSUER_BIN))
    # two workers, small parts, one of them killed in between
    await service.compose_chunk(resources, found.list_id, 2)
    await service.compose(resources, found.list_id, chunk=2)
    await service.compose(resources, found.list_id)
    return await service.find(resources.db.registry, HEAD, found.list_id)


async def rows(resources: Resources, list_id: UUID) -> list[dict[str, str]]:
    content = b"".join([part async for part in await service.content(resources, HEAD, list_id)])
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.mark.notes("FetchInsuredList")
async def test_each_insured_stands_in_it_once_and_sees_it(
    resources: Resources, insured: dict[str, UUID], owner: Any
) -> None:
    everybody = await compose(resources, "1")
    listed = await rows(resources, everybody.list_id)
    assert sorted(r["iin"] for r in listed) == sorted(PEOPLE)
    assert everybody.insured == 7
    almaty = await compose(resources, "2", region="Алматы")
    there = await rows(resources, almaty.list_id)
    assert sorted(r["iin"] for r in there) == PEOPLE[5:]
    # no cell is taken for a formula (FAULTS 23)
    assert {r["surname"] for r in there} == {"'=Сериков"}
    for iin, times in ((PEOPLE[0], 1), (PEOPLE[6], 2)):
        operations = await log.of_subject(resources.db.registry, insured[iin])
        found = [o for o in operations if o.op_class == "INFORMATION"]
        assert [o.op_type for o in found] == ["INSURED_LIST"] * times
        assert found[0].basis_kind == "ORDER"
    issuer = await resources.db.registry.pool.fetchval(
        "SELECT organisation_id FROM registry.organisation WHERE kind = 'ISSUER'"
    )
    last = (await log.of_subject(resources.db.registry, issuer))[-1]
    content = msgspec.json.decode(last.content)
    assert (content["insured"], content["sha256"]) == (2, almaty.sha256)
    records = await noted(owner, "FetchInsuredList")
    assert len(records) == 9
    assert {(r.role, r.basis) for r in records} == {("issuer_head", "ORDER")}


async def test_it_is_fetched_by_the_issuer_and_forgotten_in_a_week(
    resources: Resources, insured: dict[str, UUID], client: Any, clock: FixedClock
) -> None:
    done = await compose(resources, "1", executor_bin=None)
    path = f"/api/v1/insured-lists/{done.list_id}"
    async with client(Role.ISSUER_REVIEWER, bin=ISSUER_BIN) as http:
        assert (await http.get(f"{path}/file")).status_code == 403
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        assert (await http.get(path)).json()["status"] == "DONE"
        answer = await http.get(f"{path}/file")
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.content.startswith(rules.header())
        assert answer.content.count(b"\r\n") == 8
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        assert (await http.get(path)).json()["code"] == "INSURED_LIST_NOT_FOUND"
    clock.advance(timedelta(days=7, seconds=1))
    await service.forget(resources)
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        gone = await http.get(f"{path}/file")
        assert (gone.status_code, gone.json()["code"]) == (
            409,
            "INSURED_LIST_NOT_READY",
        )
    parts = await resources.db.registry.pool.fetchval(
        "SELECT count(*) FROM registry.insured_list_part"
    )
    assert parts == 0


async def test_a_state_body_gets_it_through_the_registrar(
    resources: Resources, insured: dict[str, UUID], client: Any
) -> None:
    registrar = actor(OTHER_BIN, Role.REGISTRAR)
    command = RequestInsuredList("ҚР ІІМ", "12-3", date(2026, 4, 3), region="Алматы")
    running = await service.request(resources, registrar, signed(command, resources, OTHER_BIN))
    await service.compose(resources, running.list_id)
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        done = (await http.get(f"/api/v1/insured-lists/{running.list_id}")).json()
        assert (done["insured"], done["body"]) == (2, "ҚР ІІМ")
        answer = await http.get(f"/api/v1/insured-lists/{running.list_id}/file")
        assert answer.text.count("\r\n") == 3
    last = (await log.of_subject(resources.db.registry, insured[PEOPLE[6]]))[-1]
    assert (last.basis_kind, last.basis_id) == ("REQUEST", "12-3")
