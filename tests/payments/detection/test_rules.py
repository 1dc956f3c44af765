"""The brake holds what is above the share and above the number that always passes, and nothing else."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from backend.payments.detection import rules
from backend.payments.detection.model import Finding, Weight

counts = st.integers(0, 10_000)


def weight(contracts: int, passed: int, total: int, share_milli: int, minimum: int) -> Weight:
    return Weight(9, 0, 9, contracts, passed, total, share_milli, minimum)


@given(counts, counts, st.integers(1, 10_000), st.integers(0, 1000), st.integers(0, 100))
def test_too_many_is_above_both(
    contracts: int, passed: int, total: int, share: int, minimum: int
) -> None:
    held = rules.too_many(weight(contracts, passed, total, share, minimum))
    together = contracts + passed
    assert held == (contracts > 0 and together > minimum and together > share * total / 1000)
    # more never passes where less is held
    if held:
        assert rules.too_many(weight(contracts + 1, passed, total, share, minimum))


def test_exactly_the_share_passes() -> None:
    assert not rules.too_many(weight(5, 0, 100, 50, 0))
    assert rules.too_many(weight(6, 0, 100, 50, 0))
    assert not rules.too_many(weight(6, 0, 100, 50, 6))
    assert rules.too_many(weight(1, 5, 100, 50, 5))
    assert not rules.too_many(weight(0, 99, 100, 50, 5))


def test_what_is_signed_for_names_everything_found() -> None:
    one, two = UUID(int=1), UUID(int=2)
    found = [Finding(one, 1, {"basis": "x", "debts": 1}), Finding(two, 2, {"basis": "y"})]
    digests = {
        rules.digest(one, found),
        rules.digest(two, found),
        rules.digest(one, found[:1]),
        rules.digest(one, [found[0], Finding(two, 3, {"basis": "y"})]),
        rules.digest(one, [found[0], Finding(two, 2, {"basis": "z"})]),
    }
    assert len(digests) == 5
    assert rules.digest(one, found) == rules.digest(one, list(found))
