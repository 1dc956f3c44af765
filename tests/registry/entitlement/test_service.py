"""One person's case, read in one statement, or with others at once, is what sets give."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.kernel.db import Db
from backend.registry.entitlement import service

Owner = asyncpg.Connection  # type: ignore[type-arg]

TODAY = date(2026, 4, 6)
PEOPLE = [UUID(int=n) for n in range(1, 9)]
days = st.dates(date(2025, 1, 1), date(2026, 12, 31))
ADD_PERSON = "INSERT INTO registry.person VALUES ($1, '75', '2026-04-01T00:00:00Z')"
ADD_RECEIPT = """
    INSERT INTO registry.contribution (person_id, contribution_id, paid_on, period, kind, amount_tiyn,
        payer_bin, refunded_tiyn, refunded_on, source_ref)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'r')
"""
ADD_CATEGORY = "INSERT INTO registry.privilege VALUES ($1, $2, $3, $4)"


@st.composite
def receipts(draw: st.DrawFn) -> tuple[Any, ...]:
    """Days and months from few, so that many fall together and only the id tells them apart."""
    himself = draw(st.booleans())
    kind = "contribution" if himself else draw(st.sampled_from(["contribution", "deduction"]))
    amount = draw(st.integers(1, 1000))
    refunded = draw(st.sampled_from([0, 1, amount]))
    return (
        draw(st.sampled_from(PEOPLE)),
        draw(st.uuids()),
        draw(st.sampled_from([date(2026, 3, 2), date(2026, 4, 6), date(2026, 4, 7)])),
        draw(st.sampled_from(["2026-02", "2026-03", "2026-05"])),
        kind,
        amount,
        None if himself else "100140000003",
        refunded,
        TODAY if refunded else None,
    )


@st.composite
def categories(draw: st.DrawFn) -> tuple[Any, ...]:
    since, until = sorted([draw(days), draw(days)])
    person, code = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(["7", "1"]))
    return person, code, since, draw(st.sampled_from([until, None]))


@given(
    st.lists(receipts(), max_size=40, unique_by=lambda r: r[1]),
    st.lists(categories(), max_size=12, unique_by=lambda c: c[:3]),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_one_at_a_time_or_together(
    owner: Owner, db_egov: Db, paid: list[Any], held: list[Any]
) -> None:
    for table in ("contribution", "privilege", "person"):
        await owner.execute(f"DELETE FROM registry.{table}")
    await owner.executemany(ADD_PERSON, [(p,) for p in PEOPLE])
    await owner.executemany(ADD_RECEIPT, paid)
    await owner.executemany(ADD_CATEGORY, held)
    together = await service.cases(db_egov, PEOPLE, TODAY)
    assert together == {p: await service.case_of(db_egov, p, TODAY) for p in PEOPLE}
    at_once = await asyncio.gather(*(service.case_of(db_egov, p, TODAY) for p in PEOPLE))
    assert together == dict(zip(PEOPLE, at_once, strict=True))
    async with db_egov.transaction() as tx:
        assert together == {p: await service.case_of(tx, p, TODAY) for p in PEOPLE}
    assert sum(len(c.receipts) for c in together.values()) == sum(r[2] <= TODAY for r in paid)
    assert sum(len(c.categories) for c in together.values()) == len(held)


async def test_a_stranger_has_no_history(db_egov: Db) -> None:
    case = await service.case_of(db_egov, UUID(int=404), TODAY)
    assert (case.receipts, case.categories, case.self_payer) == ((), (), False)
