"""The text inside a QR code: `SQ1.<payload>.<signature>`, both base64url without padding. Pure.

`SQ1` is the facility's code: Ed25519 over the prefix and the payload, so that a clinic verifies it
offline with the published keys. `SP2` is the citizen's own: HMAC, for we alone make and check it; it
serves any clinic, or one facility alone when it was made for that.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from backend.kernel.elapsed import MACHINE_BYTES, Reading
from backend.visits.code.errors import ExpiredCode, ForeignCode, ForgedCode
from backend.visits.code.model import CodePayload, PersonalPayload

FACILITY_PREFIX = "SQ1"
PERSONAL_PREFIX = "SP2"
CODE_MAX = 200  # characters; ours have 142 and 134
PERSONAL_LIFE = timedelta(seconds=60)  # FAULTS 27
NONCE_BYTES = 12
_FACILITY = struct.Struct(">16s16sHI")  # code, facility, key number, days since 1970-01-01
# person, facility (zeros: any), milliseconds since 1970, the machine and its milliseconds, nonce
_PERSONAL = struct.Struct(f">16s16sQ{MACHINE_BYTES}sQ{NONCE_BYTES}s")
_ANYWHERE = UUID(int=0)
_EARLY = timedelta(seconds=1)  # two machines' clocks differ a little
_EPOCH_DAY = date(1970, 1, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def sign_facility(payload: CodePayload, key: Ed25519PrivateKey) -> str:
    """The text of a facility's code."""
    raw = _FACILITY.pack(
        payload.code_id.bytes,
        payload.facility_id.bytes,
        payload.key_number,
        (payload.issued_on - _EPOCH_DAY).days,
    )
    return _text(FACILITY_PREFIX, raw, key.sign(_signed_bytes(FACILITY_PREFIX, raw)))


def read_facility(text: str) -> tuple[CodePayload, bytes, bytes]:
    """What a facility's code says, the bytes signed, the signature. Nothing is verified yet.

    Raises ForeignCode for a text that is not of this service, ForgedCode for one that pretends.
    """
    raw, signature = _parts(text, FACILITY_PREFIX, _FACILITY.size, 64)
    code, facility, number, day = _FACILITY.unpack(raw)
    try:
        issued_on = _EPOCH_DAY + timedelta(days=day)
    except OverflowError:
        raise ForgedCode(path="code") from None
    payload = CodePayload(UUID(bytes=code), UUID(bytes=facility), number, issued_on)
    return payload, _signed_bytes(FACILITY_PREFIX, raw), signature


def require_signed(signed: bytes, signature: bytes, public_key: bytes) -> None:
    """Raise ForgedCode unless `public_key` signed exactly these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except InvalidSignature:
        raise ForgedCode(path="code") from None


def make_personal(payload: PersonalPayload, key: bytes) -> str:
    """The text of a citizen's own code."""
    raw = _PERSONAL.pack(
        payload.person_id.bytes,
        (payload.facility_id or _ANYWHERE).bytes,
        (payload.issued_at - _EPOCH) // timedelta(milliseconds=1),
        payload.made.machine,
        payload.made.ms,
        payload.nonce,
    )
    return _text(PERSONAL_PREFIX, raw, _mac(raw, key))


def read_personal(
    text: str, key: bytes, *, at: datetime, elapsed: Reading | None = None
) -> PersonalPayload:
    """What a citizen's own code says, once its MAC and its age at `at` are right.

    `elapsed` is the machine's own time: with it a code does not live again when the clock is set back.
    Raises ForeignCode, ForgedCode, ExpiredCode (also for a code of the future).
    """
    raw, mac = _parts(text, PERSONAL_PREFIX, _PERSONAL.size, 32)
    if not hmac.compare_digest(mac, _mac(raw, key)):
        raise ForgedCode(path="code")
    person, facility, milliseconds, machine, made_ms, nonce = _PERSONAL.unpack(raw)
    issued_at = _EPOCH + timedelta(milliseconds=milliseconds)
    made = Reading(machine, made_ms)
    lived_ms = None if elapsed is None else elapsed.since(made)
    if not issued_at - _EARLY <= at <= issued_at + PERSONAL_LIFE or (
        lived_ms is not None and timedelta(milliseconds=lived_ms) > PERSONAL_LIFE + _EARLY
    ):
        raise ExpiredCode(path="code")
    bound = UUID(bytes=facility)
    return PersonalPayload(
        UUID(bytes=person), issued_at, made, nonce, None if bound == _ANYWHERE else bound
    )


def _mac(raw: bytes, key: bytes) -> bytes:
    return hmac.digest(key, _signed_bytes(PERSONAL_PREFIX, raw), hashlib.sha256)


def _signed_bytes(prefix: str, raw: bytes) -> bytes:
    return prefix.encode() + b"." + raw


def _text(prefix: str, raw: bytes, seal: bytes) -> str:
    return f"{prefix}.{_encode(raw)}.{_encode(seal)}"


def _parts(text: str, prefix: str, payload_size: int, seal_size: int) -> tuple[bytes, bytes]:
    head, _, rest = text.partition(".")
    if head != prefix or len(text) > CODE_MAX:
        raise ForeignCode(path="code")
    first, _, second = rest.partition(".")
    raw, seal = _decode(first), _decode(second)
    if len(raw) != payload_size or len(seal) != seal_size:
        raise ForgedCode(path="code")
    return raw, seal


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    """Strictly: one text for one value, or a code could be written in two ways."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ForgedCode(path="code") from None
    if _encode(raw) != text:
        raise ForgedCode(path="code")
    return raw
