"""A statement about one person reads one partition by its index, with a plan made once."""

from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from backend.app.resources import PLAN_ONCE, open_resources
from backend.egov_adapter.record import queries as record
from backend.kernel.config import Config
from backend.kernel.db import Query
from backend.registry.entitlement import queries as entitlement
from backend.visits.checkin import queries as checkin

Owner = asyncpg.Connection  # type: ignore[type-arg]

PEOPLE = 4_000
PERSON = "'00000000-0000-0000-0000-000000000007'"
CLINIC = "'00000000-0000-0000-0000-0000000000c1'"
NOWHERE = "'00000000-0000-0000-0000-000000000404'"
SEED = f"""
    SET session_replication_role = replica;
    INSERT INTO registry.contribution (person_id, contribution_id, paid_on, period, kind,
        amount_tiyn, payer_bin, source_ref)
    SELECT lpad(i::text, 32, '0')::uuid, lpad(m::text, 32, '0')::uuid, '2026-04-01', '2026-03',
           'deduction', 1, '100140000003', 'r'
      FROM generate_series(1, {PEOPLE}) AS i, generate_series(1, 4) AS m;
    INSERT INTO registry.privilege
    SELECT lpad(i::text, 32, '0')::uuid, '7', '2026-01-01', NULL FROM generate_series(1, {PEOPLE}) AS i;
    INSERT INTO registry.account
    SELECT lpad(i::text, 32, '0')::uuid, 'OPEN', '2026-04-01', '2026-04-01', '2026-04-01'
      FROM generate_series(1, {PEOPLE}) AS i;
    INSERT INTO registry.policy (person_id, policy_id, year, number, status, gvfmc, mhi,
        service_list, tariff_set, rule_set, issued_on, valid_from, valid_to, order_id)
    SELECT lpad(i::text, 32, '0')::uuid, lpad(i::text, 32, '0')::uuid, 2026, '2026-' || lpad(i::text, 10, '0'), 'CREDITED',
           true, true, 'l', 't', 'r', '2026-04-01', '2026-04-01', '2026-12-31', {NOWHERE}
      FROM generate_series(1, {PEOPLE}) AS i;
    INSERT INTO visits.visit (person_id, visit_id, facility_id, executor_id, at, visit_date, grade)
    SELECT lpad(i::text, 32, '0')::uuid, lpad(i::text, 32, '0')::uuid, {NOWHERE}, {NOWHERE},
           '2026-04-06T04:00:00Z', '2026-04-06', 'NONE'
      FROM generate_series(1, {PEOPLE}) AS i;
    INSERT INTO registry.person
    SELECT lpad(i::text, 32, '0')::uuid, '75', '2026-04-01' FROM generate_series(1, {PEOPLE}) AS i;
    INSERT INTO registry.facility (facility_id, organisation_id, name, region, address, latitude,
        longitude, photo_outside, photo_inside, accounting_186, design_capacity, production, digitised_at)
    VALUES ({CLINIC}, {CLINIC}, 'f', '75', 'a', 43.2, 76.9, sha256('o'), sha256('i'), '{{"a": 1}}', 1,
        true, '2026-04-01');
    ANALYZE registry.contribution, registry.privilege, registry.account, registry.policy, visits.visit;
"""


@pytest.fixture
async def large(owner: Owner) -> None:
    """Enough people for an index to be worth asking."""
    await owner.execute(SEED)


@pytest.mark.parametrize(
    ("wing", "query", "arguments", "tables"),
    [
        (
            "egov",
            entitlement.HISTORY,
            [PERSON, "'2026-04-06'"],
            {"account", "contribution", "privilege"},
        ),
        (
            "egov",
            entitlement.HISTORIES,
            [f"ARRAY[{PERSON}]::uuid[]", "'{2026-04-06}'"],
            {"account", "contribution", "privilege"},
        ),
        ("egov", record.POLICY, [PERSON, "2026"], {"policy"}),
        ("egov", record.VISITS, [PERSON, "NULL", "51"], {"visit"}),
        ("visits", checkin.OF_PERSON, [PERSON, "NULL", "51"], {"visit"}),
        (
            "visits",
            checkin.STANDING,
            [
                f"ARRAY[{NOWHERE}]::uuid[]",
                f"ARRAY[{PERSON}]::uuid[]",
                f"ARRAY[{NOWHERE}]::uuid[]",
                "'{2026-04-06}'",
                *["'{NULL}'"] * 3,
                "'{2026-04-06T04:00:00Z}'",
                *["'1 minute'"] * 3,
            ],
            {"account", "biometric_session", "consent_state", "visit"},
        ),
        (
            "visits",
            checkin.ADD,
            [
                f"ARRAY[{PERSON}]::uuid[]",
                "ARRAY[uuidv7()]",
                f"ARRAY[{CLINIC}]::uuid[]",
                "'{2026-04-06T04:00:00Z}'",
                "'{NONE}'",
                *["'{NULL}'"] * 4,
                "'{citizen}'",
                *["'{NULL}'"] * 3,
                "'10 minutes'",
            ],
            {"account"},
        ),
    ],
)
@pytest.mark.usefixtures("large")
async def test_one_person_is_one_partition(
    config: Config, wing: str, query: Query[Any], arguments: list[str], tables: set[str]
) -> None:
    async with (
        open_resources(config, application="test") as opened,
        getattr(opened.db, wing).pool.acquire() as connection,
    ):
        await connection.execute(f"PREPARE asked AS {query.sql}")
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE asked ({', '.join(arguments)})"
        plan = (await connection.fetchval(explain))[0]["Plan"]
        once = await connection.fetchval(
            "SELECT generic_plans FROM pg_prepared_statements WHERE name = 'asked'"
        )
    assert once == 1, "the plan is made anew for every request"
    read = [
        (node["Relation Name"], node["Node Type"])
        for node in nodes(plan)
        if "_p" in node.get("Relation Name", "") and node["Actual Loops"]
    ]
    partitions = {name for name, _ in read}  # a statement may look twice into one
    assert sorted(name.partition("_p")[0] for name in partitions) == sorted(tables)
    assert all("Index" in kind or kind == "Bitmap Heap Scan" for _, kind in read), read


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's nodes, the planned and the passed over."""
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


async def test_who_plans_once(config: Config) -> None:
    async with open_resources(config, application="test") as opened:
        for wing in ("signing", "registry", "visits", "allocation", "payments", "egov"):
            mode = await getattr(opened.db, wing).pool.fetchval("SHOW plan_cache_mode")
            assert mode == ("force_generic_plan" if wing in PLAN_ONCE else "auto"), wing
