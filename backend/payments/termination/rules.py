"""From which day a ground of M §17 counts, and what may be settled. Pure."""

from collections.abc import Sequence
from datetime import date

from backend.payments.termination.errors import (
    ActNotBefore,
    DocumentNeeded,
    EffectiveDateWrong,
    TerminationNotOpen,
)
from backend.payments.termination.model import (
    Document,
    Open,
    Settle,
    StoppedAct,
    Termination,
    TerminationGround,
    TerminationStatus,
    Verdict,
)


def require_openable(command: Open, today: date) -> None:
    """T1 counts from the day the issuer received the document, T2 from the day of the record (D10).

    Neither has come yet to come, and nobody receives a decision before it is made. A protocol is signed
    on or after the day its non-conformity was recorded. Raises EffectiveDateWrong.
    """
    issued, effective = command.document.issued_on, command.effective_from
    if effective > today or issued > today:
        raise EffectiveDateWrong(path="$.effective_from")
    if command.ground == TerminationGround.T1 and effective < issued:
        raise EffectiveDateWrong(path="$.effective_from")
    if command.ground == TerminationGround.T2 and effective > issued:
        raise EffectiveDateWrong(path="$.effective_from")


def require_open(found: Termination) -> None:
    """Raises TerminationNotOpen."""
    if found.status is not TerminationStatus.OPEN:
        raise TerminationNotOpen(status=found.status)


def document_of(found: Termination, presented: Document | None) -> Document:
    """The document a termination rests on: its own, else the one presented. Raises DocumentNeeded."""
    document = found.document or presented
    if document is None:
        raise DocumentNeeded(path="$.document")
    return document


def require_decidable(command: Settle, acts: Sequence[StoppedAct]) -> None:
    """All named acts are stopped by this termination; those to be settled are wholly before its date.

    Raises ActNotBefore with the place of the first that is not.
    """
    found = {act.act_id: act for act in acts}
    for place, act_id in enumerate(command.acts):
        act = found.get(act_id)
        if act is None or (command.verdict is Verdict.SETTLE and not act.before):
            raise ActNotBefore(path=f"$.acts[{place}]")
