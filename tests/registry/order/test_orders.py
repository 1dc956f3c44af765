import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.account.model import Organisation
from backend.registry.attachment import service as attachments
from backend.registry.contribution import service as contributions
from backend.registry.contribution.model import PrivilegeBatch, PrivilegeEntry
from backend.registry.facility.model import Facility
from backend.registry.log import service as log
from backend.registry.log.verify import verify
from backend.registry.order import service
from backend.registry.order.errors import PilotExpired, YearNotOpen
from backend.registry.order.model import IssuePolicies, Order
from backend.registry.order.rules import one, parts, require_issuable
from backend.registry.policy import service as policies
from tests.registry.conftest import (
    CLINIC_BIN,
    ISSUER_BIN,
    MIS,
    Insure,
    Register,
    actor,
    iin_of,
    signed,
)
from tests.registry.feed.test_feeds import attachment_batch

ISSUER = actor(ISSUER_BIN, Role.ISSUER_HEAD)
INTEGRATION = actor(ISSUER_BIN, Role.INTEGRATION)
PEOPLE = [iin_of(n) for n in range(200, 240)]


@pytest.fixture
async def issuer(register: Register) -> Organisation:
    return await register(ISSUER_BIN, Role.ISSUER_HEAD)


async def order(resources: Resources, **scope: Any) -> Order:
    command = IssuePolicies(**{"year": 2026, "number": str(uuid4()), **scope})
    return await service.accept(resources, ISSUER, signed(command, resources, ISSUER_BIN))


async def carry_out(resources: Resources, accepted: Order, **how: Any) -> Order:
    await service.run(resources.db.registry, resources.clock, accepted.order_id, **how)
    return await service.find(resources.db.registry, accepted.order_id)


async def test_every_open_account_gets_one_policy_issued_and_credited_in_one_operation(
    resources: Resources, issuer: Organisation, insure: Insure, owner: Any
) -> None:
    ids = await insure(*PEOPLE)
    accepted = await order(resources)
    assert (accepted.status, accepted.done) == ("ACCEPTED", 0)
    done = await carry_out(resources, accepted, chunk=3)
    assert (done.status, done.total, done.done) == ("DONE", 40, 40)
    person_id = ids[PEOPLE[0]]
    policy = await policies.of_year(resources.db.payments, person_id, 2026)
    assert policy is not None
    assert (policy.status, policy.gvfmc, policy.mhi) == ("CREDITED", True, False)
    assert (policy.valid_from, policy.valid_to) == (date(2026, 4, 6), date(2026, 12, 31))
    operations = await log.of_subject(resources.db.registry, person_id)
    assert [(o.op_class, o.op_type) for o in operations] == [
        ("ACCOUNT", "OPEN"),
        ("POLICY", "ISSUE"),
    ]
    assert {o.basis_id for o in operations[1:]} == {str(accepted.order_id)}
    content = msgspec.json.decode(operations[1].content)
    assert content["policy"] == str(policy.policy_id)
    assert content["after"]["number"] == policy.number
    assert content["operations"] == ["ISSUE", "CREDIT"]
    assert (content["before"], content["after"]["status"]) == (None, "CREDITED")
    assert (await verify(resources.db.registry)).ok
    numbers = await owner.fetch("SELECT DISTINCT number FROM registry.policy")
    assert len(numbers) == 40
    assert await policies.by_number(resources.db.egov, policy.number) == policy


async def test_a_second_order_serves_only_who_came_later(
    resources: Resources, issuer: Organisation, insure: Insure
) -> None:
    await insure(*PEOPLE[:5])
    await carry_out(resources, await order(resources))
    await insure(*PEOPLE[5:8])
    later = await carry_out(resources, await order(resources))
    assert (later.total, later.done, later.refused) == (8, 3, 5)
    again = await carry_out(resources, later)
    assert again == later


async def test_two_workers_and_two_orders_issue_each_policy_once(
    resources: Resources, issuer: Organisation, insure: Insure, owner: Any
) -> None:
    await insure(*PEOPLE)
    orders = [await order(resources), await order(resources)]
    await asyncio.gather(*(carry_out(resources, o, chunk=2) for o in orders * 2))
    finished = [await service.find(resources.db.registry, o.order_id) for o in orders]
    assert [o.status for o in finished] == ["DONE", "DONE"]
    assert sum(o.done for o in finished) == 40
    assert await owner.fetchval("SELECT count(*) FROM registry.policy") == 40
    assert await owner.fetchval("SELECT count(*) FROM kernel.event WHERE kind = $1", EVENT) == 2
    assert (await verify(resources.db.registry)).operations == 40 * 2 + 1


EVENT = "PoliciesIssued"


async def test_a_killed_worker_leaves_nothing_half_done(
    resources: Resources, issuer: Organisation, insure: Insure, owner: Any
) -> None:
    await insure(*PEOPLE)
    accepted = await order(resources)
    worker = asyncio.create_task(carry_out(resources, accepted, chunk=1))
    while not await owner.fetchval("SELECT count(*) > 4 FROM registry.policy"):
        await asyncio.sleep(0)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert await owner.fetchval("SELECT count(*) FROM registry.policy") < 40
    done = await carry_out(resources, accepted)
    assert (done.status, done.done) == ("DONE", 40)
    assert await owner.fetchval("SELECT count(*) FROM registry.policy") == 40
    assert (await verify(resources.db.registry)).ok


async def test_the_package_follows_entitlement_on_the_day(
    resources: Resources, issuer: Organisation, insure: Insure
) -> None:
    ids = await insure(*PEOPLE[:2])
    retired = PrivilegeBatch(uuid4(), (PrivilegeEntry(PEOPLE[0], "7", date(2026, 1, 1)),))
    await contributions.privilege(resources, INTEGRATION, retired)
    await carry_out(resources, await order(resources))
    valid = await policies.valid_on(resources.db.payments, list(ids.values()), date(2026, 5, 1))
    assert valid[ids[PEOPLE[0]]].service_list == "GVFMC+MHI"
    assert valid[ids[PEOPLE[1]]].service_list == "GVFMC"
    assert (
        await policies.valid_on(resources.db.payments, list(ids.values()), date(2026, 4, 5)) == {}
    )


async def test_a_policy_follows_entitlement_gained_and_lost(
    resources: Resources, issuer: Organisation, insure: Insure
) -> None:
    (person_id,) = (await insure(PEOPLE[0])).values()
    await carry_out(resources, await order(resources))
    for ends, covered in ((None, True), (date(2026, 3, 31), False)):
        row = PrivilegeEntry(PEOPLE[0], "7", date(2026, 1, 1), ends)
        await contributions.privilege(resources, INTEGRATION, PrivilegeBatch(uuid4(), (row,)))
        policy = await policies.of_year(resources.db.egov, person_id, 2026)
        assert policy is not None
        assert policy.mhi is covered
    operations = await log.of_subject(resources.db.registry, person_id)
    assert [(o.op_class, o.op_type) for o in operations[2:]] == [("POLICY", "CHANGE")] * 2


async def test_a_region_of_the_country(
    resources: Resources, issuer: Organisation, insure: Insure
) -> None:
    await insure(*PEOPLE[:3])
    await insure(*PEOPLE[3:5], region="Алматы")
    done = await carry_out(resources, await order(resources, regions=("Алматы",)))
    assert (done.total, done.done) == (2, 2)


async def test_a_policy_follows_its_holder_to_another_executor(
    resources: Resources, issuer: Organisation, insure: Insure, facility: Facility
) -> None:
    (person_id,) = (await insure(PEOPLE[0])).values()
    await carry_out(resources, await order(resources))
    row = (PEOPLE[0], CLINIC_BIN, facility.facility_id, "2026-04-06")
    await attachments.attach(resources, MIS, attachment_batch(row))
    card = await policies.card(resources.db.egov, person_id, 2026)
    assert card is not None
    assert (card.issuer_bin, card.executor_bin) == (ISSUER_BIN, CLINIC_BIN)
    operations = await log.of_subject(resources.db.registry, person_id)
    assert [o.op_type for o in operations[2:]] == ["CHANGE", "EXECUTOR_CHANGED"]


def test_no_policies_outside_the_pilot() -> None:
    start, end = date(2026, 3, 6), date(2026, 12, 31)
    require_issuable(2026, start, start, end)
    require_issuable(2026, end, start, end)
    for day in (date(2027, 1, 1), date(2026, 3, 5)):
        with pytest.raises(PilotExpired):
            require_issuable(day.year, day, start, end)
    for day, year in ((date(2026, 12, 1), 2027), (date(2026, 4, 6), 2025)):
        with pytest.raises(YearNotOpen):
            require_issuable(year, day, start, end)


async def test_an_order_after_the_pilot_is_refused(
    resources: Resources, issuer: Organisation, clock: FixedClock
) -> None:
    clock.set(datetime(2026, 12, 31, 19, tzinfo=UTC))  # midnight in Kazakhstan
    with pytest.raises(PilotExpired):
        await order(resources)


async def test_the_order_is_queued_with_it_and_shown(
    resources: Resources, issuer: Organisation, client: Any, owner: Any
) -> None:
    accepted = await order(resources)
    payload = await owner.fetchval("SELECT payload FROM jobs.pgqueuer WHERE entrypoint = $1", JOB)
    assert msgspec.json.decode(payload) == {"order_id": str(accepted.order_id)}
    async with client(Role.ISSUER_FINANCE, bin=ISSUER_BIN) as http:
        shown = await http.get(f"/api/v1/orders/{accepted.order_id}")
        assert shown.json()["status"] == "ACCEPTED"
        unknown = await http.get(f"/api/v1/orders/{uuid4()}")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "ORDER_NOT_FOUND")
    async with client(Role.EXECUTOR_HEAD, bin=CLINIC_BIN) as http:
        assert (await http.get(f"/api/v1/orders/{accepted.order_id}")).status_code == 404
        assert (await http.post("/api/v1/orders", json={"document": ""})).status_code == 403


JOB = "registry.run_order"


def test_the_parts_hold_every_id_once() -> None:
    assert [p.part for p in parts()] == list(range(16))
    assert {(p.after, p.until) for p in parts()} == {(UUID(int=0), UUID(int=2**128 - 1))}
    somebody = uuid4()
    assert (one(3, somebody).after.int, one(3, somebody).until) == (somebody.int - 1, somebody)
