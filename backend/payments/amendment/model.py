"""What a supplementary agreement moves, as far as money is concerned."""

from uuid import UUID

import msgspec

from backend.payments.ledger.model import Source


class AmendmentHead(msgspec.Struct, frozen=True):
    """An agreement: whose contract, after which change of the plan, the bytes to be signed."""

    contract_id: UUID
    change_id: UUID
    plan_id: UUID
    content: bytes


class AmendedLine(msgspec.Struct, frozen=True):
    """How much more a line is worth (below zero: less), and what waiting acts ask of it; tiyn."""

    line_id: UUID
    source: Source
    more_tiyn: int
    waiting_tiyn: int
