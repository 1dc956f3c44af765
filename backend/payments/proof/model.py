"""What a proof of the ledger found; amounts in tiyn."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.payments.ledger.model import Proof, Totals


class LineOff(msgspec.Struct, frozen=True):
    """A plan line whose sum is not its residue, its contracts' residues and its signed acts together."""

    line_id: UUID
    planned_tiyn: int
    residue_tiyn: int
    contract_tiyn: int
    acts_tiyn: int


class ContractOff(msgspec.Struct, frozen=True):
    """A contract whose ledger (`kept`) is not what its acts and orders say (`told`)."""

    contract_id: UUID
    accepted_kept_tiyn: int
    accepted_told_tiyn: int
    ordered_kept_tiyn: int
    ordered_told_tiyn: int
    paid_kept_tiyn: int
    paid_told_tiyn: int
    returned_kept_tiyn: int
    returned_told_tiyn: int


class LedgerProof(msgspec.Struct, frozen=True):
    """`ok` when every transfer sums to zero, every balance is its entries', none is below zero, and

    planned = residue + contract + accepted + ordered + paid + returned, for each plan line and contract.
    """

    proved_at: datetime
    ok: bool
    counted: Proof
    lines: list[LineOff]
    contracts: list[ContractOff]
    totals: list[Totals]


class PublicProof(msgspec.Struct, frozen=True):
    """The last proof as anybody may read it: sums and counts, nobody's name."""

    proved_at: datetime
    ok: bool
    accounts: int
    transfers: int
    entries: int
    totals: list[Totals]


# --- rows of the database -----------------------------------------------------------------------


class ProofRow(msgspec.Struct, frozen=True):
    """A stored proof."""

    proof_id: int
    result: LedgerProof
