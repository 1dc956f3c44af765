"""The allocation of one plan line (domain 5.3-5.4). Pure, whole numbers only, no clock, no chance."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from msgspec import Struct

from backend.allocation.decision.checks import require_allocatable, require_within_limit
from backend.allocation.decision.model import (
    ALGORITHM,
    COEFFICIENT_ONE,
    SCORE_MILLI_MAX,
    Application,
    BaseKind,
    CoExecutor,
    CoShare,
    Group,
    Line,
    Mode,
    Outcome,
    Reason,
    Rung,
    Share,
    Unit,
    WeightedApplication,
)
from backend.kernel.money import round_half_up

GROUPS = tuple(Group)

# Lower bounds of groups I-IV in tenths of a point, the rest is V (A step 1; D18 closes the gaps).
GROUP_FROM_TENTHS = ((46, 0), (32, 1), (20, 2), (9, 3), (0, 4))
# Shares of the base in percent, groups I-V (A steps 2 and 3; the maximum of V is the line's, D19).
MIN_PERCENT = (80, 70, 60, 50, 25)
MAX_PERCENT_I_TO_IV = (95, 85, 75, 65)
# The most that co-executors may carry of a request, in percent, by kind of service: a city's organisation
# (30,000 people or more) and a district's (domain 5.4).
CO_EXECUTION_CEILINGS = {
    "cdc": (("CO_EXECUTION_ABOVE_CITY_CEILING", 50), ("CO_EXECUTION_ABOVE_DISTRICT_CEILING", 60)),
}


class Percents(Struct, frozen=True):
    """The shares of the base in percent: minimums of groups I-V, maximums of groups I-IV.

    `v_max` None: the maximum of group V is the line's own (D19).
    """

    minimum: tuple[int, ...] = MIN_PERCENT
    maximum: tuple[int, ...] = MAX_PERCENT_I_TO_IV
    v_max: int | None = None


LAW = Percents()  # what every decision is computed with; only a simulation asks for others
# A line of primary care goes by attached population, which no percentage can cut (A 48(7), D25).
PHC_PERCENT = (100, 100, 100, 100, 100)


def _groups(half_a_tenth: int) -> tuple[int, ...]:
    """The group of each of the 5001 scores; a score is raised by `half_a_tenth` before it is cut."""
    return tuple(
        next(group for start, group in GROUP_FROM_TENTHS if (score + half_a_tenth) // 100 >= start)
        for score in range(SCORE_MILLI_MAX + 1)
    )


# Rounded half up to tenths first, which closes the gaps of the law's bounds; or the bounds as they stand,
# for lawyers (D18).
BY_TENTHS = _groups(50)
BY_THRESHOLD = _groups(0)


class _Standings(Struct):
    """What is known of every application before a unit is given: columns, all in tie order."""

    groups: list[int]
    bases: list[int]
    lows: list[int]
    highs: list[int]


def allocate(
    line: Line,
    applications: Sequence[Application],
    *,
    groups: Sequence[int] = BY_TENTHS,
    algorithm: str = ALGORITHM,
    percents: Percents = LAW,
) -> Outcome:
    """Share the plan of `line` among its accepted applications (domain 5.3-5.4).

    `groups` gives the group of each score, `percents` the shares of the base. The result depends on the set of applications only, never
    on the order they are given in.
    Raises, the first that applies: ScoreOutOfRange, DuplicateApplication, MissingCapacity,
    LimitExceeded; of several applications the first in output order is told.
    """
    entered = output_order(applications)
    require_allocatable(line, applications, entered)
    order = tie_order(applications, entered)
    ranked = [applications[i] for i in order]
    known = _standings(line, ranked, groups, percents)
    sum_min = sum(known.lows)
    ladder: tuple[Rung, ...] = ()
    if not applications:
        mode, units = Mode.FAILED, known.lows
    elif line.plan < sum_min:
        mode, units = Mode.SCALED_MIN, largest_remainder(line.plan, known.lows)
    else:
        mode = Mode.MIN_PLUS_SUPPLEMENT
        units, ladder = _climb(line.plan - sum_min, known)
    tariffs = _tariffs(line, ranked)
    kept = within_amount(line.plan * _tariff(line), units, tariffs) if tariffs else units
    allocated = sum(kept)
    # Every unit is either with an applicant or still in the plan.
    assert 0 <= allocated <= line.plan
    shares = _shares(ranked, known, kept, tariffs or [_tariff(line)] * len(ranked))
    amount = sum([share.amount_tiyn for share in shares])
    require_within_limit(line, amount)
    share_of = dict(zip(order, shares, strict=True))
    cut_of = dict(zip(order, map(int.__sub__, units, kept), strict=True)) if tariffs else {}
    return Outcome(
        line.id,
        mode,
        sum_min,
        sum(known.highs),
        line.plan - allocated,
        amount,
        algorithm,
        tuple([share_of[i] for i in entered]),
        ladder,
        tuple([cut_of[i] for i in entered]) if cut_of else (),
    )


def group_of(score_milli: int) -> Group:
    """The group of a score in thousandths, rounded half up to one decimal (D18).

    The score must lie within 0..5000.
    """
    return GROUPS[BY_TENTHS[score_milli]]


def min_percents(line: Line, percents: Percents = LAW) -> tuple[int, ...]:
    """The minimum share of the base in percent for groups I-V (A step 2; D25)."""
    return PHC_PERCENT if line.phc_full else percents.minimum


def max_percents(line: Line, percents: Percents = LAW) -> tuple[int, ...]:
    """The maximum share of the base in percent for groups I-V (A step 3; D19, D25)."""
    if line.phc_full:
        return PHC_PERCENT
    v_max = line.v_max_percent if percents.v_max is None else percents.v_max
    return (*percents.maximum, v_max)


def output_order(applications: Sequence[Application]) -> list[int]:
    """Positions by `seq_no`, `bin`, `id`: the order in which shares are told (CONTRACT.md)."""
    return sorted(
        range(len(applications)),
        key=[(a.seq_no, a.bin or "", a.id) for a in applications].__getitem__,
    )


def tie_order(applications: Sequence[Application], entered: Iterable[int]) -> list[int]:
    """Positions by score, accreditation rank (higher first), then output order (domain 5.3).

    `entered` is the output order. Since the score comes first, groups stand together, best first.
    """
    # Stable sorts on plain numbers, the lesser criterion first: no tuple for each application.
    ranks = [a.accreditation_rank for a in applications]
    scores = [a.score_milli for a in applications]
    ranked = sorted(entered, key=ranks.__getitem__, reverse=True)
    ranked.sort(key=scores.__getitem__, reverse=True)
    return ranked


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights`, exactly (domain 5.3).

    Parts round down; what is left goes one unit each to the largest remainders, equal remainders
    in the order of `weights`. With `total` below their sum no part exceeds its weight. All weights
    zero: all parts zero, whatever the total.
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    split = [divmod(total * weight, whole) for weight in weights]
    parts = [part for part, _ in split]
    left = total - sum(parts)
    if left:
        remainders = [remainder for _, remainder in split]
        # The sort is stable in reverse too, so equal remainders keep the order of the weights.
        order = sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)
        for i in order[:left]:
            parts[i] += 1
    return parts


def base_of(line: Line, application: Application) -> int:
    """What the percentages apply to; a missing base is the request, or nothing on a fact line.

    On a capacity line a missing base has been refused before (MISSING_CAPACITY).
    """
    if application.base is not None:
        return application.base
    return application.requested if line.base_kind is BaseKind.APPLICATION else 0


def limit_of(application: Application) -> int:
    """The most the application may receive: its request, or its capacity where known and smaller."""
    capacity = application.capacity
    requested = application.requested
    return requested if capacity is None or capacity > requested else capacity


def _standings(
    line: Line,
    ranked: Sequence[Application],
    group_of_score: Sequence[int],
    percents: Percents,
) -> _Standings:
    """Group, base, minimum and maximum of each application (steps 1 and 2 of domain 5.3)."""
    min_percent, max_percent = min_percents(line, percents), max_percents(line, percents)
    groups = [group_of_score[a.score_milli] for a in ranked]
    bases = [a.base if a.base is not None else base_of(line, a) for a in ranked]
    lows, highs = [], []
    for group, base, application in zip(groups, bases, ranked, strict=True):
        limit = limit_of(application)
        low = base * min_percent[group] // 100
        high = base * max_percent[group] // 100
        # Comparisons, since min() and max() cost more than the arithmetic.
        low = low if low < limit else limit
        high = high if high < limit else limit
        lows.append(low)
        highs.append(high if high > low else low)
    return _Standings(groups, bases, lows, highs)


def _climb(left: int, known: _Standings) -> tuple[list[int], tuple[Rung, ...]]:
    """Give what is `left` above the minimums, group by group (step 5 of domain 5.3).

    In tie order each group is one slice. Returns the units and the rungs climbed.
    """
    units, ladder = list(known.lows), []
    for group, name in enumerate(GROUPS):
        members = slice(bisect_left(known.groups, group), bisect_right(known.groups, group))
        lows, highs = known.lows[members], known.highs[members]
        room = [high - low for low, high in zip(lows, highs, strict=True)]
        headroom = sum(room)
        if not headroom:
            continue
        ladder.append(Rung(name, left, headroom))
        if left >= headroom:
            units[members] = highs
            left -= headroom
        else:
            parts = largest_remainder(left, room)
            units[members] = [low + part for low, part in zip(lows, parts, strict=True)]
            left = 0
    return units, tuple(ladder)


def _shares(
    ranked: Sequence[Application],
    known: _Standings,
    units: Sequence[int],
    tariffs: Sequence[int],
) -> list[Share]:
    """One share for each application, all in tie order."""
    shares = []
    columns = zip(
        ranked, known.groups, known.bases, known.lows, known.highs, units, tariffs, strict=True
    )
    for application, group, base, low, high, given, tariff in columns:
        zero = base == 0 or application.capacity == 0
        share = Share(
            application.id,
            GROUPS[group],
            low,
            high,
            given,
            given * tariff,
            Reason.ZERO_BASE if zero else None,
            co_shares(application, given) if application.co_executors else (),
        )
        shares.append(share)
    return shares


def _tariff(line: Line) -> int:
    """Tiyn for one unit (step 7 of domain 5.3); a money line is counted in tiyn already."""
    if line.unit is Unit.TIYN:
        return 1
    assert line.tariff_tiyn is not None, "a service line has a tariff"
    return line.tariff_tiyn


def tariff_of(line: Line, application: Application) -> int:
    """Tiyn for one unit of this applicant: with a coefficient rounded half up, once (D22)."""
    if isinstance(application, WeightedApplication):
        return round_half_up(_tariff(line) * application.coefficient_milli, COEFFICIENT_ONE)
    return _tariff(line)


def _tariffs(line: Line, ranked: Sequence[Application]) -> list[int]:
    """Each applicant's tariff, in tie order; nothing where nobody has a coefficient."""
    if all(type(a) is Application for a in ranked):
        return []
    return [tariff_of(line, application) for application in ranked]


def co_execution_warnings(
    service_type: str, requested: int, co_executors: Sequence[CoExecutor]
) -> tuple[str, ...]:
    """Which ceilings of co-execution a request passes (62 of the purchase rules, [PUB msqory.kz]).

    Whether the applicant is a district's or a city's organisation is not told to us, so both are
    looked at, and neither refuses: the issuer reads the warning.
    """
    carried = sum([c.requested for c in co_executors])
    return tuple(
        code
        for code, percent in CO_EXECUTION_CEILINGS.get(service_type, ())
        if carried * 100 > requested * percent
    )


def within_amount(amount: int, units: Sequence[int], tariffs: Sequence[int]) -> list[int]:
    """The units that the line's amount in tiyn pays for (D22).

    What is too much is taken back unit by unit, the last in tie order first.
    """
    kept = list(units)
    over = sum([u * t for u, t in zip(units, tariffs, strict=True)]) - amount
    for i in range(len(kept) - 1, -1, -1):
        if over <= 0:
            break
        if tariffs[i]:
            back = min(kept[i], -(-over // tariffs[i]))
            kept[i] -= back
            over -= back * tariffs[i]
    return kept


def co_shares(application: Application, allocated: int) -> tuple[CoShare, ...]:
    """What the co-executors carry of `allocated`, in proportion to their requests (D23).

    Equal remainders go to the applicant's own part first, then in the order listed.
    """
    asked = [co_executor.requested for co_executor in application.co_executors]
    parts = largest_remainder(allocated, [application.requested - sum(asked), *asked])
    return tuple(
        CoShare(co_executor.id, part)
        for co_executor, part in zip(application.co_executors, parts[1:], strict=True)
    )
