"""A sandbox centre that the service trusts, and keys of every kind it issues."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.kernel.config import Config
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import MONDAY_MORNING

IIN, OTHER_IIN = "900101300017", "870101300015"
NAME = "СЕРІКОВ АЙДОС БОЛАТҰЛЫ"
ISSUER = "061211600012"
REGISTRAR = "050140000010"
TREASURY, MOH, LEB, MIS, BIOMETRICS, STATE, BOT = (f"10014000000{n}" for n in range(1, 8))
CLINIC, OTHER_CLINIC = "090240000015", "110340000021"


@pytest.fixture(scope="session")
def nca() -> Centre:
    return Centre.create(b"tests of login", MONDAY_MORNING)


@pytest.fixture(scope="session")
def anchors(nca: Centre, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nca")
    nca.save(folder)
    return folder / "trust"


@pytest.fixture
def config(config: Config, anchors: Path) -> Config:
    return msgspec.structs.replace(
        config,
        trust=str(anchors),
        issuer_bin=ISSUER,
        registrar_bin=REGISTRAR,
        treasury_bin=TREASURY,
        moh_bin=MOH,
        leb_bins=f"999999999999, {LEB}",
        mis_bins=f"{MIS},999999999998",
        biometrics_bins=BIOMETRICS,
        state_corporation_bin=STATE,
        bot_bin=BOT,
    )


Issue = Callable[[str | None, str], KeyPair]


@pytest.fixture(scope="session")
def issue(nca: Centre) -> Issue:
    """`issue(bin, role)`: an individual without a BIN, a system, or a person of an organisation."""

    def made(bin_: str | None, role: str, iin: str = IIN) -> KeyPair:
        if bin_ is None:
            return nca.issue_individual(iin, NAME, MONDAY_MORNING)
        if role == "information_system":
            return nca.issue_information_system(bin_, "ТОО", "ЖҮЙЕ", MONDAY_MORNING)
        return nca.issue_legal(iin, bin_, NAME, "ТОО", role, MONDAY_MORNING)

    return made


@pytest.fixture(scope="session")
def head(issue: Issue) -> KeyPair:
    return issue(CLINIC, "head")


async def challenge(http: Any) -> tuple[str, bytes]:
    """A fresh challenge and the bytes to sign."""
    answer = await http.post("/api/v1/login/challenges")
    assert answer.status_code == 201
    asked = answer.json()
    return asked["challenge_id"], base64.b64decode(asked["document"])


def signed(key: KeyPair, document: bytes, *, detached: bool = True) -> str:
    return base64.b64encode(key.sign_cms(document, detached=detached, at=MONDAY_MORNING)).decode()


async def sign_in(http: Any, key: KeyPair, *, detached: bool = True) -> Any:
    """The whole ceremony; the answer."""
    challenge_id, document = await challenge(http)
    body = {"challenge_id": challenge_id, "signature": signed(key, document, detached=detached)}
    return await http.post("/api/v1/login/sessions", json=body)
