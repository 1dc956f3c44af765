"""Changing the key persons' numbers are hashed with: two hashes each, then the old ones go.

Bounded batches, a transaction each: killed and run again, it goes on where the rows say.
"""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from backend.kernel import keys
from backend.kernel.db import Db, Tx
from backend.kernel.sealing import Keyring
from backend.registry.person import queries
from backend.registry.person.claiming import iin_context, seal_iin
from backend.registry.person.model import Identity, Rehashed, Unhashed

BATCH = 5_000
_FIRST = UUID(int=0)


async def rehash(db: Db, keyring: Keyring) -> AsyncIterator[Rehashed]:
    """Hash everybody under the newest key too, a batch at a time. Nothing when there is but one key."""
    if len(keyring.person_keys) < 2:
        return
    new, old = keyring.person_keys[0][0], keyring.person_keys[1][0]
    after, hashed, unreadable, twice = _FIRST, 0, 0, 0
    while True:
        async with db.transaction() as tx:
            rows = await queries.UNHASHED.all(tx, old, new, after, BATCH)
            numbers = {row.person_id: _number(keyring, row) for row in rows}
            known = {who: iin for who, iin in numbers.items() if iin is not None}
            done = await _claim(tx, keyring, known, new)
        hashed += done
        unreadable += len(rows) - len(known)
        twice += len(known) - done
        if len(rows) < BATCH:
            break
        after = rows[-1].person_id
        yield Rehashed(hashed, unreadable, twice, len(rows))
    yield Rehashed(hashed, unreadable, twice, 0)


async def drop_old(db: Db, keyring: Keyring) -> AsyncIterator[int]:
    """Delete the hashes of the old key, then the key; how many are gone by now.

    Everybody must be found under the new one: ValueError else, and nothing is deleted.
    """
    if len(keyring.person_keys) < 2:
        raise ValueError("there is but one key of persons")
    new, old = keyring.person_keys[0][0], keyring.person_keys[1][0]
    if await queries.UNHASHED.one(db, old, new, _FIRST, 1) is not None:
        raise ValueError("not everybody is hashed under the new key yet")
    gone = 0
    while deleted := await queries.DROP_HASHES.run(db, old, new, BATCH):
        gone += deleted
        yield gone
    async with db.transaction() as tx:
        if await queries.LEFT_UNDER.get(tx, old):
            raise ValueError("somebody was claimed under the old key meanwhile: run it again")
        await keys.drop_person_key(tx, old)
    yield gone


def _number(keyring: Keyring, row: Unhashed) -> str | None:
    if row.sealed is not None:
        return keyring.open(row.sealed, iin_context(row.person_id)).decode()
    if row.identity is not None:
        return msgspec.json.decode(
            keyring.open(row.identity, row.person_id.bytes), type=Identity
        ).iin
    return None


async def _claim(tx: Tx, keyring: Keyring, known: dict[UUID, str], key_id: int) -> int:
    claimed = await queries.CLAIM.all(
        tx,
        [keyring.person_hashes(iin)[key_id] for iin in known.values()],
        list(known),
        [seal_iin(keyring, who, iin) for who, iin in known.items()],
        key_id,
    )
    return len(claimed)
