"""What the state service does with what it learns. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from backend.egov_adapter.state_service.errors import CourtActUnsound
from backend.egov_adapter.state_service.model import (
    EnterCourtAct,
    Ground,
    Outcome,
    RefusalDocument,
    ResultDocument,
    Stage,
)
from backend.sources.digital_documents.service import IdentityDocument, State
from backend.sources.egov.service import DocumentStatus

# The service's code in what goes to the cabinet and to the monitoring system: our name for it (D14: the
# full name has three variants in the source).
SERVICE: Final = "mhi-participation"
FINAL: Final = frozenset({Stage.DELIVERED, Stage.REFUSED})


def without_consent(state: State, *, in_time: bool) -> Ground | None:
    """F5 where the owner refused, or let the service's time pass; None: he may still answer."""
    if state is State.PENDING and in_time:
        return None
    return Ground.F5


def of_identity(
    document: IdentityDocument, iin: str, status: DocumentStatus, on: date
) -> Ground | None:
    """The ground against an identity document, or None (App.2 row 9(1), (2)).

    Another person's document, or one the state never issued, is untrue (F1); one that is expired or
    taken back does not meet the requirements (F2).
    """
    if document.iin != iin or status is DocumentStatus.UNKNOWN:
        return Ground.F1
    if status is DocumentStatus.INVALID or document.valid_to < on:
        return Ground.F2
    return None


def of_courts(grounds: Sequence[Ground]) -> Ground | None:
    """The ground of the court acts in force; a deprivation of the right goes before a prohibition."""
    if Ground.F4 in grounds:
        return Ground.F4
    return Ground.F3 if Ground.F3 in grounds else None


def require_sound(command: EnterCourtAct) -> None:
    """Raises CourtActUnsound."""
    if command.in_force_from < command.decided_on:
        raise CourtActUnsound(path="$.in_force_from")
    if command.in_force_to is not None and command.in_force_to < command.in_force_from:
        raise CourtActUnsound(path="$.in_force_to")


def final_of(outcome: Outcome) -> Stage:
    """How a request with that outcome ends."""
    return Stage.REFUSED if isinstance(outcome, RefusalDocument) else Stage.DELIVERED


def octets(outcome: Outcome) -> bytes:
    """The outcome as it is sealed: JSON, keys in order, one way to write it."""
    return msgspec.json.encode(outcome, order="sorted")


def read(octets: bytes) -> Outcome:
    """The outcome of those octets."""
    return msgspec.json.decode(octets, type=ResultDocument | RefusalDocument)
