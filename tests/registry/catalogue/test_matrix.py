"""Each of the sixteen operations: lawful actors succeed and leave it in the log, everybody else is refused.

The page in docs/ is written from the same table, so that it cannot say anything else.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar

from backend.app.asgi import create_app
from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config, Mode
from backend.kernel.resources import Resources
from backend.payments import jobs as payments_jobs
from backend.registry.catalogue import rules
from backend.registry.catalogue.model import RegistryOperation, Way
from backend.registry.contribution import service as contributions
from backend.registry.contribution.model import PrivilegeBatch
from backend.registry.log.model import OpClass
from backend.registry.log.verify import verify
from backend.registry.standing import jobs as standing_jobs
from backend.web.guards import requires
from infra.sandbox.nca.centre import Centre
from tests.architecture.house import ROOT
from tests.architecture.test_handlers import handlers
from tests.conftest import Client
from tests.registry.catalogue.attempts import ATTEMPTS
from tests.registry.catalogue.page import page
from tests.registry.catalogue.world import World
from tests.registry.conftest import CLINIC_BIN, OTHER_BIN, actor
from tests.registry.state_event.conftest import (
    Tell,
    follow,
    told,
)

DOC = ROOT / "docs" / "registry-operations.md"
WAYS = [(o, way) for o in rules.OPERATIONS for way in o.ways]
BY_API = [(o, way) for o, way in WAYS if not way.job]
# What cannot be done twice answers a second lawful actor so: he was let in.
DONE_ALREADY = {"ALREADY_REGISTERED"}


def named(operation: RegistryOperation, way: Way) -> str:
    return f"{operation.paragraph} by {way.by}"


def test_the_page_says_what_the_table_says() -> None:
    written = page(rules.OPERATIONS)
    if os.environ.get("SAQTAU_WRITE_DOCS"):
        DOC.write_text(written, encoding="utf-8")
    assert DOC.read_text(encoding="utf-8") == written, "SAQTAU_WRITE_DOCS=1 writes it anew"


def test_the_classes_have_two_four_five_and_five_operations() -> None:
    counts = {c: sum(o.op_class is c for o in rules.OPERATIONS) for c in OpClass}
    assert counts == {
        OpClass.GLOBAL: 2,
        OpClass.ACCOUNT: 4,
        OpClass.POLICY: 5,
        OpClass.INFORMATION: 5,
    }
    names = [t for o in rules.OPERATIONS for t in ((o.op_class, x) for x in o.op_types)]
    assert len(names) == len(set(names))


def test_no_route_lets_in_fewer_than_the_table_or_is_left_out() -> None:
    house: Litestar = create_app(Config(mode=Mode.TEST))
    guards = {
        h.operation_id: next(g.roles for g in h.resolve_guards() if isinstance(g, requires))
        for _, h in handlers(house)
        if any(isinstance(g, requires) for g in h.resolve_guards())
    }
    for operation, way in BY_API:
        assert set(way.roles) <= guards[way.by], named(operation, way)
    # who is let in, is let in for one of the operations that the route serves
    for by in {way.by for _, way in BY_API}:
        lawful = {role for _, way in BY_API if way.by == by for role in way.roles}
        assert guards[by] == lawful, by
    assert set(ATTEMPTS) == {(o.paragraph, way.by) for o, way in BY_API}


@pytest.fixture
async def matrix(resources: Resources, clock: FixedClock, tmp_path: Path) -> World:
    """A world whose sandbox centre is trusted."""
    centre = Centre.create(b"matrix", clock.now(), algorithms=("rsa-sha256",))
    centre.save(tmp_path)
    trusting = msgspec.structs.replace(resources.config, trust=str(tmp_path / "trust"))
    return World(msgspec.structs.replace(resources, config=trusting), clock, centre)


@pytest.fixture
def app(matrix: World) -> Litestar:
    return create_app(matrix.resources.config, matrix.resources)


async def test_every_way_is_open_to_its_lawful_actors_and_shut_to_all_others(
    matrix: World, client: Client
) -> None:
    faults: list[str] = []
    for operation, way in BY_API:
        if (operation.paragraph, way.by) == ("M §27(2)", "ChangeOrganisation"):
            await matrix.settle()  # the issuer has registered itself by now
        lawful = set(way.roles)
        matrix.again = {}
        for role in sorted(Role, key=lambda r: r in lawful):  # strangers first
            if role in lawful:
                matrix.again = None
            answer = await _try(matrix, client, operation, way, role)
            code = "" if answer.is_success else answer.json()["code"]
            if answer.is_success:
                await matrix.carry_out(answer)
            fresh = await matrix.new_operations()
            what = f"{named(operation, way)} as {role}: {answer.status_code} {code}"
            if role in lawful and code not in DONE_ALREADY:
                faults += [f"{fault}: {what}" for fault in _amiss(operation, way, role, fresh)]
            elif role not in lawful and not _refused(operation, way, role, answer, fresh):
                faults.append(f"not refused: {what}")
    assert not faults, "\n".join(faults)
    assert (await verify(matrix.db)).ok


async def _try(
    world: World, client: Client, operation: RegistryOperation, way: Way, role: Role
) -> httpx.Response:
    """Send what an actor of that role would; what was prepared for it is not counted."""
    world.bin_of_executor = CLINIC_BIN
    method, path, body = await ATTEMPTS[operation.paragraph, way.by](world, role)
    await world.new_operations()
    who: dict[str, Any] = {"bin": world.bin_of(role)}
    if role is Role.INSURED:
        who = {"person_id": await world.person_id(world.somebody) if world.somebody else uuid4()}
    async with client(role, **who) as http:
        return await http.request(method, f"/api/v1{path}", json=body)


def _refused(
    operation: RegistryOperation, way: Way, role: Role, answer: httpx.Response, fresh: list[Any]
) -> bool:
    """A stranger gets nothing; who comes by this way to another operation, at least not this one."""
    if answer.status_code in (403, 404):
        return not fresh
    elsewhere = {r for o, w in BY_API if w.by == way.by and o is not operation for r in w.roles}
    return role in elsewhere and not _found(operation, fresh)


def _found(operation: RegistryOperation, fresh: list[Any]) -> list[tuple[Any, Any]]:
    """The operations of that row among those new in the log, with their contents."""
    read = [(row, msgspec.json.decode(row["content"])) for row in fresh]
    return [
        (row, content)
        for row, content in read
        if row["op_class"] == operation.op_class
        and {row["op_type"], *content.get("operations", ())} & set(operation.op_types)
    ]


def _amiss(operation: RegistryOperation, way: Way, role: Role, fresh: list[Any]) -> list[str]:
    """What is wrong with the trace a lawful actor left."""
    mine = _found(operation, fresh)
    if not mine:
        return ["not in the log"]
    amiss = []
    for row, content in mine:
        if row["basis_kind"] != way.basis:
            amiss.append(f"basis {row['basis_kind']}")
        if row["actor"].partition(":")[0] not in (role, Role.REGISTRAR):
            amiss.append(f"actor {row['actor'].partition(':')[0]}")
        if operation.op_class is not OpClass.INFORMATION and not {"before", "after"} <= set(
            content
        ):
            amiss.append("without before and after")
    return amiss


async def test_what_the_system_does_by_itself_rests_on_an_event(
    matrix: World, world: Resources, tell: Tell, clock: FixedClock
) -> None:
    """The ways that are jobs: a death blocks, thirty days later closes; entitlement changes a policy."""
    await matrix.settle()
    iin = await matrix.holder()
    seen = {}
    await tell(told(iin))
    await matrix.new_operations()
    await follow(world)
    seen["M §28(3)"] = await matrix.new_operations()
    row = {"iin": await matrix.insured(), "category": "7", "valid_from": "2026-01-01"}
    batch = {"batch_id": str(uuid4()), "privileges": [{**row, "valid_to": "2026-04-30"}]}
    integration = actor(OTHER_BIN, Role.INTEGRATION)
    await contributions.privilege(
        matrix.resources, integration, msgspec.convert(batch, PrivilegeBatch)
    )
    await matrix.issue(row["iin"])
    await standing_jobs.judge_told(matrix.resources)
    await matrix.new_operations()
    clock.advance(timedelta(days=31))
    await standing_jobs.judge_due(matrix.resources)
    seen["M §29(2)"] = await matrix.new_operations()
    await payments_jobs.close_accounts(matrix.resources)
    seen["M §28(4)"] = await matrix.new_operations()
    jobs = [(o, way) for o, way in WAYS if way.job]
    assert {o.paragraph for o, _ in jobs} == set(seen)
    for operation, way in jobs:
        assert not _amiss(operation, way, Role.SYSTEM, seen[operation.paragraph]), named(
            operation, way
        )
