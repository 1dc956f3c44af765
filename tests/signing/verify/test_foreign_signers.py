"""CMS that other software made: `cryptography` signs with the sandbox's keys, and we read it."""

from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key, pkcs7
from cryptography.x509 import load_der_x509_certificate
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.signing.algorithm.keys import LibraryKey
from backend.signing.model import Code
from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_cms, verify_document
from backend.signing.verify.judge import Policy
from infra.sandbox.nca import signed_xml
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import co_sign

DOCUMENT = "Келісім".encode()


@pytest.fixture(scope="module", params=["rsa-sha256", "ecdsa-sha256"])
def pair_and_files(request, now: datetime):
    centre = Centre.create(b"foreign", now, algorithms=[request.param])
    pair = centre.issue_individual("900101300017", "А Б", now, request.param)
    trust = TrustStore("foreign", centre.anchors())
    return pair, trust, RevocationFiles([centre.crl(now, request.param)])


@pytest.mark.parametrize("options", [
    [], [pkcs7.PKCS7Options.DetachedSignature], [pkcs7.PKCS7Options.NoAttributes],
    [pkcs7.PKCS7Options.NoCapabilities],
], ids=str)  # fmt: skip
@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
def test_cryptography_signs_and_we_verify(now: datetime, pair_and_files, options, encoding) -> None:
    pair, trust, files = pair_and_files
    assert isinstance(pair.key, LibraryKey)
    raw = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(DOCUMENT)
        .add_signer(
            load_der_x509_certificate(pair.certificate_der),
            load_der_private_key(pair.key.pkcs8(), None),
            hashes.SHA256(),
        )
        .sign(encoding, [pkcs7.PKCS7Options.Binary, *options])
    )
    detached = pkcs7.PKCS7Options.DetachedSignature in options
    found = verify_cms(raw, DOCUMENT if detached else None, trust, now, files)
    assert (found.code, found.content) == (Code.OK, DOCUMENT)
    assert found.signers[0].algorithm == pair.algorithm


def test_a_certificate_signed_by_pss_is_read_and_not_trusted(now: datetime) -> None:
    """Its own signature names parameters we do not check; what its holder signed is sound."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "А Б")])
    certificate = x509.CertificateBuilder(
        name, name, key.public_key(), 7, now, now + timedelta(days=1)
    ).sign(key, hashes.SHA256(), rsa_padding=padding.PSS(padding.MGF1(hashes.SHA256()), 32))
    raw = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(DOCUMENT)
        .add_signer(certificate, key, hashes.SHA256())
        .sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )
    assert verify_cms(raw, None, TrustStore("none", []), now, None).code is Code.UNTRUSTED_CHAIN


@st.composite
def mutations(draw, size: int) -> list[tuple[str, int, int, bytes]]:
    return draw(
        st.lists(
            st.tuples(
                st.sampled_from(["cut", "double", "write", "insert"]),
                st.integers(0, size - 1), st.integers(1, 40), st.binary(min_size=1, max_size=6),
            ),
            min_size=1, max_size=4,
        )
    )  # fmt: skip


def mutate(raw: bytes, changes: list[tuple[str, int, int, bytes]]) -> bytes:
    for kind, place, length, new in changes:
        before, part, after = raw[:place], raw[place : place + length], raw[place + length :]
        raw = {
            "cut": before + after,
            "double": before + part + part + after,
            "write": before + new + raw[place + len(new) :],
            "insert": before + new + part + after,
        }[kind]
    return raw


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mangled_documents_never_pass_and_never_raise(
    head, citizen, trust, good, now, data
) -> None:
    policy = Policy(trust=trust, at=now, revocation=good)
    cms = co_sign(DOCUMENT, [head, citizen], detached=False, at=now)
    text = f"<a><b>Келісім</b>{signed_xml.HOLE}</a>"
    originals = {
        "cms": cms,
        "xml": signed_xml.enveloped(text, citizen),
        "soap": signed_xml.envelope("<x>1</x>", citizen),
    }
    kind = data.draw(st.sampled_from(sorted(originals)))
    raw = originals[kind]
    changed = mutate(raw, data.draw(mutations(len(raw))))
    found = verify_document(policy, changed)
    if found.valid:  # only what no signature covers may differ: the content stays what was signed
        assert found.content == verify_document(policy, raw).content
