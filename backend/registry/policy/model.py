"""Policies: the issuer's obligation to pay for the care of an insured (M §3(16), §36)."""

from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from backend.kernel.actor import EXECUTOR_SIGNERS, ISSUER_SIGNERS, Role
from backend.registry.log.model import BasisKind

# What the obligation is measured by (M §3(16)): tariffs and payment rules of the Ministry.
TARIFF_SET: Final = "KR DSM-170/2020"
RULE_SET: Final = "KR DSM-291/2020"


# M §3(15)
REGISTRAR_NAME: Final = "«Ақпараттық-есептеу орталығы» АҚ"


class PolicyStatus(StrEnum):
    """Domain 3.13; a CREDITED policy is in force."""

    ISSUED = "ISSUED"
    CREDITED = "CREDITED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class CancelGround(StrEnum):
    """Why a policy is cancelled; the source names no grounds (M §29(5), D13)."""

    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    ENTITLEMENT_LOST = "ENTITLEMENT_LOST"  # to both packages
    DUPLICATE = "DUPLICATE"
    PILOT_WITHDRAWN = "PILOT_WITHDRAWN"


class PolicyOperation(StrEnum):
    """The operations of M §29, as the log names them.

    What is issued and credited by one order stands in one ISSUE, whose content says so: `operations`
    lists both. The end of the year (D13) is a change of the policy's status.
    """

    ISSUE = "ISSUE"
    CHANGE = "CHANGE"
    EXECUTOR_CHANGED = "EXECUTOR_CHANGED"
    CREDIT = "CREDIT"
    CANCEL = "CANCEL"


class Lawful(msgspec.Struct, frozen=True):
    """Who may cause an operation, on what basis, from which statuses (None: there is no policy yet).

    `orders`: the signed order that causes it, None where there is none. `systems` cause it by an event.
    """

    operation: PolicyOperation
    source: str
    order: str | None
    signers: frozenset[Role]
    systems: frozenset[Role]
    bases: frozenset[BasisKind]
    before: tuple[PolicyStatus | None, ...]
    after: tuple[PolicyStatus, ...]


_LIVE: Final = (PolicyStatus.ISSUED, PolicyStatus.CREDITED)
_BOTH: Final = ISSUER_SIGNERS | EXECUTOR_SIGNERS
# Domain 2 rows 29, 30; domain 3.13. An executor orders about those attached to it alone.
POLICY_OPERATIONS: Final = (
    Lawful(
        PolicyOperation.ISSUE,
        "M §29(1), §35",
        "order.issue_policies",
        ISSUER_SIGNERS,
        frozenset(),
        frozenset({BasisKind.ORDER}),
        (None,),
        _LIVE,
    ),
    Lawful(
        PolicyOperation.CHANGE,
        "M §29(2)",
        "order.change_policies",
        _BOTH,
        frozenset({Role.SYSTEM}),  # entitlement gained or lost, the end of the year
        frozenset({BasisKind.ORDER, BasisKind.EVENT}),
        _LIVE,
        (*_LIVE, PolicyStatus.EXPIRED),
    ),
    Lawful(
        PolicyOperation.EXECUTOR_CHANGED,
        "M §29(3), §38",
        "order.change_executor",
        _BOTH,
        frozenset({Role.MIS}),
        frozenset({BasisKind.ORDER, BasisKind.EVENT}),
        _LIVE,
        _LIVE,
    ),
    Lawful(
        PolicyOperation.CREDIT,
        "M §29(4), D41",
        "order.credit_policies",
        _BOTH,
        frozenset(),
        frozenset({BasisKind.ORDER}),
        (PolicyStatus.ISSUED,),
        (PolicyStatus.CREDITED,),
    ),
    Lawful(
        PolicyOperation.CANCEL,
        "M §29(5), D13",
        "order.cancel_policies",
        _BOTH,
        frozenset({Role.REGISTRAR, Role.SYSTEM}),  # with the closing of the account
        frozenset({BasisKind.ORDER, BasisKind.EVENT, BasisKind.REQUEST}),
        _LIVE,
        (PolicyStatus.CANCELLED,),
    ),
)


class Policy(msgspec.Struct, frozen=True):
    """A policy, without whose it is: `gvfmc` and `mhi` are the packages of care it covers (D26)."""

    person_id: UUID
    policy_id: UUID
    year: int
    number: str
    status: PolicyStatus
    gvfmc: bool
    mhi: bool
    service_list: str
    tariff_set: str
    rule_set: str
    issued_on: date
    valid_from: date
    valid_to: date
    executor_id: UUID | None


class Registrar(msgspec.Struct, frozen=True):
    """Who keeps the registry: its name and place stand on every policy (M §37)."""

    name: str
    bin: str
    address: str


class Card(msgspec.Struct, frozen=True):
    """What is shown of a policy besides its holder (M §36, §37)."""

    policy: Policy
    issuer_name: str
    issuer_bin: str
    issuer_address: str
    executor_name: str | None
    executor_bin: str | None


class Cancelled(msgspec.Struct, frozen=True):
    """A policy that was cancelled, and its status before."""

    person_id: UUID
    policy_id: UUID
    status_before: PolicyStatus


class Covered(msgspec.Struct, frozen=True):
    """A live policy and whether it covers the insurance package."""

    person_id: UUID
    policy_id: UUID
    mhi: bool
