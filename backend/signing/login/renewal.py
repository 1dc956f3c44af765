"""A session's token anew, by a word that serves once (docs/adr/0021).

A word that comes a second time was copied: the whole family of tokens ends, and whoever has stolen one holds
nothing. Only what a client may honestly send twice, because our answer was lost, gets the same answer for
some seconds: the next token and word follow from the word and a key of ours, so that neither is kept.
"""

import base64
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from backend.kernel import events, logs
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.db import Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.signing.errors import RenewalRefused
from backend.signing.events import SessionFamilyEnded
from backend.signing.login import queries, service
from backend.signing.login.model import Family, RenewalRow, Renewed

LOST_ANSWER: Final = timedelta(seconds=10)  # [ENG] how long the same word gets the same answer
WORD_MAX: Final = 100
log = logs.get("signing.login")


async def start(
    tx: Tx, keyring: Keyring, actor: Actor, *, at: datetime, until: datetime, family_until: datetime
) -> tuple[str, str]:
    """Open the first session of a family, in the transaction that proved the person: token and word."""
    family = Family(actor.session_id, family_until)
    token = await service.open_session(tx, keyring, actor, at=at, until=until, family=family)
    word = service.new_token()
    await queries.ADD_RENEWAL.run(tx, _digest(word), actor.session_id)
    return token, word


async def renew(resources: Resources, word: str, life: timedelta) -> Renewed:
    """The next token and word of a family; the one before is closed. Raises RenewalRefused.

    Unknown, used, signed out, withdrawn and over are refused alike.
    """
    if len(word) > WORD_MAX:
        raise RenewalRefused
    now, stolen = resources.clock.now(), False
    async with resources.db.signing.transaction() as tx:
        row = await queries.FIND_RENEWAL.one(tx, _digest(word))
        if row is None:
            raise RenewalRefused
        if row.used_at is not None:
            renewed = await _again(resources, tx, row, word, now)
            if renewed is not None:
                return renewed
            stolen = await _end(tx, row.family_id, now)
        elif row.closed_at is None and row.family_until > now:
            return await _next(resources, tx, row, word, now, life)
    if stolen:  # the family's end is kept, whatever is answered
        log.warning("a renewal came twice: its sessions are ended", family_id=str(row.family_id))
    raise RenewalRefused


async def _next(
    resources: Resources, tx: Tx, row: RenewalRow, word: str, now: datetime, life: timedelta
) -> Renewed:
    until = min(now + life, row.family_until)
    token, following = _derived(resources.keyring, word)
    actor = Actor(
        uuid7(),
        row.roles,
        person_id=row.person_id,
        signer=row.signer,
        scopes=row.scopes,
        channel=row.channel,
    )
    await queries.USE_RENEWAL.run(tx, _digest(word), now)
    await queries.CLOSE_SESSION.run(tx, row.session_id, now)
    family = Family(row.family_id, row.family_until)
    await service.open_session(
        tx, resources.keyring, actor, at=now, until=until, family=family, token=token
    )
    await queries.ADD_RENEWAL.run(tx, _digest(following), actor.session_id)
    return Renewed(token, until, following, row.family_until, sorted(row.scopes or ()))


async def _again(
    resources: Resources, tx: Tx, row: RenewalRow, word: str, now: datetime
) -> Renewed | None:
    """The same answer once more, while it may have been lost and nothing was made of it yet."""
    if row.used_at is None or now - row.used_at > LOST_ANSWER:
        return None
    token, following = _derived(resources.keyring, word)
    held = await queries.FIND_SESSIONS.all(tx, [_digest(token)])
    if not held:
        return None
    return Renewed(token, held[0].expires_at, following, row.family_until, sorted(row.scopes or ()))


async def _end(tx: Tx, family_id: UUID, now: datetime) -> bool:
    closed = await queries.CLOSE_FAMILY.all(tx, family_id, now)
    for session_id in closed:
        service.forget(session_id)
    if closed:
        await events.append(tx, SessionFamilyEnded(family_id), by=SYSTEM, at=now)
    return bool(closed)


def _derived(keyring: Keyring, word: str) -> tuple[str, str]:
    token, following = (keyring.lookup(kind, word) for kind in ("session-token", "session-word"))
    return _text(token), _text(following)


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _digest(word: str) -> bytes:
    return sha256(word.encode("utf-8", "replace")).digest()
