"""The algorithms a decision may be computed by, each under the name it is stored with (D31).

A decision keeps the name of its algorithm for ever, and its replay asks for that name. When the text
of order 169 is obtained, its algorithm is one more name here, or a package of its own: an entry point
of the group `saqtau.algorithms`, a callable like `rules.allocate`, named as its decisions will be.
Nothing already decided changes.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib import metadata

from backend.allocation.decision.errors import AlgorithmUnknown
from backend.allocation.decision.model import ALGORITHM, Application, Line, Outcome
from backend.allocation.decision.rules import BY_TENTHS, BY_THRESHOLD, allocate, limit_of

Algorithm = Callable[[Line, Sequence[Application]], Outcome]

ENTRY_POINTS = "saqtau.algorithms"

# D18 rounds a score to tenths; lawyers may prefer its bounds as thresholds, which differs on 4.55-4.599,
# 3.15-3.199, 1.95-1.999 and 0.85-0.899 only.
THRESHOLD = "saqtau-a2022-1-threshold"

# D20: with a plan below the minimums all are scaled. The other reading, PRIORITY (group I first), is kept
# off: it has no name below, so no setting can choose it.

BUILT_IN: dict[str, Algorithm] = {
    ALGORITHM: partial(allocate, groups=BY_TENTHS, algorithm=ALGORITHM),
    THRESHOLD: partial(allocate, groups=BY_THRESHOLD, algorithm=THRESHOLD),
}


@cache
def named(name: str) -> Algorithm:
    """The algorithm of that name, ours or an installed one. Raises AlgorithmUnknown."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    for entry in metadata.entry_points(group=ENTRY_POINTS, name=name):
        found: Algorithm = entry.load()
        return partial(_sound, name, found)
    raise AlgorithmUnknown("no algorithm has this name", "algorithm")


def _sound(
    name: str, algorithm: Algorithm, line: Line, applications: Sequence[Application]
) -> Outcome:
    """What a foreign algorithm decides, held to the laws that hold for every algorithm.

    Every application has one share, every unit is with an applicant or still in the plan, nobody gets
    more than was asked for or is there, and the result says by whom it was computed.
    """
    outcome = algorithm(line, applications)
    asked = {a.id: a for a in applications}
    given = sum(share.allocated for share in outcome.shares)
    assert outcome.algorithm == name, "an algorithm signs with its own name"
    assert sorted(share.id for share in outcome.shares) == sorted(asked), "one share for each"
    assert given + outcome.residue == line.plan, "no unit is lost or made"
    for share in outcome.shares:
        most = limit_of(asked[share.id])
        assert 0 <= share.allocated <= most, "nobody gets more than was asked for or is there"
    return outcome
