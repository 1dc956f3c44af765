from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from backend.registry.contribution import service
from backend.registry.contribution.model import (
    ContributionBatch,
    PrivilegeBatch,
    PrivilegeEntry,
    ReceiptEntry,
    RefundEntry,
)
from backend.registry.entitlement import rules
from backend.registry.entitlement import service as entitlement
from backend.registry.entitlement.model import ReceiptKind, Status
from backend.registry.person import service as persons
from tests.registry.conftest import CLINIC_BIN, OTHER_BIN, actor, iin_of

CORPORATION = actor(OTHER_BIN, Role.INTEGRATION)
ASAN, AIGUL = iin_of(11), iin_of(12)
TODAY = date(2026, 4, 6)


def receipt(ref: str, **changed: Any) -> ReceiptEntry:
    given_: dict[str, Any] = {
        "iin": ASAN,
        "paid_on": date(2026, 4, 2),
        "period": "2026-03",
        "kind": ReceiptKind.DEDUCTION,
        "amount_tiyn": 900_000,
        "source_ref": ref,
        "payer_bin": CLINIC_BIN,
    }
    return ReceiptEntry(**{**given_, **changed})


async def send(resources: Resources, *receipts: ReceiptEntry, refunds: Any = ()) -> Any:
    batch = ContributionBatch(uuid4(), receipts, tuple(refunds))
    return await service.receive(resources, CORPORATION, batch)


async def person(resources: Resources, iin: str) -> UUID:
    return (await persons.resolve(resources.db.registry, resources.keyring, [iin]))[iin]


async def test_a_payment_counts_once(resources: Resources) -> None:
    first = await send(resources, receipt("A-1"), receipt("A-2", period="2026-02"))
    again = await send(resources, receipt("A-1"), receipt("A-3"), receipt("A-3"))
    other = await send(resources, receipt("A-1", amount_tiyn=1), receipt("A-2", iin=AIGUL))
    assert (first.accepted, again.accepted, again.repeated) == (2, 1, 2)
    assert [(r.code, r.path) for r in other.refused] == [
        ("DUPLICATE_RECEIPT", "$.receipts[0].source_ref"),
        ("DUPLICATE_RECEIPT", "$.receipts[1].source_ref"),
    ]
    kept = await service.of_person(resources.db.egov, await person(resources, ASAN))
    assert [c.amount_tiyn for c in kept] == [900_000] * 3


async def test_unsound_rows_are_named(resources: Resources) -> None:
    answer = await send(
        resources,
        receipt("B-1", iin="850101300001"),
        receipt("B-2", paid_on=date(2026, 4, 7)),
        receipt("B-3", payer_bin=None),
        receipt("B-4", payer_bin="1"),
        receipt("B-5", kind=ReceiptKind.CONTRIBUTION, payer_bin=ASAN),
    )
    assert [r.code for r in answer.refused] == [
        "IIN_INVALID",
        "DATE_IN_FUTURE",
        "PAYER_INVALID",
        "PAYER_INVALID",
    ]
    (own,) = await service.of_person(resources.db.egov, await person(resources, ASAN))
    assert own.payer_bin is None


async def test_refunds_are_bounded_by_what_was_paid(resources: Resources) -> None:
    refunds = [
        RefundEntry("C-1", 900_000, TODAY),
        RefundEntry("C-2", 900_001, TODAY),
        RefundEntry("C-9", 1, TODAY),
        RefundEntry("C-2", 1, date(2026, 4, 1)),
    ]
    answer = await send(resources, receipt("C-1"), receipt("C-2"), refunds=refunds)
    assert answer.accepted == 3
    assert [r.code for r in answer.refused] == [
        "REFUND_TOO_LARGE",
        "RECEIPT_NOT_FOUND",
        "PERIOD_INVALID",
    ]
    person_id = await person(resources, ASAN)
    kept = await service.of_person(resources.db.egov, person_id)
    assert sorted(c.refunded_tiyn for c in kept) == [0, 900_000]
    assert (await send(resources, refunds=refunds[:1])).repeated == 1


async def test_a_privilege_makes_a_consumer_and_its_end_ends_it(resources: Resources) -> None:
    async def tell(*rows: PrivilegeEntry) -> Any:
        return await service.privilege(resources, CORPORATION, PrivilegeBatch(uuid4(), rows))

    answer = await tell(
        PrivilegeEntry(ASAN, "7", date(2026, 1, 1)),
        PrivilegeEntry(ASAN, "99", date(2026, 1, 1)),
        PrivilegeEntry(ASAN, "1", date(2026, 1, 1), date(2025, 1, 1)),
    )
    assert [r.code for r in answer.refused] == ["CATEGORY_UNKNOWN", "PERIOD_INVALID"]
    person_id = await person(resources, ASAN)
    status = await entitlement.status_of(resources.db.egov, person_id, TODAY)
    assert (status.status, status.basis) == ("CONSUMER", "CATEGORY")
    await tell(PrivilegeEntry(ASAN, "7", date(2026, 1, 1), date(2026, 3, 31)))
    status = await entitlement.status_of(resources.db.egov, person_id, TODAY)
    assert status.status == "NOT_CONSUMER"


months = st.integers(-75, 3).map(lambda n: rules.period_of(rules.month_of(TODAY) + n))
receipts = st.builds(
    lambda period, himself, refunded, day: (period, himself, refunded, day),
    months,
    st.booleans(),
    st.booleans(),
    st.dates(date(2020, 1, 1), TODAY),
)
runs = st.builds(
    lambda last, count, himself: [
        (rules.period_of(rules.month_of(TODAY) - last - n), himself, False, date(2021, 1, 1))
        for n in range(count)
    ],
    st.integers(0, 8),
    st.sampled_from([1, 12, 59, 60, 61]),
    st.booleans(),
)
stories = st.tuples(
    st.one_of(st.lists(receipts, max_size=5), runs),
    st.lists(
        st.tuples(st.dates(date(2025, 6, 1), date(2026, 6, 1)), st.integers(0, 300)), max_size=2
    ),
)


@given(st.lists(stories, min_size=10, max_size=25))
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_the_sieve_agrees_with_the_rules(resources: Resources, people: list[Any]) -> None:
    """What the database decides at a glance is what the rules decide one by one."""
    for table in ("contribution", "receipt_claim", "privilege"):
        await _clear(resources, table)
    iins = [iin_of(300 + n) for n in range(len(people))]
    entries, privileges = [], []
    for n, (paid, categories) in enumerate(people):
        for m, (period, himself, refunded, day) in enumerate(paid):
            ref = f"P-{n}-{m}"
            entries.append(
                receipt(
                    ref,
                    iin=iins[n],
                    period=period,
                    paid_on=day,
                    kind=ReceiptKind.CONTRIBUTION,
                    payer_bin=None if himself else CLINIC_BIN,
                )
            )
            if refunded:
                entries[-1] = receipt(
                    ref,
                    iin=iins[n],
                    period=period,
                    paid_on=day,
                    kind=ReceiptKind.CONTRIBUTION,
                    payer_bin=None if himself else CLINIC_BIN,
                    amount_tiyn=5,
                )
        privileges += [
            PrivilegeEntry(iins[n], "7", day, date.fromordinal(day.toordinal() + length))
            for day, length in dict(categories).items()
        ]
    refunds = [RefundEntry(e.source_ref, 5, TODAY) for e in entries if e.amount_tiyn == 5]
    await send(resources, *entries, refunds=refunds)
    if privileges:
        batch = PrivilegeBatch(uuid4(), tuple(privileges))
        await service.privilege(resources, CORPORATION, batch)
    known = await persons.resolve(resources.db.registry, resources.keyring, iins)
    ids = list(known.values())
    sifted = await entitlement.entitled(resources.db.registry, ids, TODAY)
    cases = await entitlement.cases(resources.db.registry, ids, TODAY)
    assert sifted == {p: rules.decide(c).status is Status.CONSUMER for p, c in cases.items()}


async def _clear(resources: Resources, table: str) -> None:
    connection = await asyncpg.connect(resources.config.database_url)
    await connection.execute(f"DELETE FROM registry.{table}")
    await connection.close()


async def test_only_the_corporation_sends(client: Any) -> None:
    receipts = {"batch_id": str(uuid4()), "receipts": []}
    privileges = {
        "batch_id": str(uuid4()),
        "privileges": [{"iin": ASAN, "category": "7", "valid_from": "2026-01-01"}],
    }
    bodies = {"contributions": receipts, "privileges": privileges}
    for role, status in ((Role.MIS, 403), (Role.INTEGRATION, 201)):
        async with client(role, bin=OTHER_BIN) as http:
            for path, body in bodies.items():
                answer = await http.post(f"/api/v1/{path}", json=body)
                assert answer.status_code == status, answer.text
