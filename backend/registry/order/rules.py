"""When policies may be ordered, by whom and for whom. Pure."""

from datetime import date
from typing import Final
from uuid import UUID

from backend.kernel.actor import ISSUER_SIGNERS, Actor
from backend.registry.account.errors import NothingToChange
from backend.registry.order.errors import (
    NotAttached,
    OneOrClass,
    PilotExpired,
    YearNotOpen,
)
from backend.registry.order.model import ChangePolicies, Part, PolicyOrder

PARTS: Final = 16  # hash partitions of everything personal
FIRST: Final = UUID(int=0)
LAST: Final = UUID(int=2**128 - 1)


def require_issuable(year: int, today: date, pilot_from: date, pilot_to: date) -> None:
    """The pilot runs, and `year` is its present or next financial year (M §35, D1).

    Raises PilotExpired, YearNotOpen.
    """
    if not pilot_from <= today <= pilot_to:
        raise PilotExpired
    if year not in (today.year, today.year + 1) or date(year, 1, 1) > pilot_to:
        raise YearNotOpen(path="$.year")


def require_current(year: int, today: date) -> None:
    """Policies of a year that is over are not touched any more. Raises YearNotOpen."""
    if year not in (today.year, today.year + 1):
        raise YearNotOpen(path="$.year")


def require_scope(command: PolicyOrder) -> None:
    """One insured or a class, and something to do. Raises OneOrClass, NothingToChange."""
    narrowed = (command.regions, command.attached_by, command.executor)
    if command.iin is not None and narrowed != (None, None, None):
        raise OneOrClass(path="$.iin")
    if isinstance(command, ChangePolicies) and not (
        command.reassess or command.tariff_set or command.rule_set
    ):
        raise NothingToChange(path="$")


def is_issuer(actor: Actor) -> bool:
    """The issuer orders about everybody, an executor about those attached to it."""
    return bool(actor.roles & ISSUER_SIGNERS)


def require_own(attached_to: UUID | None, executor_id: UUID, path: str) -> None:
    """An executor orders for its own insured alone (M §38). Raises NotAttached."""
    if attached_to != executor_id:
        raise NotAttached(path=path)


def parts() -> list[Part]:
    """Every partition whole: `after` exclusive, `until` inclusive."""
    return [Part(n, FIRST, LAST) for n in range(PARTS)]


def one(part: int, person_id: UUID) -> Part:
    """The part that holds one person, and of it nobody else."""
    return Part(part, UUID(int=max(person_id.int - 1, 0)), person_id)


def validity(year: int, issued_on: date) -> tuple[date, date]:
    """First and last day of a policy: from its issue, not before its year, to the year's end."""
    return max(issued_on, date(year, 1, 1)), date(year, 12, 31)
