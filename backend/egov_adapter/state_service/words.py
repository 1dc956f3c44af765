"""The words of the printed result, refusal and passport: Kazakh first, Russian beside it."""

from datetime import date
from typing import Any, Final

from babel.dates import format_skeleton

from backend.egov_adapter.state_service.model import (
    Outcome,
    Payment,
    RefusalDocument,
    ResultDocument,
)
from backend.kernel.clock import to_legal
from backend.kernel.money import Language, for_people
from backend.web import problems

BOTH: Final[tuple[Language, Language]] = ("kk", "ru")
COLUMNS: Final = 8  # of App.3
ROWS: Final = (*(str(n) for n in range(1, 10)), "OTHER")  # of App.2
ALIASES: Final = ("SERVICE_ALIAS_1", "SERVICE_ALIAS_2")  # D14

Pair = list[str]


def said(code: str, language: str, **facts: str | int) -> str:
    """One text."""
    return problems.text(code, language, facts)[0]


def pair(code: str, **facts: str | int) -> Pair:
    """A text in Kazakh and in Russian."""
    return [said(code, language, **facts) for language in BOTH]


def both_parts(code: str, language: str) -> tuple[str, str]:
    """A text and its advice in one language."""
    return problems.text(code, language, {})


def todo(code: str) -> Pair:
    """The advice of a text in both."""
    return [problems.text(code, language, {})[1] for language in BOTH]


def page(outcome: Outcome) -> dict[str, Any]:
    """What the template prints: strings ready to be read."""
    refused = isinstance(outcome, RefusalDocument)
    common = {
        "title": pair("SERVICE_REFUSAL" if refused else "SERVICE_FORM"),
        "service": pair("SERVICE_NAME"),
        "provider": todo("PASSPORT_1"),
        "given": [
            [pair("SERVICE_GIVEN_TO"), outcome.holder.full_name],
            [pair("SERVICE_IIN"), outcome.holder.iin],
            [pair("SERVICE_GIVEN_ON"), f"{to_legal(outcome.issued_at):%d.%m.%Y %H:%M}"],
            [pair("SERVICE_REQUEST"), str(outcome.request_id)],
        ],
        "seal": pair("SERVICE_SEAL"),
        "foot": f"{said('SERVICE_FORM', 'kk')} · {outcome.request_id}",
        "refused": refused,
    }
    if isinstance(outcome, RefusalDocument):
        return common | _refusal(outcome)
    return common | _result(outcome)


def _result(document: ResultDocument) -> dict[str, Any]:
    consumer = "SERVICE_CONSUMER" if document.consumer else "SERVICE_NOT_CONSUMER"
    return {
        "head": [pair(f"SERVICE_COL_{n}") for n in range(1, COLUMNS + 1)],
        "rows": [_row(n, one) for n, one in enumerate(document.payments, 1)],
        "none": pair("SERVICE_NO_PAYMENTS"),
        "status_title": pair("SERVICE_STATUS"),
        "status": pair(consumer),
        "consumer": document.consumer,
        "on": [said("SERVICE_ON", language, day=_day(document.on)) for language in BOTH],
        "note_title": pair("SERVICE_NOTE_TITLE"),
        "note": pair("SERVICE_NOTE"),
        "owed": _owed(document),
    }


def _row(n: int, one: Payment) -> list[list[str]]:
    """The eight columns; what was not returned stays empty ("if any")."""
    kind = "SERVICE_DEDUCTION" if one.kind == "deduction" else "SERVICE_CONTRIBUTION"
    returned = _sum(one.returned_tiyn) if one.returned_tiyn else ""
    return [
        [str(n)],
        [_day(one.paid_on)],
        [_sum(one.amount_tiyn)],
        pair(kind),
        [f"{one.period[5:]}.{one.period[:4]}"],
        [one.payer],
        [returned],
        [_day(one.returned_on) if one.returned_on else ""],
    ]


def _owed(document: ResultDocument) -> list[Pair]:
    """The note in this person's own numbers (R160)."""
    owed = document.owed
    if not owed.months:
        return [pair("SERVICE_OWED_NONE")]
    return [
        [
            said("SERVICE_OWED", language, months=len(owed.months), amount=for_people(owed.amount_tiyn, language))
            for language in BOTH
        ],
        [
            said("SERVICE_OWED_MONTHS", language, list=", ".join(_month(m, language) for m in owed.months))
            for language in BOTH
        ],
    ]  # fmt: skip


def _refusal(document: RefusalDocument) -> dict[str, Any]:
    code = f"SERVICE_{document.ground.value}"
    act = document.act
    return {
        "ground_title": pair("SERVICE_GROUND"),
        "ground": document.ground.value,
        "why": pair(code),
        "act": None
        if act is None
        else pair("SERVICE_COURT", court=act.court, number=act.number, day=_day(act.decided_on)),
        "now_title": pair("SERVICE_WHAT_NOW"),
        "now": todo(code),
        "complain": pair("SERVICE_COMPLAIN"),
    }


def passport() -> dict[str, Any]:
    """Appendix 2 on paper: its nine rows and the block without a number."""
    return {
        "title": pair("PASSPORT_TITLE"),
        "service": pair("SERVICE_NAME"),
        "rows": [
            ["" if n == "OTHER" else n, pair(f"PASSPORT_{n}"), todo(f"PASSPORT_{n}")] for n in ROWS
        ],
        "foot": said("PASSPORT_TITLE", "kk"),
        "provider": todo("PASSPORT_1"),
    }


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _month(period: str, language: Language) -> str:
    day = date.fromisoformat(f"{period}-01")
    return str(format_skeleton("yMMMM", day, locale=language))


def _sum(amount_tiyn: int) -> str:
    """Tenge, as App.3 prints them: `10 200,00`."""
    return for_people(amount_tiyn, "ru").removesuffix("₸").strip()
