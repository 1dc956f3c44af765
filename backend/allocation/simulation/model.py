"""A plan with its applications, the rules it is tried under, and what came of it. Amounts in tiyn."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from backend.allocation.decision.model import Application
from backend.allocation.plan.model import LineDraft

APPLICATIONS_MAX = 400_000  # rows of a table: 2,000 applicants for 200 lines


class Entry(Struct, frozen=True):
    """A row of the table: who asks for how much of which line; `line` is its code in the plan."""

    line: str
    application: Application


class Trial(Struct, frozen=True):
    """One way the year might go: a plan, its applications, the shares in percent, the algorithm.

    `minimum`, `maximum`: for groups I-V; None: those of the law, group V as each line says.
    """

    lines: Sequence[LineDraft]
    entries: Sequence[Entry]
    minimum: tuple[int, ...] | None = None
    maximum: tuple[int, ...] | None = None
    algorithm: str | None = None


class Given(Struct, frozen=True):
    """What one application got of one line."""

    line: str
    id: str
    group: str
    score_milli: int
    asked_tiyn: int
    allocated: int
    amount_tiyn: int


class LineResult(Struct, frozen=True):
    """What became of one line; units of services, or tiyn on a money line."""

    line: str
    source: str
    region: str
    mode: str
    planned_tiyn: int
    asked_tiyn: int
    amount_tiyn: int
    residue: int
    applications: int


class Run(Struct, frozen=True):
    """A trial computed."""

    lines: Sequence[LineResult]
    given: Sequence[Given]


class Sums(Struct, frozen=True):
    """Lines or applications together. `planned_tiyn` None where nothing is planned: of a group."""

    applications: int
    planned_tiyn: int | None
    asked_tiyn: int
    amount_tiyn: int


class Pair(Struct, frozen=True):
    """The same key before and after."""

    key: str
    before: Sums
    after: Sums


class Mover(Struct, frozen=True):
    """An applicant whose sum over all lines changed, or not."""

    id: str
    before_tiyn: int
    after_tiyn: int


class Comparison(Struct, frozen=True):
    """Everything the two trials differ in, added up."""

    total: Pair
    by_source: Sequence[Pair]
    by_region: Sequence[Pair]
    by_group: Sequence[Pair]
    applicants: Sequence[Mover]
    modes: Mapping[str, tuple[int, int]]  # lines of each mode, before and after
