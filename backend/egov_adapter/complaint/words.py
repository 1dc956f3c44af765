"""How to complain, what became of it, and the answer on paper, in words (M §53; R166-R170)."""

from datetime import datetime
from typing import Any

from backend.egov_adapter.complaint.model import (
    AnswerComplaint,
    DueStatus,
    Procedure,
    RecordDecision,
    Step,
)
from backend.kernel.clock import legal_date
from backend.kernel.terms import LEGAL_TERMS
from backend.web import problems

_TERM = {"K1": "d12", "K2": "d13", "K3": "d14", "K4": None}
_BOTH = ("kk", "ru")
# App.2, "other requirements": the Fund's contact centre (free), the unified one, the state's.
PHONES = ["1414", "1406", "8-800-080-7777"]


def _days(code: str) -> int:
    term = LEGAL_TERMS[code].term
    assert term is not None, "a term of complaints is counted in working days"
    return term.count


def procedure(language: str) -> Procedure:
    """The four ways with their terms, and what is told by phone."""
    steps = []
    for route, term in _TERM.items():
        title, how = problems.text(f"COMPLAINT_ROUTE_{route}", language, {})
        days = None if term is None else _days(term)
        steps.append(Step(route, title, how, days))
    return Procedure(steps, PHONES, problems.text("COMPLAINT_BY_PHONE", language, {})[0])


def said(one: DueStatus) -> list[str]:
    """What became of a complaint, in Kazakh and in Russian."""
    return _pair(
        f"COMPLAINT_SAID_{one.status.value}",
        number=one.tracking_number,
        due=_day(one.due_at),
    )


def letter(
    one: DueStatus, full_name: str, text: str, command: AnswerComplaint | RecordDecision
) -> dict[str, Any]:
    """What the letter shows: strings ready to be read, Kazakh first."""
    decision = isinstance(command, RecordDecision)
    given = [
        [_pair("LETTER_TO"), full_name],
        [_pair("LETTER_NUMBER"), one.tracking_number],
        [_pair("LETTER_REGISTERED"), _day(one.registered_at)],
        [_pair("LETTER_ANSWERED"), _day(one.at)],
    ]
    if isinstance(command, RecordDecision):
        given.append([_pair("LETTER_DECISION"), f"{command.number}, {command.decided_on:%d.%m.%Y}"])
    return {
        "title": _pair("LETTER_TITLE"),
        "provider": [problems.text("PASSPORT_1", language, {})[1] for language in _BOTH],
        "given": given,
        "complaint_title": _pair("LETTER_COMPLAINT"),
        "complaint": text,
        "outcome_title": _pair("LETTER_OUTCOME"),
        "outcome": _pair(f"LETTER_{command.outcome.value}"),
        "kind": command.outcome.value,
        "answer_title": _pair("LETTER_ANSWER"),
        "answer": command.text,
        "next": _pair("LETTER_NEXT_BODY" if decision else "LETTER_NEXT"),
        "seal": _pair("LETTER_SEAL_BODY" if decision else "LETTER_SEAL"),
        "foot": f"{_pair('LETTER_TITLE')[0]} · {one.tracking_number}",
    }


def _pair(code: str, **facts: str | int) -> list[str]:
    return [problems.text(code, language, facts)[0] for language in _BOTH]


def _day(at: datetime) -> str:
    return f"{legal_date(at):%d.%m.%Y}"
