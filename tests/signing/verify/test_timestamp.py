"""Time stamps: a valid one is the reference time, an invalid one is as if it were not there."""

from datetime import timedelta

import pytest

from backend.signing.certificate import profile
from backend.signing.certificate.x509 import EXT_KEY_USAGE
from backend.signing.cms import identifiers as ids
from backend.signing.cms.parse import parse
from backend.signing.der import reader, writer
from backend.signing.model import Code
from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_cms
from infra.sandbox.nca import profile as nca
from infra.sandbox.nca import stamping
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair, co_sign

DOCUMENT = b"document"
YEARS = timedelta(days=3 * 365)


@pytest.mark.parametrize("algorithm", ["gost2015-512", "rsa-sha256"])
def test_a_stamped_document_holds_after_its_certificate_expired(
    head, centre, trust, good, now, algorithm
) -> None:
    when = now + timedelta(minutes=1)
    cms = co_sign(DOCUMENT, [head], at=now, stamp=centre.stamper(when, algorithm))
    found = verify_cms(cms, DOCUMENT, trust, now + YEARS, good)
    assert found.code is Code.OK
    (signer,) = found.signers
    assert (signer.timestamped, signer.signed_at) == (True, when)
    bare = verify_cms(head.sign_cms(DOCUMENT, at=now), DOCUMENT, trust, now + YEARS, good)
    assert (bare.code, bare.signers[0].timestamped) == (Code.EXPIRED, False)


def test_a_stamp_does_not_save_a_signature_made_too_late(head, centre, trust, good, now) -> None:
    late = head.certificate.not_after + timedelta(days=1)
    cms = co_sign(DOCUMENT, [head], at=now, stamp=centre.stamper(late))
    found = verify_cms(cms, DOCUMENT, trust, now, good)
    assert (found.code, found.signers[0].timestamped) == (Code.EXPIRED, True)


def test_a_stamp_before_the_revocation_keeps_the_signature(now) -> None:
    centre = Centre.create(b"stamps", now, algorithms=["gost2015-512"])
    trust = TrustStore("sandbox", centre.anchors())
    pair = centre.issue_individual("900101300017", "А Б", now)
    hour = timedelta(hours=1)
    before = co_sign(DOCUMENT, [pair], at=now, stamp=centre.stamper(now + hour))
    after = co_sign(DOCUMENT, [pair], at=now, stamp=centre.stamper(now + 3 * hour))
    centre.revoke(pair, now + 2 * hour)
    files = RevocationFiles([centre.crl(now + 4 * hour)])
    later = now + 5 * hour
    assert verify_cms(before, DOCUMENT, trust, later, files).code is Code.OK
    assert verify_cms(after, DOCUMENT, trust, later, files).code is Code.REVOKED


# RFC 3161 §4: after a harmless reason earlier stamps stay good, after any other all of them fall
@pytest.mark.parametrize(
    ("reason", "revoked_after_h", "stamped"),
    [(0, 1, True), (3, 1, True), (4, 1, True), (5, 1, True), (1, 1, False), (2, 1, False),
     (9, 1, False), (4, -1, False), (1, -1, False)],
)  # fmt: skip
def test_the_authority_s_own_certificate_may_be_revoked(
    now, reason, revoked_after_h, stamped
) -> None:
    centre = Centre.create(b"stamps", now, algorithms=["gost2015-512"])
    trust = TrustStore("sandbox", centre.anchors())
    pair = centre.issue_individual("900101300017", "А Б", now)
    cms = co_sign(DOCUMENT, [pair], at=now, stamp=centre.stamper(now))
    authority = centre.hierarchy("gost2015-512").stamper
    centre.revoke(authority, now + timedelta(hours=revoked_after_h), reason)
    files = RevocationFiles([centre.crl(now + timedelta(hours=2))])
    soon, late = now + timedelta(hours=3), pair.certificate.not_after + timedelta(days=1)
    found = verify_cms(cms, DOCUMENT, trust, soon, files)
    assert (found.code, found.signers[0].timestamped) == (Code.OK, stamped)
    lists = RevocationFiles([centre.crl(now + timedelta(hours=2), life=YEARS)])
    expired = verify_cms(cms, DOCUMENT, trust, late, lists)
    assert expired.code is (Code.OK if stamped else Code.EXPIRED)


def test_an_authority_nobody_can_decide_on_is_told(head, centre, trust, good, now) -> None:
    """The command decides for the signer alone (CONTRACT); who asks more finds it said."""
    cms = co_sign(DOCUMENT, [head], at=now, stamp=centre.stamper(now, "rsa-sha256"))
    of_gost_alone = RevocationFiles([centre.crl(now)])
    for files, status in ((of_gost_alone, "unknown"), (good, "good")):
        found = verify_cms(cms, DOCUMENT, trust, now, files)
        stamp = found.signers[0].stamp
        assert stamp is not None
        assert (found.code, stamp.revocation.status) == (Code.OK, status)


def _authority(centre: Centre, now, extended: list[str]) -> KeyPair:
    """A stamping key whose certificate says something else."""
    above = centre.hierarchy("gost2015-512")
    key = above.stamper.key
    extensions = [
        nca.extension(EXT_KEY_USAGE, writer.sequence(*map(writer.oid, extended)), critical=True)
    ]
    template = nca.Template(
        nca.name((profile.COMMON_NAME, "TSA")), key.spki(), 77, now, now + YEARS, extensions
    )
    raw = nca.sign_certificate(template, above.issuing.certificate.subject, above.issuing.key)
    return KeyPair(key, raw, [above.issuing.certificate_der])


def test_stamps_that_do_not_count(head, centre, trust, good, now) -> None:
    stranger = Centre.create(b"stranger", now, algorithms=["gost2015-512"])
    other = stamping.stamper(centre.hierarchy("gost2015-512").stamper, now, 5)(b"another signature")
    whole = centre.stamper(now)
    stamps = {
        "of a stranger": stranger.stamper(now),
        "by a person": stamping.stamper(head, now, 5),
        "by a key for more than stamping": stamping.stamper(
            _authority(centre, now, [profile.TIME_STAMPING, profile.EMAIL_PROTECTION]), now, 5
        ),
        "over another signature": lambda _: other,
        "changed": lambda signature: whole(signature)[:-1] + bytes([whole(signature)[-1] ^ 1]),
        "garbage": lambda _: writer.octet_string(b"garbage"),
        "no stamp at all": lambda _: head.sign_cms(b"x", detached=False, at=now),
    }
    for name, stamp in stamps.items():
        cms = co_sign(DOCUMENT, [head], at=now, stamp=stamp)
        found = verify_cms(cms, DOCUMENT, trust, now, good)
        assert (found.code, found.signers[0].timestamped) == (Code.OK, False), name
        assert verify_cms(cms, DOCUMENT, trust, now + YEARS, good).code is Code.EXPIRED, name


def test_the_authority_answers_requests(centre, now) -> None:
    request = writer.sequence(
        writer.integer(1),
        writer.sequence(
            writer.sequence(writer.oid("2.16.840.1.101.3.4.2.1"), writer.null()),
            writer.octet_string(bytes(32)),
        ),
        writer.integer(2**63),
        writer.boolean(True),
    )
    status, token = reader.read(centre.time_stamp_response(request, now)).children()
    assert status.children()[0].integer() == 0
    assert parse(token.raw).content_type == ids.TST_INFO
    (refused,) = reader.read(centre.time_stamp_response(b"garbage", now)).children()
    assert refused.children()[0].integer() == 2
