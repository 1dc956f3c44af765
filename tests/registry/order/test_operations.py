"""Every operation of M §29 by its order: for one, for a class, by the issuer, by an executor for its own."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account.errors import NothingToChange
from backend.registry.account.model import Organisation
from backend.registry.attachment import service as attachments
from backend.registry.contribution import service as contributions
from backend.registry.contribution.model import PrivilegeBatch, PrivilegeEntry
from backend.registry.facility.model import Facility
from backend.registry.log import service as log
from backend.registry.log.verify import verify
from backend.registry.order import service
from backend.registry.order.errors import NotAttached, OneOrClass, OrderNotFound, YearNotOpen
from backend.registry.order.model import (
    CancelPolicies,
    ChangeExecutor,
    ChangePolicies,
    CreditPolicies,
    IssuePolicies,
    Order,
    ReverseOperation,
)
from backend.registry.order.queries import issue as issue_queries
from backend.registry.person.errors import InsuredNotFound
from backend.registry.policy import service as policies
from backend.registry.policy.model import (
    POLICY_OPERATIONS,
    CancelGround,
    Policy,
    PolicyOperation,
    PolicyStatus,
)
from backend.registry.standing import service as standing
from tests.registry.access_record.noted import noted
from tests.registry.conftest import (
    CLINIC_BIN,
    ISSUER_BIN,
    MIS,
    OTHER_BIN,
    Insure,
    Register,
    actor,
    iin_of,
    signed,
)
from tests.registry.feed.test_feeds import attachment_batch

MOMENT = datetime(2026, 4, 6, 4, tzinfo=UTC)
ISSUER = actor(ISSUER_BIN, Role.ISSUER_HEAD)
CLINIC = actor(CLINIC_BIN, Role.EXECUTOR_HEAD)
REGISTRAR = actor(ISSUER_BIN, Role.REGISTRAR)
PEOPLE = [iin_of(n) for n in range(300, 308)]
ASAN, OTHER = PEOPLE[0], PEOPLE[1]


@pytest.fixture
async def issuer(register: Register) -> Organisation:
    return await register(ISSUER_BIN, Role.ISSUER_HEAD)


async def carry_out(resources: Resources, command: Any, by: Actor = ISSUER, **how: Any) -> Order:
    """The order accepted and carried out."""
    take = service.accept_reversal if isinstance(command, ReverseOperation) else service.accept
    accepted = await take(resources, by, signed(command, resources, by.bin))
    await service.run(resources.db.registry, resources.clock, accepted.order_id, **how)
    return await service.find(resources.db.registry, accepted.order_id)


async def issue(resources: Resources, **how: Any) -> Order:
    return await carry_out(resources, IssuePolicies(2026, number=str(uuid4()), **how))


async def reasons(resources: Resources, order: Order) -> dict[UUID, str]:
    found = await service.refusals(
        resources.db.registry, resources.clock, order.order_id, ISSUER, None, 200
    )
    assert sum(c.count for c in found.counts) == len(found.items) == order.refused
    return {r.person_id: r.reason.value for r in found.items}


async def policy_of(resources: Resources, person_id: UUID) -> Policy:
    policy = await policies.of_year(resources.db.registry, person_id, 2026)
    assert policy is not None
    return policy


async def last(resources: Resources, person_id: UUID) -> tuple[str, Any, int]:
    """The last operation: its type, content and place."""
    operation = (await log.of_subject(resources.db.registry, person_id))[-1]
    return operation.op_type, msgspec.json.decode(operation.content), operation.seq


async def attach(
    resources: Resources, facility: Facility, *iins: str, on: str = "2026-04-06"
) -> None:
    rows = ((iin, CLINIC_BIN, facility.facility_id, on) for iin in iins)
    await attachments.attach(resources, MIS, attachment_batch(*rows))


async def test_issued_first_and_credited_by_another_order(
    resources: Resources, issuer: Organisation, insure: Insure
) -> None:
    ids = await insure(*PEOPLE[:3])
    await issue(resources, credit=False)
    asan = ids[ASAN]
    assert (await policy_of(resources, asan)).status is PolicyStatus.ISSUED
    assert (await last(resources, asan))[1]["operations"] == ["ISSUE"]
    assert await policies.valid_on(resources.db.registry, [asan], date(2026, 5, 1)) == {}

    one = await carry_out(resources, CreditPolicies(2026, iin=ASAN))
    assert (one.total, one.done, one.refused) == (1, 1, 0)
    op_type, content, _ = await last(resources, asan)
    assert (op_type, content["before"], content["after"]) == (
        "CREDIT",
        {"status": "ISSUED"},
        {"status": "CREDITED"},
    )
    everybody = await carry_out(resources, CreditPolicies(2026))
    assert (everybody.total, everybody.done) == (3, 2)
    assert await reasons(resources, everybody) == {asan: "POLICY_STATUS_WRONG"}
    assert (await verify(resources.db.registry)).ok


@pytest.mark.notes("ListOrderRefusals")
async def test_who_cannot_be_served_is_counted_and_listed(
    resources: Resources, issuer: Organisation, insure: Insure, client: Any, owner: Any
) -> None:
    ids = await insure(*PEOPLE[:5])
    asan, blocked, closed, unseen, new = (ids[p] for p in PEOPLE[:5])
    await issue(resources, iin=ASAN)
    for person_id, status in ((blocked, "BLOCKED"), (closed, "CLOSED")):
        await owner.execute(
            "UPDATE registry.account SET status = $2 WHERE person_id = $1", person_id, status
        )
    await owner.execute(
        "UPDATE registry.account SET status = 'NONE', opened_at = NULL WHERE person_id = $1", unseen
    )
    order = await issue(resources)
    assert (order.total, order.done, order.refused) == (5, 1, 4)
    assert await reasons(resources, order) == {
        asan: "POLICY_EXISTS",
        blocked: "ACCOUNT_BLOCKED",
        closed: "ACCOUNT_CLOSED",
        unseen: "ACCOUNT_NOT_OPEN",
    }
    assert (await policy_of(resources, new)).status is PolicyStatus.CREDITED
    async with client(Role.ISSUER_FINANCE, bin=ISSUER_BIN) as http:
        path = f"/api/v1/orders/{order.order_id}/refusals"
        first = (await http.get(path, params={"limit": 3})).json()
        rest = (await http.get(path, params={"limit": 3, "cursor": first["next"]})).json()
        assert [len(first["items"]), len(rest["items"]), rest["next"]] == [3, 1, None]
        assert first["counts"] == rest["counts"]
        assert {c["reason"]: c["count"] for c in first["counts"]}["ACCOUNT_BLOCKED"] == 1
    looks = [n for n in await noted(owner, "ListOrderRefusals") if n.role == "issuer_finance"]
    assert {n.person_id for n in looks} == {asan, blocked, closed, unseen}
    assert len(looks) == 4


async def test_a_class_is_narrowed_by_region_day_and_executor(
    resources: Resources, issuer: Organisation, insure: Insure, facility: Facility
) -> None:
    await insure(*PEOPLE[:2], region="Алматы")
    await insure(*PEOPLE[2:6], region="Абай")
    await insure(*PEOPLE[6:])
    await attach(resources, facility, PEOPLE[2], PEOPLE[3], on="2026-03-01")
    await attach(resources, facility, PEOPLE[6], on="2026-03-31")
    for meant, how in (
        (0, {"regions": ("Астана",), "attached_by": date(2026, 3, 30)}),
        (1, {"executor": CLINIC_BIN, "attached_by": date(2026, 3, 31), "regions": ("Астана",)}),
        (2, {"regions": ("Алматы", "Абай"), "attached_by": date(2026, 3, 30)}),
        (4, {"regions": ("Алматы", "Абай")}),
        (1, {}),
    ):
        order = await issue(resources, **how)
        assert order.done == meant, how


async def test_the_data_of_policies_change_with_what_was_before(
    resources: Resources, issuer: Organisation, insure: Insure
) -> None:
    ids = await insure(ASAN, OTHER)
    await issue(resources)
    row = PrivilegeEntry(ASAN, "7", date(2026, 1, 1))
    await contributions.privilege(resources, MIS, PrivilegeBatch(uuid4(), (row,)))
    command = ChangePolicies(2026, tariff_set="KR DSM-1/2026", reassess=True)
    order = await carry_out(resources, command)
    assert (order.done, order.refused) == (2, 0)
    policy = await policy_of(resources, ids[ASAN])
    assert (policy.tariff_set, policy.mhi, policy.service_list) == (
        "KR DSM-1/2026",
        True,
        "GVFMC+MHI",
    )
    assert not (await policy_of(resources, ids[OTHER])).mhi
    op_type, content, _ = await last(resources, ids[OTHER])
    assert (op_type, content["before"], content["after"]) == (
        "CHANGE",
        {"tariff_set": "KR DSM-170/2020"},
        {"tariff_set": "KR DSM-1/2026"},
    )
    again = await carry_out(resources, msgspec.structs.replace(command, number="2"))
    assert set((await reasons(resources, again)).values()) == {"NOTHING_TO_CHANGE"}
    with pytest.raises(NothingToChange):
        await carry_out(resources, ChangePolicies(2026))


async def test_policies_follow_the_attachment_by_order(
    resources: Resources, issuer: Organisation, insure: Insure, facility: Facility, owner: Any
) -> None:
    ids = await insure(ASAN, OTHER)
    await issue(resources)
    await attach(resources, facility, ASAN)
    # as if the policy had been missed when the attachment came
    await owner.execute("UPDATE registry.policy SET executor_id = NULL")
    order = await carry_out(resources, ChangeExecutor(2026))
    assert (order.done, await reasons(resources, order)) == (1, {ids[OTHER]: "NOT_ATTACHED"})
    policy = await policy_of(resources, ids[ASAN])
    op_type, content, _ = await last(resources, ids[ASAN])
    assert (op_type, content["before"], content["after"]) == (
        "EXECUTOR_CHANGED",
        {"executor": None},
        {"executor": str(policy.executor_id)},
    )


async def test_a_cancelled_policy_makes_room_for_another(
    resources: Resources, issuer: Organisation, insure: Insure
) -> None:
    (asan,) = (await insure(ASAN)).values()
    await issue(resources)
    before = await policy_of(resources, asan)
    await carry_out(resources, CancelPolicies(2026, iin=ASAN, ground=CancelGround.DUPLICATE))
    assert await policies.of_year(resources.db.registry, asan, 2026) is None
    op_type, content, _ = await last(resources, asan)
    assert (op_type, content["ground"], content["policy"]) == (
        "CANCEL",
        "DUPLICATE",
        str(before.policy_id),
    )
    await issue(resources)
    assert (await policy_of(resources, asan)).number != before.number
    assert (await verify(resources.db.registry)).ok


async def test_an_executor_orders_about_its_own_insured_alone(
    resources: Resources,
    issuer: Organisation,
    insure: Insure,
    facility: Facility,
    register: Register,
    client: Any,
) -> None:
    ids = await insure(ASAN, OTHER)
    await register(OTHER_BIN)
    await attach(resources, facility, ASAN)
    await issue(resources, credit=False)
    with pytest.raises(NotAttached):
        await carry_out(resources, CreditPolicies(2026, iin=OTHER), CLINIC)
    with pytest.raises(NotAttached):
        await carry_out(resources, CreditPolicies(2026, executor=OTHER_BIN), CLINIC)
    order = await carry_out(resources, CreditPolicies(2026), CLINIC)
    assert (order.total, order.done) == (1, 1)
    assert (await policy_of(resources, ids[OTHER])).status is PolicyStatus.ISSUED
    path = f"/api/v1/orders/{order.order_id}"
    for bin_, seen in ((CLINIC_BIN, 200), (OTHER_BIN, 404)):
        async with client(Role.EXECUTOR_HEAD, bin=bin_) as http:
            assert (await http.get(path)).status_code == seen
            assert (await http.get(f"{path}/refusals")).status_code == seen
            assert (await http.get(f"{path}/progress")).status_code == seen
            listed = (await http.get("/api/v1/orders")).json()["items"]
            assert [o["order_id"] for o in listed] == ([str(order.order_id)] if seen == 200 else [])
    async with client(Role.REGISTRAR, bin=ISSUER_BIN) as http:
        first = (await http.get("/api/v1/orders", params={"limit": 1})).json()
        assert first["items"][0]["order_id"] == str(order.order_id)
        then = await http.get("/api/v1/orders", params={"cursor": first["next"]})
        assert [o["operation"] for o in then.json()["items"]] == ["order.issue_policies"]


@pytest.mark.parametrize(
    ("path", "lawful"),
    [
        ("/orders", {Role.ISSUER_HEAD, Role.ISSUER_SIGNER}),
        ("/orders/reversals", {Role.ISSUER_HEAD, Role.ISSUER_SIGNER}),
        *(
            (
                f"/orders/{kind}",
                {
                    Role.ISSUER_HEAD,
                    Role.ISSUER_SIGNER,
                    Role.EXECUTOR_HEAD,
                    Role.EXECUTOR_SIGNER,
                },
            )
            for kind in ("credits", "changes", "executor-changes", "cancellations")
        ),
    ],
)
async def test_nobody_else_orders(client: Any, path: str, lawful: set[Role]) -> None:
    for role in Role:
        async with client(role, bin=ISSUER_BIN) as http:
            answer = await http.post(f"/api/v1{path}", json={"document": "", "signature": ""})
        assert (answer.status_code == 403) is (role not in lawful), role


async def test_what_an_order_must_say(
    resources: Resources, issuer: Organisation, insure: Insure, clock: FixedClock
) -> None:
    await insure(ASAN)
    for command, refusal in (
        (IssuePolicies(2026, iin=ASAN, regions=("Абай",)), OneOrClass),
        (IssuePolicies(2026, iin=OTHER), InsuredNotFound),
        (CreditPolicies(2025), YearNotOpen),
        (CancelPolicies(2028, ground=CancelGround.DUPLICATE), YearNotOpen),
    ):
        with pytest.raises(refusal):
            await carry_out(resources, command)
    with pytest.raises(OrderNotFound):
        await service.find(resources.db.registry, uuid4())
    shown = await issue(resources, iin=ASAN)
    assert ASAN not in str(shown.scope)


async def test_operations_made_in_error_are_reversed_once(
    resources: Resources, issuer: Organisation, insure: Insure
) -> None:
    (asan,) = (await insure(ASAN)).values()
    await issue(resources)
    issued = (await last(resources, asan))[2]
    changed = await carry_out(resources, ChangePolicies(2026, rule_set="KR DSM-2/2026"))
    assert changed.done == 1
    await carry_out(resources, ReverseOperation(iin=ASAN, seq=issued + 1))
    op_type, content, seq = await last(resources, asan)
    assert (op_type, content["reverses"]) == ("CHANGE", issued + 1)
    assert (await policy_of(resources, asan)).rule_set == "KR DSM-291/2020"

    await carry_out(resources, CancelPolicies(2026, iin=ASAN, ground=CancelGround.DUPLICATE))
    await carry_out(resources, ReverseOperation(iin=ASAN, seq=seq + 1))
    assert (await policy_of(resources, asan)).status is PolicyStatus.CREDITED
    await carry_out(resources, ReverseOperation(iin=ASAN, seq=issued))
    assert await policies.of_year(resources.db.registry, asan, 2026) is None
    assert (await last(resources, asan))[0] == "CANCEL"

    for wrong in (issued, 1, 1000):  # reversed already, of the account, not there
        refused = await carry_out(
            resources, ReverseOperation(iin=ASAN, seq=wrong, number=f"{wrong}b")
        )
        assert await reasons(resources, refused) == {asan: "NOT_REVERSIBLE"}
    # what was cancelled does not come back beside a new one
    await issue(resources)
    cancelled = seq + 3
    refused = await carry_out(resources, ReverseOperation(iin=ASAN, seq=cancelled))
    assert await reasons(resources, refused) == {asan: "POLICY_EXISTS"}
    assert (await verify(resources.db.registry)).ok


async def test_policies_end_with_their_year_in_batches(
    resources: Resources, issuer: Organisation, insure: Insure, clock: FixedClock, owner: Any
) -> None:
    ids = await insure(*PEOPLE)
    await issue(resources)
    late = await service.accept(
        resources, ISSUER, signed(IssuePolicies(2026, number="late"), resources, ISSUER_BIN)
    )
    clock.set(datetime(2026, 12, 31, 18, 59, tzinfo=UTC))  # 23:59 in Kazakhstan
    assert await service.expire(resources.db.registry, clock) == 0
    clock.set(datetime(2026, 12, 31, 19, 0, tzinfo=UTC))
    batches = [await service.expire(resources.db.registry, clock, batch=1) for _ in range(32)]
    assert (sum(batches), max(batches)) == (8, 1)
    policy = await policy_of(resources, ids[ASAN])
    assert policy.status is PolicyStatus.EXPIRED
    operation = (await log.of_subject(resources.db.registry, ids[ASAN]))[-1]
    assert (operation.op_type, operation.basis_kind, operation.basis_id) == (
        "CHANGE",
        "EVENT",
        "year-end 2026",
    )
    assert await owner.fetchval("SELECT bool_and(finished) FROM registry.policy_year_end")
    await service.run(resources.db.registry, clock, late.order_id)
    failed = await service.find(resources.db.registry, late.order_id)
    assert (failed.status, failed.failure) == ("FAILED", "YEAR_OVER")
    assert (await verify(resources.db.registry)).ok


async def test_the_status_as_kept_decides_like_the_rules(
    resources: Resources, issuer: Organisation, insure: Insure
) -> None:
    """Whoever was judged is taken from the state, whoever was told of since is worked out anew."""
    ids = await insure(*PEOPLE)
    rows = tuple(PrivilegeEntry(p, "7", date(2026, 1, 1)) for p in PEOPLE[:4])
    await contributions.privilege(resources, MIS, PrivilegeBatch(uuid4(), rows))
    await standing.judge_told(resources.db.registry, resources.clock)
    ended = tuple(PrivilegeEntry(p, "7", date(2026, 1, 1), date(2026, 4, 5)) for p in PEOPLE[:2])
    await contributions.privilege(resources, MIS, PrivilegeBatch(uuid4(), ended))
    order = await issue(resources)
    assert (order.done, order.refused) == (8, 0)
    insured = [(await policy_of(resources, ids[p])).mhi for p in PEOPLE]
    assert insured == [False] * 2 + [True] * 2 + [False] * 4


async def test_an_order_gives_way_to_who_changes_a_chain_and_serves_all_the_same(
    resources: Resources, issuer: Organisation, insure: Insure, facility: Facility
) -> None:
    ids = await insure(*PEOPLE)
    accepted = await service.accept(
        resources, ISSUER, signed(IssuePolicies(2026), resources, ISSUER_BIN)
    )

    async def move() -> None:
        for day in range(1, 7):
            await attach(resources, facility, *PEOPLE, on=f"2026-04-0{day}")

    await asyncio.gather(
        move(),
        *(
            service.run(resources.db.registry, resources.clock, accepted.order_id, chunk=1)
            for _ in range(2)
        ),
    )
    done = await service.find(resources.db.registry, accepted.order_id)
    assert (done.status, done.done, done.refused) == ("DONE", 8, 0)
    for person_id in ids.values():
        kept = await attachments.of_person(resources.db.registry, person_id)
        assert kept is not None
        assert (await policy_of(resources, person_id)).executor_id == kept.executor_id
    assert (await verify(resources.db.registry)).ok


@pytest.mark.parametrize(
    ("queries", "person"),
    [
        (issue_queries.ISSUE_TO_ALL, "Index Only Scan using person_p00_pkey on person_p00"),
        (issue_queries.ISSUE_TO_CLASS, "Index Scan using person_p00_pkey on person_p00"),
    ],
    ids=["to all", "to a class"],
)
async def test_a_slice_is_read_by_ranges_whatever_the_statistics(
    db_registry: Db, queries: Any, person: str
) -> None:
    """Of empty tables every plan looks cheap: this one, kept for all slices, must be the plan for millions."""
    async with db_registry.transaction() as tx:
        await issue_queries.PLAN.get(tx)
        await tx.connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await tx.connection.execute(f"PREPARE issuing AS {queries[0].sql}")
        rows = await tx.connection.fetch(f"EXPLAIN EXECUTE issuing ({', '.join(['NULL'] * 18)})")
        await tx.connection.execute("DEALLOCATE issuing")
    plan = "\n".join(row[0] for row in rows)
    assert person in plan
    for table in ("account", "attachment", "entitlement"):
        assert f"Index Scan using {table}_p00_pkey on {table}_p00" in plan, table
    assert plan.count("using log_head_p00_pkey") == 2
    assert "Hash" not in plan
    assert "Nested Loop" not in plan


def test_the_table_of_lawful_operations_is_whole() -> None:
    assert [o.operation for o in POLICY_OPERATIONS] == list(PolicyOperation)
    for lawful in POLICY_OPERATIONS:
        assert lawful.signers
        assert lawful.source.startswith("M §29")
        assert Role.REGISTRAR not in lawful.signers
