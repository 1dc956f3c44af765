"""Policies: the issuer's obligation to pay for the care of an insured (M §3(16), §36)."""

from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

# What the obligation is measured by (M §3(16)): tariffs and payment rules of the Ministry.
TARIFF_SET: Final = "KR DSM-170/2020"
RULE_SET: Final = "KR DSM-291/2020"


class PolicyStatus(StrEnum):
    """Domain 3.13; a CREDITED policy is in force."""

    ISSUED = "ISSUED"
    CREDITED = "CREDITED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


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
