"""Register and withdraw devices; count what they saw without a network, once."""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db, Executor, Tx, violated
from backend.kernel.errors import Refusal
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.visits.checkin import rules as checkin_rules
from backend.visits.checkin import service as checkin
from backend.visits.checkin.model import NewVisit, Visit
from backend.visits.code import service as codes
from backend.visits.code.errors import FacilityNotFound, ForeignCode
from backend.visits.device import queries, rules
from backend.visits.device.errors import CounterReused, DeviceExists, DeviceNotFound
from backend.visits.device.events import (
    DeviceBatchTaken,
    DeviceCounterReused,
    DeviceRegistered,
    DeviceWithdrawn,
)
from backend.visits.device.model import (
    COUNTED,
    BatchTaken,
    Device,
    DeviceRow,
    Fate,
    Gap,
    NewDevice,
    Scan,
    ScanResult,
    Told,
    UploadBatch,
)
from backend.web import problems

DEVICES_MAX = 200  # shown of a facility, the newest
GAPS_MAX = 100  # shown of a device, the oldest


async def register(db: Db, clock: Clock, actor: Actor, facility_id: UUID, new: NewDevice) -> Device:
    """Let a device of an own facility count visits. Raises FacilityNotFound, KeyNotProved, DeviceExists."""
    key = rules.require_key(facility_id, new)
    now, device_id = clock.now(), uuid7()
    async with db.transaction() as tx:
        await codes.require_own(tx, actor, facility_id)
        try:
            await queries.ADD.run(tx, device_id, facility_id, new.name, key, now)
        except asyncpg.UniqueViolationError as e:
            if violated(e) == queries.KEY_IS_TAKEN:
                raise DeviceExists(path="public_key") from None
            raise
        await events.append(tx, DeviceRegistered(device_id, facility_id), by=actor, at=now)
    return _shown(DeviceRow(device_id, facility_id, new.name, key, now, None, 0), [])


async def of_facility(db: Db, actor: Actor, facility_id: UUID) -> list[Device]:
    """The devices of an own facility with what they did not tell. Raises FacilityNotFound."""
    await codes.require_own(db, actor, facility_id)
    rows = await queries.OF_FACILITY.all(db, facility_id, DEVICES_MAX)
    gaps = await _gaps(db, [row.device_id for row in rows])
    return [_shown(row, gaps[row.device_id]) for row in rows]


async def withdraw(db: Db, clock: Clock, actor: Actor, facility_id: UUID, device_id: UUID) -> None:
    """The device counts nothing it scans from now on; said again it changes nothing.

    What it scanned before may still be told. Raises DeviceNotFound.
    """
    now = clock.now()
    async with db.transaction() as tx:
        device = await _require_own(tx, actor, await queries.FOR_UPDATE.one(tx, device_id))
        if device.facility_id != facility_id:
            raise DeviceNotFound
        if await queries.REVOKE.run(tx, device_id, now):
            await events.append(tx, DeviceWithdrawn(device_id, facility_id), by=actor, at=now)


async def upload(
    resources: Resources, actor: Actor, language: str, command: UploadBatch
) -> BatchTaken:
    """Count the visits of a batch its device signed; each counter once, whatever is sent again.

    Counters known with the same visit are REPEATED, with another one refused (COUNTER_REUSED); missing
    ones are named. Raises Invalid, DeviceNotFound, BatchUnsigned.
    """
    document = rules.read_octets(command.document, "document")
    signature = rules.read_octets(command.signature, "signature")
    batch = rules.read_batch(document)
    db, now = resources.db.visits, resources.clock.now()
    device = await _require_own(db, actor, await queries.FIND.one(db, batch.device_id))
    rules.require_signed(device, document, signature)
    async with db.transaction() as tx:
        locked = await queries.FOR_UPDATE.one(tx, device.device_id)  # it may be withdrawn by now
        assert locked is not None, "devices are never deleted"
        batch_id = await _keep(tx, locked, document, signature, now)
        told = await _told(tx, locked, batch.visits)
        fresh = [scan for scan in batch.visits if scan.counter not in told]
        fates = await _count(resources, tx, actor, locked, fresh, batch_id, now)
        results = [_result(scan, told.get(scan.counter), fates, language) for scan in batch.visits]
        await _tell(tx, actor, locked, batch_id, results, now)
        gaps = await _gaps(tx, [device.device_id])
    n = {fate: sum(r.fate is fate for r in results) for fate in Fate}
    return BatchTaken(
        batch_id,
        device.device_id,
        n[Fate.COUNTED],
        n[Fate.REPEATED],
        n[Fate.REFUSED],
        results,
        gaps[device.device_id],
    )


async def _require_own(where: Executor, actor: Actor, device: DeviceRow | None) -> DeviceRow:
    if device is None:
        raise DeviceNotFound
    try:
        await codes.require_own(where, actor, device.facility_id)
    except FacilityNotFound:
        raise DeviceNotFound from None
    return device


async def _keep(
    tx: Tx, device: DeviceRow, document: bytes, signature: bytes, now: datetime
) -> UUID:
    """The id of the batch, stored as it was signed; the same one again keeps its id."""
    digest = hashlib.sha256(document).digest()
    known = await queries.SAME_BATCH.one(tx, device.device_id, digest)
    if known is not None:
        return known
    batch_id = uuid7()
    await queries.ADD_BATCH.run(tx, batch_id, device.device_id, document, digest, signature, now)
    return batch_id


async def _told(tx: Tx, device: DeviceRow, scans: Sequence[Scan]) -> dict[int, Told]:
    counters = [scan.counter for scan in scans]
    return {t.counter: t for t in await queries.TOLD.all(tx, device.device_id, counters)}


async def _count(
    resources: Resources,
    tx: Tx,
    actor: Actor,
    device: DeviceRow,
    scans: Sequence[Scan],
    batch_id: UUID,
    now: datetime,
) -> dict[int, Visit | Refusal]:
    """Write the visits that may be counted, and down what became of every counter."""
    fates: dict[int, Visit | Refusal] = {}
    new: dict[int, NewVisit] = {}
    for scan in scans:
        try:
            new[scan.counter] = _visit(resources, device, scan, now)
        except Refusal as refused:
            fates[scan.counter] = refused
    made = await checkin.register_scanned(tx, actor, list(new.values()), at=now)
    fates |= dict(zip(new, made, strict=True))
    met = [new[c].person_id for c, fate in fates.items() if isinstance(fate, Visit)]
    access = Access(actor, "UploadVisitBatch", Basis.VISIT, (Field.ACCOUNT,), batch_id)
    await access_records.record(tx, access, met, at=now)
    if scans:
        ended = [fates[scan.counter] for scan in scans]
        await queries.ADD_TOLD.run(
            tx,
            device.device_id,
            batch_id,
            [scan.counter for scan in scans],
            [rules.digest(scan) for scan in scans],
            [COUNTED if isinstance(fate, Visit) else fate.actual_code for fate in ended],
            [fate.visit_id if isinstance(fate, Visit) else None for fate in ended],
        )
    return fates


def _visit(resources: Resources, device: DeviceRow, scan: Scan, now: datetime) -> NewVisit:
    """The visit a scan tells of. Raises what is wrong with its time or its code."""
    rules.require_timely(device, scan, received_at=now)
    payload = codes.verify_scanned(resources.keyring, scan.code, scan.at)
    if payload.facility_id not in (None, device.facility_id):
        raise ForeignCode(path="code")
    document = scan.document_sha256
    return NewVisit(
        person_id=payload.person_id,
        visit_id=uuid7(),
        facility_id=device.facility_id,
        at=scan.at,
        visit_date=legal_date(scan.at),
        grade=checkin_rules.grade(qr=True, biometric=False, document=document is not None),
        personal_nonce=payload.nonce,
        document_sha256=None if document is None else bytes.fromhex(document),
    )


def _result(
    scan: Scan, told: Told | None, fates: Mapping[int, Visit | Refusal], language: str
) -> ScanResult:
    if told is None:
        fate = fates[scan.counter]
        if isinstance(fate, Visit):
            return ScanResult(scan.counter, Fate.COUNTED, fate.visit_id, None, None)
        return _refused(scan.counter, fate, language)
    if told.record_sha256 != rules.digest(scan):
        return _refused(scan.counter, CounterReused(), language)
    if told.visit_id is not None:
        return ScanResult(scan.counter, Fate.REPEATED, told.visit_id, None, None)
    title, _ = problems.text(told.result, language, {})
    return ScanResult(scan.counter, Fate.REPEATED, None, told.result, title)


def _refused(counter: int, refusal: Refusal, language: str) -> ScanResult:
    title, _ = problems.text(refusal.actual_code, language, refusal.facts)
    return ScanResult(counter, Fate.REFUSED, None, refusal.actual_code, title)


async def _tell(
    tx: Tx,
    actor: Actor,
    device: DeviceRow,
    batch_id: UUID,
    results: Sequence[ScanResult],
    now: datetime,
) -> None:
    reused = [
        DeviceCounterReused(device.device_id, batch_id, r.counter)
        for r in results
        if r.code == CounterReused.code
    ]
    counted = sum(r.fate is Fate.COUNTED for r in results)
    refused = sum(r.fate is Fate.REFUSED for r in results)
    taken = DeviceBatchTaken(device.device_id, batch_id, counted, refused)
    if counted or refused:
        await events.append_many(tx, [taken, *reused], by=actor, at=now)


async def _gaps(where: Executor, devices: list[UUID]) -> Mapping[UUID, list[Gap]]:
    found: dict[UUID, list[Gap]] = defaultdict(list)
    for gap in await queries.GAPS.all(where, devices, GAPS_MAX):
        found[gap.device_id].append(Gap(gap.first, gap.last))
    return found


def _shown(row: DeviceRow, gaps: list[Gap]) -> Device:
    return Device(
        row.device_id,
        row.facility_id,
        row.name,
        base64.b64encode(row.public_key).decode(),
        row.registered_at,
        row.revoked_at,
        row.last_counter,
        gaps,
    )
