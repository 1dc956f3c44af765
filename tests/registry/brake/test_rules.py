"""When a run is too much: the share, the number that always passes, and who decides."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.actor import Role
from backend.registry.brake import rules
from backend.registry.brake.errors import HoldDecided, HoldDiffers, HoldNotYours
from backend.registry.brake.model import (
    Effect,
    Held,
    HoldStatus,
    Kind,
    Run,
    Waiting,
    Weight,
)

SHA = "ab" * 32
HOLD = UUID(int=1)


def weight(count: int, passed: int = 0, share_milli: int = 50, minimum: int = 100) -> Weight:
    return Weight(Kind.DETACH, "Астана", count, passed, 86_400, share_milli, minimum)


@pytest.mark.parametrize(
    ("count", "passed", "total", "over"),
    [
        (300, 0, 1_000, True),  # thirty percent
        (50, 0, 40, False),  # more than there are, but so few always pass
        (100, 0, 100, False),  # exactly the number that always passes
        (101, 0, 100, True),
        (101, 0, 2_020, False),  # exactly the share
        (102, 0, 2_020, True),
        (1, 500, 10_000, True),  # a flood in small batches
        (1, 499, 10_000, False),
    ],
)
def test_above_the_minimum_the_share_decides(
    count: int, passed: int, total: int, over: bool
) -> None:
    (judged,) = rules.weigh([weight(count, passed)], {(Kind.DETACH, "Астана"): total})
    assert judged.over is over


@given(
    counts=st.lists(st.integers(1, 400), min_size=1, max_size=12),
    total=st.integers(0, 5_000),
    share=st.integers(0, 1_000),
    minimum=st.integers(0, 500),
)
def test_cut_into_pieces_no_more_passes_than_in_one(
    counts: list[int], total: int, share: int, minimum: int
) -> None:
    passed = 0
    for count in counts:
        (judged,) = rules.weigh(
            [weight(count, passed, share, minimum)], {(Kind.DETACH, "Астана"): total}
        )
        passed += 0 if judged.over else count
    assert passed <= minimum or passed * 1_000 <= share * total


def waiting(*kinds: Kind, status: HoldStatus = HoldStatus.HELD) -> Waiting:
    return Waiting(HOLD, "attachments", status, kinds, SHA, "job")


def test_the_registrar_alone_decides_about_blocking_and_closing() -> None:
    seen = Held(HOLD, SHA)
    issuer, registrar = frozenset({Role.ISSUER_SIGNER}), frozenset({Role.REGISTRAR})
    rules.require_decidable(waiting(Kind.DETACH, Kind.MOVE), seen, issuer)
    for kind in set(Kind) - rules.OF_BOTH:
        rules.require_decidable(waiting(kind), seen, registrar)
        with pytest.raises(HoldNotYours):
            rules.require_decidable(waiting(Kind.MOVE, kind), seen, issuer)


def test_a_decision_is_about_what_was_seen_and_taken_once() -> None:
    roles = frozenset({Role.REGISTRAR})
    with pytest.raises(HoldDiffers):
        rules.require_decidable(waiting(Kind.MOVE), Held(HOLD, "cd" * 32), roles)
    for status in set(HoldStatus) - {HoldStatus.HELD}:
        with pytest.raises(HoldDecided):
            rules.require_decidable(waiting(Kind.MOVE, status=status), Held(HOLD, SHA), roles)


def test_the_digest_is_of_everything_that_would_be_done() -> None:
    run = Run("attachments", "050340000008", UUID(int=2), "job", b"c" * 32)
    effects = [Effect(Kind.MOVE, "Астана", 5), Effect(Kind.DETACH, "Алматы", 3)]
    told = rules.digest(run, effects)
    assert told == rules.digest(run, effects[::-1])
    assert told != rules.digest(run, [*effects[:1], Effect(Kind.DETACH, "Алматы", 4)])
    assert told != rules.digest(Run(run.feed, run.source, run.run_id, run.job, b"d" * 32), effects)
