"""Use cases of files: received in pieces, weighed whole, applied in chunks, each row once."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID
from zlib import crc32

import msgspec

from backend.kernel import events, jobs
from backend.kernel.actor import SYSTEM, Actor, Role
from backend.kernel.clock import legal_date
from backend.kernel.db import Db, Tx
from backend.kernel.resources import Resources
from backend.registry.attachment import facts
from backend.registry.attachment.model import AttachmentEntry, Told
from backend.registry.attachment.rules import effects, merge
from backend.registry.brake import service as brake
from backend.registry.brake.model import Run, Verdict
from backend.registry.feed.errors import Row as Code
from backend.registry.repair import service as repairs
from backend.registry.repair.model import BrokenRow, Feed
from backend.registry.upload import queries, rules
from backend.registry.upload.errors import (
    OffsetMismatch,
    PieceTooLong,
    UploadComplete,
    UploadDiffers,
    UploadNotFound,
)
from backend.registry.upload.events import UploadApplied, UploadCorrupt
from backend.registry.upload.model import (
    FAILED,
    Format,
    OpenUpload,
    Receiving,
    Upload,
    UploadStatus,
    Working,
)

FEED: Final = "attachment_files"  # as the brake knows it: a batch may have the same id
TAKE_JOB: Final = "registry.take_upload"
DECIDED_JOB: Final = "registry.upload_decided"
ABANDONED_AFTER: Final = timedelta(days=7)
CHUNK: Final = 5_000  # rows in one transaction: a fraction of a second, and a crash loses no more


async def open_upload(resources: Resources, actor: Actor, command: OpenUpload) -> Upload:
    """Announce a file; announcing it again shows how far it is. Raises UploadDiffers."""
    db, now = resources.db.registry, resources.clock.now()
    await queries.OPEN.run(
        db,
        command.upload_id,
        _source(actor),
        actor.label,
        command.format,
        command.bytes,
        command.crc32,
        now,
    )
    upload = await queries.FIND.one(db, command.upload_id, _source(actor))
    if upload is None or (upload.format, upload.bytes, upload.crc32) != (
        command.format,
        command.bytes,
        command.crc32,
    ):
        raise UploadDiffers(path="upload_id")
    return upload


async def find(db: Db, actor: Actor, upload_id: UUID) -> Upload:
    """A file of this source; the registrar sees all. Raises UploadNotFound."""
    upload = await queries.FIND.one(db, upload_id, _seen_by(actor))
    if upload is None:
        raise UploadNotFound
    return upload


async def uploads(db: Db, actor: Actor, *, before: UUID | None, limit: int) -> list[Upload]:
    """The files of this source, the newest first; the registrar sees all."""
    return await queries.PAGE.all(db, _seen_by(actor), before, limit)


async def receive(
    resources: Resources, actor: Actor, upload_id: UUID, offset: int, piece: bytes
) -> Upload:
    """Take the whole lines of a piece; the answer says where the next piece begins.

    Each chunk of lines is kept by a transaction of its own: what broke off is begun again at
    `received`. With the last line the file is checked and a job weighs and applies it. Raises
    UploadNotFound, UploadComplete, OffsetMismatch, PieceTooLong, LineTooLong, HeaderInvalid.
    """
    db, end = resources.db.registry, offset + len(piece)
    source = _source(actor)
    async with db.transaction() as tx:
        upload = await queries.RECEIVE.one(tx, upload_id, source)
        if upload is None:
            raise UploadNotFound
        _require_next(upload, offset, end)
    lines = rules.lines_of(piece, to_end=end == upload.bytes)
    for start in range(0, len(lines), CHUNK):
        async with db.transaction() as tx:
            upload = await queries.RECEIVE.get(tx, upload_id, source)
            _require_next(upload, offset, end)
            offset = await _keep(tx, resources, upload, lines[start : start + CHUNK])
            if offset == upload.bytes:
                await _close(tx, resources, actor, upload_id)
    return await find(db, actor, upload_id)


def _require_next(upload: Receiving, offset: int, end: int) -> None:
    if upload.status is not UploadStatus.RECEIVING:
        raise UploadComplete(status=upload.status.value)
    if offset != upload.received:
        raise OffsetMismatch(received=upload.received)
    if end > upload.bytes:
        raise PieceTooLong(bytes=upload.bytes)


async def _keep(tx: Tx, resources: Resources, upload: Receiving, chunk: Sequence[bytes]) -> int:
    """Judge the lines, stage what can be taken, let the rest wait for repair; where the file stands."""
    now, columns, lines = resources.clock.now(), upload.columns, list(chunk)
    place = upload.lines
    if upload.format is Format.CSV and columns is None and lines:
        columns = rules.header(lines.pop(0))
        place += 1
    entries: list[tuple[int, AttachmentEntry]] = []
    broken: list[BrokenRow] = []
    for number, line in enumerate(lines, place + 1):
        entry = rules.read(line, columns)
        if entry is not None:
            entries.append((number, entry))
        elif not rules.is_blank(line):
            broken.append(BrokenRow(number, Code.ROW_MALFORMED, ""))
    rows = facts.rows_of(entries)
    sound, refused = await facts.judge(tx, resources.keyring, rows, legal_date(now))
    broken += refused
    await repairs.keep(
        tx,
        resources.keyring,
        Feed.ATTACHMENTS,
        upload.source,
        upload.upload_id,
        broken,
        at=now,
    )
    staged = await queries.STAGE.run(
        tx, upload.upload_id, [f.place for f in sound], *facts.columns(sound), upload.source
    )
    raw = b"".join(chunk)
    received = upload.received + len(raw)
    await queries.ADVANCE.run(
        tx,
        upload.upload_id,
        received,
        crc32(raw, upload.sum),
        upload.lines + len(chunk),
        columns,
        staged,
        len(sound) - staged,
        len(broken),
    )
    return received


async def _close(tx: Tx, resources: Resources, actor: Actor, upload_id: UUID) -> None:
    """The file has come whole: a job takes it, if it is what was announced."""
    now = resources.clock.now()
    upload = await queries.RECEIVE.get(tx, upload_id, _source(actor))
    sound = upload.sum == upload.crc32
    status = UploadStatus.WEIGHING if sound else UploadStatus.CORRUPT
    await queries.RECEIVED.run(tx, upload_id, status, now)
    if not sound:
        await events.append(tx, UploadCorrupt(upload_id), by=actor, at=now)
    await enqueue(tx, upload_id)


async def enqueue(tx: Tx, upload_id: UUID) -> None:
    """Let a worker go on with the file; it is queued once at a time."""
    await jobs.enqueue(
        tx, TAKE_JOB, {"upload_id": str(upload_id)}, dedupe_key=f"upload:{upload_id}"
    )


async def run(resources: Resources, upload_id: UUID, *, chunk: int = CHUNK) -> None:
    """Go on with a file as far as it goes without an officer; safe to run twice and to be killed."""
    while await _step(resources, upload_id, chunk):
        pass


async def _step(resources: Resources, upload_id: UUID, chunk: int) -> bool:
    """One chunk in one transaction; whether there may be another."""
    async with resources.db.registry.transaction() as tx:
        upload = await queries.WORK.one(tx, upload_id)
        if upload is None:
            return False
        if upload.status is UploadStatus.WEIGHING:
            return await _weigh(tx, resources, upload, chunk)
        if upload.status is UploadStatus.APPLYING:
            return await _apply(tx, resources, upload, chunk)
        if upload.status in FAILED:
            return await _clear(tx, resources, upload, chunk)
        return False


async def _weigh(tx: Tx, resources: Resources, upload: Working, chunk: int) -> bool:
    """Count what the next rows would do; at the end ask the brake about all of them.

    A person whose rows stand on both sides of a chunk's end may count twice: never too few.
    """
    rows = await queries.NEXT_ROWS.all(tx, upload.upload_id, upload.after, upload.after_line, chunk)
    told = Told(upload.source, upload.upload_id, upload.actor)
    met = merge([*upload.effects, *effects(await facts.settle(tx, told, rows))])
    if rows:
        last = rows[-1]
        await queries.WEIGHED.run(tx, upload.upload_id, last.person_id, last.place, met)
    if len(rows) == chunk:
        return True
    digest = sha256(
        msgspec.json.encode((upload.upload_id, upload.source, upload.bytes, upload.crc32))
    ).digest()
    run_ = Run(FEED, upload.source, upload.upload_id, DECIDED_JOB, digest)
    hold_id = await brake.pass_or_hold(
        tx, resources.keyring, SYSTEM, run_, met, at=resources.clock.now()
    )
    status = UploadStatus.HELD if hold_id else UploadStatus.APPLYING
    await queries.SET_STATUS.run(tx, upload.upload_id, status, hold_id, None)
    return hold_id is None


async def _apply(tx: Tx, resources: Resources, upload: Working, chunk: int) -> bool:
    """Apply the next rows, which leave the file with it; tell when there are no more."""
    now = resources.clock.now()
    place = (upload.after, upload.after_line)
    rows = await queries.TAKE_ROWS.all(tx, upload.upload_id, *place, chunk)
    told = Told(upload.source, upload.upload_id, upload.actor)
    if rows:
        changes = await facts.lock_and_settle(tx, told, rows)
        recorded = await facts.apply(tx, told, rows, changes, at=now)
        last = max(rows, key=lambda fact: (fact.person_id, fact.place))
        await queries.APPLIED.run(
            tx,
            upload.upload_id,
            recorded,
            len(rows) - recorded,
            len(changes),
            last.person_id,
            last.place,
        )
    if len(rows) == chunk:
        return True
    await queries.SET_STATUS.run(tx, upload.upload_id, UploadStatus.DONE, None, now)
    done = await queries.FIND.get(tx, upload.upload_id, None)
    applied = UploadApplied(
        upload.upload_id, done.recorded, done.repeated, done.refused, done.changed
    )
    await events.append(tx, applied, by=SYSTEM, at=now)
    return False


async def _clear(tx: Tx, resources: Resources, upload: Working, chunk: int) -> bool:
    """Nothing of the file is applied, neither now nor later; whether there is more to clear."""
    place = (upload.after, upload.after_line)
    if len(await queries.TAKE_ROWS.all(tx, upload.upload_id, *place, chunk)) == chunk:
        return True
    now = resources.clock.now()
    await repairs.drop_run(tx, upload.upload_id, by=upload.actor, at=now)
    return False


async def decided(resources: Resources, hold_id: UUID, verdict: Verdict) -> None:
    """An officer decided about a held file: it is applied, or its rows are cleared away."""
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        upload_id = await queries.OF_HOLD.get(tx, hold_id)
        upload = await queries.WORK.get(tx, upload_id)
        if upload.status is not UploadStatus.HELD:
            return
        if verdict is Verdict.DISCARD:
            await queries.SET_STATUS.run(tx, upload_id, UploadStatus.DISCARDED, None, now)
        elif await brake.take(tx, hold_id, at=now) is not None:
            await queries.SET_STATUS.run(tx, upload_id, UploadStatus.APPLYING, None, None)
        await enqueue(tx, upload_id)


async def resume(resources: Resources) -> None:
    """Queue again what a worker gave up, and clear away what never came whole."""
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        abandoned = await queries.ABANDON.all(tx, now - ABANDONED_AFTER, now)
        for upload_id in [*abandoned, *await queries.UNFINISHED.all(tx)]:
            await enqueue(tx, upload_id)


def _source(actor: Actor) -> str:
    return actor.bin or actor.label


def _seen_by(actor: Actor) -> str | None:
    return None if Role.REGISTRAR in actor.roles else _source(actor)
