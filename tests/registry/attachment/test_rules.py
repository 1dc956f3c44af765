"""What holds of everything that was told: never a matter of the order in which it came."""

import random
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.registry.attachment.model import Change, Past
from backend.registry.attachment.rules import effects, merge, settle
from backend.registry.brake.model import Effect, Kind

HERE, THERE = UUID(int=0xA), UUID(int=0xB)  # executors
DAY = date(2026, 3, 1)

pasts = st.builds(
    lambda day, seq, source, executor, building: Past(
        DAY + timedelta(days=day),
        seq,
        source,
        executor,
        None if building is None else UUID(int=executor.int * 16 + building),
    ),
    st.integers(0, 2),
    st.integers(0, 2),
    st.sampled_from(["мис-1", "мис-2"]),
    st.sampled_from([HERE, THERE]),
    st.sampled_from([None, 1, 2]),
)


@given(st.lists(pasts, max_size=12), st.randoms())
def test_order_and_repeats_mean_nothing(facts: list[Past], lot: random.Random) -> None:
    again = facts + lot.choices(facts, k=3) if facts else []
    lot.shuffle(again)
    assert settle(again) == settle(facts)


@given(st.lists(pasts, min_size=1, max_size=12))
def test_what_holds_is_the_last_attachment_or_nothing(facts: list[Past]) -> None:
    held = settle(facts)
    attached = [f for f in facts if f.facility_id is not None]
    if held is None:
        assert not attached or any(f.facility_id is None for f in facts)
    else:
        assert held.since == max(f.since for f in attached)


def at(executor: UUID, day: int, *, seq: int = 0, source: str = "a", left: bool = False) -> Past:
    building = None if left else UUID(int=executor.int * 16)
    return Past(DAY + timedelta(days=day), seq, source, executor, building)


def test_a_move_told_by_both_sides() -> None:
    """The old clinic's system says he left, the new one's that he came, on the same day."""
    came, left = at(THERE, 5, seq=1, source="new"), at(HERE, 5, seq=900, source="old", left=True)
    for told in ([at(HERE, 0), left, came], [came, at(HERE, 0), left], [left, came, at(HERE, 0)]):
        assert settle(told) == came


def test_who_left_and_did_not_come_anywhere_is_nowhere() -> None:
    assert settle([at(HERE, 0), at(HERE, 5, left=True)]) is None
    assert settle([at(HERE, 5, left=True), at(HERE, 0)]) is None
    assert settle([at(HERE, 5, left=True)]) is None
    # left before he came back
    assert settle([at(HERE, 0), at(HERE, 5, left=True), at(HERE, 6)]) == at(HERE, 6)


def test_a_source_corrects_itself_on_the_same_day_by_its_sequence() -> None:
    wrong, right = at(HERE, 0, seq=1), at(THERE, 0, seq=2)
    assert settle([right, wrong]) == right
    undone = at(THERE, 0, seq=3, left=True)
    assert settle([undone, right, wrong]) is None


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, HERE, None),  # attached for the first time
        (HERE, HERE, None),  # another building, or another day
        (HERE, THERE, Kind.MOVE),
        (HERE, None, Kind.DETACH),
    ],
)
def test_what_the_brake_counts(before: UUID | None, after: UUID | None, kind: Kind | None) -> None:
    change = Change(UUID(int=1), "Астана", before, before, DAY, after, after, DAY)
    assert effects([change]) == ([] if kind is None else [Effect(kind, "Астана", 1)])


def test_effects_add_up() -> None:
    one, two = Effect(Kind.MOVE, "Астана", 2), Effect(Kind.MOVE, "Алматы", 1)
    assert merge([one, two, one]) == [two, Effect(Kind.MOVE, "Астана", 4)]
