"""Kazakh is the source; nothing is missing elsewhere, nothing is unused, plurals are people's own."""

import ast as python
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

import bot
from backend.egov_adapter.complaint.model import ComplaintStatus
from backend.egov_adapter.notice.model import Topic
from backend.egov_adapter.record.model import BilledState
from backend.registry.entitlement.model import ReceiptKind
from backend.registry.extract.model import Kind as ExtractKind
from backend.registry.policy.model import PolicyStatus
from bot.keyboards import CLINIC_GROUNDS, COMMANDS
from bot.pace import wait_words
from bot.words import LANGUAGES, SOURCE, Words, language_for

ROOT = Path(bot.__file__).parent
GRADES = ("QR_BIOMETRIC", "QR_DOCUMENT", "QR_ONLY", "NONE")  # visits.visit.grade
TELEGRAM_BUTTON_MAX = 40  # what an old telephone shows of a button in one row


class Facts(Visitor):  # type: ignore[misc]
    """The variables a text asks for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.names.add(node.id.name)


def catalogue(language: str) -> dict[str, set[str]]:
    """Every text and the facts it is filled with."""
    source = (ROOT / "texts" / f"{language}.ftl").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for entry in FluentParser().parse(source).body:
        assert not isinstance(entry, ast.Junk), entry.content
        if isinstance(entry, ast.Message):
            assert entry.id.name not in found, f"{entry.id.name} stands twice"
            facts = Facts()
            facts.visit(entry)
            found[entry.id.name] = facts.names
    return found


@pytest.mark.parametrize("language", [x for x in LANGUAGES if x != SOURCE])
def test_no_translation_is_missing(language: str) -> None:
    source, other = catalogue(SOURCE), catalogue(language)
    assert source.keys() == other.keys()
    for name, facts in source.items():
        assert other[name] == facts, f"{name} is filled with other facts in {language}"


def named_in_code() -> set[str]:
    """The texts named in calls of `words(…)` and `words.button(…)`."""
    found: set[str] = set()
    for path in ROOT.rglob("*.py"):
        for node in python.walk(python.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, python.Call) and node.args):
                continue
            called = python.unparse(node.func)
            if not called.endswith(("words", "words.button", "self")):
                continue
            name = node.args[0]
            choices = (name.body, name.orelse) if isinstance(name, python.IfExp) else (name,)
            found |= {str(c.value) for c in choices if isinstance(c, python.Constant)}
    return found


def test_every_text_is_used_and_every_used_text_exists() -> None:
    code = (ROOT / "keyboards.py").read_text(encoding="utf-8")
    plain = named_in_code()
    plain |= {f"button-{n}" for n in re.findall(r'_named\(words, "([a-z-]+)"', code)}
    plain |= {f"button-{n}" for n in (*COMMANDS, "link")} | {f"command-{n}" for n in COMMANDS}
    plain |= {f"case-{s}" for s in BilledState} | {f"policy-state-{s}" for s in PolicyStatus}
    plain |= {f"complaint-status-{s}" for s in ComplaintStatus} | {f"kind-{k}" for k in ReceiptKind}
    plain |= {f"notice-{t}" for t in Topic} | {f"topic-{t}" for t in Topic}
    plain |= {f"{kind}-{k}" for kind in ("extract", "button-extract") for k in ExtractKind}
    plain |= {f"grade-{g}" for g in GRADES} | {f"complaint-kind-{g}" for g in CLINIC_GROUNDS}
    assert plain == set(catalogue(SOURCE))


def test_a_missing_text_is_a_defect_not_a_blank() -> None:
    with pytest.raises(KeyError):
        Words("kk")("no-such-text")


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_fit_and_carry_no_markup(language: str) -> None:
    words = Words(language)
    for name, facts in catalogue(language).items():
        if name.startswith(("button-", "command-", "complaint-kind-", "topic-")):
            text = words.button(name, **dict.fromkeys(facts, 12))
            assert "<" not in text
            assert len(text) <= TELEGRAM_BUTTON_MAX, name


@pytest.mark.parametrize(
    ("language", "n", "expected"),
    [
        ("kk", 1, "1 ай"),
        ("kk", 5, "5 ай"),
        ("ru", 1, "1 месяц<"),
        ("ru", 3, "3 месяца"),
        ("ru", 5, "5 месяцев"),
        ("ru", 11, "11 месяцев"),
        ("en", 1, "1 month<"),
        ("en", 2, "2 months"),
    ],
)
def test_months_are_counted_as_people_count(language: str, n: int, expected: str) -> None:
    assert expected in Words(language)("status-arrears", months=n, amount="x")


@pytest.mark.parametrize(
    ("language", "seconds", "expected"),
    [
        ("ru", 1, "1 секунду"),
        ("ru", 42, "42 секунды"),
        ("ru", 900, "15 минут"),
        ("kk", 121, "3 минуттан"),
        ("en", 0, "1 second"),
        ("en", 119, "119 seconds"),
    ],
)
def test_waiting_in_words(language: str, seconds: int, expected: str) -> None:
    assert wait_words(Words(language), seconds) == expected


@pytest.mark.parametrize(
    ("language", "day", "month", "money", "moment"),
    [
        ("kk", "2026 ж. 6 сәуір", "2026 ж. сәуір", "12 750 ₸", "2026 ж. 6 сәуір, 01:30"),
        ("ru", "6 апреля 2026 г.", "Апрель 2026 г.", "12 750 ₸", "6 апреля 2026 г., 01:30"),
        ("en", "6 April 2026", "April 2026", "12,750 ₸", "6 April 2026, 01:30"),
    ],
)
def test_dates_and_money(language: str, day: str, month: str, money: str, moment: str) -> None:
    words = Words(language)
    plain = "\N{NO-BREAK SPACE}"
    assert words.day(date(2026, 4, 6)).replace(plain, " ") == day
    assert words.month("2026-04").replace(plain, " ") == month
    assert words.money(1_275_000).replace(plain, " ") == money
    # 20:30 UTC is already the next day in Kazakhstan.
    assert words.moment(datetime(2026, 4, 5, 20, 30, tzinfo=UTC)).replace(plain, " ") == moment
    assert "," in words.money(1) or "." in words.money(1)  # a tiyn is not lost


def test_what_others_wrote_cannot_change_the_text() -> None:
    shown = Words("en")("track-answer", answer="<b>x</b> & <a href='evil'>")
    assert "&lt;b&gt;" in shown
    assert "<a" not in shown


def test_whose_language() -> None:
    assert language_for("ru", "en") == "ru"
    assert language_for(None, "en-GB") == "en"
    assert language_for("xx", "uk") == "kk"
    assert language_for(None, None) == "kk"


def test_services_are_counted_as_people_count_and_distances_are_round() -> None:
    counted = {
        "kk": {1: "1 жаңа қызмет", 5: "5 жаңа қызмет"},
        "ru": {1: "записана <b>1 новая", 3: "записаны <b>3 новые", 11: "записано <b>11 новых"},
        "en": {1: "1 new service</b> was", 2: "2 new services</b> were"},
    }
    for language, texts in counted.items():
        words = Words(language)
        for n, text in texts.items():
            assert text in words("notice-SERVICE_BILLED", count=n)
    assert [Words("ru").distance(m) for m in (3, 520, 990, 2_340)] == [
        "50 м",
        "500 м",
        "1 км",
        "2,3 км",
    ]
    assert Words("en").distance(2_340) == "2.3 km"
