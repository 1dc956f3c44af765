"""The ledger over HTTP."""

from litestar import get
from litestar.di import NamedDependency

from backend.kernel.actor import ISSUER, Role
from backend.kernel.db import Db
from backend.payments.examples import TOTALS
from backend.payments.ledger import service
from backend.payments.ledger.model import Proof, Totals
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


@get(
    "/ledger/proof",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ProveLedger",
        "Count the ledger anew",
        discloses="nothing",
        answer={
            "ok": True,
            "accounts": 12,
            "transfers": 34,
            "entries": 70,
            "unbalanced_transfers": 0,
            "below_zero": 0,
            "differences": [],
        },
    ),
)
async def prove(db: NamedDependency[Db]) -> Proof:
    """Every balance from its entries, every transfer's sum, and whatever differs."""
    return await service.proof(db)


HANDLERS = [get_totals, prove]
