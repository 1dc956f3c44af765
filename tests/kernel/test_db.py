"""Typed SQL on the real PostgreSQL: how rows become structs, and what each role may touch."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
import pytest

from backend.app.resources import WINGS
from backend.kernel import events
from backend.kernel.actor import SYSTEM
from backend.kernel.db import Db, Query, open_db, violated
from backend.kernel.resources import Databases

AN_ID = UUID("01980000-0000-7000-8000-000000000001")


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Leaf(msgspec.Struct, frozen=True):
    name: str
    at: datetime | None = None


class Row(msgspec.Struct, frozen=True):
    row_id: UUID
    colour: Colour
    maybe: Colour | None
    colours: tuple[Colour, ...]
    seats: frozenset[Colour]
    words: tuple[str, ...]
    ids: tuple[UUID, ...]
    leaf: Leaf
    leaves: list[Leaf]
    counts: dict[str, int]
    day: date
    at: datetime
    share: Decimal
    raw: bytes
    kind: Literal["A", "B"]
    big: int


EVERY_KIND = Query[Row](
    """
    SELECT $1::uuid, 'red', NULL::text, ARRAY['red', 'blue'], ARRAY['blue', 'blue'],
           ARRAY['x', 'y'], ARRAY[$1::uuid], '{"name": "Жақсы"}'::jsonb,
           '[{"name": "b", "at": "2026-04-06T04:00:00Z"}]'::jsonb, '{"a": 9007199254740993}'::jsonb,
           DATE '2026-03-06', TIMESTAMPTZ '2026-04-06 09:00+05', 0.1::numeric, '\\x00ff'::bytea, 'B',
           1000000000000000000::int8
    """
)


async def test_a_row_becomes_the_struct_it_says(db_signing: Db) -> None:
    row = await EVERY_KIND.get(db_signing, AN_ID)
    assert row == Row(
        row_id=AN_ID,
        colour=Colour.RED,
        maybe=None,
        colours=(Colour.RED, Colour.BLUE),
        seats=frozenset({Colour.BLUE}),
        words=("x", "y"),
        ids=(AN_ID,),
        leaf=Leaf("Жақсы"),
        leaves=[Leaf("b", datetime(2026, 4, 6, 4, 0, tzinfo=UTC))],
        counts={"a": 9007199254740993},
        day=date(2026, 3, 6),
        at=datetime(2026, 4, 6, 4, 0, tzinfo=UTC),
        share=Decimal("0.1"),
        raw=b"\x00\xff",
        kind="B",
        big=10**18,
    )
    assert isinstance(row.colour, Colour)
    assert isinstance(row.words, tuple)
    assert row.at.utcoffset() is not None
    assert msgspec.json.decode(msgspec.json.encode(row), type=Row) == row


async def test_single_columns_come_bare(db_signing: Db) -> None:
    assert await Query[int]("SELECT 7").get(db_signing) == 7
    assert await Query[Colour]("SELECT 'blue'").get(db_signing) is Colour.BLUE
    assert await Query[Colour | None]("SELECT NULL::text").get(db_signing) is None
    assert await Query[tuple[str, ...]]("SELECT ARRAY['a']").get(db_signing) == ("a",)
    assert await Query[Leaf]("SELECT 'n', NULL::timestamptz").get(db_signing) == Leaf("n")


async def test_no_row_is_none_and_a_missing_promised_row_is_a_defect(db_signing: Db) -> None:
    nothing = Query[int]("SELECT 1 WHERE false")
    assert await nothing.one(db_signing) is None
    assert await nothing.all(db_signing) == []
    with pytest.raises(LookupError, match="no row: SELECT 1"):
        await nothing.get(db_signing)


async def test_a_statement_without_a_shape_says_so(db_signing: Db) -> None:
    with pytest.raises(TypeError, match="Query"):
        await Query("SELECT 1").one(db_signing)


async def test_run_tells_how_many_rows_it_touched_and_stream_keeps_the_order(
    db_signing: Db,
) -> None:
    add = Query[None](
        "INSERT INTO signing.challenge (challenge_id, nonce, origin, expires_at)"
        " SELECT gen_random_uuid(), $1, 'o', $2 FROM generate_series(1, $3::int)"
    )
    now = datetime(2026, 4, 6, tzinfo=UTC)
    async with db_signing.transaction() as tx:
        assert await add.run(tx, bytes(32), now, 7) == 7
        found = [n async for n in Query[int]("SELECT * FROM generate_series(1, 5000)").stream(tx)]
        assert found == list(range(1, 5001))


async def test_many_and_violated_name_the_constraint(db_signing: Db) -> None:
    add = Query[None](
        "INSERT INTO signing.challenge (challenge_id, nonce, origin, expires_at)"
        " VALUES ($1, $2, 'o', $3)"
    )
    row = (AN_ID, bytes(32), datetime(2026, 4, 6, tzinfo=UTC))
    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        async with db_signing.transaction() as tx:
            await add.many(tx, [row, row])
    assert violated(refused.value) == "challenge_pkey"
    with pytest.raises(asyncpg.CheckViolationError) as short:
        await add.run(db_signing, AN_ID, b"short", row[2])
    assert violated(short.value) == "challenge_nonce_check"


async def test_a_transaction_that_raises_leaves_nothing(db_signing: Db) -> None:
    class Happened(events.Event, frozen=True):
        pass

    count = Query[int]("SELECT count(*) FROM kernel.event")
    with pytest.raises(RuntimeError, match="half-way"):
        async with db_signing.transaction() as tx:
            await events.append(tx, Happened(AN_ID), by=SYSTEM, at=datetime(2026, 1, 1, tzinfo=UTC))
            assert await count.get(tx) == 1
            raise RuntimeError("half-way")
    assert await count.get(db_signing) == 0


async def test_serialisable_isolation_is_real(db_signing: Db) -> None:
    level = Query[str]("SELECT current_setting('transaction_isolation')")
    async with db_signing.transaction(isolation="serializable") as tx:
        assert await level.get(tx) == "serializable"
    async with db_signing.transaction() as tx:
        assert await level.get(tx) == "read committed"


async def test_cancelled_work_gives_its_connection_back_clean(database_url: str) -> None:
    db = await open_db(database_url, "saqtau_signing", max_size=1)
    try:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05), db.transaction() as tx:
                    await Query[None]("SELECT pg_sleep(5)").run(tx)
        assert await Query[int]("SELECT 1").get(db) == 1
    finally:
        await db.close()


async def test_every_connection_is_its_wing_and_nothing_more(databases: Databases) -> None:
    settings = Query[str](
        "SELECT current_user || ' ' || current_setting('timezone') || ' ' ||"
        " current_setting('search_path') || ' ' || current_setting('statement_timeout')"
    )
    for wing in WINGS:
        pool: Db = getattr(databases, wing)
        found = await asyncio.gather(*(settings.get(pool) for _ in range(4)))
        assert set(found) == {f"saqtau_{wing} UTC pg_catalog 1min"}
