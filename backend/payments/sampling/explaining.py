"""Why a line has its score, in words and numbers, in the reader's language."""

from collections.abc import Sequence

from babel.dates import format_datetime
from babel.numbers import format_decimal

from backend.kernel.clock import to_legal
from backend.payments.sampling.model import Hit, Item, ItemRow, Reason, Rule
from backend.web import problems


def explained(rows: Sequence[ItemRow], language: str) -> list[Item]:
    """The lines without the persons, each rule that met one told with its points and numbers."""
    return [
        Item(
            row.no,
            row.part,
            row.act_id,
            row.act_number,
            row.line_no,
            row.case_id,
            row.executor_id,
            row.executor_name,
            row.service_code,
            row.service_date,
            row.amount_tiyn,
            row.score,
            [Reason(hit.rule, hit.points, in_words(hit, language)) for hit in row.hits],
        )
        for row in rows
    ]


def in_words(hit: Hit, language: str) -> str:
    """One rule and the numbers it found."""
    return problems.text(f"RISK_{hit.rule.value}", language, _facts(hit, language))[0]


def _facts(hit: Hit, language: str) -> dict[str, str | int]:
    def number(value: float | None, digits: str = "0.#") -> str:
        return format_decimal(value or 0, digits, locale=language)

    if hit.rule is Rule.TWO_PLACES:
        return {"places": int(hit.a or 0), "minute": _minute(hit, language)}
    if hit.rule is Rule.SAME_MINUTE:
        return {"people": int(hit.a or 0), "minute": _minute(hit, language)}
    if hit.rule is Rule.TWO_STAYS:
        return {"days": int(hit.a or 0)}
    if hit.rule is Rule.TOO_FAR:
        return {
            "km": number(hit.a),
            "minutes": round(hit.b or 0),
            "minute": _minute(hit, language),
        }
    if hit.rule is Rule.PHONE_AWAY:
        km = (hit.a or 0) / 1000
        return {"km": number(km), "metres": int(hit.b or 0), "minute": _minute(hit, language)}
    if hit.rule is Rule.OUTLIER:
        return {
            "each": number(hit.a, "0.##"),
            "median": number(hit.b, "0.##"),
            "z": number(hit.c),
        }
    return {}


def _minute(hit: Hit, language: str) -> str:
    if hit.at is None:
        return "—"
    pattern = "y 'ж'. d MMMM, HH:mm" if language == "kk" else "d MMMM y, HH:mm"
    return format_datetime(to_legal(hit.at), pattern, locale=language)
