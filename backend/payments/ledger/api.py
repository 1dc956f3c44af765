"""The ledger over HTTP."""

from litestar import get
from litestar.di import NamedDependency

from backend.kernel.actor import ISSUER, Role
from backend.kernel.db import Db
from backend.payments.examples import TOTALS
from backend.payments.ledger import service
from backend.payments.ledger.model import Totals
from backend.web.guards import requires
from backend.web.openapi import operation


@get(
    "/ledger/totals",
    guards=[requires(ISSUER, Role.MOH, Role.LEB)],
    tags=["payments"],
    **operation(
        "GetLedgerTotals",
        "Where the money of each source stands",
        discloses="nothing",
        answer=[TOTALS],
    ),
)
async def get_totals(db: NamedDependency[Db]) -> list[Totals]:
    """Planned, residue, contracted, accepted, ordered, paid."""
    return await service.totals(db)


HANDLERS = [get_totals]
