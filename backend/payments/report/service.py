"""Hand the report on an act out, as a stream."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from typing import IO, Final
from uuid import UUID

from backend.kernel.actor import Actor
from backend.kernel.db import Db
from backend.payments.act.service import read as acts
from backend.payments.report import queries, rules
from backend.payments.report.model import Form, Line

CHUNK: Final = 2_000  # lines read and written at a time
_PIECE: Final = 256 * 1024  # bytes of a finished workbook


async def hand_out(
    db: Db, actor: Actor, act_id: UUID, form: Form, language: str
) -> AsyncIterator[bytes]:
    """Every line of the act: the executor of its own, the issuer of all, with the insured's words.

    Raises ActNotFound, AccountNotOpen. The lines never change once the act is checked, so they are
    read in chunks, and nothing is held open while a slow reader takes them.
    """
    executor_id = await acts.scope_of(db, actor)
    await acts.act(db, act_id, executor_id)
    chunks = _chunks(db, act_id, with_marks=executor_id is None)
    if form is Form.XLSX:
        return _workbook(chunks, language, marks=executor_id is None)
    return _text(chunks, form, language)


async def _chunks(db: Db, act_id: UUID, *, with_marks: bool) -> AsyncIterator[list[Line]]:
    after = 0
    while lines := await queries.LINES.all(db, act_id, after, CHUNK, with_marks):
        yield lines
        after = lines[-1].line_no


async def _text(
    chunks: AsyncIterator[list[Line]], form: Form, language: str
) -> AsyncIterator[bytes]:
    write = rules.json_lines if form is Form.JSON else rules.csv_lines
    if form is Form.CSV:
        yield rules.csv_head(language)
    async for lines in chunks:
        yield await asyncio.to_thread(write, lines, language)


async def _workbook(
    chunks: AsyncIterator[list[Line]], language: str, *, marks: bool
) -> AsyncIterator[bytes]:
    """Written beside the event loop into a file that is gone when the reader is."""
    with tempfile.TemporaryFile() as file:
        book = await asyncio.to_thread(rules.Workbook, file, language, marks=marks)
        async for lines in chunks:
            await asyncio.to_thread(book.add, lines)
        await asyncio.to_thread(book.close)
        file.seek(0)
        while piece := await asyncio.to_thread(_piece, file):
            yield piece


def _piece(file: IO[bytes]) -> bytes:
    return file.read(_PIECE)
