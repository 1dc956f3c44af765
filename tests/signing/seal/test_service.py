"""The system's own seals: opened from what the settings name, tried before they are needed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509 as library_x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from backend.kernel.config import Config, Mode
from backend.signing.model import Code
from backend.signing.revocation.files import RevocationFiles
from backend.signing.seal import pades, service
from backend.signing.seal.errors import SealMissing
from backend.signing.seal.service import Owner
from backend.signing.seal.source import SourceUnusable, open_key
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_cms
from backend.signing.verify.judge import Policy
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.signing.seal.conftest import ISSUER_BIN, PASSWORD, REGISTRAR_BIN

Settings = Callable[..., Config]
DOCUMENT = "Үзінді".encode()


@pytest.fixture
def settings(key_files: dict[str, Path], trust_folder: str) -> Settings:
    def made(**other: str) -> Config:
        fields = {
            "seal_registrar": f"{key_files['gost']}, {key_files['rsa']}",
            "seal_registrar_password": PASSWORD,
            "seal_issuer": str(key_files["rsa"]),
            "seal_issuer_password": PASSWORD,
            "trust": trust_folder,
        }
        return Config(mode=Mode.TEST, **(fields | other))

    return made


async def test_cms_is_sealed_by_the_first_key_and_pdf_by_the_first_of_rsa(
    settings: Settings, trust: TrustStore, good: RevocationFiles, plain_pdf: bytes, now: datetime
) -> None:
    config = settings()
    cms = await service.seal(config, Owner.REGISTRAR, DOCUMENT, now)
    found = verify_cms(cms, DOCUMENT, trust, now, good)
    assert (found.code, found.signers[0].algorithm) == (Code.OK, "gost2015-512")
    assert found.signers[0].bin == REGISTRAR_BIN
    attached = await service.seal(config, Owner.ISSUER, DOCUMENT, now, detached=False)
    found = verify_cms(attached, None, trust, now, good)
    assert (found.content, found.signers[0].bin) == (DOCUMENT, ISSUER_BIN)
    sealed = await service.seal_pdf(config, Owner.REGISTRAR, plain_pdf, now, reason="үзінді")
    policy = Policy(trust=trust, at=now, revocation=good)
    assert pades.verify(policy, sealed).signers[0].algorithm == "rsa-sha256"


async def test_what_is_not_set_up_is_said(
    settings: Settings, key_files: dict[str, Path], plain_pdf: bytes, now: datetime
) -> None:
    with pytest.raises(SealMissing):
        await service.seal(settings(seal_issuer=""), Owner.ISSUER, DOCUMENT, now)
    only_gost = settings(seal_issuer=str(key_files["gost"]))
    with pytest.raises(SealMissing):
        await service.seal_pdf(only_gost, Owner.ISSUER, plain_pdf, now, reason="")


def test_a_seal_is_tried_when_the_process_starts(
    settings: Settings, key_files: dict[str, Path], now: datetime, tmp_path: Path
) -> None:
    service.require_usable(settings(), now)
    service.require_usable(Config(mode=Mode.TEST), now)
    service.require_usable(settings(seal_registrar="", issuer_bin=ISSUER_BIN), now)
    late = now + timedelta(days=4000)
    service.require_usable(settings(), late)  # out of its time: logged, the service lives on
    for wrong, word in (
        (settings(seal_issuer_password="guess"), "wrong password"),
        (settings(seal_issuer=str(tmp_path / "none.p12")), "No such file"),
        (settings(seal_issuer=str(tmp_path)), "directory"),
        (settings(trust="prod"), "UNTRUSTED_CHAIN"),
        (settings(issuer_bin=REGISTRAR_BIN), "another organisation"),
        (settings(seal_issuer="pkcs11:token=a"), "module-path"),
        (settings(seal_issuer="pkcs11:token=a?module-path=/x.so&pin-value=1234"), "pin-source"),
    ):
        with pytest.raises(SourceUnusable, match=word) as error:
            service.require_usable(wrong, now)
        assert PASSWORD not in str(error.value)
        assert "1234" not in str(error.value)


def test_the_password_may_stand_in_a_file(
    settings: Settings, tmp_path: Path, now: datetime
) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n", encoding="utf-8")
    service.require_usable(
        settings(seal_issuer_password="", seal_issuer_password_file=str(file)), now
    )
    missing = settings(seal_issuer_password_file=str(tmp_path / "none"))
    with pytest.raises(SourceUnusable, match="none"):
        service.require_usable(missing, now)


def test_settings_never_show_a_password(settings: Settings) -> None:
    assert PASSWORD not in repr(settings())


def test_newer_key_files_open_too(tmp_path: Path, issuer: KeyPair, centre: Centre) -> None:
    """PBES2 with AES, what OpenSSL 3 writes."""
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    key = load_der_private_key(issuer.key.pkcs8(), None)  # type: ignore[attr-defined]
    own, *above = map(
        library_x509.load_der_x509_certificate, (issuer.certificate_der, *issuer.chain)
    )
    raw = pkcs12.serialize_key_and_certificates(
        b"seal",
        key,
        own,
        above[::-1],
        BestAvailableEncryption(PASSWORD.encode()),  # type: ignore[arg-type]
    )
    file = tmp_path / "new.p12"
    file.write_bytes(raw)
    found = open_key(str(file), PASSWORD)
    assert found.certificate == issuer.certificate_der
    assert found.above == issuer.chain
    with pytest.raises(SourceUnusable):
        open_key(str(file), "guess")
    file.write_bytes(raw[:-40])
    with pytest.raises(SourceUnusable):
        open_key(str(file), PASSWORD)


def test_another_library_opens_the_sandbox_s_key_files(key_files: dict[str, Path]) -> None:
    """The files we write for the sandbox are PKCS#12 to others too."""
    raw = key_files["rsa"].read_bytes()
    key, own, others = pkcs12.load_key_and_certificates(raw, PASSWORD.encode())
    assert key is not None
    assert own is not None
    assert len(others) == 2
