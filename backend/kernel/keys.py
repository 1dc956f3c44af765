"""Which keys a database was written with: none leaves while something still needs it.

Sealing keys come from `SAQTAU_SECRET` and are known here by their ids alone. The keys of keyed hashes
lie here themselves, sealed: a secret is changed without hashing anybody anew, and a hash's key without
telling anybody a secret.
"""

import os
from datetime import datetime

import msgspec

from backend.kernel.config import ConfigError
from backend.kernel.db import Db, Query, Tx
from backend.kernel.sealing import PERSON_KEY, Keyring, SealBroken

GENERAL_KEY = 0  # of everything that is not a person's number
LOOKUP_KEY_BYTES = 32
_LOCK_KEYS = 7_105_208


class WrongSecret(ConfigError):
    """`SAQTAU_SECRET` is not the one this database was written with, or lacks one still in use."""


class LookupKeyRow(msgspec.Struct, frozen=True):
    """A key of keyed hashes, sealed."""

    key_id: int
    sealed: bytes


IN_USE = Query[bytes]("SELECT key_id FROM kernel.sealing_key WHERE retired_at IS NULL")
ADD_SEALING_KEYS = Query[None](
    """
    INSERT INTO kernel.sealing_key (key_id, added_at)
    SELECT key_id, $2 FROM unnest($1::bytea[]) AS ring (key_id)
    ON CONFLICT (key_id) DO NOTHING
    """
)
USE_AGAIN = Query[None](
    "UPDATE kernel.sealing_key SET retired_at = NULL WHERE key_id = $1 AND retired_at IS NOT NULL"
)
RETIRE = Query[bytes](
    """
    UPDATE kernel.sealing_key SET retired_at = $2
     WHERE key_id = ANY ($1::bytea[]) AND retired_at IS NULL
    RETURNING key_id
    """
)
LOOKUP_KEYS = Query[LookupKeyRow](
    "SELECT key_id, sealed FROM kernel.lookup_key ORDER BY key_id DESC"
)
ADD_LOOKUP_KEY = Query[None](
    """
    INSERT INTO kernel.lookup_key (key_id, purpose, sealed, added_at)
    VALUES ($1, CASE WHEN $1::smallint = 0 THEN 'GENERAL' ELSE 'PERSON' END, $2, $3)
    ON CONFLICT (key_id) DO NOTHING
    """
)
DROP_LOOKUP_KEY = Query[None]("DELETE FROM kernel.lookup_key WHERE key_id = $1")
LOCK = Query[None]("SELECT pg_advisory_xact_lock($1)")


async def load(db: Db, ring: Keyring, *, at: datetime) -> Keyring:
    """The ring with this database's keys of keyed hashes; what the ring brings new is made known.

    Raises WrongSecret: a process never starts with a secret that cannot open what is there.
    """
    missing = [key_id for key_id in await IN_USE.all(db) if key_id not in ring.keys]
    if missing:
        names = ", ".join(key_id.hex() for key_id in missing)
        raise WrongSecret(
            f"SAQTAU_SECRET lacks a secret this database is sealed with (key {names}): put it back, "
            "and take it out when `saqtau registry rekey` says that nothing needs it"
        )
    async with db.transaction() as tx:
        await ADD_SEALING_KEYS.run(tx, list(ring.keys), at)
        await USE_AGAIN.run(tx, ring.current)
    rows = await LOOKUP_KEYS.all(db)
    if not rows:
        for number in (GENERAL_KEY, PERSON_KEY):
            await ADD_LOOKUP_KEY.run(db, number, _sealed(ring, number, ring.lookup_key), at)
        rows = await LOOKUP_KEYS.all(db)
    return _with(ring, rows)


async def add_person_key(db: Db, ring: Keyring, *, at: datetime) -> int:
    """A new key for persons' numbers, beside the one there is; its number. ValueError when there are two."""
    async with db.transaction() as tx:
        await LOCK.run(tx, _LOCK_KEYS)
        rows = await LOOKUP_KEYS.all(tx)
        if len(rows) > 2:
            raise ValueError("the key of persons is being changed already")
        number = rows[0].key_id + 1
        fresh = os.urandom(LOOKUP_KEY_BYTES)
        await ADD_LOOKUP_KEY.run(tx, number, _sealed(ring, number, fresh), at)
    return number


async def drop_person_key(tx: Tx, number: int) -> None:
    """Forget the old key of persons for ever; whoever has not heard of the new one claims nobody."""
    assert number != GENERAL_KEY, "everything else is found by it"
    await DROP_LOOKUP_KEY.run(tx, number)


def context(number: int) -> bytes:
    """What the seal of a look-up key is bound to."""
    return f"lookup-key:{number}".encode()


def _sealed(ring: Keyring, number: int, key: bytes) -> bytes:
    return ring.seal(key, context(number))


def _with(ring: Keyring, rows: list[LookupKeyRow]) -> Keyring:
    try:
        opened = {row.key_id: ring.open(row.sealed, context(row.key_id)) for row in rows}
    except SealBroken as e:
        raise WrongSecret(f"SAQTAU_SECRET does not open this database: {e}") from None
    general = opened.pop(GENERAL_KEY)
    return msgspec.structs.replace(ring, lookup_key=general, person_keys=tuple(opened.items()))
