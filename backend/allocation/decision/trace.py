"""Why each application received what it did: the figures behind a share, for people to follow.

Nothing here decides. Everything is derived from the line, its applications and their outcome, so
that a stored decision can be explained years later; the words stand in `explain.py`.
"""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from backend.allocation.decision.model import (
    ALGORITHM,
    Application,
    Line,
    Mode,
    Outcome,
    Rung,
    Share,
    Unit,
)
from backend.allocation.decision.rules import (
    GROUPS,
    base_of,
    limit_of,
    max_percents,
    min_percents,
    output_order,
    tariff_of,
    tie_order,
)


class Cap(StrEnum):
    """What held a minimum or maximum below its share of the base."""

    REQUESTED = "requested"
    CAPACITY = "capacity"


class Split(Struct, frozen=True, gc=False):
    """One application's part of `total`, shared among weights that sum up to `whole`.

    The part is `floored` and `odd` (0 or 1): odd units go to the largest remainders, in the order
    of `place` (1 first).
    """

    total: int
    weight: int
    whole: int
    floored: int
    remainder: int
    odd: int
    place: int


class ShareTrace(Struct, frozen=True, kw_only=True, gc=False):
    """The way from score to share of one application; amounts in the line's unit.

    `min_uncapped` and `max_uncapped` are the rounded-down shares of the base before the request and
    the capacity are looked at; `min_cap` and `max_cap` name what cut them. `headroom` is what the
    application could still take above its minimum, `supplement` what it took. `rung` is its group's
    step of the ladder, None where the group could take nothing. `split` is set where a proportion
    was taken: of the plan (SCALED_MIN) or of what was left for the group. `tariff_tiyn` is the
    applicant's own, `cut` what was taken back because coefficients passed the line's amount (D22).
    """

    line: Line
    application: Application
    share: Share
    mode: Mode
    sum_min: int
    base: int
    min_percent: int
    max_percent: int
    min_uncapped: int
    max_uncapped: int
    min_cap: Cap | None
    max_cap: Cap | None
    headroom: int
    supplement: int
    rung: Rung | None
    split: Split | None
    algorithm: str = ALGORITHM
    tariff_tiyn: int | None = None
    cut: int = 0


def trace(
    line: Line, applications: Sequence[Application], outcome: Outcome
) -> tuple[ShareTrace, ...]:
    """One trace for each share of `outcome`, in its order.

    `line` and `applications` are those the outcome was computed from.
    """
    order = output_order(applications)
    shares = dict(zip(order, outcome.shares, strict=True))
    cuts = dict(zip(order, outcome.cuts or (0,) * len(order), strict=True))
    ranked = tie_order(applications, order)
    rungs = {rung.group: rung for rung in outcome.ladder}
    splits: dict[int, Split] = {}
    if outcome.mode is Mode.SCALED_MIN:
        weights = {i: shares[i].min for i in ranked}
        splits = _splits(
            line.plan,
            outcome.sum_min,
            weights,
            {i: shares[i].allocated + cuts[i] for i in ranked},
        )
    for rung in outcome.ladder:
        if rung.left < rung.headroom:
            members = [i for i in ranked if shares[i].group is rung.group]
            room = {i: shares[i].max - shares[i].min for i in members}
            taken = {i: shares[i].allocated + cuts[i] - shares[i].min for i in members}
            splits |= _splits(rung.left, rung.headroom, room, taken)
    return tuple(
        _share_trace(
            line,
            applications[i],
            (shares[i], cuts[i]),
            outcome,
            (rungs.get(shares[i].group), splits.get(i)),
        )
        for i in order
    )


def _splits(
    total: int, whole: int, weights: dict[int, int], taken: dict[int, int]
) -> dict[int, Split]:
    """The proportions of one split; `weights` stand in tie order."""
    parts = {i: divmod(total * weight, whole) for i, weight in weights.items()}
    by_remainder = sorted(parts, key=lambda i: parts[i][1], reverse=True)
    places = {i: place for place, i in enumerate(by_remainder, start=1)}
    return {
        i: Split(total, weights[i], whole, floored, left, taken[i] - floored, places[i])
        for i, (floored, left) in parts.items()
    }


def _share_trace(
    line: Line,
    application: Application,
    given: tuple[Share, int],
    outcome: Outcome,
    steps: tuple[Rung | None, Split | None],
) -> ShareTrace:
    share, cut = given
    group = GROUPS.index(share.group)
    base, limit = base_of(line, application), limit_of(application)
    min_percent, max_percent = min_percents(line)[group], max_percents(line)[group]
    min_uncapped, max_uncapped = base * min_percent // 100, base * max_percent // 100
    cap = Cap.REQUESTED if limit == application.requested else Cap.CAPACITY
    scaled = outcome.mode is Mode.SCALED_MIN
    return ShareTrace(
        line=line,
        application=application,
        share=share,
        mode=outcome.mode,
        sum_min=outcome.sum_min,
        base=base,
        min_percent=min_percent,
        max_percent=max_percent,
        min_uncapped=min_uncapped,
        max_uncapped=max_uncapped,
        min_cap=cap if min_uncapped > limit else None,
        max_cap=cap if max_uncapped > limit else None,
        headroom=share.max - share.min,
        supplement=0 if scaled else share.allocated + cut - share.min,
        rung=steps[0],
        split=steps[1],
        algorithm=outcome.algorithm,
        tariff_tiyn=None if line.unit is Unit.TIYN else tariff_of(line, application),
        cut=cut,
    )
