"""Whether answers can be told apart by the time they take (FAULTS 14).

Compared by the probability that an answer of one kind takes longer than one of another: 0.5 when
nothing tells them apart. The kinds are asked in a random order, round by round, so slow minutes of
the machine, and where a busy core happens to stand in a round, fall on all alike; a few outliers
weigh nothing. A ratio of medians would not do: on a shared core times have two peaks, and a median
jumps from one to the other by chance.
"""

import bisect
import itertools
import random
from collections.abc import Iterator

APART = 5.0  # standard deviations of the comparison's own noise: once in two million by chance
LEAST_APART = (
    0.06  # and a difference that small helps nobody: an IIN is asked a few times, not thousands
)


def rounds(kinds: list[str], count: int) -> Iterator[tuple[int, str]]:
    """Each kind once a round, in a random order: the round's number and the kind."""
    for n in range(count):
        for kind in random.sample(kinds, len(kinds)):
            yield n, kind


def longer(one: list[float], other: list[float]) -> float:
    """The probability that an answer of `one` takes longer than one of `other` (ties count half)."""
    ordered = sorted(other)
    below = sum(bisect.bisect_left(ordered, t) + bisect.bisect_right(ordered, t) for t in one)
    return below / (2 * len(one) * len(other))


def noise(n: int, m: int) -> float:
    """The standard deviation of `longer` when nothing is different."""
    return float(((n + m + 1) / (12 * n * m)) ** 0.5)


def require_alike_in_time(took_s: dict[str, list[float]]) -> None:
    """No kind takes longer than another."""
    for (a, one), (b, other) in itertools.combinations(took_s.items(), 2):
        apart = abs(longer(one, other) - 0.5)
        bound = max(LEAST_APART, APART * noise(len(one), len(other)))
        assert apart < bound, f"{a} and {b} are told apart by time: {apart:.3f}"
