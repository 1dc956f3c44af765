"""Issue, rotate and verify codes."""

import base64
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID
from weakref import WeakKeyDictionary

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.kernel import elapsed, events
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db, Executor, Tx
from backend.kernel.ids import uuid7
from backend.kernel.sealing import Keyring
from backend.registry.account import service as accounts
from backend.registry.consent import service as consents
from backend.registry.consent.model import Purpose
from backend.registry.facility import service as facilities
from backend.visits.code import queries, rules, words
from backend.visits.code.errors import (
    FacilityNotFound,
    FacilityShut,
    ForgedCode,
    NotProduction,
)
from backend.visits.code.events import FacilityCodeIssued, FacilityCodeRevoked, QrKeyRotated
from backend.visits.code.model import (
    CodePayload,
    FacilityCode,
    KeyRow,
    OwnFacility,
    PersonalCode,
    PersonalPayload,
    PublicKey,
    StoredCode,
)
from backend.web import paper
from backend.web.paper import qr

VERIFIED_MAX = 50_000  # texts; some 20 MB at the worst, and more than the country's facilities
DRAWN_MAX = 512  # pictures of codes on walls, some 10 kB each
CLOSED_AT_ONCE = 500
_PERSONAL_KEY_LIFE = timedelta(hours=1)


async def issue(
    db: Db, keyring: Keyring, clock: Clock, actor: Actor, facility_id: UUID
) -> FacilityCode:
    """Give a production facility a new code; the one before is revoked at the same instant (M §6(5)).

    Raises FacilityNotFound (also for another executor's), NotProduction, FacilityShut, AccountNotOpen.
    """
    now = clock.now()
    async with db.transaction() as tx:
        facility = await require_own(tx, actor, facility_id)
        if not facility.production:
            raise NotProduction
        if facility.closed_on is not None and facility.closed_on <= legal_date(now):
            raise FacilityShut(closed_on=facility.closed_on.isoformat())
        await accounts.require_open_executor(tx, actor.bin or "")
        key_number, private = await _signing_key(tx, keyring, now)
        await queries.LOCK_FACILITY.run(tx, facility_id)
        payload = CodePayload(uuid7(), facility_id, key_number, legal_date(now))
        text = rules.sign_facility(payload, private)
        await queries.REVOKE.one(tx, facility_id, now)
        await queries.ADD.run(tx, payload.code_id, facility_id, key_number, text, now)
        await accounts.mark_qr(tx, facility_id, at=now)
        await events.append(
            tx,
            FacilityCodeIssued(facility_id, facility.organisation_id, payload.code_id),
            by=actor,
            at=now,
        )
    return _shown(StoredCode(payload.code_id, facility_id, text, now))


async def revoke(db: Db, clock: Clock, actor: Actor, facility_id: UUID) -> None:
    """Withdraw the live code of an own facility without a new one: a poster was stolen, or the door is shut.

    The facility is without a code again (M §6(5)). Raises FacilityNotFound, also when there is none.
    """
    now = clock.now()
    async with db.transaction() as tx:
        facility = await require_own(tx, actor, facility_id)
        await queries.LOCK_FACILITY.run(tx, facility_id)
        code_id = await queries.REVOKE.one(tx, facility_id, now)
        if code_id is None:
            raise FacilityNotFound
        await accounts.unmark_qr(tx, facility_id)
        told = FacilityCodeRevoked(facility_id, facility.organisation_id, code_id, closed=False)
        await events.append(tx, told, by=actor, at=now)


async def revoke_closed(db: Db, clock: Clock) -> int:
    """Revoke the codes of facilities whose last day is over; how many. The sweep."""
    now = clock.now()
    today = legal_date(now)
    if not await queries.HAS_CLOSED.get(db, today):
        return 0
    async with db.transaction() as tx:
        ended = await queries.REVOKE_CLOSED.all(tx, now, today, CLOSED_AT_ONCE)
        told = [
            FacilityCodeRevoked(c.facility_id, c.organisation_id, c.code_id, closed=True)
            for c in ended
        ]
        await events.append_many(tx, told, by=SYSTEM, at=now)
    return len(ended)


async def poster(db: Db, clock: Clock, actor: Actor, facility_id: UUID) -> bytes:
    """The live code as a poster for the wall, PDF/A. Raises FacilityNotFound, FacilityShut."""
    await require_own(db, actor, facility_id)
    stored = await queries.LIVE.one(db, facility_id)
    facility = await facilities.find(db, facility_id)
    if stored is None or facility is None:
        raise FacilityNotFound
    if facility.closed_on is not None and facility.closed_on <= legal_date(clock.now()):
        raise FacilityShut(closed_on=facility.closed_on.isoformat())
    page = words.poster(facility, stored, _drawn(stored.code))
    return await paper.pdf(words.POSTER, page, at=stored.issued_at)


async def live(db: Db, actor: Actor, facility_id: UUID) -> FacilityCode:
    """The code on the wall now. Raises FacilityNotFound when there is none of this executor."""
    await require_own(db, actor, facility_id)
    stored = await queries.LIVE.one(db, facility_id)
    if stored is None:
        raise FacilityNotFound
    return _shown(stored)


async def require_own(where: Executor, actor: Actor, facility_id: UUID) -> OwnFacility:
    """The facility, when it is the actor's organisation's. Raises FacilityNotFound."""
    facility = await queries.OWN_FACILITY.one(where, facility_id, actor.bin)
    if facility is None:
        raise FacilityNotFound
    return facility


# --- keys ---------------------------------------------------------------------------------------


async def public_keys(db: Db) -> list[PublicKey]:
    """Every key that has signed codes, the retired ones too: their codes live until revoked."""
    return [_published(row) for row in await queries.KEYS.all(db)]


def _published(row: KeyRow) -> PublicKey:
    return PublicKey(
        key_number=row.key_number,
        algorithm="Ed25519",
        public_key=base64.b64encode(row.public_key).decode(),
        created_at=row.created_at,
        retired_at=row.retired_at,
    )


async def rotate_key(db: Db, keyring: Keyring, clock: Clock, actor: Actor) -> PublicKey:
    """Sign with a new key from now on. Codes of the old keys stay good until they are replaced."""
    now = clock.now()
    async with db.transaction() as tx:
        await queries.LOCK_KEYS.run(tx)
        await queries.RETIRE_KEYS.run(tx, now)
        row = await _add_key(tx, keyring, now)
        await events.append(tx, QrKeyRotated(uuid7(), row.key_number), by=actor, at=now)
    return _published(row)


async def _signing_key(tx: Tx, keyring: Keyring, now: datetime) -> tuple[int, Ed25519PrivateKey]:
    row = await queries.SIGNING_KEY.one(tx)
    if row is None:
        await queries.LOCK_KEYS.run(tx)
        row = await queries.SIGNING_KEY.one(tx) or await _add_key(tx, keyring, now)
    raw = keyring.open(row.private_sealed, _context(row.key_number))
    return row.key_number, Ed25519PrivateKey.from_private_bytes(raw)


async def _add_key(tx: Tx, keyring: Keyring, now: datetime) -> KeyRow:
    number = await queries.LAST_KEY_NUMBER.get(tx) + 1
    private = Ed25519PrivateKey.generate()
    sealed = keyring.seal(private.private_bytes_raw(), _context(number))
    public = private.public_key().public_bytes_raw()
    await queries.ADD_KEY.run(tx, number, public, sealed, now)
    return KeyRow(number, public, sealed, now, None)


def _context(key_number: int) -> bytes:
    return f"visits.qr_key:{key_number}".encode()


# --- verification -------------------------------------------------------------------------------


class _Book:
    """What this process has verified: public keys by number, good codes by text, newest kept."""

    def __init__(self) -> None:
        self.keys: dict[int, bytes] = {}
        self.good: OrderedDict[str, CodePayload] = OrderedDict()


_books: WeakKeyDictionary[Db, _Book] = WeakKeyDictionary()


async def verify(db: Db, text: str) -> CodePayload:
    """What a facility's code says, if one of our keys signed it. Whether it lives is not asked.

    A signature is checked once per process and text (~60 us each). Raises ForeignCode, ForgedCode.
    """
    book = _books.setdefault(db, _Book())
    known = book.good.get(text)
    if known is not None:
        book.good.move_to_end(text)
        return known
    payload, signed, signature = rules.read_facility(text)
    public_key = book.keys.get(payload.key_number)
    if public_key is None:
        public_key = await queries.PUBLIC_KEY.one(db, payload.key_number)
        if public_key is None:
            raise ForgedCode(path="code")
        book.keys[payload.key_number] = public_key
    rules.require_signed(signed, signature, public_key)
    book.good[text] = payload
    if len(book.good) > VERIFIED_MAX:
        book.good.popitem(last=False)
    return payload


# --- the citizen's own code -----------------------------------------------------------------------


async def personal(
    db: Db, keyring: Keyring, clock: Clock, actor: Actor, facility_id: UUID | None = None
) -> PersonalCode:
    """A code for the asking citizen to show at a desk: once, within a minute (FAULTS 27).

    With `facility_id` that facility alone can use it. Raises ConsentWithdrawnByPerson,
    FacilityNotFound.
    """
    assert actor.person_id is not None, "guarded: citizens only"
    now = clock.now()
    await consents.require(db, actor.person_id, Purpose.QR_VISITS, now)
    if facility_id is not None and await facilities.find(db, facility_id) is None:
        raise FacilityNotFound(path="facility_id")
    nonce = secrets.token_bytes(rules.NONCE_BYTES)
    payload = PersonalPayload(actor.person_id, now, elapsed.now(), nonce, facility_id)
    text = rules.make_personal(payload, _personal_key(keyring, now))
    return PersonalCode(text, qr.svg(text), now + rules.PERSONAL_LIFE)


def verify_personal(keyring: Keyring, clock: Clock, text: str) -> PersonalPayload:
    """Whose code it is, now. Raises ForeignCode, ForgedCode, ExpiredCode; nothing is claimed yet."""
    return _read_personal(keyring, text, clock.now(), elapsed.now())


def verify_scanned(keyring: Keyring, text: str, scanned_at: datetime) -> PersonalPayload:
    """Whose code it was when a device without a network scanned it, by the device's clock.

    Raises ForeignCode, ForgedCode, ExpiredCode.
    """
    return _read_personal(keyring, text, scanned_at, None)


def _read_personal(
    keyring: Keyring, text: str, at: datetime, machine: elapsed.Reading | None
) -> PersonalPayload:
    try:
        return rules.read_personal(text, _personal_key(keyring, at), at=at, elapsed=machine)
    except ForgedCode:  # it may be of the hour just gone
        key = _personal_key(keyring, at - rules.PERSONAL_LIFE)
        return rules.read_personal(text, key, at=at, elapsed=machine)


def _personal_key(keyring: Keyring, at: datetime) -> bytes:
    """The MAC key of one hour."""
    hour = int(at.timestamp() // _PERSONAL_KEY_LIFE.total_seconds())
    return keyring.lookup("personal-qr", str(hour))


def _shown(stored: StoredCode) -> FacilityCode:
    return FacilityCode(
        stored.code_id, stored.facility_id, stored.code, _drawn(stored.code), stored.issued_at
    )


@lru_cache(maxsize=DRAWN_MAX)
def _drawn(text: str) -> str:
    """The picture of a code that is shown again and again; drawing takes milliseconds."""
    return qr.svg(text)
