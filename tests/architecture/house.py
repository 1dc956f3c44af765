"""What the tests of the architecture look at: every module, statement, refusal and handler of the house."""

import functools
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import backend
from backend.kernel.db import Query
from backend.kernel.errors import Refusal

ROOT = Path(__file__).parent.parent.parent


@functools.cache
def modules() -> tuple[ModuleType, ...]:
    """Every module of `backend`, imported."""
    names = [
        found.name
        for found in pkgutil.walk_packages(backend.__path__, "backend.")
        if not found.name.endswith("__main__")
    ]
    return tuple(importlib.import_module(name) for name in sorted(names))


def statements() -> Iterator[tuple[str, str, Query[object]]]:
    """(module, name, statement) of every SQL constant, once, where it is first found."""
    seen: set[int] = set()
    for module in sorted(modules(), key=lambda m: not m.__name__.endswith("queries")):
        for name, value in vars(module).items():
            for place, item in enumerate(_inside(value)):
                if isinstance(item, Query) and id(item) not in seen:
                    seen.add(id(item))
                    yield module.__name__, f"{name}[{place}]" if place else name, item


def _inside(value: object) -> tuple[object, ...]:
    if isinstance(value, dict):
        return tuple(value.values())
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def refusals() -> list[type[Refusal]]:
    """Every refusal, the families included."""
    modules()
    found: list[type[Refusal]] = []
    waiting = [Refusal]
    while waiting:
        kind = waiting.pop()
        found += [sub for sub in kind.__subclasses__() if sub.__module__.startswith("backend.")]
        waiting += kind.__subclasses__()
    return sorted(set(found), key=lambda kind: (kind.__module__, kind.__name__))
