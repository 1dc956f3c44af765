"""What happened to monitorings; `subject` is the monitoring."""

from datetime import date
from uuid import UUID

from backend.kernel.events import Event


class CommissionFormed(Event, frozen=True):
    """The issuer's decision named a commission in which all five kinds are present (M §20)."""


class MonitoringNotified(Event, frozen=True):
    """An executor was told through the portal; one event for each executor covered."""

    executor_id: UUID
    starts_on: date


class ProtocolSigned(Event, frozen=True):
    """Every member of the commission signed the same bytes: the findings are confirmed (M §21-22).

    One event for each executor the monitoring covered, in the transaction of the last signature; where
    T2 names several contracts, one for each of them.

    - `terminates`: the protocol holds at least one non-conformity of this executor that is ground to
      terminate the contract and stop payment (T2, M §17(2)); `recorded_on` is then the earliest
      legal date such a one was recorded, from which T2 is effective (D10), else None.
    - `contract_id`: the contract those non-conformities name; None: they name none, and so are about
      all the executor's contracts.
    - `address_mismatch_on`: the earliest date on which a service at an address that does not match the
      licence was recorded (S1, M §15(1)); None when there is none. Of several events the first alone has it.
    - `protocol_sha256` (hex): the signed bytes, the documentary confirmation M §17 asks for.
    """

    executor_id: UUID
    protocol_id: UUID
    protocol_sha256: str
    nonconformities: int
    terminates: bool
    recorded_on: date | None
    contract_id: UUID | None
    address_mismatch_on: date | None


class MonitoringClosed(Event, frozen=True):
    """Everything recommended was carried out, or the issuer closed what is left with reasons."""
