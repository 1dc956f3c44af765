"""The contract's answer on CMS signed with keys of the sandbox centre."""

import base64
import hashlib
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.signing.algorithm import oids
from backend.signing.certificate import profile
from backend.signing.certificate.x509 import DIGITAL_SIGNATURE
from backend.signing.cms import build
from backend.signing.cms import identifiers as ids
from backend.signing.der import reader, writer
from backend.signing.model import Code, Role
from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_cms, verify_document
from backend.signing.verify.judge import Policy
from infra.sandbox.nca import profile as nca
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair, co_sign

DOCUMENT = "Келісімшарт № 1".encode()


def alone(pair: KeyPair, at, *, detached: bool = False) -> bytes:
    """A CMS that encloses nothing but the signer's certificate: no octet of it is idle."""
    signer = build.Signer(pair.key, pair.certificate_der, at)
    return build.sign(DOCUMENT, [signer], detached=detached)


def test_who_signed_what_and_when(head, trust, good, now) -> None:
    found = verify_cms(head.sign_cms(DOCUMENT, at=now), DOCUMENT, trust, now, good)
    assert (found.valid, found.code, found.format) == (True, Code.OK, "cms-detached")
    assert found.content == DOCUMENT
    (signer,) = found.signers
    assert (signer.iin, signer.bin) == ("900101300017", "061211600012")
    assert (signer.common_name, signer.organisation) == ("СЕРІКОВ АЙДОС", 'ТОО "Клиника"')
    assert signer.roles == (Role.LEGAL_ENTITY, Role.HEAD)
    assert (signer.algorithm, signer.signed_at, signer.timestamped) == ("gost2015-512", now, False)
    assert signer.chain == (
        "СЕРІКОВ АЙДОС",
        "ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST2015) SANDBOX",
        "НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (GOST2015) SANDBOX",
    )
    assert (signer.revocation.status, signer.revocation.source) == ("good", "crl")
    assert signer.certificate == head.certificate_der
    assert int(signer.serial, 16) == head.serial


@pytest.mark.parametrize("wrapping", ["der", "base64", "lines", "pem", "cms-pem", "marked"])
def test_every_wrapping_is_read(head, trust, good, now, wrapping) -> None:
    cms = head.sign_cms(DOCUMENT, detached=False, at=now)
    text = base64.b64encode(cms)
    lines = base64.encodebytes(cms)
    wrapped = {
        "der": cms,
        "base64": text,
        "lines": lines.replace(b"\n", b"\r\n"),
        "pem": b"-----BEGIN PKCS7-----\n" + lines + b"-----END PKCS7-----\n",
        "cms-pem": b"-----BEGIN CMS-----\n" + lines + b"-----END CMS-----",
        "marked": b"\xef\xbb\xbf" + lines,  # as some editors save it
    }[wrapping]
    found = verify_cms(wrapped, None, trust, now, good)
    assert (found.code, found.format, found.content) == (Code.OK, "cms-attached", DOCUMENT)


def test_ber_of_indefinite_length_is_read(head, trust, good, now) -> None:
    """What streaming signers write: indefinite lengths, the content in pieces."""
    outer = reader.read(alone(head, now)).children()
    fields = outer[1].children()[0].children()
    pieces = b"".join(writer.octet_string(DOCUMENT[n : n + 5]) for n in range(0, 40, 5))
    octets = b"\x24\x80" + pieces + b"\x00\x00"
    inside = b"\x30\x80" + writer.oid(ids.DATA) + b"\xa0\x80" + octets + b"\x00\x00\x00\x00"
    parts = [field.raw for field in fields]
    signed = b"\x30\x80" + parts[0] + parts[1] + inside + b"".join(parts[3:]) + b"\x00\x00"
    ber = b"\x30\x80" + outer[0].raw + b"\xa0\x80" + signed + b"\x00\x00\x00\x00"
    found = verify_cms(ber, None, trust, now, good)
    assert (found.code, found.content) == (Code.OK, DOCUMENT)


@pytest.mark.parametrize("algorithm", ["gost2015-512", "rsa-sha256"])
def test_no_octet_can_be_changed(centre, trust, good, now, algorithm) -> None:
    pair = centre.issue_individual("900101300017", "А Б", now, algorithm)
    cms = alone(pair, now)
    assert verify_cms(cms, None, trust, now, good).valid
    for place in range(len(cms)):
        broken = bytearray(cms)
        broken[place] ^= 1 << place % 8
        found = verify_cms(bytes(broken), None, trust, now, good)
        assert not found.valid, place
        assert found.content is None


def test_a_cut_document_is_malformed(head, trust, good, now) -> None:
    cms = alone(head, now)
    for length in range(0, len(cms), 7):
        assert verify_cms(cms[:length], None, trust, now, good).code is Code.MALFORMED
    assert verify_cms(cms + b"\0", None, trust, now, good).code is Code.MALFORMED


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_garbage_is_malformed(trust, now, raw: bytes) -> None:
    policy = Policy(trust=trust, at=now)
    for document in (raw, b"\x30\x80" + raw, b"0" + raw, b"<" + raw, base64.b64encode(raw)):
        found = verify_document(policy, document, None)
        assert (found.valid, found.code, found.signers) == (False, Code.MALFORMED, ())


def test_changed_content_fails_for_every_signer(head, citizen, trust, good, now) -> None:
    cms = co_sign(DOCUMENT, [head, citizen], at=now)
    assert verify_cms(cms, DOCUMENT, trust, now, good).valid
    found = verify_cms(cms, DOCUMENT + b" ", trust, now, good)
    assert [signer.code for signer in found.signers] == [Code.DIGEST_MISMATCH] * 2
    assert found.content is None


def test_attached_content_given_again_must_be_the_same(head, trust, good, now) -> None:
    cms = head.sign_cms(DOCUMENT, detached=False, at=now)
    assert verify_cms(cms, DOCUMENT, trust, now, good).valid
    assert verify_cms(cms, b"other", trust, now, good).code is Code.DIGEST_MISMATCH


def test_one_bad_signer_spoils_the_document(head, centre, trust, now) -> None:
    other = centre.issue_individual("900101300017", "ЕКІНШІ АДАМ", now)
    revoked = Centre.create(b"tests of signing", now)
    revoked.revoke(other, now)
    cms = co_sign(DOCUMENT, [head, other], at=now)
    found = verify_cms(cms, DOCUMENT, trust, now, RevocationFiles([revoked.crl(now)]))
    assert sorted(signer.code for signer in found.signers) == [Code.OK, Code.REVOKED]
    assert (found.valid, found.code) == (False, Code.REVOKED)


def test_content_missing_comes_before_everything_but_malformed(head, now) -> None:
    found = verify_cms(head.sign_cms(DOCUMENT, at=now), None, TrustStore("none", []), now, None)
    assert (found.code, found.format) == (Code.CONTENT_MISSING, "cms-detached")


def test_a_foreign_centre_is_not_trusted(trust, good, now) -> None:
    stranger = Centre.create(b"somebody else", now, algorithms=["gost2015-512"])
    pair = stranger.issue_individual("900101300017", "А Б", now)
    found = verify_cms(pair.sign_cms(DOCUMENT, at=now), DOCUMENT, trust, now, good)
    assert found.code is Code.UNTRUSTED_CHAIN
    for name in ("prod", "test"):
        store = TrustStore.load(name)
        assert (
            verify_cms(pair.sign_cms(DOCUMENT, at=now), DOCUMENT, store, now, good).code
            is Code.UNTRUSTED_CHAIN
        )


def test_validity_is_that_of_the_reference_time(head, trust, good, now) -> None:
    cms = head.sign_cms(DOCUMENT, at=now)
    year = timedelta(days=365)
    for at, code in (
        (now, Code.OK),
        (now - timedelta(seconds=1), Code.EXPIRED),
        (now + year, Code.REVOCATION_UNKNOWN),  # the CRL is stale by then
        (now + year + timedelta(seconds=1), Code.EXPIRED),
    ):
        assert verify_cms(cms, DOCUMENT, trust, at, good).code is code


def test_an_authentication_key_does_not_sign(centre, trust, good, now) -> None:
    subject = nca.name((profile.COMMON_NAME, "А Б"), (profile.SERIAL_NUMBER, "IIN900101300017"))
    for usage, extended in (
        (nca.AUTHENTICATION_USAGE, [profile.CLIENT_AUTH, nca.INDIVIDUAL]),
        ((DIGITAL_SIGNATURE,), [profile.EMAIL_PROTECTION, nca.INDIVIDUAL]),
        (nca.SIGNING_USAGE, [nca.INDIVIDUAL]),
    ):
        pair = centre.issue(subject, extended, now, usage=usage)
        cms = pair.sign_cms(DOCUMENT, at=now)
        assert verify_cms(cms, DOCUMENT, trust, now, good).code is Code.WRONG_KEY_USAGE


def test_an_information_system_needs_no_email_protection(centre, trust, good, now) -> None:
    pair = centre.issue_information_system("061211600012", "Қор", "Saqtau", now)
    found = verify_cms(pair.sign_cms(DOCUMENT, at=now), DOCUMENT, trust, now, good)
    assert found.valid
    (signer,) = found.signers
    assert (signer.iin, signer.bin) == (None, "061211600012")
    assert signer.roles == (Role.LEGAL_ENTITY, Role.INFORMATION_SYSTEM)


ROLES = ["head", "signatory", "finance", "hr", "employee"]


@pytest.mark.parametrize("required", list(Role))
@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_exactly_what_the_certificate_says(
    role_pairs, trust, good, now, role: str, required: Role
) -> None:
    cms = role_pairs[role].sign_cms(DOCUMENT, at=now)
    found = verify_cms(cms, DOCUMENT, trust, now, good, required)
    expected = Code.OK if required in (Role.LEGAL_ENTITY, role) else Code.WRONG_ROLE
    assert found.code is expected


@pytest.fixture(scope="module")
def role_pairs(centre: Centre, now) -> dict[str, KeyPair]:
    return {
        role: centre.issue_legal("900101300017", "061211600012", "А Б", "Ұйым", role, now)
        for role in ROLES
    }


def test_a_role_of_another_centre_is_refused(centre, trust, good, now) -> None:
    subject = nca.name((profile.COMMON_NAME, "А Б"), (profile.SERIAL_NUMBER, "IIN900101300017"))
    for foreign in (
        "1.2.398.3.17.3.1",
        "1.2.398.3.2.3.1",
        "1.2.398.3.3.4.2.1",
        "1.2.398.3.3.4.1.2.9",
    ):
        pair = centre.issue(subject, [profile.EMAIL_PROTECTION, foreign], now)
        found = verify_cms(pair.sign_cms(DOCUMENT, at=now), DOCUMENT, trust, now, good)
        assert (found.code, found.signers[0].roles) == (Code.WRONG_ROLE, ())


def test_how_the_holder_was_identified_is_no_role(centre, trust, good, now) -> None:
    subject = nca.name((profile.COMMON_NAME, "А Б"), (profile.SERIAL_NUMBER, "IIN900101300017"))
    extended = [profile.EMAIL_PROTECTION, "1.2.398.3.3.4.3.2.1", nca.INDIVIDUAL]
    pair = centre.issue(subject, extended, now)
    found = verify_cms(pair.sign_cms(DOCUMENT, at=now), DOCUMENT, trust, now, good)
    assert (found.code, found.signers[0].roles) == (Code.OK, (Role.INDIVIDUAL,))


def test_nobody_looking_at_revocation_must_be_said_aloud(head, trust, now) -> None:
    cms = head.sign_cms(DOCUMENT, at=now)
    assert verify_cms(cms, DOCUMENT, trust, now, None).code is Code.REVOCATION_UNKNOWN
    found = verify_cms(cms, DOCUMENT, trust, now, None, revocation_required=False)
    assert (found.code, found.signers[0].revocation.status) == (Code.OK, "unknown")


def _without_attributes(pair: KeyPair, content: bytes) -> bytes:
    """A CMS whose signature stands over the content itself."""
    signer = build.Signer(pair.key, pair.certificate_der, pair.certificate.not_before)
    cms = build.sign(content, [signer], detached=False)
    outer = reader.read(cms).children()
    fields = outer[1].children()[0].children()
    info = fields[-1].children()[0].children()
    bare = writer.sequence(
        *(part.raw for part in info[:3]), info[4].raw, writer.octet_string(pair.key.sign(content))
    )
    body = writer.sequence(*(field.raw for field in fields[:-1]), writer.tlv(0x31, bare))
    return writer.sequence(outer[0].raw, writer.explicit(0, body))


def test_a_signature_over_the_bare_content_holds(head, trust, good, now) -> None:
    cms = _without_attributes(head, DOCUMENT)
    found = verify_cms(cms, None, trust, now, good)
    assert (found.code, found.content, found.signers[0].signed_at) == (Code.OK, DOCUMENT, None)


def test_signed_attributes_cannot_pass_as_content(head, trust, good, now) -> None:
    """The signature of a real document, moved over its own attributes as if they were the content."""
    cms = alone(head, now)
    outer = reader.read(cms).children()
    fields = outer[1].children()[0].children()
    info = fields[-1].children()[0].children()
    attributes = b"\x31" + info[3].raw[1:]
    bare = writer.sequence(*(part.raw for part in info[:3]), info[4].raw, info[5].raw)
    content = writer.sequence(
        writer.oid(ids.DATA), writer.explicit(0, writer.octet_string(attributes))
    )
    body = writer.sequence(
        fields[0].raw, fields[1].raw, content, fields[3].raw, writer.tlv(0x31, bare)
    )
    forged = writer.sequence(outer[0].raw, writer.explicit(0, body))
    found = verify_cms(forged, None, trust, now, good)
    assert (found.valid, found.code) == (False, Code.BAD_SIGNATURE)


def test_the_certificate_cannot_be_swapped_for_another_of_the_same_key(
    head, centre, trust, good, now
) -> None:
    """signingCertificateV2 binds the certificate: a renewed one of the same key and name fails."""
    above = centre.hierarchy("gost2015-512").issuing
    template = nca.Template(
        head.certificate.subject, head.certificate.spki, head.serial, now,
        now + timedelta(days=30), [],
    )  # fmt: skip
    other = nca.sign_certificate(template, above.certificate.subject, above.key)
    swapped = alone(head, now).replace(head.certificate_der, other)
    assert len(swapped) != len(alone(head, now))
    fields = reader.read(alone(head, now)).children()[1].children()[0].children()
    body = writer.sequence(*(f.raw for f in fields[:3]), writer.tlv(0xA0, other), fields[4].raw)
    forged = writer.sequence(writer.oid(ids.SIGNED_DATA), writer.explicit(0, body))
    assert verify_cms(forged, None, trust, now, good).code is Code.BAD_SIGNATURE


def _naming(pair: KeyPair, at, hash_oid: str, digest: bytes) -> bytes:
    """A CMS whose signingCertificateV2 names a certificate by this hash."""
    outer = reader.read(alone(pair, at)).children()
    fields = outer[1].children()[0].children()
    info = [part.raw for part in fields[-1].children()[0].children()]
    named = writer.sequence(writer.sequence(writer.oid(hash_oid)), writer.octet_string(digest))
    attributes = [
        one.raw
        for one in fields[-1].children()[0].children()[3].children()
        if one.first().oid() != ids.SIGNING_CERTIFICATE_V2
    ]
    value = writer.sequence(writer.sequence(named))
    attributes.append(
        writer.sequence(writer.oid(ids.SIGNING_CERTIFICATE_V2), writer.set_of([value]))
    )
    body = b"".join(sorted(attributes))
    info[3], info[5] = (
        writer.tlv(0xA0, body),
        writer.octet_string(pair.key.sign(writer.tlv(0x31, body))),
    )
    signed = writer.sequence(
        *(field.raw for field in fields[:-1]), writer.set_of([writer.sequence(*info)])
    )
    return writer.sequence(outer[0].raw, writer.explicit(0, signed))


@pytest.mark.parametrize(
    ("oid", "digest"), [(oids.SHA384, hashlib.sha384), (oids.SHA512, hashlib.sha512)]
)
def test_a_certificate_may_be_named_by_a_longer_hash(head, trust, good, now, oid, digest) -> None:
    """RFC 5035 §3 leaves the hash of signingCertificateV2 to the signer."""
    for named, code in ((head.certificate_der, Code.OK), (head.chain[0], Code.BAD_SIGNATURE)):
        cms = _naming(head, now, oid, digest(named).digest())
        assert verify_cms(cms, None, trust, now, good).code is code


@pytest.mark.parametrize("kind", ["no signer", "no certificate", "two alike"])
def test_a_document_without_its_signer_is_malformed(head, trust, good, now, kind) -> None:
    fields = reader.read(alone(head, now)).children()[1].children()[0].children()
    parts = [field.raw for field in fields]
    if kind == "no signer":
        parts[4] = writer.tlv(0x31, b"")
    elif kind == "no certificate":
        del parts[3]
    else:
        parts[3] = writer.tlv(0xA0, head.certificate_der + _twin(head))
    forged = writer.sequence(
        writer.oid(ids.SIGNED_DATA), writer.explicit(0, writer.sequence(*parts))
    )
    assert verify_cms(forged, None, trust, now, good).code is Code.MALFORMED


def _twin(pair: KeyPair) -> bytes:
    """Another certificate of the same issuer and serial: nobody can tell which is meant."""
    template = nca.Template(
        pair.certificate.subject, pair.certificate.spki, pair.serial,
        pair.certificate.not_before, pair.certificate.not_after, [],
    )  # fmt: skip
    return nca.sign_certificate(template, pair.certificate.issuer, pair.key)


@pytest.mark.parametrize(
    "oid", ["1.2.840.113549.1.1.5", "1.2.840.113549.1.1.13", "1.2.643.7.1.1.3.3", "2.999.1"]
)
def test_algorithms_that_are_not_ours_are_named_so(citizen, trust, good, now, oid) -> None:
    cms = alone(citizen, now)
    old = build.signature_identifier("rsa-sha256")
    head_part, _, tail = cms.rpartition(old)
    forged = _relength(head_part, build.algorithm_identifier(oid), tail)
    assert verify_cms(forged, None, trust, now, good).code is Code.UNSUPPORTED_ALGORITHM


def _relength(before: bytes, new: bytes, after: bytes) -> bytes:
    """Rebuild the CMS with another signature algorithm in its only SignerInfo."""
    whole = before + build.signature_identifier("rsa-sha256") + after
    outer = reader.read(whole).children()
    fields = outer[1].children()[0].children()
    info = fields[-1].children()[0].children()
    parts = [part.raw for part in info]
    parts[4] = new
    body = writer.sequence(*(f.raw for f in fields[:-1]), writer.tlv(0x31, writer.sequence(*parts)))
    return writer.sequence(outer[0].raw, writer.explicit(0, body))


def test_a_signature_of_another_kind_of_key_is_bad(head, citizen, trust, good, now) -> None:
    """RSA named over a GOST key: both known, but not to each other."""
    mixed = build.Signer(citizen.key, head.certificate_der, now)
    cms = build.sign(DOCUMENT, [mixed], detached=False)
    assert verify_cms(cms, None, trust, now, good).code is Code.BAD_SIGNATURE


def test_a_bag_of_a_thousand_certificates_is_refused_at_once(head, trust, good, now) -> None:
    extra = [
        writer.sequence(writer.sequence(writer.integer(n)), writer.sequence()) for n in range(1000)
    ]
    signer = build.Signer(head.key, head.certificate_der, now)
    cms = build.sign(DOCUMENT, [signer], certificates=extra)
    assert verify_cms(cms, DOCUMENT, trust, now, good).code is Code.MALFORMED


def test_deep_nesting_is_refused(trust, now) -> None:
    for depth in (100, 5_000, 100_000):
        for raw in (b"\x30\x80" * depth, b"\x24\x80" * depth, b"\xa0\x80" * depth):
            assert verify_cms(raw, None, trust, now, None).code is Code.MALFORMED
