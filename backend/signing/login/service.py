"""Sign in with ECP: a challenge, signed once, opens a session; a bearer token proves it after."""

import asyncio
import base64
import binascii
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.kernel import logs
from backend.kernel.actor import Actor, Role
from backend.kernel.batches import Batches
from backend.kernel.db import Db, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring, SealBroken
from backend.signing.errors import ChallengeInvalid, DocumentMalformed, NoSeat
from backend.signing.evidence import service as evidence
from backend.signing.login import queries, rules
from backend.signing.login.model import (
    Challenge,
    ChallengeRow,
    Family,
    SessionOpened,
    SessionRow,
    SignIn,
)
from backend.signing.model import SignerInfo
from backend.web.limits import Limit, count

CHALLENGE_MINUTES = 5  # issue 3, part 6; ECP.md 3.5
TOKEN_BYTES = 32
# In ten minutes; generous for a large clinic behind one address, and for software that signs in often
CHALLENGES = Limit("login-challenges", 600)  # of one address
TRIES = Limit("login-tries", 600)  # of one address
SIGN_INS = Limit(
    "login-organisation", 300
)  # of one organisation or sole proprietor, as the certificate says
_CACHE_S = 2.0  # a closed session may still be honoured this long by another process
_CACHE_MAX = 20_000

log = logs.get("signing.login")


async def ask_challenge(resources: Resources, address: str) -> Challenge:
    """A challenge for a guest who connects from `address`. Raises TooMany."""
    await count(resources, (CHALLENGES, address))
    return await create_challenge(resources)


async def create_challenge(resources: Resources) -> Challenge:
    """A new challenge of this origin, good once and for CHALLENGE_MINUTES."""
    row = ChallengeRow(
        challenge_id=uuid7(),
        nonce=secrets.token_bytes(32),
        origin=resources.config.public_url,
        expires_at=resources.clock.now() + timedelta(minutes=CHALLENGE_MINUTES),
    )
    await queries.ADD_CHALLENGE.run(
        resources.db.signing, row.challenge_id, row.nonce, row.origin, row.expires_at
    )
    return Challenge(
        challenge_id=row.challenge_id,
        document=base64.b64encode(document_of(row)).decode(),
        expires_at=row.expires_at,
    )


def document_of(row: ChallengeRow) -> bytes:
    """The bytes that are signed: what they are for stands in them, so they serve nothing else."""
    return msgspec.json.encode(
        {
            "operation": "login",
            "challenge_id": str(row.challenge_id),
            "nonce": base64.b64encode(row.nonce).decode(),
            "origin": row.origin,
        }
    )


async def prove(resources: Resources, request: SignIn) -> SignerInfo:
    """Who signed the challenge; the challenge is used up. Raises ChallengeInvalid and as `accept`."""
    db = resources.db.signing
    row = await queries.FIND_CHALLENGE.one(db, request.challenge_id)
    now = resources.clock.now()
    if row is None or row.expires_at <= now or row.origin != resources.config.public_url:
        raise ChallengeInvalid
    try:
        cms = base64.b64decode(request.signature, validate=True)
    except (binascii.Error, ValueError):
        raise DocumentMalformed(path="signature", detail="not base64") from None
    signer = evidence.require_one_signer(await evidence.verify(resources, cms, document_of(row)))
    if not await queries.USE_CHALLENGE.run(db, request.challenge_id, now):
        raise ChallengeInvalid
    return signer


async def sign_in(resources: Resources, request: SignIn, address: str) -> SessionOpened:
    """Open an organisation's session with a signed challenge. Raises NoSeat, TooMany and as `prove`.

    Tries are counted by the address the guest connects from, sign-ins by the number that was proved.
    """
    await count(resources, (TRIES, address))
    signer = await prove(resources, request)
    await count(resources, (SIGN_INS, signer.bin or signer.iin or ""))
    roles = rules.roles_for(resources.config, signer.bin, signer.roles)
    if not roles:
        raise NoSeat
    now = resources.clock.now()
    until = now + timedelta(minutes=resources.config.session_minutes)
    actor = Actor(
        session_id=uuid7(),
        roles=roles,
        bin=signer.bin or signer.iin,
        signer=resources.keyring.lookup("iin", signer.iin) if signer.iin else None,
        sole=signer.bin is None,
    )
    async with resources.db.signing.transaction() as tx:
        token = await open_session(tx, resources.keyring, actor, at=now, until=until)
    return SessionOpened(token=token, roles=sorted(roles), expires_at=until)


def new_token() -> str:
    """What opens a session: 256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


async def open_session(
    tx: Tx,
    keyring: Keyring,
    actor: Actor,
    *,
    at: datetime,
    until: datetime,
    family: Family | None = None,
    token: str | None = None,
) -> str:
    """Store a session and return its bearer token, a new one unless given, which is kept nowhere.

    A sole proprietor's number is an IIN, and is sealed (ADR 0008).
    """
    token = token or new_token()
    sole = None
    if actor.sole:
        sole = keyring.seal((actor.bin or "").encode(), _context(actor.session_id))
    await queries.ADD_SESSION.run(
        tx,
        actor.session_id,
        _digest(token),
        sorted(actor.roles),
        None if actor.sole else actor.bin,
        actor.person_id,
        actor.signer,
        at,
        until,
        sole,
        actor.channel,
        None if actor.scopes is None else sorted(actor.scopes),
        actor.representation_id,
        family and family.family_id,
        family and family.until,
    )
    return token


def _context(session_id: UUID) -> bytes:
    return b"session:" + session_id.bytes


async def close(db: Db, session_id: UUID, *, at: datetime) -> None:
    """Sign out."""
    await queries.CLOSE_SESSION.run(db, session_id, at)
    _recent.forget(session_id)


def forget(session_id: UUID) -> None:
    """What this process remembers of a session that was closed."""
    _recent.forget(session_id)


async def close_channel(db: Db, person_id: UUID, channel: str, *, at: datetime) -> None:
    """Close a person's sessions of one channel that were opened up to `at`."""
    for session_id in await queries.CLOSE_CHANNEL.all(db, person_id, channel, at):
        _recent.forget(session_id)


async def close_representation(
    db: Db, person_id: UUID, representation_id: UUID, *, at: datetime
) -> None:
    """Close the sessions a representative holds about `person_id`."""
    rows = await queries.CLOSE_REPRESENTATION.all(db, person_id, representation_id, at)
    for session_id in rows:
        _recent.forget(session_id)


async def authenticate(resources: Resources, token: str) -> Actor | None:
    """The actor of a bearer token; None when it opens nothing (any more)."""
    if len(token) > 100:
        return None
    digest = _digest(token)
    row = _recent.get(digest)
    if row is None:
        row = await _stored.ask(resources.db.signing, digest)
        if row is None:
            return None
        _recent.put(digest, row)
    if row.expires_at <= resources.clock.now():
        return None
    try:
        number = (
            row.bin
            if row.sole_sealed is None
            else _opened(resources, row.sole_sealed, row.session_id)
        )
    except SealBroken:  # not what was stored: it opens nothing
        log.error("a session is not what was stored")
        return None
    return Actor(
        session_id=row.session_id,
        roles=row.roles,
        bin=number,
        person_id=row.person_id,
        signer=row.signer,
        sole=row.sole_sealed is not None,
        scopes=row.scopes,
        channel=row.channel,
        representation_id=row.representation_id,
    )


def _opened(resources: Resources, sole: bytes, session_id: UUID) -> str:
    return resources.keyring.open(sole, _context(session_id)).decode()


async def _find(db: Db, digests: Sequence[bytes]) -> list[SessionRow | None]:
    found = {row.token_sha256: row for row in await queries.FIND_SESSIONS.all(db, digests)}
    return [found.get(digest) for digest in digests]


_stored = Batches(_find)


async def sweep_challenges(resources: Resources) -> None:
    """Forget challenges that can no longer be signed."""
    horizon = resources.clock.now() - timedelta(hours=1)
    await queries.FORGET_CHALLENGES.run(resources.db.signing, horizon)
    await asyncio.sleep(0)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


class _Recent:
    """Sessions seen in the last _CACHE_S seconds: a burst of requests costs one query.

    Older ones go when the next comes. Kept until others pushed them out, they were tens of thousands of objects for
    the garbage collector to look through, and nobody was answered meanwhile (docs/bench.md).
    """

    def __init__(self) -> None:
        self._rows: OrderedDict[bytes, tuple[float, SessionRow]] = OrderedDict()

    def get(self, digest: bytes) -> SessionRow | None:
        found = self._rows.get(digest)
        if found is None or time.monotonic() - found[0] > _CACHE_S:
            return None
        return found[1]

    def put(self, digest: bytes, row: SessionRow) -> None:
        now = time.monotonic()
        self._rows[digest] = (now, row)
        self._rows.move_to_end(digest)
        while len(self._rows) > _CACHE_MAX or self._oldest() < now - _CACHE_S:
            self._rows.popitem(last=False)

    def _oldest(self) -> float:
        return next(iter(self._rows.values()))[0]

    def forget(self, session_id: UUID) -> None:
        for digest, (_, row) in list(self._rows.items()):
            if row.session_id == session_id:
                del self._rows[digest]


_recent = _Recent()

__all__ = [
    "Role",
    "ask_challenge",
    "authenticate",
    "close",
    "close_channel",
    "close_representation",
    "create_challenge",
    "forget",
    "new_token",
    "open_session",
    "prove",
    "sign_in",
    "sweep_challenges",
]
