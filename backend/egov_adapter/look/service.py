"""Tell a person who looked."""

from uuid import UUID

from backend.egov_adapter.look.model import Look
from backend.kernel.db import Executor
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import AccessRecord
from backend.web import paging, problems

STAFF_DIGITS = 12  # of the opaque number: enough to find one among millions


async def looks(
    where: Executor, person_id: UUID, language: str, cursor: str | None, limit: int
) -> paging.Page[Look]:
    """Who looked at this person's data, the newest first. Raises BadCursor."""
    page = await access_records.of_person(where, person_id, cursor, limit)
    return paging.Page([told(record, language) for record in page.items], page.next)


def told(record: AccessRecord, language: str) -> Look:
    """The record in words."""
    role = _word("ROLE", record.role, language)
    office = record.organisation
    return Look(
        look_id=record.record_id,
        at=record.at,
        own=record.own,
        who=role if office is None else f"{office} ({role})",
        role=record.role,
        staff=record.staff.hex()[:STAFF_DIGITS] if record.staff else None,
        basis=record.basis,
        why=_word("BASIS", record.basis, language),
        fields=[field.value for field in record.fields],
        what=", ".join(_word("FIELD", field, language) for field in record.fields),
    )


def _word(kind: str, code: str, language: str) -> str:
    return problems.text(f"LOOK_{kind}_{code.upper()}", language, {})[0]
