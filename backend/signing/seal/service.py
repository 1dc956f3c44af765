"""The seals of the registrar and of the issuer: what the system itself signs.

CMS with the first key of the owner's list (the NCA's GOST key, as a rule), PDF with its first RSA
key. Keys are opened once for a process; a token signs inside itself.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from backend.kernel import logs
from backend.kernel.config import Config
from backend.signing.algorithm import backend
from backend.signing.cms import build
from backend.signing.cms.build import Signer
from backend.signing.model import Code, Verification
from backend.signing.seal import pades
from backend.signing.seal.errors import SealMissing
from backend.signing.seal.source import SealKey, SourceUnusable, open_key, read_secret
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_cms

Stamp = Callable[[bytes], bytes]

log = logs.get("signing.seal")


class Owner(StrEnum):
    """Whose seal."""

    REGISTRAR = "registrar"
    ISSUER = "issuer"


async def seal(
    config: Config,
    owner: Owner,
    document: bytes,
    at: datetime,
    *,
    detached: bool = True,
    stamp: Stamp | None = None,
) -> bytes:
    """CMS over `document` by the owner's seal, at an instant in UTC; the event loop stays free.

    `stamp` makes an RFC 3161 token over the signature; it is called in a thread and may wait.
    Raises SealMissing.
    """
    held = _first(config, owner, None)
    signer = Signer(held.key, held.certificate, at)
    return await asyncio.to_thread(
        build.sign, document, [signer], detached=detached, certificates=held.above[:1], stamp=stamp
    )


async def seal_pdf(
    config: Config,
    owner: Owner,
    document: bytes,
    at: datetime,
    *,
    reason: str,
    stamp: Stamp | None = None,
) -> bytes:
    """The PDF with the owner's PAdES signature: B-B, or B-T with a `stamp`.

    Raises SealMissing when the owner has no RSA key, PdfUnfit.
    """
    held = _first(config, owner, backend.RSA)
    signer = Signer(held.key, held.certificate, at)
    return await asyncio.to_thread(
        pades.sign, document, signer, certificates=held.above[:1], reason=reason, stamp=stamp
    )


def require_usable(config: Config, at: datetime) -> None:
    """Open every configured seal and try it, when a process starts.

    Raises SourceUnusable for a key that cannot be opened, one that the configured trust does not
    accept, or one of another organisation. A seal out of its time is only logged: the service has
    more to do than to seal.
    """
    trust = TrustStore.load(config.trust)
    for owner in Owner:
        expected = getattr(config, f"{owner}_bin")
        for held in _opened(config, owner):
            found = _tried(held, trust, at)
            if found.code is Code.EXPIRED:
                log.warning("seal out of its time", owner=owner)
            elif found.code is not Code.OK:
                raise SourceUnusable(f"the {owner}'s seal is not accepted: {found.code}")
            if expected and found.signers[0].bin != expected:
                raise SourceUnusable(f"the {owner}'s seal is another organisation's")


def _tried(held: SealKey, trust: TrustStore, at: datetime) -> Verification:
    probe = b"saqtau seal"
    cms = build.sign(probe, [Signer(held.key, held.certificate, at)], certificates=held.above)
    return verify_cms(cms, probe, trust, at, None, revocation_required=False)


def _first(config: Config, owner: Owner, algorithm: str | None) -> SealKey:
    for held in _opened(config, owner):
        if algorithm in (None, held.key.algorithm):
            return held
    raise SealMissing(owner=owner.value)


def _opened(config: Config, owner: Owner) -> tuple[SealKey, ...]:
    password = getattr(config, f"seal_{owner}_password")
    file = getattr(config, f"seal_{owner}_password_file")
    return _open(getattr(config, f"seal_{owner}"), password, file)


@lru_cache(maxsize=4)
def _open(places: str, password: str, password_file: str) -> tuple[SealKey, ...]:
    if password_file:
        password = read_secret(password_file)
    named = [place.strip() for place in places.split(",")]
    return tuple(open_key(place, password) for place in named if place)
