"""Keep a computed decision: every line, every share with its trace and the origin of its inputs.

Shares go in by the line, a statement for so many of them: a country's decision is a hundred thousand
shares, and neither the traces nor a statement's arguments are ever in memory all at once.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from backend.allocation.decision import queries
from backend.allocation.decision.bundle import DecidedCase
from backend.allocation.decision.model import Mode, Share
from backend.allocation.decision.record import AcceptedLine
from backend.allocation.decision.trace import trace
from backend.kernel.db import Tx

SHARES_AT_ONCE = 5_000


class _Kept(NamedTuple):
    row: AcceptedLine
    share: Share
    trace: str
    origin: str


async def keep(
    tx: Tx, decision_id: UUID, decided: Sequence[DecidedCase], line_sha256: Sequence[bytes]
) -> None:
    """Add the rows of a decision."""
    await queries.ADD_LINES.run(
        tx,
        decision_id,
        [d.prepared.offered.line_id for d in decided],
        [d.outcome.mode for d in decided],
        [d.prepared.offered.units for d in decided],
        [d.outcome.residue for d in decided],
        [d.outcome.amount_tiyn for d in decided],
        list(line_sha256),
    )
    for some in _portions(decided):
        await _add(tx, decision_id, await asyncio.to_thread(_written, some))


def _portions(decided: Sequence[DecidedCase]) -> Iterator[list[DecidedCase]]:
    """Lines together until they hold enough shares."""
    some: list[DecidedCase] = []
    count = 0
    for one in decided:
        if one.outcome.mode is Mode.FAILED:
            continue
        some.append(one)
        count += len(one.outcome.shares)
        if count >= SHARES_AT_ONCE:
            yield some
            some, count = [], 0
    if some:
        yield some


def _written(decided: Sequence[DecidedCase]) -> list[_Kept]:
    """The shares of some lines with their traces as JSON."""
    encode = msgspec.json.Encoder().encode
    kept = []
    for one in decided:
        prepared, case = one.prepared, one.prepared.case
        behind = {
            application.id: (row, origin)
            for application, row, origin in zip(
                case.applications, prepared.rows, prepared.origins, strict=True
            )
        }
        for told in trace(case.line, case.applications, one.outcome):
            row, origin = behind[told.share.id]
            kept.append(_Kept(row, told.share, encode(told).decode(), encode(origin).decode()))
    return kept


async def _add(tx: Tx, decision_id: UUID, kept: Sequence[_Kept]) -> None:
    await queries.ADD_SHARES.run(
        tx,
        decision_id,
        [k.row.line_id for k in kept],
        [k.row.application_id for k in kept],
        [k.row.executor_id for k in kept],
        [k.row.seq_no for k in kept],
        [k.share.group for k in kept],
        [k.share.min for k in kept],
        [k.share.max for k in kept],
        [k.share.allocated for k in kept],
        [k.share.amount_tiyn for k in kept],
        [k.share.reason for k in kept],
        [k.row.no_history is not False for k in kept],
        [k.trace for k in kept],
        [k.origin for k in kept],
    )
    parts = [(k.row, part) for k in kept for part in k.share.co_executors]
    await queries.ADD_SHARE_PARTS.run(
        tx,
        decision_id,
        [row.line_id for row, _ in parts],
        [row.application_id for row, _ in parts],
        [int(part.id) for _, part in parts],
        [part.allocated for _, part in parts],
    )
