"""The README tells every setting."""

import msgspec

from backend.kernel.config import Config
from tests.architecture.house import ROOT


def test_every_setting_is_listed() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = {f"SAQTAU_{field.name.upper()}" for field in msgspec.structs.fields(Config)}
    told_by_suffix = {n for n in names if n.endswith(("_PASSWORD", "_PASSWORD_FILE"))}
    assert not {n for n in names - told_by_suffix if f"`{n}`" not in readme}


def test_the_commands_of_the_contract_are_told() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("make demo", "make test", "saqtau allocate", "saqtau ecp verify"):
        assert command in readme
