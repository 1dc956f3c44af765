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


class ActMoney(msgspec.Struct, frozen=True):
    """What an act took from one line of its contract, in tiyn."""

    contract_id: UUID
    line_id: UUID
    source: Source
    amount_tiyn: int


class Balance(msgspec.Struct, frozen=True):
    """What an account holds, in tiyn, while it is locked."""

    account: str
    balance_tiyn: int
