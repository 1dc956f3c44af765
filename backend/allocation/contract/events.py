"""What happened to contracts."""

from uuid import UUID

from backend.kernel.events import Event


class ContractsFormed(Event, frozen=True):
    """All contracts of a signed decision were formed; `subject` is the decision."""

    contracts: int


class ContractSignedByIssuer(Event, frozen=True):
    """The issuer signed the contract; the executor may."""

    executor_id: UUID


class ContractSigned(Event, frozen=True):
    """Both parties signed: the contract is in force; `subject` is the contract."""

    executor_id: UUID
    amount_tiyn: int
    source: str


class ContractSignatureDue(Event, frozen=True):
    """The executor has not signed for three working days (D7): a reminder, nothing more."""

    executor_id: UUID


class ContractExpired(Event, frozen=True):
    """The contract's last day is over."""

    executor_id: UUID


class ContractTerminated(Event, frozen=True):
    """The issuer ended the contract on a ground of M §17."""

    executor_id: UUID
    ground: str


class ContractLapsed(Event, frozen=True):
    """The executor did not sign and the issuer ended the contract; its volume is residue again."""

    executor_id: UUID
