"""Certificates: read exactly, held to agree with `cryptography` where that can read them."""

import pytest
from cryptography import x509 as library
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.signing.certificate import profile, x509
from backend.signing.der import writer
from backend.signing.der.reader import Malformed
from infra.sandbox.nca import profile as nca


@pytest.mark.filterwarnings("ignore:Attribute's length")  # the NCA's own names pass 64 octets too
def test_we_read_what_cryptography_reads(citizen) -> None:
    ours, theirs = citizen.certificate, library.load_der_x509_certificate(citizen.certificate_der)
    assert ours.serial == theirs.serial_number
    assert ours.not_before == theirs.not_valid_before_utc
    assert ours.not_after == theirs.not_valid_after_utc
    assert ours.issuer == theirs.issuer.public_bytes()
    assert ours.subject == theirs.subject.public_bytes()
    assert ours.tbs == theirs.tbs_certificate_bytes
    assert ours.signature == theirs.signature
    assert ours.spki == theirs.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    usage = theirs.extensions.get_extension_for_class(library.KeyUsage).value
    assert usage.content_commitment
    assert x509.NON_REPUDIATION in (ours.key_usage or ())
    wanted = theirs.extensions.get_extension_for_class(library.ExtendedKeyUsage).value
    assert ours.extended_key_usage == tuple(one.dotted_string for one in wanted)


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0), st.integers(0, 255))
def test_a_changed_certificate_is_malformed_or_another(citizen, place: int, value: int) -> None:
    raw = bytearray(citizen.certificate_der)
    raw[place % len(raw)] = value
    try:
        found = x509.parse(bytes(raw))
    except Malformed:
        return
    assert found.raw == bytes(raw)


@pytest.mark.parametrize(
    ("value", "iin"),
    [
        (writer.tlv(0x1A, b"IIN900101300017"), "900101300017"),  # VisibleString
        (writer.tlv(0x1C, "IIN900101300017".encode("utf-32-be")), "900101300017"),  # Universal
        (writer.tlv(0x12, b"900101300017"), None),  # NumericString
        (writer.bit_string(b"IIN900101300017"), None),  # no text
    ],
)
def test_every_string_of_a_name_is_read_and_what_is_no_text_says_nothing(
    centre, now, value: bytes, iin: str | None
) -> None:
    attribute = writer.sequence(writer.oid(profile.SERIAL_NUMBER), value)
    subject = writer.sequence(writer.set_of([attribute]))
    pair = centre.issue(subject, [profile.EMAIL_PROTECTION], now)
    assert profile.holder_of(pair.certificate).iin == iin


def test_two_numbers_in_one_certificate_name_nobody(centre, now) -> None:
    subject = nca.name(
        (profile.COMMON_NAME, "А Б"), (profile.SERIAL_NUMBER, "IIN900101300017"),
        (profile.UNIT, "BIN061211600012"), (profile.UNIT, "BIN061211600013"),
    )  # fmt: skip
    pair = centre.issue(subject, [profile.EMAIL_PROTECTION, nca.LEGAL_ENTITY], now)
    holder = profile.holder_of(pair.certificate)
    assert (holder.iin, holder.bin) == ("900101300017", None)


def test_numbers_are_read_only_from_their_places(centre, now) -> None:
    for attributes, expected in (
        ([(profile.SERIAL_NUMBER, "BIN061211600012")], (None, "061211600012")),
        ([(profile.UNIT, "IIN900101300017")], (None, None)),
        ([(profile.COMMON_NAME, "IIN900101300017")], (None, None)),
        ([(profile.SERIAL_NUMBER, "IIN90010130001")], (None, None)),
        ([(profile.UNIT, "BIN06121160001２")], (None, None)),
        ([(profile.UNIT, " BIN061211600012")], (None, None)),
        ([(profile.UNIT, "BIN061211600012\n")], (None, None)),
    ):
        pair = centre.issue(nca.name(*attributes), [profile.EMAIL_PROTECTION], now)
        holder = profile.holder_of(pair.certificate)
        assert (holder.iin, holder.bin) == expected
