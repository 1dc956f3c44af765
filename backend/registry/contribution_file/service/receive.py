"""Getting a file whole: by fetching it in pieces, or from a request."""

import base64
import binascii
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from backend.kernel import events, jobs
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.db import Db, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.contribution_file.errors import FileDiffers, FileHashMismatch
from backend.registry.contribution_file.events import ContributionFileDiffers
from backend.registry.contribution_file.model import Channel, FileReport, FileStatus, PostFile
from backend.registry.contribution_file.queries import file as files
from backend.sources.state_corporation import service as corporation
from backend.sources.state_corporation.model import PIECE, ListedFile

FETCH_JOB: Final = "registry.fetch_contribution_files"
TAKE_JOB: Final = "registry.take_contribution_file"
ASK_EVERY: Final = timedelta(minutes=10)


async def ask_if_due(resources: Resources) -> None:
    """When it is due, queue the look at the list of files, and again what a worker gave up."""
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        if not await files.ASK_NOW.one(tx, now, now - ASK_EVERY):
            return
        if resources.config.state_corporation_url:
            await jobs.enqueue(tx, FETCH_JOB, {}, dedupe_key=FETCH_JOB)
        for file_id in await files.UNFINISHED.all(tx, now - ASK_EVERY):
            await enqueue(tx, file_id)


async def fetch(resources: Resources) -> None:
    """Fetch what lies ready and is not here yet; what broke off is gone on with where it broke.

    Raises SourceUnavailable, ListNotTrusted: the job is tried again.
    """
    for listed in await corporation.ready(resources):
        file_id = await _announced(resources, listed)
        if file_id is not None:
            await _fetch_rest(resources, file_id)


async def post(resources: Resources, actor: Actor, command: PostFile) -> FileReport:
    """Take a file handed in; the same file again shows how far it is.

    Raises FileHashMismatch, FileDiffers.
    """
    try:
        raw = base64.b64decode(command.content, validate=True)
    except (binascii.Error, ValueError):
        raise FileHashMismatch(path="content") from None
    digest = sha256(raw).digest()
    if digest.hex() != command.sha256:
        raise FileHashMismatch(path="sha256")
    source, now, file_id = actor.bin or actor.label, resources.clock.now(), uuid7()
    async with resources.db.registry.transaction() as tx:
        opened = await files.OPEN.one(
            tx, file_id, source, command.name, command.format, Channel.POSTED, len(raw), digest, now
        )
        if opened is None:
            known = await files.SAME.one(tx, source, digest)
            if known is None:
                raise FileDiffers(path="name")
            return await files.FIND.get(tx, known, source)
        for start in range(0, len(raw), PIECE):
            await _keep(tx, resources, file_id, start, raw[start : start + PIECE])
        return await files.FIND.get(tx, file_id, source)


async def _announced(resources: Resources, listed: ListedFile) -> UUID | None:
    """The file's id while pieces of it are missing; None when there is nothing to fetch."""
    source, now = resources.config.state_corporation_bin, resources.clock.now()
    digest = bytes.fromhex(listed.sha256)
    async with resources.db.registry.transaction() as tx:
        file_id = await files.OPEN.one(
            tx,
            uuid7(),
            source,
            listed.name,
            listed.format,
            Channel.FETCHED,
            listed.bytes,
            digest,
            now,
        )
        if file_id is not None:
            return file_id
        known = await files.KNOWN.get(tx, source, listed.name, digest)
        file = await files.WORK.get(tx, known)
        if file.sha256 != digest:
            if file.name == listed.name:
                await events.append(tx, ContributionFileDiffers(known), by=SYSTEM, at=now)
            return None
        return known if file.status is FileStatus.RECEIVING else None


async def _fetch_rest(resources: Resources, file_id: UUID) -> None:
    """Fetch piece by piece, each kept by a transaction of its own."""
    db = resources.db.registry
    while True:
        file = await _state(db, file_id)
        if file.status is not FileStatus.RECEIVING:
            return
        size = min(PIECE, file.bytes - file.received)
        piece = await corporation.piece(
            resources.http, resources.config, file.name, file.received, size
        )
        async with db.transaction() as tx:
            await _keep(tx, resources, file_id, file.received, piece)


async def _state(db: Db, file_id: UUID) -> FileReport:
    return await files.FIND.get(db, file_id, None)


async def _keep(tx: Tx, resources: Resources, file_id: UUID, start: int, piece: bytes) -> None:
    """Keep a piece, sealed; the last one lets a worker take the file."""
    sealed = resources.keyring.seal(piece, file_id.bytes + start.to_bytes(8, "big"))
    await files.KEEP_PIECE.run(tx, file_id, start, sealed)
    end = start + len(piece)
    await files.RECEIVED.one(tx, file_id, start, end)
    file = await files.WORK.get(tx, file_id)
    if file.status is FileStatus.STAGING:
        await enqueue(tx, file_id)


async def enqueue(tx: Tx, file_id: UUID) -> None:
    """Let a worker go on with the file; it is queued once at a time."""
    await jobs.enqueue(tx, TAKE_JOB, {"file_id": str(file_id)}, dedupe_key=f"{TAKE_JOB}:{file_id}")
