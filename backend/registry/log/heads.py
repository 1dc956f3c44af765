"""Keys of the log, and the heads they sign."""

from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.kernel import logs
from backend.kernel.db import Executor
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.registry.log import queries, rules, tree
from backend.registry.log.errors import HeadUnknown
from backend.registry.log.model import KeyRow, LogKey, SignedHead, TreeHead
from backend.signing.seal import service as seal
from backend.signing.seal.errors import SealMissing
from backend.web import paging

SIGN_EVERY = timedelta(hours=1)
# A document that waits for its proof has a head signed sooner.
SIGN_SOON = timedelta(minutes=10)

log = logs.get("registry.log")


async def last(where: Executor) -> SignedHead:
    """The newest head. Raises HeadUnknown."""
    head = await queries.LAST_HEAD.one(where)
    if head is None:
        raise HeadUnknown
    return rules.published(head)


async def listed(where: Executor, cursor: str | None, limit: int) -> paging.Page[SignedHead]:
    """The heads in order, the first first: who keeps them reads on from where he was."""
    after = paging.decode_int(cursor) or 0
    found = await queries.HEADS_AFTER.all(where, after, limit + 1)
    return paging.page([rules.published(head) for head in found], limit, lambda h: h.number)


async def over(where: Executor, leaf_index: int) -> TreeHead | None:
    """The first head over a leaf; None while there is none."""
    return await queries.HEAD_OVER.one(where, leaf_index)


async def sign(resources: Resources, *, every: timedelta = SIGN_EVERY) -> SignedHead | None:
    """Sign a head over what has its place, when the last is as old as `every`; None when not due.

    Raises SealBroken when the key cannot be opened: operations go on without heads.
    """
    db, now = resources.db.registry, rules.to_milliseconds(resources.clock.now())
    last_head = await queries.LAST_HEAD.one(db)
    if last_head is not None and now - last_head.at < every:
        return None
    await signing_key(resources)
    async with db.transaction() as tx:
        if not await queries.TRY_SIGNER.get(tx):
            return None
        before = await queries.LAST_HEAD.one(tx)
        if before is not None and now - before.at < every:
            return None
        key = await queries.SIGNING_KEY.get(tx)
        size = await queries.TREE_SIZE.get(tx)
        head = TreeHead(
            number=before.number + 1 if before else 1,
            tree_size=size,
            root=await tree.root(tx, size),
            at=now,
            previous=rules.head_hash(before) if before else rules.FIRST_PREVIOUS,
            key_number=key.key_number,
        )
        signature = rules.sign(rules.head_octets(head), private_half(resources.keyring, key))
        await queries.ADD_HEAD.run(
            tx,
            head.number,
            head.tree_size,
            head.root,
            head.at,
            head.previous,
            head.key_number,
            signature,
        )
    return await last(db)


# --- keys ---------------------------------------------------------------------------------------


async def public_keys(where: Executor) -> list[LogKey]:
    """Every key that has signed, the retired ones too: what they signed stands."""
    return [rules.public_half(row) for row in await queries.KEYS.all(where)]


async def signing_key(resources: Resources) -> KeyRow:
    """The key that signs now; the first is made when none is."""
    db = resources.db.registry
    found = await queries.SIGNING_KEY.one(db)
    if found is None:
        await rotate_key(resources, only_first=True)
        found = await queries.SIGNING_KEY.get(db)
    return found


async def rotate_key(resources: Resources, *, only_first: bool = False) -> None:
    """Sign with a new key from now on. The registrar's seal vouches for it, where one is set up."""
    db, now = resources.db.registry, rules.to_milliseconds(resources.clock.now())
    number = await queries.LAST_KEY_NUMBER.get(db) + 1
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    endorsement = await _endorsed(resources, rules.key_statement(number, public, now), now)
    sealed = resources.keyring.seal(private.private_bytes_raw(), _context(number))
    async with db.transaction() as tx:
        await queries.LOCK_KEYS.run(tx)
        if await queries.LAST_KEY_NUMBER.get(tx) + 1 != number or (only_first and number > 1):
            return
        await queries.RETIRE_KEY.run(tx, now)
        await queries.ADD_KEY.run(tx, number, public, sealed, endorsement, now)


async def _endorsed(resources: Resources, statement: bytes, at: datetime) -> bytes | None:
    try:
        return await seal.seal(resources.config, seal.Owner.REGISTRAR, statement, at)
    except SealMissing:
        return None


def private_half(keyring: Keyring, key: KeyRow) -> bytes:
    """The private key. Raises SealBroken when it was sealed under a secret that is gone."""
    return keyring.open(key.private_sealed, _context(key.key_number))


def _context(key_number: int) -> bytes:
    return f"registry.log_key:{key_number}".encode()
