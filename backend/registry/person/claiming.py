"""Whose an IIN is: claimed once, found by keyed hash; while the key is changed, by either of two."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID, uuid4

from backend.kernel.db import Executor, Tx
from backend.kernel.sealing import Keyring
from backend.registry.person import queries
from backend.registry.person.errors import LookupKeyGone


async def claim(tx: Tx, keyring: Keyring, iins: Iterable[str], *, at: datetime) -> dict[str, UUID]:
    """The persons of those (valid) IIN; who was not known gets a person and an account NONE.

    Raises LookupKeyGone in a process that has not heard of the new key.
    """
    wanted = set(iins)
    found = await resolve(tx, keyring, wanted)
    strangers = {iin: uuid4() for iin in wanted - found.keys()}
    if not strangers:
        return found
    taken = await _claim_under_each_key(tx, keyring, strangers)
    if added := [person_id for iin, person_id in strangers.items() if iin in taken]:
        await queries.ADD_PERSONS.run(tx, added, at)
        await queries.ADD_ACCOUNTS.run(tx, added)
    if len(taken) < len(strangers):  # others have claimed them meanwhile
        found |= await resolve(tx, keyring, strangers.keys() - taken)
    found |= {iin: strangers[iin] for iin in taken}
    if len(found) < len(wanted):
        raise LookupKeyGone
    return found


async def _claim_under_each_key(
    tx: Tx, keyring: Keyring, strangers: Mapping[str, UUID]
) -> set[str]:
    """Claim numbers for new persons, the oldest key first; those that became ours under every key.

    With two keys, others may know but one of them: where one hash was theirs, the other follows it.
    """
    sealed = {iin: seal_iin(keyring, who, iin) for iin, who in strangers.items()}
    ours: list[set[str]] = []
    hashes = {iin: keyring.person_hashes(iin) for iin in strangers}
    for number, _ in reversed(keyring.person_keys):
        by_hash = {hashes[iin][number]: iin for iin in strangers}
        rows = await queries.CLAIM.all(
            tx,
            list(by_hash),
            [strangers[iin] for iin in by_hash.values()],
            [sealed[iin] for iin in by_hash.values()],
            number,
        )
        ours.append({by_hash[row.iin_hash] for row in rows})
    both = set.intersection(*ours)
    if halves := set.union(*ours) - both:
        await _yield(tx, keyring, {iin: strangers[iin] for iin in halves}, hashes)
    return both


async def _yield(
    tx: Tx, keyring: Keyring, halves: Mapping[str, UUID], hashes: Mapping[str, dict[int, bytes]]
) -> None:
    rows = await queries.RESOLVE.all(tx, [h for iin in halves for h in hashes[iin].values()])
    owner = {row.iin_hash: row.person_id for row in rows}
    mine: list[bytes] = []
    theirs: list[UUID] = []
    sealed: list[bytes] = []
    for iin, candidate in halves.items():
        for digest in hashes[iin].values():
            if owner[digest] == candidate:
                (other,) = {owner[h] for h in hashes[iin].values()} - {candidate}
                mine.append(digest)
                theirs.append(other)
                sealed.append(seal_iin(keyring, other, iin))
    await queries.YIELD.run(tx, mine, theirs, sealed)


def seal_iin(keyring: Keyring, person_id: UUID, iin: str) -> bytes:
    """The number beside its hash: who has no identity yet is hashed anew from it."""
    return keyring.seal(iin.encode(), iin_context(person_id))


def iin_context(person_id: UUID) -> bytes:
    """What the seal of a claimed number is bound to."""
    return b"iin:" + person_id.bytes


async def resolve(where: Executor, keyring: Keyring, iins: Iterable[str]) -> dict[str, UUID]:
    """The persons of those IIN; who is not known is left out. Works under the registry's role only.

    While the key of persons is changed each is looked for under both.
    """
    hashes = {digest: iin for iin in set(iins) for digest in keyring.person_hashes(iin).values()}
    found = await queries.RESOLVE.all(where, list(hashes))
    return {hashes[claimed.iin_hash]: claimed.person_id for claimed in found}


async def named(where: Executor, keyring: Keyring, iin: str) -> UUID:
    """The person of that IIN, or an id that is nobody's.

    Whoever goes on with it does the same work and finds nothing: that a person is unknown takes as
    long to say as that he is another's (FAULTS 14). Works under the registry's role only.
    """
    found = await resolve(where, keyring, [iin])
    return found.get(iin) or UUID(bytes=keyring.lookup("nobody", iin)[:16], version=4)
