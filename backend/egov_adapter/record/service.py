"""Read the asking citizen's own record."""

from datetime import date
from uuid import UUID

from backend.egov_adapter.record import queries
from backend.egov_adapter.record.model import Billed, OwnCase, OwnContribution, OwnVisit
from backend.kernel.db import Db, Tx
from backend.web import paging


async def visits(db: Db, person_id: UUID, cursor: str | None, limit: int) -> paging.Page[OwnVisit]:
    """The person's visits, the newest first."""
    after = paging.decode_uuid(cursor)
    rows = await queries.VISITS.all(db, person_id, after, limit + 1)
    return paging.page(rows, limit, lambda v: v.visit_id)


async def billed(
    db: Db, person_id: UUID, language: str, cursor: str | None, limit: int
) -> paging.Page[Billed]:
    """What was billed in the person's name, the newest first."""
    after = paging.decode_uuid(cursor)
    rows = await queries.BILLED.all(db, person_id, after, limit + 1, language)
    return paging.page(rows, limit, lambda b: b.case_id)


async def own_case(tx: Tx, person_id: UUID, case_id: UUID) -> OwnCase | None:
    """A service billed in the person's name; None when it is not, or is another's."""
    return await queries.OWN_CASE.one(tx, person_id, case_id)


async def contributions(
    db: Db, person_id: UUID, cursor: str | None, limit: int
) -> paging.Page[OwnContribution]:
    """The person's receipts, the newest payment first. Raises BadCursor."""
    paid_on, contribution_id = _place(cursor)
    rows = await queries.CONTRIBUTIONS.all(db, person_id, paid_on, contribution_id, limit + 1)
    return paging.page(rows, limit, lambda c: f"{c.paid_on}/{c.contribution_id}")


def _place(cursor: str | None) -> tuple[date | None, UUID | None]:
    text = paging.decode(cursor)
    if text is None:
        return None, None
    day, _, contribution = text.partition("/")
    try:
        return date.fromisoformat(day), UUID(contribution)
    except ValueError:
        raise paging.BadCursor(path="cursor") from None
