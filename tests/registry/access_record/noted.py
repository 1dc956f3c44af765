"""What stands in the store of who looked, for tests of those who read."""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec


class Noted(msgspec.Struct, frozen=True):
    """One access record, without its id and instant."""

    person_id: UUID
    organisation: str | None
    role: str
    basis: str
    basis_id: str | None
    fields: tuple[str, ...]


async def noted(owner: "asyncpg.Connection[Any]", operation: str) -> list[Noted]:
    """The records of one operation of the API, in order."""
    rows = await owner.fetch(
        """
        SELECT person_id, organisation, role, basis, basis_id, fields
          FROM registry.access_record WHERE operation = $1 ORDER BY record_id
        """,
        operation,
    )
    return [Noted(*row[:-1], tuple(row[-1])) for row in rows]
