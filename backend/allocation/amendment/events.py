"""What happened to supplementary agreements; the subject is the agreement."""

from uuid import UUID

from backend.kernel.events import Event


class AmendmentOffered(Event, frozen=True):
    """The issuer signed the agreement; the executor may."""

    contract_id: UUID
    executor_id: UUID


class ContractAmended(Event, frozen=True):
    """Both sides signed: the contract's lines are what the agreement says, and the ledger follows."""

    contract_id: UUID
    executor_id: UUID
    amount_before_tiyn: int
    amount_after_tiyn: int
