"""Lines whose money the ledger holds."""

from uuid import UUID

import msgspec

from backend.payments.ledger.model import Source


class PlanMoney(msgspec.Struct, frozen=True):
    """A plan line and its planned sum, in tiyn."""

    line_id: UUID
    source: Source
    amount_tiyn: int


class ContractMoney(msgspec.Struct, frozen=True):
    """A contract's line, its sum, and the planned sum of the plan line it came from, in tiyn."""

    line_id: UUID
    source: Source
    amount_tiyn: int
    planned_tiyn: int
