"""The import contracts hold, and a violation of each one, planted in a copy of the tree, is caught."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CONTRACTS = {
    c["id"]: c["name"]
    for c in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}
# contract -> what is planted: a module and what it imports
VIOLATIONS = {
    "house": ("backend.kernel.planted", "backend.payments.act.service"),
    "pure-rules": ("backend.registry.planted.deep.rules", "asyncpg"),
    "services-know-no-web": ("backend.visits.planted.service", "litestar"),
    "bot-is-a-client": ("bot.planted", "backend.kernel.ids"),
    "stand-ins-stand-outside": ("infra.sandbox.planted", "backend.registry.person.service"),
    "private-signing": ("backend.payments.planted", "backend.signing.evidence.queries"),
    "private-registry": ("backend.payments.planted", "backend.registry.policy.queries"),
    "private-visits": ("backend.payments.planted", "backend.visits.checkin.queries"),
    "private-allocation": ("backend.payments.planted", "backend.allocation.contract.queries"),
    "private-payments": ("backend.egov_adapter.planted", "backend.payments.act.rules"),
    "private-egov-adapter": ("backend.app.planted", "backend.egov_adapter.citizen.queries"),
    "rooms-signing": ("backend.signing.der.planted", "backend.signing.login.service"),
    "rooms-registry": ("backend.registry.log.planted", "backend.registry.account.service"),
    "rooms-visits": ("backend.visits.code.planted", "backend.visits.checkin.service"),
    "rooms-allocation": ("backend.allocation.plan.planted", "backend.allocation.contract.service"),
    "rooms-payments": ("backend.payments.ledger.planted", "backend.payments.act.model"),
    "rooms-egov-adapter": (
        "backend.egov_adapter.citizen.planted",
        "backend.egov_adapter.complaint.model",
    ),
    "rooms-sources": ("backend.sources.sms.planted", "backend.sources.tax.service"),
    "files-of-a-room": ("backend.visits.checkin.model", "backend.visits.checkin.service"),
}


def lint(folder: Path) -> tuple[int, dict[str, str]]:
    """The exit code, and for each broken contract's name what was said of it."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    sections = re.split(r"\n(?=[^\n]+\n-{3,}\n)", said.partition("Broken contracts")[2])
    return done.returncode, {s.strip().splitlines()[0]: s for s in sections if s.strip()}


def test_every_contract_holds() -> None:
    code, broken = lint(ROOT)
    assert broken == {}
    assert code == 0


def test_a_violation_is_planted_for_each_contract() -> None:
    assert VIOLATIONS.keys() == CONTRACTS.keys()


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of a tree with every violation in it."""
    folder = tmp_path_factory.mktemp("tree")
    for package in ("backend", "bot", "infra"):
        shutil.copytree(
            ROOT / package,
            folder / package,
            ignore=shutil.ignore_patterns("__pycache__", "results"),
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    for module, imported in VIOLATIONS.values():
        file = folder / (module.replace(".", "/") + ".py")
        for missing in [p for p in file.parents if p.is_relative_to(folder) and not p.exists()]:
            missing.mkdir(parents=True, exist_ok=True)
        for package in file.parents:
            if package == folder:
                break
            (package / "__init__.py").touch()
        with file.open("a") as source:
            source.write(f"\nimport {imported}\n")
    newcomer = folder / "backend" / "newcomer"
    newcomer.mkdir()
    (newcomer / "__init__.py").touch()
    code, broken = lint(folder)
    assert code == 1
    return broken


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_planted_violation_is_caught(planted: dict[str, str], contract: str) -> None:
    module, imported = VIOLATIONS[contract]
    said = planted[CONTRACTS[contract]]
    assert f"{module} -> {imported}" in said


def test_a_new_package_must_take_a_place(planted: dict[str, str]) -> None:
    assert "newcomer" in planted[CONTRACTS["house"]]
