"""Co-executors of an application: legal entities in the open, sole proprietors sealed."""

from uuid import UUID

import msgspec

from backend.allocation.application import queries
from backend.allocation.application.model import (
    CoExecutorRequest,
    CoExecutorView,
    FormOfCoExecutor,
    Part,
    Person,
    SealedCoExecutor,
)
from backend.kernel.db import Executor, Tx
from backend.kernel.sealing import Keyring


async def add(
    tx: Tx, keyring: Keyring, application_id: UUID, requests: list[CoExecutorRequest]
) -> None:
    """Store the co-executors with their parts; a sole proprietor's IIN and name are sealed."""
    if not requests:
        return
    numbered = list(enumerate(requests, start=1))
    legal = FormOfCoExecutor.LEGAL
    await queries.ADD_CO_EXECUTORS.run(
        tx,
        application_id,
        [number for number, _ in numbered],
        [c.form for _, c in numbered],
        [c.number if c.form is legal else None for _, c in numbered],
        [c.name if c.form is legal else None for _, c in numbered],
        [
            None if c.form is legal else _seal(keyring, application_id, number, c)
            for number, c in numbered
        ],
    )
    parts = [(part.line_id, number, part.requested) for number, c in numbered for part in c.parts]
    lines, numbers, requested = zip(*parts, strict=True)
    await queries.ADD_PARTS.run(tx, application_id, lines, numbers, requested)


async def of(where: Executor, keyring: Keyring, application_id: UUID) -> list[CoExecutorView]:
    """The co-executors of an application in the order listed, opened for its parties."""
    parts = await queries.PARTS.all(where, application_id)
    return [
        CoExecutorView(
            row.co_executor_no,
            row.form,
            *opened(keyring, application_id, row),
            [Part(p.line_id, p.requested) for p in parts if p.co_executor_no == row.co_executor_no],
        )
        for row in await queries.CO_EXECUTORS.all(where, application_id)
    ]


def opened(keyring: Keyring, application_id: UUID, row: SealedCoExecutor) -> tuple[str, str]:
    """The number and name of a co-executor."""
    if row.sealed is None:
        assert row.bin is not None, "the database holds one of the two"
        assert row.name is not None, "the database holds one of the two"
        return row.bin, row.name
    plain = keyring.open(row.sealed, _context(application_id, row.co_executor_no))
    person = msgspec.json.decode(plain, type=Person)
    return person.iin, person.name


def _seal(keyring: Keyring, application_id: UUID, number: int, c: CoExecutorRequest) -> bytes:
    plain = msgspec.json.encode(Person(c.number, c.name))
    return keyring.seal(plain, _context(application_id, number))


def _context(application_id: UUID, co_executor_no: int) -> bytes:
    return b"co_executor:" + application_id.bytes + co_executor_no.to_bytes(4, "big")
