"""Use cases of photographs: hand one in, know one, fetch its octets."""

import asyncio
import hashlib
from pathlib import Path
from typing import Final
from uuid import UUID

from backend.kernel import logs
from backend.kernel.actor import Actor
from backend.kernel.config import Config
from backend.kernel.db import Executor
from backend.kernel.objects import ObjectMissing, ObjectStore
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.photograph import queries, rules
from backend.registry.photograph.errors import (
    PhotoNotUploaded,
    PhotoStoreUnavailable,
    TooManyPhotographs,
)
from backend.registry.photograph.model import Photograph, Picture

KEPT_MAX: Final = 2_000  # photographs of one organisation [ENG]
# Decoded pictures are large: so many at a time in one process, the others wait.
_DECODING = asyncio.Semaphore(2)
log = logs.get("photographs")


async def hand_in(resources: Resources, actor: Actor, file: bytes) -> Photograph:
    """Judge the file, write its picture anew, keep it (M §6(4)). The same file again is the same one.

    Raises AccountNotOpen, AccountBlocked, PhotoTooLarge, PhotoTooSmall, PhotoUnreadable,
    TooManyPhotographs, PhotoStoreUnavailable.
    """
    db, now = resources.db.registry, resources.clock.now()
    executor = await accounts.require_open_executor(db, actor.bin or "")
    organisation_id, handed_in = executor.organisation_id, hashlib.sha256(file).digest()
    known = await queries.HANDED_IN.one(db, organisation_id, handed_in)
    if known is not None:
        return known
    if await queries.KEPT.get(db, organisation_id) >= KEPT_MAX:
        raise TooManyPhotographs(most=KEPT_MAX)
    picture = await written_anew(file)
    try:
        sha256 = await asyncio.to_thread(_store(resources.config).put, picture.jpeg)
    except OSError as e:
        log.error("a photograph was not kept", error=type(e).__name__)
        raise PhotoStoreUnavailable from None
    async with db.transaction() as tx:
        await queries.ADD.run(
            tx,
            organisation_id,
            sha256,
            handed_in,
            len(picture.jpeg),
            picture.width,
            picture.height,
            now,
        )
        return await queries.FIND.get(tx, organisation_id, sha256)


async def written_anew(file: bytes) -> Picture:
    """The picture of a file somebody handed in, and nothing else of it; a few at a time.

    Raises PhotoTooLarge, PhotoTooSmall, PhotoUnreadable.
    """
    async with _DECODING:
        return await asyncio.to_thread(rules.written_anew, file)


async def require_own(where: Executor, organisation_id: UUID, sha256: str, path: str) -> None:
    """The organisation has handed in that photograph. Raises PhotoNotUploaded."""
    if await queries.FIND.one(where, organisation_id, bytes.fromhex(sha256)) is None:
        raise PhotoNotUploaded(path=path)


async def octets(config: Config, sha256: str) -> bytes:
    """The JPEG of that hash. Raises PhotoStoreUnavailable when the file is gone or was touched."""
    try:
        return await asyncio.to_thread(_store(config).get, bytes.fromhex(sha256))
    except ObjectMissing:
        log.error("a photograph is not where it was kept", sha256=sha256)
        raise PhotoStoreUnavailable from None


def _store(config: Config) -> ObjectStore:
    if not config.object_dir:
        raise PhotoStoreUnavailable
    return ObjectStore(Path(config.object_dir))
