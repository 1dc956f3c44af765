"""The dictionary of defects: set by the issuer's signature, never changed, only ended."""

from datetime import date

from backend.kernel.clock import legal_date
from backend.kernel.resources import Resources
from backend.payments.monitoring import queries, rules
from backend.payments.monitoring.commands import (
    SetDefectCodes,
)
from backend.payments.monitoring.errors import DefectCodesInvalid
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed
from backend.web.paging import BadCursor, decode


def after(cursor: str | None) -> tuple[str, date] | None:
    """The definition a page goes on behind. Raises BadCursor."""
    text = decode(cursor)
    if text is None:
        return None
    code, _, valid_from = text.partition(" ")
    try:
        return code, date.fromisoformat(valid_from)
    except ValueError:
        raise BadCursor(path="cursor") from None


async def set_codes(resources: Resources, signed: Signed[SetDefectCodes]) -> int:
    """Add definitions, each of which ends the one of its code before it, and end others for good; how many.

    Raises DefectCodesInvalid.
    """
    rows, ends, now = signed.command.rows, signed.command.ends, resources.clock.now()
    rules.require_new_codes(rows, ends, legal_date(now))
    codes, days = [row.code for row in rows], [row.valid_from for row in rows]
    async with resources.db.payments.transaction() as tx:
        await queries.LOCK_CODES.run(tx)
        if await queries.LATER_CODES.one(tx, codes, days) is not None:
            raise DefectCodesInvalid(path="document.rows")
        await queries.END_CODES.run(tx, codes, days)
        await queries.ADD_CODES.run(
            tx,
            codes,
            days,
            [row.title_kk for row in rows],
            [row.title_ru for row in rows],
            [row.title_en for row in rows],
            [",".join(sorted(row.kinds)) for row in rows],
            [",".join(sorted(row.grounds)) for row in rows],
            await evidence.store(tx, signed),
            now,
            signed.command.basis,
        )
        ended = await queries.END_FOR_GOOD.run(
            tx, [end.code for end in ends], [end.valid_to for end in ends]
        )
        if ended != len(ends):
            raise DefectCodesInvalid(path="document.ends")
    return len(rows) + len(ends)
