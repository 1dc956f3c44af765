"""Seal everything anew under the current key: column by column, in bounded batches, killed and resumed.

A batch is one transaction: rows, and how far it has come. Run again it goes on; run to its end it starts
over and finds nothing. A row that changed meanwhile is left alone: whoever changed it sealed it anew.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import msgspec

from backend.kernel.db import Db, Executor, Query, Tx
from backend.kernel.sealing import Keyring, SealBroken

BATCH = 5_000
Place = tuple[str, ...]
Contexts = Callable[[Executor, Sequence[Place]], Awaitable[Sequence[bytes]]]


class Vault(msgspec.Struct, frozen=True):
    """A column that holds seals: whose, the key of its table, and what each seal is bound to.

    `context` makes it from the key's columns as text; `contexts` where the row is needed for it.
    """

    wing: str
    table: str
    column: str
    key: tuple[str, ...]
    context: Callable[[Place], bytes] | None = None
    contexts: Contexts | None = None
    batch: int = BATCH

    @property
    def name(self) -> str:
        """Schema, table and column."""
        return f"{self.table}.{self.column}"


class Due(msgspec.Struct, frozen=True):
    """A seal of another key, and where it stands."""

    place: Place
    seal: bytes


class Stood(msgspec.Struct, frozen=True):
    """How far the re-sealing of a column has come."""

    key_id: bytes
    after: str
    done: int


class Use(msgspec.Struct, frozen=True):
    """How many seals begin with this mark."""

    mark: bytes
    seals: int


class Progress(msgspec.Struct, frozen=True):
    """One batch: `sealed` rows so far under this key, `broken` of this batch that do not open."""

    vault: str
    sealed: int
    broken: int
    more: bool


DUE = Query[Due](
    "SELECT place, seal FROM kernel.seals_due($1::text::regclass, $2, $3::text[], $4::text[], $5, $6)"
)
REPLACE = Query[int]("SELECT kernel.seals_replace($1::text::regclass, $2, $3::text[], $4, $5, $6)")
USED = Query[Use]("SELECT mark, seals FROM kernel.seals_used($1::text::regclass, $2)")
STOOD = Query[Stood]("SELECT key_id, after, done FROM kernel.resealing WHERE vault = $1 FOR UPDATE")
STANDS = Query[None](
    """
    INSERT INTO kernel.resealing (vault, key_id, after, done) VALUES ($1, $2, $3, $4)
    ON CONFLICT (vault) DO UPDATE SET key_id = $2, after = $3, done = $4
    """
)


async def reseal(db: Db, keyring: Keyring, vault: Vault) -> AsyncIterator[Progress]:
    """Seal one column anew, a batch at a time, from where it was left."""
    more = True
    while more:
        async with db.transaction() as tx:
            done = await _batch(tx, keyring, vault)
        more = done.more
        yield done


async def used(where: Executor, vault: Vault) -> dict[bytes, int]:
    """How many seals of this column stand under which mark."""
    return {use.mark: use.seals for use in await USED.all(where, vault.table, vault.column)}


async def _batch(tx: Tx, keyring: Keyring, vault: Vault) -> Progress:
    stood = await STOOD.one(tx, vault.name)
    if stood is None or stood.key_id != keyring.current:
        stood = Stood(keyring.current, "", 0)
    after = msgspec.json.decode(stood.after) if stood.after else None
    due = await DUE.all(
        tx, vault.table, vault.column, list(vault.key), after, keyring.mark, vault.batch
    )
    contexts = await _contexts(tx, vault, [row.place for row in due])
    places: list[Any] = []
    was: list[bytes] = []
    new: list[bytes] = []
    for row, bound in zip(due, contexts, strict=True):
        try:
            plain = keyring.open(row.seal, bound)
        except SealBroken:
            continue
        places.append(row.place)
        was.append(row.seal)
        new.append(keyring.seal(plain, bound))
    replaced = (
        await REPLACE.get(tx, vault.table, vault.column, list(vault.key), places, was, new)
        if places
        else 0
    )
    more = len(due) == vault.batch
    last = msgspec.json.encode(due[-1].place).decode() if due and more else ""
    await STANDS.run(tx, vault.name, keyring.current, last, stood.done + replaced)
    return Progress(vault.name, stood.done + replaced, len(due) - len(places), more)


async def _contexts(tx: Tx, vault: Vault, places: list[Place]) -> Sequence[bytes]:
    if vault.contexts is not None:
        return await vault.contexts(tx, places)
    assert vault.context is not None, "a vault says what its seals are bound to"
    return [vault.context(place) for place in places]
