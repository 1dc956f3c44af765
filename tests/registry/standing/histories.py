"""Random lives of payers, made to fall on the edges of the rules; and the database filled with them."""

import random
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import msgspec

EMPLOYER = "100140000003"
Owner = asyncpg.Connection  # type: ignore[type-arg]


class Life(msgspec.Struct, frozen=True):
    """One person: receipts (paid_on, period, amount, refunded, payer, payer_kind), categories, closed."""

    person_id: UUID
    receipts: list[tuple[date, str, int, int, str | None, str | None]]
    categories: list[tuple[str, date, date | None]]
    closed: bool


def period(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


def life(chance: random.Random, on: date) -> Life:
    """A person as known on `on`."""
    this = on.year * 12 + on.month - 1
    receipts: list[tuple[date, str, int, int, str | None, str | None]] = []
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 5))):
        receipts += _run(chance, on, this)
    return Life(
        person_id=UUID(int=chance.getrandbits(128)),
        receipts=receipts,
        categories=_categories(chance, on),
        closed=chance.random() < 0.02,
    )


def _run(
    chance: random.Random, on: date, this: int
) -> list[tuple[date, str, int, int, str | None, str | None]]:
    """Some months in a row, by one payer, with holes and refunds, monthly or all at once."""
    length = chance.choice((1, 1, 2, 3, 6, 11, 12, 12, 13, 24, 59, 60, 60, 61, 66, 75))
    last = this + chance.choice(
        (0, 0, 0, -1, -1, -2, -3, -4, -5, -6, -7, -9, -12, -13, 1, 6, 11, 12, 13)
    )
    payer, kind = chance.choice(
        ((None, None), (None, None), (None, "self_payer"), (EMPLOYER, None), (EMPLOYER, None),
         (None, "sole_proprietor"), (EMPLOYER, "employer"), (None, "self_employed"))
    )  # fmt: skip
    hole = chance.choice((None, None, chance.randrange(length)))
    at_once = chance.random() < 0.4
    first_day = date((last - length + 1) // 12, (last - length + 1) % 12 + 1, 1)
    bought = min(on, first_day + timedelta(days=chance.choice((-40, -1, 0, 14, 30, 31, 62))))
    found = []
    for month in range(last - length + 1, last + 1):
        if month == last - length + 1 + (hole if hole is not None else -1):
            continue
        day = date(month // 12, month % 12 + 1, chance.choice((1, 10, 28)))
        paid_on = bought if at_once else day + timedelta(days=chance.choice((0, 0, 25, -35)))
        amount = chance.choice((1, 425_000, 850_000))
        refunded = chance.choice((0,) * 30 + (amount, amount - 1, amount // 2))
        for _ in range(chance.choice((1, 1, 1, 2))):
            found.append((min(paid_on, on), period(month), amount, refunded, payer, kind))
    return found


def _categories(chance: random.Random, on: date) -> list[tuple[str, date, date | None]]:
    found: dict[tuple[str, date], tuple[str, date, date | None]] = {}
    for _ in range(chance.choice((0, 0, 0, 0, 1, 1, 2, 3))):
        first = on + timedelta(days=chance.choice((0, 1, -1, -14, chance.randint(-500, 60))))
        days = chance.choice((0, 1, 30, chance.randint(0, 700)))
        last = None if chance.random() < 0.3 else first + timedelta(days=days)
        if chance.random() < 0.2:
            last = max(first, on + timedelta(days=chance.choice((-1, 0, 1))))
        code = str(chance.randint(1, 15))
        found[code, first] = (code, first, last)
    return list(found.values())


async def fill(owner: Owner, lives: list[Life], on: date) -> None:
    """Store them as the registry would, without telling anybody (no triggers)."""
    now = "2026-01-01T00:00:00Z"
    await owner.execute("SET session_replication_role = replica; SET synchronous_commit = off")
    for table in (
        "entitlement",
        "entitlement_dirty",
        "privilege",
        "contribution",
        "account",
        "person",
    ):
        await owner.execute(f"DELETE FROM registry.{table}")
    ids = [life.person_id for life in lives]
    await owner.execute(
        f"INSERT INTO registry.person SELECT p, CASE WHEN get_byte(uuid_send(p), 0) < 128 THEN 'A' ELSE 'B' END,"
        f" '{now}' FROM unnest($1::uuid[]) AS p", ids,
    )  # fmt: skip
    await owner.execute(
        "INSERT INTO registry.account SELECT p, CASE WHEN c THEN 'CLOSED' ELSE 'OPEN' END,"
        f" '{now}', '{now}', '{now}' FROM unnest($1::uuid[], $2::bool[]) AS n (p, c)",
        ids,
        [life.closed for life in lives],
    )
    await owner.copy_records_to_table(
        "contribution",
        schema_name="registry",
        columns=(
            "person_id",
            "contribution_id",
            "paid_on",
            "period",
            "kind",
            "amount_tiyn",
            "payer_bin",
            "refunded_tiyn",
            "refunded_on",
            "source_ref",
            "payer_kind",
        ),
        records=(
            (
                life.person_id,
                UUID(int=n),
                paid_on,
                month,
                "contribution",
                amount,
                payer,
                refunded,
                on if refunded else None,
                "r",
                kind,
            )
            for life in lives
            for n, (paid_on, month, amount, refunded, payer, kind) in enumerate(life.receipts)
        ),
    )
    await owner.copy_records_to_table(
        "privilege",
        schema_name="registry",
        columns=("person_id", "category", "valid_from", "valid_to"),
        records=((life.person_id, *c) for life in lives for c in life.categories),
    )
    await owner.execute("SET session_replication_role = origin; ANALYZE registry.contribution")
