"""A sandbox certification centre whose keys are the same on every run, and documents it signs."""

from datetime import UTC, datetime

import pytest

from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust.store import TrustStore
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
IIN, BIN = "900101300017", "061211600012"


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def centre() -> Centre:
    return Centre.create(b"tests of signing", NOW)


@pytest.fixture(scope="session")
def trust(centre: Centre) -> TrustStore:
    return TrustStore("sandbox", centre.anchors())


@pytest.fixture(scope="session")
def head(centre: Centre) -> KeyPair:
    return centre.issue_legal(IIN, BIN, "СЕРІКОВ АЙДОС БОЛАТҰЛЫ", 'ТОО "Клиника"', "head", NOW)


@pytest.fixture(scope="session")
def citizen(centre: Centre) -> KeyPair:
    return centre.issue_individual(IIN, "СЕРІКОВ АЙДОС БОЛАТҰЛЫ", NOW, "rsa-sha256")


@pytest.fixture(scope="session")
def good(centre: Centre) -> RevocationFiles:
    return RevocationFiles([centre.crl(NOW), centre.crl(NOW, "rsa-sha256")])
