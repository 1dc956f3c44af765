"""Files and their import reports."""

from uuid import UUID

from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.db import Db
from backend.registry.contribution_file.errors import FileNotFound
from backend.registry.contribution_file.model import FileReport, ImportReport
from backend.registry.contribution_file.queries import file as stored


async def files(db: Db, actor: Actor, *, before: UUID | None, limit: int) -> list[FileReport]:
    """Files, the newest first: a source its own, the Fund and the registrar all."""
    return await stored.PAGE.all(db, _own(actor), before, limit)


async def report(db: Db, actor: Actor, file_id: UUID) -> ImportReport:
    """What came of a file. Raises FileNotFound."""
    file = await stored.FIND.one(db, file_id, _own(actor))
    if file is None:
        raise FileNotFound
    return ImportReport(file, tuple(await stored.FAULTS.all(db, file_id)))


def _own(actor: Actor) -> str | None:
    everything = ISSUER | {Role.REGISTRAR}
    return None if actor.roles & everything else actor.bin or actor.label
