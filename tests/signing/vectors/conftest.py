"""Tests over third-party vectors, which stay outside the repository.

They are collected where the folder exists (SAQTAU_VECTORS, else ../shared/vectors beside the
checkout). With SAQTAU_REQUIRE_VECTORS=1 their absence is an error, not a silence.
"""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
VECTORS = Path(os.environ.get("SAQTAU_VECTORS") or ROOT.parent / "shared" / "vectors") / "ecp"

if os.environ.get("SAQTAU_REQUIRE_VECTORS") == "1" and not VECTORS.is_dir():
    raise pytest.UsageError("the ECP vectors are required (SAQTAU_VECTORS) and absent")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if not VECTORS.is_dir() and collection_path.suffix == ".py" else None


@pytest.fixture(scope="session")
def vectors() -> Path:
    return VECTORS
