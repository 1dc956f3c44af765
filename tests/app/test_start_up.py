"""The pure tools start at once: none loads the service, a database driver or a library it does not ask."""

import subprocess
import sys
from pathlib import Path

import pytest

FOREIGN = {
    "aiogram", "asyncpg", "babel", "fluent", "holidays", "httpx", "litestar", "lxml", "matplotlib",
    "pgqueuer", "prometheus_client", "redis", "rich", "structlog", "typst", "uvicorn",
}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "also"),
    [
        (("allocate", "-"), {"cryptography", "gmpy2"}),
        (("calendar", "--help"), {"cryptography", "gmpy2"}),
        (("ecp", "verify", "-"), set()),
        (("id", "check", "061211600012"), {"cryptography", "gmpy2"}),
        (("mhi-status", "-"), {"cryptography", "gmpy2"}),
    ],
    ids=lambda words: words[0] if isinstance(words, tuple) else "",
)
def test_a_pure_tool_loads_only_its_own(words: tuple[str, ...], also: set[str]) -> None:
    saqtau = Path(sys.executable).parent / "saqtau"
    told = subprocess.run(
        [sys.executable, "-X", "importtime", saqtau, *words],
        input=b"", capture_output=True, check=False,
    )  # fmt: skip
    lines = told.stderr.decode().splitlines()
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in lines if "|" in line}
    assert "backend" in loaded
    assert not loaded & (FOREIGN | also)
