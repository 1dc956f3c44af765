"""The scene of tests/foreign, a centre that is trusted, and sessions of every role that survive what they are used for."""

from pathlib import Path

import msgspec
import pytest
from litestar import Litestar

from backend.app.asgi import create_app
from backend.kernel.config import Config, Mode
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import ISSUER_BIN, MONDAY_MORNING
from tests.foreign import objects
from tests.visits.conftest import CLINIC, CLINIC_BIN, Owner, citizens, clinics, iin

__all__ = ["citizens", "clinics"]
RSA = "rsa-sha256"  # what is signed here is signed a thousand times: the quickest


@pytest.fixture(scope="session")
def house() -> Litestar:
    return create_app(Config(mode=Mode.TEST))


@pytest.fixture(scope="session")
def centre() -> Centre:
    return Centre.create(b"hostile input", MONDAY_MORNING, algorithms=[RSA])


@pytest.fixture(scope="session")
def keys(centre: Centre) -> dict[str, KeyPair]:
    """The head's key of each organisation of the scene."""
    person = iin("90010130001")
    own = centre.issue_individual(person, "АХМЕТОВА АЙГҮЛ", MONDAY_MORNING, RSA)
    return {"": own} | {
        bin_: centre.issue_legal(person, bin_, "СЕРІКОВ АЙДОС", "ҰЙЫМ", "head", MONDAY_MORNING, RSA)
        for bin_ in (CLINIC_BIN, ISSUER_BIN)
    }


@pytest.fixture
async def resources(resources: Resources, centre: Centre, tmp_path: Path) -> Resources:
    """The sandbox centre is trusted."""
    centre.save(tmp_path)
    config = msgspec.structs.replace(resources.config, trust=str(tmp_path / "trust"))
    return msgspec.structs.replace(resources, config=config)


@pytest.fixture
async def scene(owner: Owner, keyring: Keyring, clinics: None, citizens: None) -> None:
    """One thing of every kind."""
    await objects.make(owner)
    head = b'{"surname": "a", "first_name": "b", "iin": "900101300017"}'
    sealed = keyring.seal(head, CLINIC.bytes)
    await owner.execute(
        "UPDATE registry.organisation SET head = $2 WHERE organisation_id = $1", CLINIC, sealed
    )
