"""Reading a whole file: every row judged and staged, or, if anything announced is not so, none."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.kernel import events
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import legal_date
from backend.kernel.db import Tx
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.registry.contribution_file import rules
from backend.registry.contribution_file.events import ContributionFileRefused
from backend.registry.contribution_file.model import Fault, FileStatus, Working
from backend.registry.contribution_file.queries import file as files
from backend.registry.contribution_file.queries import taking
from backend.registry.person import service as persons
from backend.sources.state_corporation import service as corporation
from backend.sources.state_corporation.errors import FileUnreadable
from backend.sources.state_corporation.model import Header, Line, LineKind

_COLUMNS: Final = (
    "file_id", "line", "kind", "ref", "day", "amount_tiyn", "period", "receipt_kind", "payer_bin",
    "payer_kind", "person_id", "original_ref", "fault", "key", "sealed",
)  # fmt: skip


class _Count:
    """What the rows add up to."""

    def __init__(self) -> None:
        self.records = self.receipts_tiyn = self.returns_tiyn = 0

    def add(self, lines: Sequence[Line]) -> None:
        self.records += len(lines)
        for line in lines:
            if line.kind is LineKind.RECEIPT:
                self.receipts_tiyn += line.amount_tiyn
            else:
                self.returns_tiyn += line.amount_tiyn


async def stage(resources: Resources, file_id: UUID) -> bool:
    """Read, judge and stage every row in one transaction; whether the file may go on.

    A file that is not of its format, or whose hash, rows or sums are not those announced, is refused
    and leaves nothing behind (FAULTS 24). A worker killed here begins again.
    """
    db = resources.db.registry
    try:
        async with db.transaction() as tx:
            file = await files.WORK.get(tx, file_id)
            if file.status is not FileStatus.STAGING:
                return file.status not in (FileStatus.REFUSED, FileStatus.DONE)
            header = await _read(tx, resources, file)
            await files.STAGED.run(
                tx,
                file_id,
                header.number,
                header.day,
                header.records,
                header.receipts_tiyn,
                header.returns_tiyn,
            )
            await files.DROP_PIECES.run(tx, file_id)
    except FileUnreadable as refused:
        await _refuse(resources, file_id, refused)
        return False
    return True


async def _refuse(resources: Resources, file_id: UUID, refused: FileUnreadable) -> None:
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        file = await files.WORK.get(tx, file_id)
        if file.status is not FileStatus.STAGING:
            return
        await files.REFUSE.run(tx, file_id, refused.actual_code, refused.line, now)
        await files.DROP_PIECES.run(tx, file_id)
        told = ContributionFileRefused(file_id, refused.actual_code)
        await events.append(tx, told, by=SYSTEM, at=now)


async def _read(tx: Tx, resources: Resources, file: Working) -> Header:
    digest, count, loop = sha256(), _Count(), asyncio.get_running_loop()
    today = legal_date(resources.clock.now())
    # one thread from the first byte to the last: libxml2's parser aborts in another
    with ThreadPoolExecutor(max_workers=1) as thread:
        reader = await loop.run_in_executor(thread, corporation.reader, file.format)
        for start in await files.PIECES.all(tx, file.file_id):
            sealed = await files.PIECE.get(tx, file.file_id, start)
            raw = resources.keyring.open(sealed, file.file_id.bytes + start.to_bytes(8, "big"))
            digest.update(raw)
            lines, faults = await loop.run_in_executor(thread, _judged, reader, raw, today)
            count.add(lines)
            await _keep(tx, resources.keyring, file, lines, faults)
        if digest.digest() != file.sha256:
            raise FileUnreadable("HASH_MISMATCH")
        await loop.run_in_executor(thread, reader.close)
    header = reader.header
    assert header is not None, "a reader that closes has a header"
    if (header.records, header.receipts_tiyn, header.returns_tiyn) != (
        count.records,
        count.receipts_tiyn,
        count.returns_tiyn,
    ):
        raise FileUnreadable("TOTALS_MISMATCH")
    return header


def _judged(
    reader: corporation.Reader, raw: bytes, today: date
) -> tuple[list[Line], list[Fault | None]]:
    """The rows that are whole now, and what is wrong with each in itself."""
    lines = list(reader.feed(raw))
    return lines, [rules.judge(line, today) for line in lines]


async def _keep(
    tx: Tx,
    keyring: Keyring,
    file: Working,
    lines: Sequence[Line],
    faults: Sequence[Fault | None],
) -> None:
    """Find whose the rows are, and stage them by COPY."""
    if not lines:
        return
    people = await whose(
        tx, keyring, [line for line, fault in zip(lines, faults, strict=True) if fault is None]
    )
    closed = set(await taking.CLOSED.all(tx, list(set(people.values()))))
    records = []
    for line, fault in zip(lines, faults, strict=True):
        person = people.get(line.iin or "")
        found = fault or fault_of_person(line, person, closed)
        records.append(_record(keyring, file, line, person if found is None else None, found))
    await tx.connection.copy_records_to_table(
        "contribution_stage", schema_name="registry", columns=_COLUMNS, records=records
    )


async def whose(tx: Tx, keyring: Keyring, lines: Sequence[Line]) -> dict[str, UUID]:
    """The persons of the receipts among those rows, by IIN; who is not known is left out."""
    return await persons.resolve(tx, keyring, {line.iin for line in lines if line.iin})


def fault_of_person(line: Line, person: UUID | None, closed: set[UUID]) -> Fault | None:
    """What is wrong with whom the row names."""
    if line.kind is not LineKind.RECEIPT:
        return None
    if person is None:
        return Fault.INSURED_NOT_FOUND
    return Fault.ACCOUNT_CLOSED if person in closed else None


def key_of(keyring: Keyring, source: str, line: Line) -> bytes:
    """What makes a row at fault the same wherever it stands. Keyed: it holds an IIN."""
    told = msgspec.json.encode((source, msgspec.structs.replace(line, number=0)))
    return keyring.lookup("contribution_repair", sha256(told).hexdigest())


def seal(keyring: Keyring, file_id: UUID, line: Line) -> bytes:
    """The row as it was told, bound to its place."""
    context = file_id.bytes + line.number.to_bytes(8, "big")
    return keyring.seal(msgspec.json.encode(line), context)


def unseal(keyring: Keyring, file_id: UUID, number: int, sealed: bytes) -> Line:
    """The row that `seal` sealed."""
    plain = keyring.open(sealed, file_id.bytes + number.to_bytes(8, "big"))
    return msgspec.json.decode(plain, type=Line)


def _record(
    keyring: Keyring, file: Working, line: Line, person: UUID | None, fault: Fault | None
) -> tuple[Any, ...]:
    return (
        file.file_id,
        line.number,
        line.kind.value,
        line.ref,
        line.day,
        line.amount_tiyn,
        line.period,
        line.receipt_kind,
        rules.payer_of(line),
        line.payer_kind,
        person,
        line.original_ref,
        None if fault is None else fault.value,
        None if fault is None else key_of(keyring, file.source, line),
        None if fault is None else seal(keyring, file.file_id, line),
    )
