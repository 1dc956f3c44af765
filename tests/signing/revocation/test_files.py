"""CRLs and OCSP answers: what is missing, stale, garbled or somebody else's decides nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.signing.model import Code
from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust import path
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_cms
from infra.sandbox.nca import status
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair

UNKNOWN = ("unknown", None)
GOOD_CRL, GOOD_OCSP = ("good", "crl"), ("good", "ocsp")
REVOKED_CRL, REVOKED_OCSP = ("revoked", "crl"), ("revoked", "ocsp")


def said(files: RevocationFiles, *asked: Any) -> tuple[str, str | None]:
    """Status and source, whatever else is known."""
    found = files.status(*asked)
    return found.status, found.source


HOUR = timedelta(hours=1)


@pytest.fixture
def centre(now: datetime) -> Centre:
    return Centre.create(b"tests of revocation", now, algorithms=["gost2015-512"])


@pytest.fixture
def pair(centre: Centre, now: datetime) -> KeyPair:
    return centre.issue_individual("900101300017", "СЕРІКОВ АЙДОС", now)


@pytest.fixture
def issuer(centre: Centre, pair: KeyPair, now: datetime) -> path.Issuer:
    found = path.build(pair.certificate, [], TrustStore("sandbox", centre.anchors()), now)
    assert found is not None
    return found.issuer


def ask(pair: KeyPair, issuer: path.Issuer) -> bytes:
    return status.request(issuer.subject, issuer.spki, pair.serial, b"12345678")


def test_a_fresh_list_says_good(centre, pair, issuer, now) -> None:
    files = RevocationFiles([centre.crl(now)])
    assert said(files, pair.certificate, issuer, now) == GOOD_CRL


def test_a_revocation_counts_from_its_date_on(centre, pair, issuer, now) -> None:
    centre.revoke(pair, now + HOUR)
    files = RevocationFiles([centre.crl(now + 2 * HOUR)])
    assert said(files, pair.certificate, issuer, now + HOUR - timedelta(seconds=1)) == GOOD_CRL
    assert said(files, pair.certificate, issuer, now + HOUR) == REVOKED_CRL


def test_a_stale_list_decides_nothing_even_about_the_revoked(centre, pair, issuer, now) -> None:
    centre.revoke(pair, now)
    files = RevocationFiles([centre.crl(now, life=HOUR)])
    assert said(files, pair.certificate, issuer, now + HOUR) == REVOKED_CRL
    assert said(files, pair.certificate, issuer, now + HOUR + timedelta(seconds=1)) == UNKNOWN


def test_a_list_made_after_the_certificate_expired_proves_nothing_good(
    centre, pair, issuer, now
) -> None:
    later = pair.certificate.not_after + HOUR
    files = RevocationFiles([centre.crl(later)])
    assert said(files, pair.certificate, issuer, now) == UNKNOWN


def test_the_newest_list_decides(centre, pair, issuer, now) -> None:
    before = centre.crl(now)
    centre.revoke(pair, now + HOUR)
    after = centre.crl(now + HOUR)
    for files in ([before, after], [after, before]):
        found = said(RevocationFiles(files), pair.certificate, issuer, now + HOUR)
        assert found == REVOKED_CRL


def test_delta_lists_change_their_base(centre, pair, issuer, now) -> None:
    issuing = centre.hierarchy("gost2015-512").issuing
    base = status.crl(issuing, {}, now, now + 24 * HOUR, 7)
    revoked = {pair.serial: status.Revoked(now + HOUR, 1)}
    delta = status.crl(issuing, revoked, now + HOUR, now + 24 * HOUR, 8, base=7)
    at = now + 2 * HOUR
    assert said(RevocationFiles([base]), pair.certificate, issuer, at) == GOOD_CRL
    assert said(RevocationFiles([base, delta]), pair.certificate, issuer, at) == REVOKED_CRL
    assert said(RevocationFiles([delta]), pair.certificate, issuer, at) == UNKNOWN
    lifted = {pair.serial: status.Revoked(now + HOUR, 8)}
    held = {pair.serial: status.Revoked(now, 6)}
    base = status.crl(issuing, held, now, now + 24 * HOUR, 9)
    delta = status.crl(issuing, lifted, now + HOUR, now + 24 * HOUR, 10, base=9)
    assert said(RevocationFiles([base]), pair.certificate, issuer, at) == REVOKED_CRL
    assert said(RevocationFiles([base, delta]), pair.certificate, issuer, at) == GOOD_CRL
    foreign = status.crl(issuing, lifted, now + HOUR, now + 24 * HOUR, 30, base=20)
    assert said(RevocationFiles([base, foreign]), pair.certificate, issuer, at) == REVOKED_CRL


def test_an_entry_that_cannot_be_read_hides_no_revocation(centre, pair, issuer, now) -> None:
    issuing = centre.hierarchy("gost2015-512").issuing
    made = status.crl(issuing, {pair.serial: status.Revoked(now, 1)}, now, now + 24 * HOUR, 7)
    at = made.index(b"\x17\r", made.index(pair.serial.to_bytes(20, "big"))) + 2
    bent = made[:at] + b"991332000000Z" + made[at + 13 :]  # the 32nd of the 13th month
    files = RevocationFiles([bent])
    files._signed = {(id(files.lists[0]), issuer.subject, issuer.spki): True}
    assert said(files, pair.certificate, issuer, now) == UNKNOWN
    good = files.with_answers([centre.ocsp_response(ask(pair, issuer), now)])
    assert said(good, pair.certificate, issuer, now) == UNKNOWN
    centre.revoke(pair, now)
    revoked = files.with_answers([centre.ocsp_response(ask(pair, issuer), now)])
    assert said(revoked, pair.certificate, issuer, now) == REVOKED_OCSP


def test_a_list_of_somebody_else_decides_nothing(centre, pair, issuer, now) -> None:
    stranger = Centre.create(b"stranger", now, algorithms=["gost2015-512"])
    root = centre.hierarchy("gost2015-512").root
    forged = status.crl(
        KeyPair(stranger.hierarchy("gost2015-512").issuing.key,
                centre.hierarchy("gost2015-512").issuing.certificate_der),
        {}, now, now + HOUR, 1,
    )  # fmt: skip
    for raw in (stranger.crl(now), status.crl(root, {}, now, now + HOUR, 1), forged):
        assert said(RevocationFiles([raw]), pair.certificate, issuer, now) == UNKNOWN


def test_an_ocsp_answer_is_fresh_for_five_minutes(centre, pair, issuer, now) -> None:
    files = RevocationFiles([], [centre.ocsp_response(ask(pair, issuer), now)])
    minutes = timedelta(minutes=5)
    assert said(files, pair.certificate, issuer, now) == GOOD_OCSP
    assert said(files, pair.certificate, issuer, now + minutes) == GOOD_OCSP
    assert said(files, pair.certificate, issuer, now + minutes + timedelta(seconds=1)) == UNKNOWN


def test_revoked_by_ocsp_outweighs_good_by_list(centre, pair, issuer, now) -> None:
    crl = centre.crl(now)
    centre.revoke(pair, now)
    files = RevocationFiles([crl], [centre.ocsp_response(ask(pair, issuer), now)])
    assert said(files, pair.certificate, issuer, now) == REVOKED_OCSP


def test_an_answer_on_another_certificate_decides_nothing(centre, pair, issuer, now) -> None:
    other = centre.issue_individual("900101300017", "БАСҚА АДАМ", now)
    files = RevocationFiles([], [centre.ocsp_response(ask(other, issuer), now)])
    assert said(files, pair.certificate, issuer, now) == UNKNOWN


def test_an_unknown_certificate_stays_unknown(centre, pair, issuer, now) -> None:
    fresh = Centre.create(b"tests of revocation", now, algorithms=["gost2015-512"])
    files = RevocationFiles([], [fresh.ocsp_response(ask(pair, issuer), now)])
    assert said(files, pair.certificate, issuer, now) == UNKNOWN


@pytest.mark.parametrize("failure", [1, 2, 3, 5, 6])
def test_try_later_and_its_kin_decide_nothing(pair, issuer, now, failure) -> None:
    files = RevocationFiles([], [status.failure(failure)])
    assert said(files, pair.certificate, issuer, now) == UNKNOWN


def test_a_responder_must_be_delegated(centre, pair, issuer, now) -> None:
    """A leaf of the same centre may not answer for it, nor a responder of another centre."""
    request = status.read_request(ask(pair, issuer))[0][0]
    above = centre.hierarchy("gost2015-512")
    stranger = Centre.create(b"stranger", now, algorithms=["gost2015-512"])
    for responder, expected in (
        (above.responder, GOOD_OCSP),
        (above.issuing, GOOD_OCSP),
        (pair, UNKNOWN),
        (stranger.hierarchy("gost2015-512").responder, UNKNOWN),
    ):
        raw = status.response(responder, [(request, None)], now, None)
        assert said(RevocationFiles([], [raw]), pair.certificate, issuer, now) == expected


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=120))
def test_garbage_decides_nothing(garbage: bytes) -> None:
    files = RevocationFiles([garbage, b"0" + garbage], [garbage, b"\x30\x82" + garbage])
    assert (files.lists, files.answers) == ([], [])


def test_a_changed_list_or_answer_decides_nothing(centre, pair, issuer, now) -> None:
    centre.revoke(pair, now)
    for crl, raw in (
        (True, centre.crl(now)),
        (False, centre.ocsp_response(ask(pair, issuer), now)),
    ):
        for place in range(0, len(raw), 13):
            broken = bytearray(raw)
            broken[place] ^= 2
            files = (
                RevocationFiles([bytes(broken)]) if crl else RevocationFiles([], [bytes(broken)])
            )
            found = said(files, pair.certificate, issuer, now)
            assert found in (UNKNOWN, REVOKED_CRL, REVOKED_OCSP)


def test_unknown_is_refused_unless_nobody_asks(centre, pair, now) -> None:
    trust = TrustStore("sandbox", centre.anchors())
    cms = pair.sign_cms(b"document", at=now)
    none = RevocationFiles()
    assert verify_cms(cms, b"document", trust, now, none).code is Code.REVOCATION_UNKNOWN
    lenient = verify_cms(cms, b"document", trust, now, none, revocation_required=False)
    assert lenient.code is Code.OK
    centre.revoke(pair, now)
    known = RevocationFiles([centre.crl(now)])
    still = verify_cms(cms, b"document", trust, now, known, revocation_required=False)
    assert still.code is Code.REVOKED


def test_a_large_list_is_read_quickly(centre, pair, issuer, now) -> None:
    issuing = centre.hierarchy("gost2015-512").issuing
    many = {pair.serial + n: status.Revoked(now, 0) for n in range(1, 20_000)}
    files = RevocationFiles([status.crl(issuing, many, now, now + HOUR, 1)])
    assert said(files, pair.certificate, issuer, now) == GOOD_CRL
    assert len(files.lists[0].places) == 19_999


def test_leaf_extensions_are_what_the_profile_says(centre, pair) -> None:
    """The sandbox issues what the real centre issues, so that tests here mean something there."""
    certificate = pair.certificate
    assert certificate.key_usage == {0, 1, 4}
    assert certificate.extended_key_usage == ("1.3.6.1.5.5.7.3.4", "1.2.398.3.3.4.1.1")
    assert len(certificate.serial.to_bytes(20, "big")) == 20
    assert not certificate.critical_unknown
