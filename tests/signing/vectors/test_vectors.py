"""What others signed, and what we make of it: no key here is ours."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.signing.algorithm import gost, openssl_gost
from backend.signing.algorithm.backend import GostBackend, SignatureBackend
from backend.signing.certificate import pkcs12, x509
from backend.signing.certificate.profile import holder_of
from backend.signing.cms import build, parse
from backend.signing.model import Code, Revocation, Role
from backend.signing.revocation import crl, ocsp
from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust import path
from backend.signing.trust.store import TrustStore, certificates_in
from backend.signing.verify import timestamp
from backend.signing.verify.document import verify_cms, verify_document
from backend.signing.verify.judge import Policy

SUMMER_2022 = datetime(2022, 8, 1, tzinfo=UTC)
AUTUMN_2026 = datetime(2026, 9, 1, tzinfo=UTC)
TEST = TrustStore.load("test")


def policy(at: datetime, *, revocation: RevocationFiles | None = None) -> Policy:
    return Policy(
        trust=TEST, at=at, revocation=revocation, revocation_required=revocation is not None
    )


def key_file(vectors: Path, name: str, password: str = "Qwerty12"):
    key, certificates = pkcs12.read((vectors / name).read_bytes(), password)
    return key, x509.parse(certificates[0])


# -- the CAs -------------------------------------------------------------------------------------


def test_the_production_table_is_the_manifest(vectors: Path) -> None:
    manifest = json.loads((vectors / "ca-prod" / "MANIFEST.json").read_text())["certs"]
    active = {c["sha256"]: c for c in manifest if c["class"] == "active" and c["env"] == "prod"}
    table = TrustStore.load("prod").by_sha256
    assert table.keys() == active.keys()
    for sha256, anchor in table.items():
        stated = active[sha256]
        assert anchor.name == stated["subject_cn"]
        assert anchor.not_before == datetime.fromisoformat(stated["not_before"])
        assert anchor.not_after == datetime.fromisoformat(stated["not_after"])
    certificates = {c.sha256: c for c in certificates_in(vectors / "ca-prod")}
    for sha256, certificate in certificates.items():
        anchor = table[sha256]
        assert (anchor.spki, anchor.subject) == (certificate.spki, certificate.subject)


def test_every_chain_of_the_centres_holds(vectors: Path) -> None:
    for folder in ("ca-prod", "ncanode-go"):
        found = certificates_in(vectors / folder)
        for certificate in found:
            issuers = [one for one in found if one.subject == certificate.issuer]
            assert any(path.is_signed_by(certificate, issuer.spki) for issuer in issuers)


def test_prod_and_test_do_not_mix() -> None:
    prod = TrustStore.load("prod")
    assert not prod.by_sha256.keys() & TEST.by_sha256.keys()
    assert not {a.spki for a in prod.anchors} & {a.spki for a in TEST.anchors}


# -- Kalkan --------------------------------------------------------------------------------------


def test_kalkan_s_raw_vector(vectors: Path) -> None:
    text = (vectors / "kalkan" / "test_gost512.vectors").read_text()
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    octets = {name: bytes.fromhex(v) for name, v in fields.items() if name in
              ("digest", "sig", "spki", "cert_tbs", "cert_sig")}  # fmt: skip
    message = fields["msg"].encode()
    assert gost.GOST2015_512.digest(message) == octets["digest"]
    for number in (int, gost.FAST_NUMBER):
        key = gost.public_key(octets["spki"], number)
        assert key.verify(octets["digest"], octets["sig"])
        assert key.verify(gost.GOST2015_512.digest(octets["cert_tbs"]), octets["cert_sig"])
        assert not key.verify(octets["digest"], octets["sig"][::-1])
        assert not key.verify(octets["digest"][::-1], octets["sig"])
    own = gost.PrivateKey(gost.GOST2015_512, int(fields["d"], 16))
    assert own.spki() == octets["spki"]
    backends: list[SignatureBackend] = [GostBackend(), GostBackend(plain=True)]
    if (engine := openssl_gost.load()) is not None:
        backends.append(engine)
    for data, signature in ((message, octets["sig"]), (octets["cert_tbs"], octets["cert_sig"])):
        for one in backends:
            assert one.verify(octets["spki"], "gost2015-512", data, signature), one.name
            assert not one.verify(octets["spki"], "gost2015-512", data + b"!", signature), one.name
            assert not one.verify(octets["spki"], "gost2015-512", data, signature[::-1]), one.name


def test_kalkan_s_xml(vectors: Path) -> None:
    raw = (vectors / "kalkan" / "test_gost512.xml_simple.xml").read_bytes()
    found = verify_document(policy(datetime(2026, 11, 1, tzinfo=UTC)), raw)
    assert (found.format, found.code) == (
        "xmldsig",
        Code.UNTRUSTED_CHAIN,
    )  # its certificate is its own
    assert found.signers[0].algorithm == "gost2015-512"
    for old, new in ((b"<a>1</a>", b"<a>2</a>"), (b'x">', b'z">'), ("текст".encode(), b"t")):
        changed = raw.replace(old, new, 1)
        assert changed != raw or old == b'x">'
        if changed != raw:
            assert verify_document(policy(AUTUMN_2026), changed).code is Code.DIGEST_MISMATCH


# -- CMS and XML of NCANode ----------------------------------------------------------------------


def test_an_attached_cms(vectors: Path) -> None:
    raw = (vectors / "ncanode-java/signed/attached_one_signer_gost2015.cms").read_bytes()
    found = verify_document(policy(datetime(2021, 6, 1, tzinfo=UTC)), raw)
    assert (found.code, found.format, found.content) == (Code.OK, "cms-attached", b"test123")
    (signer,) = found.signers  # the file's name errs: the signer is an RSA one
    assert (signer.algorithm, signer.iin) == ("rsa-sha256", "123456789011")
    assert signer.signed_at == datetime(2022, 9, 28, 14, 40, 30, tzinfo=UTC)
    assert verify_document(policy(SUMMER_2022), raw).code is Code.EXPIRED


def test_a_detached_cms_of_two_signers(vectors: Path) -> None:
    raw = (vectors / "ncanode-java/signed/detached_two_signers_gost2015_rsa.cms").read_bytes()
    revocation = RevocationFiles(
        [(vectors / "ncanode-java/crl/nca_gost2022_test.crl").read_bytes()]
    )
    found = verify_document(policy(SUMMER_2022, revocation=revocation), raw, b"test123")
    first, second = found.signers
    assert (first.algorithm, first.code) == ("gost2015-512", Code.OK)
    assert first.revocation == Revocation("good", "crl")
    assert first.chain[1:] == (
        "ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST) TEST 2022",
        "НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST) TEST 2022",
    )
    assert (second.algorithm, second.code) == ("rsa-sha256", Code.EXPIRED)
    assert (found.valid, found.code, found.format) == (False, Code.EXPIRED, "cms-detached")
    wrong = verify_document(policy(SUMMER_2022), raw, b"test124")
    assert [signer.code for signer in wrong.signers] == [Code.DIGEST_MISMATCH] * 2
    assert verify_document(policy(SUMMER_2022), raw).code is Code.CONTENT_MISSING


def test_a_changed_signing_time_spoils_only_its_signer(vectors: Path) -> None:
    raw = (vectors / "ncanode-java/signed/detached_two_signers_gost2015_rsa.cms").read_bytes()
    place = raw.index(b"220927212941Z")
    changed = raw[:place] + b"220927212942Z" + raw[place + 13 :]
    found = verify_document(policy(datetime(2021, 6, 1, tzinfo=UTC)), changed, b"test123")
    assert [signer.code for signer in found.signers] == [Code.BAD_SIGNATURE, Code.OK]


@pytest.mark.parametrize(
    ("name", "kind"), [("xmldsig_rsa.xml", "xmldsig"), ("wsse_rsa.xml", "wsse")]
)
def test_signed_xml(vectors: Path, name: str, kind: str) -> None:
    raw = (vectors / "ncanode-java/signed" / name).read_bytes()
    at = policy(datetime(2021, 6, 1, tzinfo=UTC))
    found = verify_document(at, raw)
    assert (found.code, found.format) == (Code.OK, kind)
    assert found.signers[0].algorithm == "rsa-sha256"
    assert verify_document(policy(SUMMER_2022), raw).code is Code.EXPIRED


# -- key files -----------------------------------------------------------------------------------

KEYS_2026 = {
    "ncanode-go/individual/valid/individual_valid.p12": ("good", [Role.INDIVIDUAL]),
    "ncanode-go/legal/valid/head.p12": ("good", [Role.LEGAL_ENTITY, Role.HEAD]),
    "ncanode-go/legal/valid/employee_signright.p12": ("good", [Role.LEGAL_ENTITY, Role.SIGNATORY]),
    "ncanode-go/legal/valid/treasury_client.p12": (
        "good", [Role.LEGAL_ENTITY, Role.INFORMATION_SYSTEM]),
    "ncanode-go/legal/valid/employee.p12": ("revoked", [Role.LEGAL_ENTITY, Role.EMPLOYEE]),
    "ncanode-go/legal/valid/infosystem.p12": ("revoked", [Role.LEGAL_ENTITY, Role.TREASURY_CLIENT]),
    "ncanode-go/individual/revoked/individual_revoked.p12": ("revoked", [Role.INDIVIDUAL]),
    "ncanode-go/legal/revoked/head.p12": ("revoked", [Role.LEGAL_ENTITY, Role.HEAD]),
}  # fmt: skip


@pytest.mark.parametrize("name", KEYS_2026)
def test_a_key_of_the_real_test_centre_signs(vectors: Path, name: str) -> None:
    """The NCA's own test certificates: exact profile, real chain, real CRL of August 2026."""
    status, roles = KEYS_2026[name]
    key, certificate = key_file(vectors, name)
    assert key.spki() == certificate.spki
    assert list(holder_of(certificate).roles) == roles
    cms = build.sign(b"document", [build.Signer(key, certificate.raw, AUTUMN_2026)])
    files = RevocationFiles([(vectors / "ncanode-go/nca_gost2022_test.crl").read_bytes()])
    found = verify_cms(cms, b"document", TEST, AUTUMN_2026, files)
    assert found.code is (Code.OK if status == "good" else Code.REVOKED)
    assert found.signers[0].revocation.status == status
    before = verify_cms(cms, b"document", TEST, datetime(2026, 6, 17, tzinfo=UTC), files)
    if status == "good":
        assert before.code is Code.OK
    late = datetime(2027, 2, 8, tzinfo=UTC)
    assert verify_cms(cms, b"document", TEST, late, files).code is Code.REVOCATION_UNKNOWN
    prod = TrustStore.load("prod")
    assert verify_cms(cms, b"document", prod, AUTUMN_2026, files).code is Code.UNTRUSTED_CHAIN


def test_a_revocation_counts_from_its_date_on(vectors: Path) -> None:
    key, certificate = key_file(vectors, "ncanode-go/legal/valid/employee.p12")
    raw = (vectors / "ncanode-go/nca_gost2022_test.crl").read_bytes()
    entry = crl.parse(raw).entry(certificate.serial)
    assert entry is not None
    since = entry[0]
    for at, code in ((since - timedelta(seconds=1), Code.OK), (since, Code.REVOKED)):
        cms = build.sign(b"document", [build.Signer(key, certificate.raw, at)])
        assert verify_cms(cms, b"document", TEST, at, RevocationFiles([raw])).code is code


def test_every_key_file_opens_and_fits_its_certificate(vectors: Path) -> None:
    files = sorted(vectors.rglob("*.p12"))
    assert len(files) == 18
    for file in files:
        for password in ("Qwerty12", "Aa123456"):
            try:
                key, certificates = pkcs12.read(file.read_bytes(), password)
                break
            except pkcs12.WrongPassword:
                continue
        certificate = x509.parse(certificates[0])
        assert key.spki() == certificate.spki
        found = path.build(certificate, [], TEST, certificate.not_before)
        assert found is not None
        assert found.in_force
        with pytest.raises(pkcs12.WrongPassword):
            pkcs12.read(file.read_bytes(), "wrong")


def test_a_key_of_2004_signs(vectors: Path) -> None:
    key, certificate = key_file(vectors, "ncanode-java/p12/key_ceo_sign_revoked_2004.p12")
    at = datetime(2022, 6, 1, tzinfo=UTC)
    cms = build.sign(b"document", [build.Signer(key, certificate.raw, at)])
    files = RevocationFiles([(vectors / "ncanode-java/crl/nca_gost_test.crl").read_bytes()])
    found = verify_cms(cms, b"document", TEST, at, files)
    assert found.signers[0].algorithm == "gost2004"
    assert found.code is Code.REVOKED
    assert verify_cms(cms, b"other", TEST, at, files).code is Code.DIGEST_MISMATCH


# -- revocation and time stamps ------------------------------------------------------------------


def test_every_crl_is_signed_by_its_centre(vectors: Path) -> None:
    files = [*vectors.glob("*/crl/*.crl"), *vectors.glob("ncanode-go/*.crl")]
    assert len(files) == 4
    for file in files:
        found = crl.parse(file.read_bytes())
        issuers = [path.Issuer(a.subject, a.spki, None) for a in TEST.by_subject[found.issuer]]
        assert any(found.signed_by(issuer) for issuer in issuers)
        raw = bytearray(file.read_bytes())
        raw[-100] ^= 1
        assert not any(crl.parse(bytes(raw)).signed_by(issuer) for issuer in issuers)


@pytest.mark.parametrize(
    ("name", "holder", "status"),
    [
        ("ocsp_response_ceo_2015_revoked.bin", "key_ceo_revoked_2015.p12", "revoked"),
        # RFC 6960 §2.2: on hold since 1970, the responder's way to say that it never issued this one
        ("ocsp_response_individual_2015.bin", "key_individual_valid_2015.p12", "revoked"),
    ],
)
def test_ocsp_answers_hold_for_five_minutes(vectors: Path, name, holder, status) -> None:
    raw = (vectors / "ncanode-java/ocsp" / name).read_bytes()
    _, certificate = key_file(vectors, f"ncanode-java/p12/{holder}", "Aa123456")
    at = ocsp.parse(raw).produced_at
    found = path.build(certificate, [], TEST, at)
    assert found is not None
    files = RevocationFiles([], [raw])
    assert files.status(certificate, found.issuer, at).status == status
    late = at + timedelta(minutes=5, seconds=1)
    assert files.status(certificate, found.issuer, late) == Revocation()
    for place in range(40, len(raw), 31):
        broken = bytearray(raw)
        broken[place] ^= 4
        changed = RevocationFiles([], [bytes(broken)]).status(certificate, found.issuer, at)
        assert changed.status in ("unknown", status)


def test_the_time_stamp_s_signature_holds(vectors: Path) -> None:
    token = (vectors / "ncanode-java/tsp/tsp_token.bin").read_bytes()
    from backend.signing.cms.claims import claims_of

    signed = parse.parse(token)
    (claim,) = claims_of(signed, signed.content)
    assert (claim.integrity, claim.algorithm) == (Code.OK, "gost2004")
    assert timestamp.read(token, b"not what was stamped", [], TEST) is None
