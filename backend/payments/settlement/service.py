"""Use case of settlement: what the registry asks of the wing that pays."""

from collections.abc import Sequence
from uuid import UUID

from backend.kernel.db import Db
from backend.payments.settlement import queries


class ActSettlement:
    """`registry.restriction.model.Settlement`. Acts tell: of a person those with a case of his, of an executor its own."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def unsettled(self, subjects: Sequence[UUID]) -> set[UUID]:
        """Those with an act that is neither paid, nor cancelled, nor failed."""
        return set(await queries.UNSETTLED.all(self._db, list(subjects)))
