"""The text inside a QR code: read back exactly, and never in a second way."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.kernel.elapsed import Reading
from backend.kernel.errors import Refusal
from backend.visits.code import rules
from backend.visits.code.errors import ExpiredCode, ForeignCode, ForgedCode
from backend.visits.code.model import CodePayload, PersonalPayload

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
PAYLOAD = CodePayload(UUID(int=1), UUID(int=2), 3, date(2026, 4, 6))
TEXT = rules.sign_facility(PAYLOAD, KEY)
NOW = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)
MACHINE = b"here"
PERSONAL = PersonalPayload(UUID(int=5), NOW, Reading(MACHINE, 5_000), b"n" * rules.NONCE_BYTES)


def read(text: str) -> CodePayload:
    payload, signed, signature = rules.read_facility(text)
    rules.require_signed(signed, signature, PUBLIC)
    return payload


def test_the_code_is_short_enough_for_a_poster() -> None:
    assert TEXT.startswith("SQ1.")
    assert len(TEXT) == 142


@given(st.uuids(), st.uuids(), st.integers(1, 65535), st.dates(date(2026, 1, 1), date(2100, 1, 1)))
@settings(max_examples=30, deadline=None)
def test_what_was_signed_is_read_back(code: UUID, facility: UUID, key: int, day: date) -> None:
    payload = CodePayload(code, facility, key, day)
    assert read(rules.sign_facility(payload, KEY)) == payload


@given(st.integers(0, len(TEXT) - 1), st.sampled_from("ABCXYZabcxyz0189-_.=+/ "))
@settings(max_examples=200, deadline=None)
def test_no_other_text_is_accepted(place: int, sign: str) -> None:
    changed = TEXT[:place] + sign + TEXT[place + 1 :]
    if changed != TEXT:
        with pytest.raises((ForeignCode, ForgedCode)):
            read(changed)


@given(st.text(max_size=220))
@settings(max_examples=100, deadline=None)
def test_odd_texts_are_refused_not_broken_on(text: str) -> None:
    for odd in (text, "SQ1." + text, "SQ1.." + text):
        with pytest.raises(Refusal):
            read(odd)


@pytest.mark.parametrize("suffix", ["=", "==", "\n", " ", "."])
def test_a_code_has_one_spelling(suffix: str) -> None:
    with pytest.raises((ForeignCode, ForgedCode)):
        read(TEXT + suffix)


def test_another_key_forges() -> None:
    forged = rules.sign_facility(PAYLOAD, Ed25519PrivateKey.generate())
    with pytest.raises(ForgedCode):
        read(forged)


def test_another_services_code_is_foreign() -> None:
    with pytest.raises(ForeignCode):
        read("https://egov.kz/qr/1")


@pytest.mark.parametrize("seconds", [0, 59, 60])
def test_a_personal_code_lives_a_minute(seconds: int) -> None:
    text = rules.make_personal(PERSONAL, b"k" * 32)
    at = NOW + timedelta(seconds=seconds)
    assert rules.read_personal(text, b"k" * 32, at=at) == PERSONAL


@pytest.mark.parametrize("seconds", [61, 3600, -2])
def test_a_screenshot_does_not_serve(seconds: int) -> None:
    text = rules.make_personal(PERSONAL, b"k" * 32)
    with pytest.raises(ExpiredCode):
        rules.read_personal(text, b"k" * 32, at=NOW + timedelta(seconds=seconds))


def test_a_personal_code_of_another_key_is_forged() -> None:
    text = rules.make_personal(PERSONAL, b"k" * 32)
    with pytest.raises(ForgedCode):
        rules.read_personal(text, b"j" * 32, at=NOW)
    with pytest.raises(ForeignCode):
        rules.read_personal(TEXT, b"k" * 32, at=NOW)


def test_a_personal_code_may_be_made_for_one_facility() -> None:
    bound = msgspec.structs.replace(PERSONAL, facility_id=UUID(int=7))
    text = rules.make_personal(bound, b"k" * 32)
    assert text.startswith("SP2.")
    assert len(text) == 134
    assert rules.read_personal(text, b"k" * 32, at=NOW) == bound


@pytest.mark.parametrize(
    ("jumped", "lived_s", "serves"),
    [
        (timedelta(0), 60, True),
        (timedelta(hours=-1), 5, False),  # a code of the future
        (timedelta(hours=1), 5, False),
        # the clock was ahead when the code was made, and an hour later it shows that minute again
        (timedelta(0), 3_600, False),
        (timedelta(seconds=-30), 90, False),
        (timedelta(seconds=-1), 61, True),
        (timedelta(seconds=-1), 62, False),
    ],
)
def test_no_code_lives_longer_when_the_clock_jumps(
    jumped: timedelta, lived_s: int, serves: bool
) -> None:
    """FAULTS 9: at most its stated life and a second, by the machine's own time."""
    text = rules.make_personal(PERSONAL, b"k" * 32)
    at = NOW + jumped + timedelta(seconds=min(lived_s, 60) if jumped >= timedelta(0) else 0)
    elapsed = Reading(MACHINE, 5_000 + lived_s * 1_000)
    try:
        rules.read_personal(text, b"k" * 32, at=at, elapsed=elapsed)
    except ExpiredCode:
        assert not serves
    else:
        assert serves


def test_another_machine_judges_by_the_wall_clock_alone() -> None:
    text = rules.make_personal(PERSONAL, b"k" * 32)
    there = Reading(b"far.", 10**12)
    assert rules.read_personal(text, b"k" * 32, at=NOW, elapsed=there) == PERSONAL
    with pytest.raises(ExpiredCode):
        rules.read_personal(text, b"k" * 32, at=NOW + timedelta(seconds=61), elapsed=there)
