"""The country in numbers, and its money, from the database."""

from backend.app.demo.world import World

_COUNTS = {
    "executors": "SELECT count(*) FROM registry.organisation WHERE kind = 'EXECUTOR'",
    "facilities": "SELECT count(*) FROM registry.facility",
    "persons": "SELECT count(*) FROM registry.person",
    "accounts_open": "SELECT count(*) FROM registry.account WHERE status = 'OPEN'",
    "policies": "SELECT count(*) FROM registry.policy WHERE status = 'CREDITED'",
    "contributions": "SELECT count(*) FROM registry.contribution",
    "plan_lines": "SELECT count(*) FROM allocation.plan_line",
    "applications": "SELECT count(*) FROM allocation.application",
    "contracts_signed": "SELECT count(*) FROM allocation.contract WHERE status = 'SIGNED'",
    "visits": "SELECT count(*) FROM visits.visit",
    "acts": "SELECT count(*) FROM payments.act",
    "act_cases": "SELECT count(*) FROM payments.act_case",
    "payment_orders_executed": (
        "SELECT count(*) FROM payments.payment_order WHERE status = 'EXECUTED'"
    ),
    "signatures_verified": "SELECT count(*) FROM signing.evidence",
    "sessions": "SELECT count(*) FROM signing.session",
    "operations_logged": "SELECT count(*) FROM registry.operation",
    "events": "SELECT count(*) FROM kernel.event",
}
_MONEY = """
    SELECT (SELECT sum(amount_tiyn) FROM allocation.plan_line)::bigint AS planned_tiyn,
           (SELECT sum(amount_tiyn) FROM allocation.share)::bigint AS allocated_tiyn,
           (SELECT sum(amount_tiyn) FROM allocation.contract
             WHERE executor_signed_at IS NOT NULL)::bigint AS contracted_tiyn,
           (SELECT coalesce(sum(total_tiyn), 0) FROM payments.act
             WHERE signed_at IS NOT NULL)::bigint AS accepted_tiyn,
           (SELECT coalesce(sum(balance_tiyn), 0) FROM payments.ledger_account
             WHERE kind = 'paid')::bigint AS paid_tiyn
"""


async def counts(world: World) -> dict[str, int]:
    """How many of everything."""
    return {name: await world.database.fetchval(sql) for name, sql in _COUNTS.items()}


async def money(world: World) -> dict[str, int]:
    """The money line of the contract, in tiyn; the residue is what the decision left in the plan."""
    row = await world.row(_MONEY)
    found = {key: row[key] or 0 for key in row.keys()}  # noqa: SIM118  (a Record is no dict)
    return {
        "planned_tiyn": found["planned_tiyn"],
        "allocated_tiyn": found["allocated_tiyn"],
        "residue_tiyn": found["planned_tiyn"] - found["allocated_tiyn"],
        "contracted_tiyn": found["contracted_tiyn"],
        "accepted_tiyn": found["accepted_tiyn"],
        "paid_tiyn": found["paid_tiyn"],
    }
