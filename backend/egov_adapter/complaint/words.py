"""How to complain, in words (M §53; R166-R170)."""

from backend.egov_adapter.complaint.model import Procedure, Step
from backend.kernel.terms import LEGAL_TERMS
from backend.web import problems

_TERM = {"K1": "d12", "K2": "d13", "K3": "d14", "K4": None}
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
