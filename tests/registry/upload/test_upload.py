"""Files over a real database and over HTTP: in pieces, broken off, killed, held, corrupt."""

import asyncio
import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4
from zlib import crc32

import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.attachment import service as attachments
from backend.registry.attachment.model import AttachmentBatch, AttachmentEntry
from backend.registry.brake import service as brake
from backend.registry.brake.model import Decide, Held, Kind, SetLimit, Verdict
from backend.registry.log.verify import verify
from backend.registry.upload import jobs, service
from backend.registry.upload.errors import (
    LineTooLong,
    OffsetMismatch,
    PieceTooLong,
    UploadComplete,
    UploadDiffers,
    UploadNotFound,
)
from backend.registry.upload.model import Format, OpenUpload, Upload, UploadStatus
from tests.registry.attachment.test_attachments import Clinics, clinics, let_pass, state
from tests.registry.conftest import (
    CLINIC_BIN,
    ISSUER_BIN,
    MIS,
    MIS_BIN,
    OTHER_BIN,
    Insure,
    actor,
    iin_of,
    number,
    signed,
)

__all__ = ["clinics"]

REGISTRAR = actor(number("040440"), Role.REGISTRAR)
PEOPLE = [iin_of(n) for n in range(400, 460)]


def ndjson(rows: list[AttachmentEntry]) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def csv(rows: list[AttachmentEntry]) -> bytes:
    names = AttachmentEntry.__struct_fields__
    lines = [",".join(names)]
    for row in rows:
        cells = [getattr(row, name) for name in names]
        lines.append(",".join("" if c is None else str(c).lower() for c in cells))
    return "\r\n".join(lines).encode()


async def announce(resources: Resources, raw: bytes, form: Format = Format.NDJSON) -> Upload:
    command = OpenUpload(uuid4(), form, len(raw), crc32(raw))
    return await service.open_upload(resources, MIS, command)


async def send(resources: Resources, upload: Upload, raw: bytes, *, piece: int = 1_000) -> Upload:
    while upload.received < len(raw):
        part = raw[upload.received : upload.received + piece]
        upload = await service.receive(resources, MIS, upload.upload_id, upload.received, part)
    return upload


async def shown(resources: Resources, upload: Upload) -> Upload:
    return await service.find(resources.db.registry, MIS, upload.upload_id)


def many(clinics: Clinics, lot: random.Random) -> list[AttachmentEntry]:
    """Four facts about each, some of them twice, in no order."""
    rows = [
        clinics.row(iin, lot.choice([CLINIC_BIN, OTHER_BIN]), day, seq=day, detached=day % 4 == 3)
        for iin in PEOPLE
        for day in range(4)
    ]
    rows += lot.choices(rows, k=20)
    lot.shuffle(rows)
    return rows


@pytest.mark.parametrize("form", list(Format))
async def test_a_file_ends_as_batches_in_order_do(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any, form: Format
) -> None:
    ids = await insure(*PEOPLE)
    lot = random.Random(7)
    rows = many(clinics, lot)
    raw = ndjson(rows) if form is Format.NDJSON else csv(rows)
    upload = await send(resources, await announce(resources, raw, form), raw)
    assert (upload.status, upload.lines) == (UploadStatus.WEIGHING, len(rows) + (form == "csv"))
    assert await owner.fetchval("SELECT count(*) FROM registry.attachment_fact") == 0
    await asyncio.gather(*(service.run(resources, upload.upload_id, chunk=50) for _ in range(2)))
    done = await shown(resources, upload)
    assert (done.status, done.recorded, done.repeated) == (UploadStatus.DONE, 4 * len(PEOPLE), 20)
    assert await owner.fetchval("SELECT count(*) FROM registry.upload_row") == 0
    assert (await verify(resources.db.registry)).ok
    by_file = await state(owner)

    await owner.execute(
        "TRUNCATE registry.attachment;"
        "ALTER TABLE registry.attachment_fact DISABLE TRIGGER USER;"
        "DELETE FROM registry.attachment_fact"
    )
    await let_pass(resources)
    for row in sorted(rows, key=lambda r: (r.since, r.seq)):
        await attachments.attach(resources, MIS, AttachmentBatch(uuid4(), (row,)))
    assert await state(owner) == by_file
    assert len(ids) == len(PEOPLE)


async def test_a_file_sent_again_does_nothing(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> None:
    await insure(*PEOPLE)
    raw = ndjson(many(clinics, random.Random(8)))
    first = await send(resources, await announce(resources, raw), raw)
    await service.run(resources, first.upload_id)
    before = await state(owner), await owner.fetchval("SELECT count(*) FROM registry.operation")
    again = await send(resources, await announce(resources, raw), raw)
    assert again.staged == 0  # what was known is not even kept
    await service.run(resources, again.upload_id)
    done = await shown(resources, again)
    assert (done.status, done.recorded, done.changed) == (UploadStatus.DONE, 0, 0)
    count = await owner.fetchval("SELECT count(*) FROM registry.operation")
    assert (await state(owner), count) == before


async def test_a_connection_that_breaks_off_costs_the_last_piece(
    resources: Resources, insure: Insure, clinics: Clinics
) -> None:
    await insure(*PEOPLE)
    raw = ndjson([clinics.row(iin) for iin in PEOPLE])
    upload = await announce(resources, raw)
    assert (
        await service.open_upload(
            resources, MIS, OpenUpload(upload.upload_id, Format.NDJSON, len(raw), crc32(raw))
        )
        == upload
    )
    with pytest.raises(UploadDiffers):
        await service.open_upload(
            resources, MIS, OpenUpload(upload.upload_id, Format.CSV, len(raw), crc32(raw))
        )
    half = await service.receive(resources, MIS, upload.upload_id, 0, raw[:1_000])
    assert 900 < half.received < 1_000  # whole lines only
    with pytest.raises(OffsetMismatch) as wrong:
        await service.receive(resources, MIS, upload.upload_id, 1_000, raw[1_000:])
    assert wrong.value.facts == {"received": half.received}
    with pytest.raises(OffsetMismatch):  # the same piece twice
        await service.receive(resources, MIS, upload.upload_id, 0, raw[:1_000])
    with pytest.raises(PieceTooLong):
        await service.receive(
            resources, MIS, upload.upload_id, half.received, raw[half.received :] + b"{}\n"
        )
    with pytest.raises(LineTooLong):
        await service.receive(resources, MIS, upload.upload_id, half.received, b"x" * 5_000)
    # two senders at once: one of them goes on
    both = await asyncio.gather(
        *(
            service.receive(resources, MIS, upload.upload_id, half.received, raw[half.received :])
            for _ in range(2)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(b, OffsetMismatch | UploadComplete) for b in both) == 1
    await service.run(resources, upload.upload_id)
    done = await shown(resources, upload)
    assert (done.recorded, done.repeated, done.lines) == (len(PEOPLE), 0, len(PEOPLE))
    with pytest.raises(UploadComplete):
        await service.receive(resources, MIS, upload.upload_id, len(raw), b"")


async def test_a_corrupt_file_changes_nothing(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> None:
    await insure(*PEOPLE[:-1])
    raw = ndjson([clinics.row(iin) for iin in PEOPLE])
    upload = await announce(resources, raw)
    bad = raw.replace(b'"seq":0', b'"seq":1', 1)
    assert await attachments.retry(resources) == 0
    sent = await send(resources, upload, bad)
    await insure(PEOPLE[-1])  # whose row waits for repair
    assert sent.status is UploadStatus.CORRUPT
    await service.run(resources, upload.upload_id, chunk=7)
    assert await owner.fetchval("SELECT count(*) FROM registry.upload_row") == 0
    assert await owner.fetchval("SELECT count(*) FROM registry.attachment") == 0
    assert await attachments.retry(resources) == 0
    kinds = {r[0] for r in await owner.fetch("SELECT kind FROM kernel.event")}
    assert "UploadCorrupt" in kinds


async def test_lines_that_cannot_be_taken_wait_by_their_number(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> None:
    await insure(PEOPLE[0])
    raw = b'{"no":1}\n\n' + ndjson([clinics.row(PEOPLE[0]), clinics.row(PEOPLE[1])]) + b"garbage"
    upload = await send(resources, await announce(resources, raw), raw)
    await service.run(resources, upload.upload_id)
    done = await shown(resources, upload)
    assert (done.refused, done.recorded) == (3, 1)
    rows = await owner.fetch("SELECT place, code FROM registry.repair ORDER BY place")
    assert [tuple(r) for r in rows] == [
        (1, "ROW_MALFORMED"),
        (4, "INSURED_NOT_FOUND"),
        (5, "ROW_MALFORMED"),
    ]


async def test_a_killed_worker_leaves_nothing_half_done(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> None:
    await insure(*PEOPLE)
    raw = ndjson(many(clinics, random.Random(9)))
    upload = await send(resources, await announce(resources, raw), raw)
    for least in (1, 40, 90):
        worker = asyncio.create_task(service.run(resources, upload.upload_id, chunk=10))
        while not await owner.fetchval(
            "SELECT count(*) >= $1 FROM registry.attachment_fact", least
        ):
            await asyncio.sleep(0)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    assert (await shown(resources, upload)).status is UploadStatus.APPLYING
    await service.resume(resources)
    queued = await owner.fetchval(
        "SELECT count(*) FROM jobs.pgqueuer WHERE entrypoint = $1", service.TAKE_JOB
    )
    assert queued == 1
    await service.run(resources, upload.upload_id, chunk=10)
    done = await shown(resources, upload)
    assert (done.status, done.recorded) == (UploadStatus.DONE, 4 * len(PEOPLE))
    assert (await verify(resources.db.registry)).ok


async def test_a_file_that_never_comes_whole_is_cleared_away(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any
) -> None:
    await insure(*PEOPLE[:-1])
    raw = ndjson([clinics.row(iin) for iin in PEOPLE])
    upload = await announce(resources, raw)
    await service.receive(resources, MIS, upload.upload_id, 0, raw[:-1])
    await insure(PEOPLE[-1])
    assert await attachments.retry(resources) == 0  # nothing of a file before it is whole
    clock = resources.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=8))
    await service.resume(resources)
    await service.run(resources, upload.upload_id, chunk=7)
    assert (await shown(resources, upload)).status is UploadStatus.ABANDONED
    assert await owner.fetchval("SELECT count(*) FROM registry.upload_row") == 0
    assert await attachments.retry(resources) == 0


# --- the brake -------------------------------------------------------------------------------------


async def held_file(resources: Resources, insure: Insure, clinics: Clinics) -> Upload:
    """Sixty persons attached; then a file that detaches thirty percent of them."""
    await insure(*PEOPLE)
    rows = tuple(clinics.row(iin) for iin in PEOPLE)
    await attachments.attach(resources, MIS, AttachmentBatch(uuid4(), rows))
    limit = SetLimit(Kind.DETACH, "*", 86_400, 100, 2, f"{uuid4()}")
    await brake.set_limit(resources, REGISTRAR, signed(limit, resources, REGISTRAR.bin))
    raw = ndjson([clinics.row(iin, day=9, detached=True) for iin in PEOPLE[:18]])
    upload = await send(resources, await announce(resources, raw), raw)
    await service.run(resources, upload.upload_id, chunk=4)
    held = await shown(resources, upload)
    assert (held.status, held.staged) == (UploadStatus.HELD, 18)
    return held


async def decide(resources: Resources, hold_id: UUID, verdict: Verdict) -> None:
    hold = await brake.find(resources.db.registry, hold_id)
    (weighed, _) = hold.effects  # within a day and within thirty
    assert (weighed.weight.count, weighed.total, weighed.over) == (18, 60, True)
    command = Decide((Held(hold_id, hold.sha256),), verdict, f"{uuid4()}")
    await brake.decide(
        resources,
        actor(ISSUER_BIN, Role.ISSUER_HEAD),
        signed(command, resources, ISSUER_BIN),
    )


@pytest.mark.parametrize("verdict", list(Verdict))
async def test_a_file_that_detaches_too_many_waits_whole(
    resources: Resources, insure: Insure, clinics: Clinics, owner: Any, verdict: Verdict
) -> None:
    held = await held_file(resources, insure, clinics)
    assert held.hold_id is not None
    assert await owner.fetchval("SELECT count(*) FROM registry.attachment") == 60
    await service.run(resources, held.upload_id)  # it is for an officer now
    assert (await shown(resources, held)).status is UploadStatus.HELD
    await decide(resources, held.hold_id, verdict)
    payload = {"hold_id": str(held.hold_id), "verdict": verdict.value}
    for _ in range(2):
        await jobs.decided(resources, payload)
        await jobs.take_upload(resources, {"upload_id": str(held.upload_id)})
    done = await shown(resources, held)
    left = await owner.fetchval("SELECT count(*) FROM registry.attachment")
    released = verdict is Verdict.RELEASE
    assert (done.status, left) == (("DONE", 42) if released else ("DISCARDED", 60))
    assert await owner.fetchval("SELECT count(*) FROM registry.upload_row") == 0
    hold = await brake.find(resources.db.registry, held.hold_id)
    assert hold.status == ("APPLIED" if released else "DISCARDED")


# --- over HTTP -------------------------------------------------------------------------------------


async def test_over_http(
    resources: Resources, insure: Insure, clinics: Clinics, client: Any
) -> None:
    await insure(*PEOPLE)
    rows = [
        AttachmentEntry(
            iin, CLINIC_BIN, date(2026, 3, 1) + timedelta(days=1), clinics.facility_of[CLINIC_BIN]
        )
        for iin in PEOPLE
    ]
    raw = ndjson(rows)
    told = {"upload_id": str(uuid4()), "format": "ndjson", "bytes": len(raw), "crc32": crc32(raw)}
    path = f"/api/v1/mis/uploads/{told['upload_id']}"
    async with client(Role.MIS, bin=MIS_BIN) as http:
        opened = await http.post("/api/v1/mis/uploads", json=told)
        assert (opened.status_code, opened.json()["status"]) == (201, "RECEIVING")
        kind = {"Content-Type": "application/x-ndjson"}
        half = await http.patch(path, content=raw[:1_500], headers=kind | {"Upload-Offset": "0"})
        assert half.status_code == 200, half.text
        received = half.json()["received"]
        wrong = await http.patch(path, content=raw, headers=kind | {"Upload-Offset": "0"})
        assert (wrong.status_code, wrong.json()["code"]) == (409, "UPLOAD_OFFSET_MISMATCH")
        assert PEOPLE[0] not in wrong.text
        for bad in ({}, {"Upload-Offset": "-1"}, {"Upload-Offset": "x"}):
            refused = await http.patch(path, content=raw, headers=kind | bad)
            assert refused.status_code in (400, 422), refused.text
        rest = await http.patch(
            path, content=raw[received:], headers=kind | {"Upload-Offset": str(received)}
        )
        assert rest.json()["status"] == "WEIGHING"
        await service.run(resources, UUID(told["upload_id"]))
        shown_now = (await http.get(path)).json()
        assert (shown_now["status"], shown_now["recorded"]) == ("DONE", len(PEOPLE))
        listed = (await http.get("/api/v1/mis/uploads")).json()
        assert listed == {"items": [shown_now], "next": None}
    async with client(Role.MIS, bin=number("060340")) as http:
        assert (await http.get(path)).status_code == 404
        assert (await http.get("/api/v1/mis/uploads")).json()["items"] == []
        foreign = await http.patch(path, content=raw, headers={"Upload-Offset": "0"})
        assert foreign.json()["code"] == "UPLOAD_NOT_FOUND"
        taken = await http.post("/api/v1/mis/uploads", json=told)
        assert (taken.status_code, taken.json()["code"]) == (409, "UPLOAD_DIFFERS")
    async with client(Role.REGISTRAR, bin=REGISTRAR.bin) as http:
        assert (await http.get(path)).status_code == 200
    for role in (Role.ISSUER_HEAD, Role.EXECUTOR_SYSTEM, Role.INSURED):
        async with client(role, bin=CLINIC_BIN) as http:
            assert (await http.post("/api/v1/mis/uploads", json=told)).status_code == 403
            assert (await http.patch(path, content=raw)).status_code == 403
            assert (await http.get(path)).status_code == 403
    with pytest.raises(UploadNotFound):
        await service.find(resources.db.registry, MIS, uuid4())
