"""Tables for spreadsheets, and words with numbers in three languages."""

import csv
import io
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from backend.payments.sampling import rules
from backend.payments.sampling.errors import SamplePeriod
from backend.payments.sampling.explaining import in_words
from backend.payments.sampling.model import Hit, Item, Part, Reason, Rule

AT = datetime(2026, 3, 20, 5, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("kk", "Бір қызметкер бір минутта 2 объектіде адам қабылдаған: 2026 ж. 20 наурыз, 10:31"),
        ("ru", "Один работник в одну минуту принял людей в 2 объектах: 20 марта 2026, 10:31"),
        ("en", "One worker received people at 2 facilities in one minute: 20 March 2026, 10:31"),
    ],
)
def test_a_score_is_said_in_words_and_numbers(language: str, said: str) -> None:
    assert in_words(Hit(Rule.TWO_PLACES, 400, AT, 2), language) == said


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("rule", Rule)
def test_every_rule_has_its_words(rule: Rule, language: str) -> None:
    text = in_words(Hit(rule, 1, AT, 12.34, 5.0, 3.91), language)
    assert text
    assert "RISK_" not in text
    assert "{" not in text


def test_no_cell_is_a_formula() -> None:
    item = Item(
        1, Part.RISK, UUID(int=1), "=2+2", 1, UUID(int=2), UUID(int=3), "@SUM(A1)", "+A02",
        date(2026, 3, 20), 100, 300, [Reason(Rule.NO_VISIT, 300, "=cmd")],
    )  # fmt: skip
    text = rules.table([item]).decode("utf-8-sig")
    (row,) = list(csv.reader(io.StringIO(text)))[1:]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    assert row[9:] == ["300", "300: =cmd"]


@pytest.mark.parametrize(
    ("since", "until"), [("2026-03-02", "2026-03-01"), ("2025-01-01", "2026-03-01")]
)
def test_a_period_is_a_year_at_most(since: str, until: str) -> None:
    with pytest.raises(SamplePeriod):
        rules.require_period(date.fromisoformat(since), date.fromisoformat(until))
