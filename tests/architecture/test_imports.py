"""Names that a test imports exist: mypy looks at the house alone, and an import inside a test fails late."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.house import ROOT

OURS = ("backend", "bot", "infra", "tests")


def module_file(module: str) -> Path | None:
    """The file of one of our modules; None for a folder without one, or nothing at all."""
    base = ROOT.joinpath(*module.split("."))
    return next((f for f in (base.with_suffix(".py"), base / "__init__.py") if f.exists()), None)


@cache
def names_of(file: Path) -> frozenset[str]:
    """What stands at the top of a module, also under `if` and `try`."""
    found: set[str] = set()
    waiting: list[ast.stmt] = list(ast.parse(file.read_text(encoding="utf-8")).body)
    while waiting:
        match waiting.pop():
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                found.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found |= {(alias.asname or alias.name).partition(".")[0] for alias in names}
            case ast.Assign(targets=targets):
                found |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.If(body=body, orelse=orelse):
                waiting += [*body, *orelse]
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=last):
                waiting += [*body, *(s for h in handlers for s in h.body), *orelse, *last]
            case _:
                pass
    return frozenset(found)


def missing(file: Path) -> Iterator[str]:
    """`module.name` that `file` imports and nobody defines."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        if node.module.partition(".")[0] not in OURS:
            continue
        source = module_file(node.module)
        for alias in node.names:
            if source is not None and alias.name in names_of(source):
                continue
            if module_file(f"{node.module}.{alias.name}") or (
                ROOT.joinpath(*node.module.split("."), alias.name).is_dir()
            ):
                continue
            yield f"{file.relative_to(ROOT)}:{node.lineno}: {node.module}.{alias.name}"


def test_what_a_test_imports_exists() -> None:
    assert [gone for file in sorted((ROOT / "tests").rglob("*.py")) for gone in missing(file)] == []
