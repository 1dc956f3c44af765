"""Programs that are not ours agree: pdfsig and qpdf on the PDF, openssl on the CMS, SoftHSM as token.

Debian: poppler-utils, qpdf, openssl, softhsm2; Python: requirements-system.txt.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from backend.kernel.config import Config, Mode
from backend.signing.algorithm import openssl_gost
from backend.signing.certificate import x509
from backend.signing.cms.build import Signer
from backend.signing.model import Code
from backend.signing.seal import pades, pdf, service
from backend.signing.seal.service import Owner
from backend.signing.seal.source import SourceUnusable, open_key
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_cms
from backend.signing.verify.judge import Policy
from infra.sandbox.nca import keyfile
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair

pytestmark = pytest.mark.system

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
TOKEN, LABEL, PIN = "Saqtau тест", "seal", "4321"
PASSWORD = "Qwerty12"
NOW = datetime.now(UTC).replace(microsecond=0)  # openssl and pdfsig judge by today


def run(*command: str | Path, **more: object) -> str:
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **more,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout) + str(done.stderr)


@pytest.fixture(scope="module")
def centre_of_today() -> Centre:
    return Centre.create(b"seals of today", NOW, algorithms=("rsa-sha256", "gost2015-512"))


@pytest.fixture(scope="module")
def pair(centre_of_today: Centre) -> KeyPair:
    return centre_of_today.issue_information_system(
        "061211600012", "Fund", "Saqtau", NOW, "rsa-sha256"
    )


@pytest.fixture(scope="module")
def root(centre_of_today: Centre, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("root") / "root.der"
    file.write_bytes(centre_of_today.hierarchy("rsa-sha256").root.certificate_der)
    return file


def test_openssl_verifies_the_pdf_s_cms(
    plain_pdf: bytes, pair: KeyPair, root: Path, tmp_path: Path
) -> None:
    made = pades.sign(
        plain_pdf, Signer(pair.key, pair.certificate_der, NOW), certificates=pair.chain[:1]
    )
    found = pdf.signed_octets(made)
    assert found is not None
    covered, padded = found
    (tmp_path / "covered").write_bytes(covered)
    (tmp_path / "cms").write_bytes(padded.rstrip(b"\0") + b"\0" * 3)
    verify = (
        "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", tmp_path / "cms",
        "-content", tmp_path / "covered", "-CAfile", tmp_path / "root.pem", "-purpose", "any",
        "-out", tmp_path / "out",
    )  # fmt: skip
    run("openssl", "x509", "-inform", "DER", "-in", root, "-out", tmp_path / "root.pem")
    assert "CAdES Verification successful" in run(*verify)
    (tmp_path / "covered").write_bytes(covered + b" ")
    with pytest.raises(AssertionError, match=r"(?i)digest|verification fail"):
        run(*verify)


def test_pdfsig_and_qpdf_accept_the_pdf(
    plain_pdf: bytes, pair: KeyPair, centre_of_today: Centre, tmp_path: Path
) -> None:
    first = pades.sign(
        plain_pdf,
        Signer(pair.key, pair.certificate_der, NOW),
        certificates=pair.chain[:1],
        stamp=centre_of_today.stamper(NOW, "rsa-sha256"),
        reason="Полис шығарылды",
    )
    second = pades.sign(
        first, Signer(pair.key, pair.certificate_der, NOW), certificates=pair.chain[:1]
    )
    for name, made, count in (("one", first, 1), ("two", second, 2)):
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(made)
        said = run("pdfsig", "-nocert", file)
        assert said.count("Signature is Valid.") == count, said
        assert said.count("ETSI.CAdES.detached") == count
        assert "Total document signed" in said
        run("qpdf", "--check", file)
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(first.replace(b"(Saqtau) Tj", b"(Saqtay) Tj"))
    said = run("pdfsig", "-nocert", broken)
    assert "Signature is Valid." not in said


def test_openssl_opens_our_key_files_and_we_open_its(pair: KeyPair, tmp_path: Path) -> None:
    ours, pem, theirs = tmp_path / "ours.p12", tmp_path / "key.pem", tmp_path / "theirs.p12"
    ours.write_bytes(keyfile.dump(pair, PASSWORD))
    run("openssl", "pkcs12", "-legacy", "-in", ours, "-passin", f"pass:{PASSWORD}",
        "-nodes", "-out", pem)  # fmt: skip
    run("openssl", "pkcs12", "-export", "-in", pem, "-passout", f"pass:{PASSWORD}",
        "-out", theirs)  # fmt: skip
    assert open_key(str(theirs), PASSWORD).certificate == pair.certificate_der


@pytest.fixture(scope="module")
def token(pair: KeyPair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A SoftHSM token with the pair and the certificates above it; its PKCS#11 URI."""
    import pkcs11
    from pkcs11 import Attribute, ObjectClass
    from pkcs11.util.rsa import decode_rsa_private_key

    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(config)
    run(
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        TOKEN,
        "--pin",
        PIN,
        "--so-pin",
        "87654321",
    )
    library = pkcs11.lib(MODULE)
    library.reinitialize()
    key, _, _ = pkcs12.load_key_and_certificates(keyfile.dump(pair, PASSWORD), PASSWORD.encode())
    assert key is not None
    raw = pair.key.pkcs8()  # type: ignore[attr-defined]
    from cryptography.hazmat.primitives import serialization

    private = serialization.load_der_private_key(raw, None).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    with library.get_token(token_label=TOKEN).open(rw=True, user_pin=PIN) as session:
        attributes = decode_rsa_private_key(private)
        attributes |= {
            Attribute.TOKEN: True, Attribute.ID: b"\x01", Attribute.LABEL: LABEL,
            Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False,
        }  # fmt: skip
        session.create_object(attributes)
        for number, certificate in enumerate((*pair.chain[::-1], pair.certificate_der)):
            parsed = x509.parse(certificate)
            own = certificate == pair.certificate_der
            session.create_object(
                {
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    Attribute.TOKEN: True,
                    Attribute.ID: b"\x01" if own else bytes([9 + number]),
                    Attribute.SUBJECT: parsed.subject,
                    Attribute.VALUE: certificate,
                }
            )
    pin = folder / "pin"
    pin.write_text(PIN + "\n")
    yield (
        f"pkcs11:token=Saqtau%20%D1%82%D0%B5%D1%81%D1%82;object={LABEL}"
        f"?module-path={MODULE}&pin-source=file:{pin}"
    )
    del os.environ["SOFTHSM2_CONF"]


async def test_a_key_in_a_token_seals_cms_and_pdf(
    token: str, pair: KeyPair, centre_of_today: Centre, plain_pdf: bytes, tmp_path: Path
) -> None:
    centre_of_today.save(tmp_path)
    config = Config(
        mode=Mode.TEST, seal_issuer=token, trust=str(tmp_path / "trust"), issuer_bin="061211600012"
    )
    service.require_usable(config, NOW)
    trust = TrustStore("sandbox", centre_of_today.anchors())
    cms = await service.seal(config, Owner.ISSUER, b"document", NOW)
    found = verify_cms(cms, b"document", trust, NOW, None, revocation_required=False)
    assert (found.code, found.signers[0].certificate) == (Code.OK, pair.certificate_der)
    sealed = await service.seal_pdf(config, Owner.ISSUER, plain_pdf, NOW, reason="")
    policy = Policy(trust=trust, at=NOW, revocation_required=False)
    assert pades.verify(policy, sealed).code is Code.OK


def test_a_token_signs_for_many_at_once_and_after_its_session_was_lost(token: str) -> None:
    held = open_key(token, "")
    assert [x509.parse(one).subject for one in held.above] == [
        x509.parse(one).issuer for one in (held.certificate, *held.above[:1])
    ]
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(held.key.sign, [b"%d" % n for n in range(64)]))
    assert len(set(made)) == 64
    held.key.close()  # type: ignore[attr-defined]
    assert held.key.sign(b"0") == made[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [("token=Saqtau", "token=Nobody"), (f"object={LABEL}", "object=other"), (MODULE, "/none.so")],
)
def test_a_token_that_cannot_be_used_says_so(token: str, old: str, new: str) -> None:
    with pytest.raises(SourceUnusable, match="cannot be used") as error:
        open_key(re.sub(re.escape(old), new, token), "")
    assert PIN not in str(error.value)


def test_a_wrong_pin_is_an_error_of_settings(token: str, tmp_path: Path) -> None:
    wrong = tmp_path / "pin"
    wrong.write_text("0000")
    place = re.sub(r"file:.*", f"file:{wrong}", token)
    # in a process of its own: this one has logged in, and a process logs in once
    code = f"from backend.signing.seal.source import open_key; open_key({place!r}, '')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "PinIncorrect" in done.stderr
    assert "0000" not in done.stderr


def test_the_engine_answers_many_threads_rightly(pair: KeyPair, centre_of_today: Centre) -> None:
    engine = openssl_gost.OpensslGostBackend()
    keys = [centre_of_today.issue_individual("900101300017", "А Б", NOW) for _ in range(8)]
    made = [(one, b"%d" % n, one.key.sign(b"%d" % n)) for one in keys for n in range(10)]

    def right(number: int) -> bool:
        one, data, signature = made[number % len(made)]
        spki = one.certificate.spki
        return engine.verify(spki, "gost2015-512", data, signature) and not engine.verify(
            spki, "gost2015-512", data + b"!", signature
        )

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(right, range(800)))
    assert pair
