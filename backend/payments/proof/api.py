"""Proofs of the ledger over HTTP."""

from typing import Any, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend.kernel.actor import ISSUER
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.payments.examples import TOTALS
from backend.payments.proof import service
from backend.payments.proof.errors import NoProofYet
from backend.payments.proof.model import LedgerProof, ProofRow, PublicProof
from backend.web.guards import public, requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_int, page

_PROOF: Final[dict[str, Any]] = {
    "proved_at": "2026-06-03T06:00:00Z",
    "ok": True,
    "counted": {
        "ok": True,
        "accounts": 12,
        "transfers": 34,
        "entries": 70,
        "unbalanced_transfers": 0,
        "below_zero": 0,
        "differences": [],
    },
    "lines": [],
    "contracts": [],
    "totals": [TOTALS],
}


@get(
    "/ledger/proof",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation("ProveLedger", "Count the ledger anew", discloses="nothing", answer=_PROOF),
)
async def prove(db: NamedDependency[Db], clock: NamedDependency[Clock]) -> LedgerProof:
    """Every balance from its entries, every transfer's sum, every line and contract, now."""
    return await service.now(db, clock)


@get(
    "/ledger/proofs",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ListLedgerProofs",
        "The hourly proofs",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [{"proof_id": 1, "result": _PROOF}], "next": None},
    ),
)
async def list_proofs(
    db: NamedDependency[Db], cursor: FromQuery[str | None] = None, limit: PageLimit = 50
) -> Page[ProofRow]:
    """The newest first; each with whatever differed."""
    rows = await service.proofs(db, decode_int(cursor), limit + 1)
    return page(rows, limit, lambda p: p.proof_id)


@get(
    "/public/ledger-proof",
    guards=[public],
    tags=["payments"],
    **operation(
        "GetLedgerProof",
        "The last proof of the ledger",
        discloses="nothing",
        guarded=False,
        errors=(NoProofYet,),
        answer={
            "proved_at": "2026-06-03T06:00:00Z",
            "ok": True,
            "accounts": 12,
            "transfers": 34,
            "entries": 70,
            "totals": [TOTALS],
        },
    ),
)
async def get_proof(db: NamedDependency[Db]) -> PublicProof:
    """Whether planned money is residue, contracts, accepted, ordered, paid and returned money, to the tiyn."""
    return await service.last(db)


HANDLERS = [prove, list_proofs, get_proof]
