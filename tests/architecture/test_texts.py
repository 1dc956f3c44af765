"""What people read: every refusal in Kazakh, Russian and English, the same messages in each."""

import ast
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, visitor
from fluent.syntax import ast as fluent

from backend.web.problems import LANGUAGES, bundle, status_of
from tests.architecture.house import ROOT, refusals

FOLDERS = (ROOT / "backend/web/texts", ROOT / "bot/texts")


class Placeables(visitor.Visitor):
    """The variables a text fills in."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: fluent.VariableReference) -> None:
        self.names.add(node.id.name)


def messages(file: Path) -> dict[str, set[str]]:
    """message or message.attribute -> its placeables."""
    resource = FluentParser().parse(file.read_text(encoding="utf-8"))
    found: dict[str, set[str]] = {}
    for entry in resource.body:
        assert not isinstance(entry, fluent.Junk), f"{file}: {entry.content}"
        if not isinstance(entry, fluent.Message | fluent.Term):
            continue
        parts = [(entry.id.name, entry.value)]
        parts += [(f"{entry.id.name}.{a.id.name}", a.value) for a in entry.attributes]
        for name, pattern in parts:
            assert name not in found, f"{file}: {name} stands twice"
            names = Placeables()
            if pattern is not None:
                names.visit(pattern)
            found[name] = names.names
    return found


def files(folder: Path, language: str) -> dict[str, dict[str, set[str]]]:
    nested = {f.name: messages(f) for f in (folder / language).glob("*.ftl")}
    return nested or {"texts.ftl": messages(folder / f"{language}.ftl")}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.parent.name)
def test_three_languages_have_the_same_messages_and_placeables(folder: Path) -> None:
    kk, ru, en = (files(folder, language) for language in LANGUAGES)
    assert kk
    assert kk == ru
    assert kk == en


def test_no_code_is_told_in_two_files() -> None:
    for language in LANGUAGES:
        names = [n for m in files(FOLDERS[0], language).values() for n in m]
        assert len(names) == len(set(names))


def test_every_refusal_has_a_title_and_says_what_to_do() -> None:
    missing = []
    for refusal in refusals():
        for language in LANGUAGES:
            texts = bundle(language)
            if (
                not texts.has_message(refusal.code)
                or texts.get_message(refusal.code).value is None
                or "do" not in texts.get_message(refusal.code).attributes
            ):
                missing.append(f"{language}: {refusal.code} ({refusal.__module__})")
    assert not missing, "\n".join(missing)


def test_codes_given_where_a_refusal_is_raised_have_texts_too() -> None:
    kinds = {kind.__name__ for kind in refusals()}
    missing = []
    for file in sorted((ROOT / "backend").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in kinds:
                continue
            for keyword in node.keywords:
                if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                    code = keyword.value.value
                    missing += [
                        f"{file.name}: {code} ({language})"
                        for language in LANGUAGES
                        if not bundle(language).has_message(code)
                    ]
    assert not missing, "\n".join(missing)


def test_a_code_means_one_status() -> None:
    by_code: dict[str, set[int]] = {}
    for refusal in refusals():
        raised = refusal.__new__(refusal)  # some need facts to be made
        raised.actual_code = refusal.code
        by_code.setdefault(refusal.code, set()).add(status_of(raised))
    del by_code["BAD_CASE"]  # a pure tool's answer; over HTTP it says why a line is not computed
    assert {code: found for code, found in by_code.items() if len(found) > 1} == {}
