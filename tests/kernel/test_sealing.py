"""Seals hold, rotate, and open in their own place only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.sealing import MARK_BYTES, KeyMissing, Keyring, SealBroken

OLD, NEW, NEWEST = "o" * 32, "n" * 32, "w" * 32
RING = Keyring.from_secret(OLD)


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_what_was_sealed_opens_in_its_context(plain: bytes, context: bytes) -> None:
    sealed = RING.seal(plain, context)
    assert plain not in sealed or len(plain) < 3
    assert RING.open(sealed, context) == plain
    with pytest.raises(SealBroken):
        RING.open(sealed, context + b"x")


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert len({RING.seal(b"870101300123", b"c") for _ in range(100)}) == 100


def test_any_changed_byte_is_noticed() -> None:
    sealed = RING.seal(b"secret", b"row 1")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            RING.open(bytes(changed), b"row 1")
    for cut in range(len(sealed)):
        with pytest.raises(SealBroken):
            RING.open(sealed[:cut], b"row 1")


def test_a_new_secret_in_front_keeps_old_seals_and_look_ups() -> None:
    rotated = Keyring.from_secret(f"{NEW},{OLD}")
    again = Keyring.from_secret(f"{NEWEST}, {NEW} ,{OLD}")
    old_seal, new_seal = RING.seal(b"x", b"c"), rotated.seal(b"y", b"c")
    assert rotated.open(old_seal, b"c") == again.open(old_seal, b"c") == b"x"
    assert again.open(new_seal, b"c") == b"y"
    with pytest.raises(KeyMissing, match=rotated.current.hex()):
        RING.open(new_seal, b"c")
    assert RING.lookup("iin", "1") == rotated.lookup("iin", "1") == again.lookup("iin", "1")


def test_another_secret_opens_nothing_and_finds_nothing() -> None:
    other = Keyring.from_secret(NEW)
    with pytest.raises(SealBroken):
        other.open(RING.seal(b"x", b"c"), b"c")
    assert other.lookup("iin", "1") != RING.lookup("iin", "1")


def test_look_ups_are_apart_by_kind_and_never_the_value() -> None:
    found = RING.lookup("iin", "870101300123")
    assert len(found) == 32
    assert found != RING.lookup("phone", "870101300123")
    assert found == RING.lookup("iin", "870101300123")


def test_a_ring_needs_a_secret_and_never_shows_one() -> None:
    for empty in ("", ",", " , "):
        with pytest.raises(ValueError, match="secrets"):
            Keyring.from_secret(empty)
    with pytest.raises(ValueError, match="secrets"):
        Keyring.from_secret(",".join(str(n) for n in range(256)))
    shown = f"{RING} {RING!r}"
    assert not any(key.hex() in shown or repr(key) in shown for key in RING.keys.values())
    assert repr(RING.lookup_key) not in shown


def test_a_seal_names_its_key_and_a_key_keeps_its_name() -> None:
    """Whatever stands beside it in the ring: an old secret can be taken out again."""
    both, new = Keyring.from_secret(f"{NEW},{OLD}"), Keyring.from_secret(NEW)
    assert both.current == new.current
    assert new.seal(b"x", b"c")[:MARK_BYTES] == new.mark == b"\0" + new.current
    assert new.open(both.seal(b"x", b"c"), b"c") == b"x"
    with pytest.raises(KeyMissing, match="SAQTAU_SECRET"):
        new.open(RING.seal(b"x", b"c"), b"c")


@pytest.mark.parametrize("place", [1, 2, 255])
def test_a_seal_from_before_keys_had_names_still_opens(place: int) -> None:
    whole = RING.seal(b"old times", b"c")
    unmarked = bytes([place]) + whole[MARK_BYTES:]
    assert Keyring.from_secret(f"{NEW},{OLD}").open(unmarked, b"c") == b"old times"
    with pytest.raises(SealBroken):
        Keyring.from_secret(NEW).open(unmarked, b"c")


def test_one_person_key_hashes_as_everything_is_hashed() -> None:
    assert RING.person_hashes("870101300123") == {1: RING.lookup("iin", "870101300123")}
