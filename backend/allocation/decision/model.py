"""What goes into the allocation of one plan line and what comes out of it (domain 5.3).

Amounts are whole numbers: of services on a `service` line, of tiyn on a `tiyn` line. The structs
hold no references that could form a cycle, so the garbage collector need not look at them.
"""

from enum import StrEnum

from msgspec import Struct

# The version is stored with every decision, so that a later text of order 169 can replace the
# algorithm without rewriting history (D31).
ALGORITHM = "saqtau-a2022-1"

SCORE_MILLI_MAX = 5000  # thousandths, on a scale of 0..5 points (A step 1)

# No supplement for group V unless the line says otherwise (D19).
V_MAX_PERCENT = 25

# A provider's coefficient of 1, and the largest taken for one, in thousandths (D22).
COEFFICIENT_ONE = 1_000
COEFFICIENT_MAX = 100_000


class Unit(StrEnum):
    """What `plan`, `base`, `requested` and `capacity` count."""

    SERVICE = "service"
    TIYN = "tiyn"


class BaseKind(StrEnum):
    """What the percentages of the groups apply to (domain 5.1, step 2)."""

    CAPACITY = "capacity"
    APPLICATION = "application"
    FACT = "fact"


class Group(StrEnum):
    """The five groups of the rating, best first."""

    I = "I"  # noqa: E741 -- the law's own name
    II = "II"
    III = "III"
    IV = "IV"
    V = "V"


class Mode(StrEnum):
    """Which branch of domain 5.3 the line took."""

    MIN_PLUS_SUPPLEMENT = "MIN_PLUS_SUPPLEMENT"
    SCALED_MIN = "SCALED_MIN"
    FAILED = "FAILED"


class Reason(StrEnum):
    """Why an accepted application cannot receive anything."""

    ZERO_BASE = "ZERO_BASE"


class Line(Struct, frozen=True, kw_only=True, gc=False):
    """One plan line: year x funding source x region x kind of service.

    `tariff_tiyn` is the price of one service, None on a `tiyn` line. `limit_tiyn` is what the
    budget source still allows, None when no limit is asked about.
    """

    id: str
    unit: Unit
    plan: int
    tariff_tiyn: int | None = None
    limit_tiyn: int | None = None
    base_kind: BaseKind
    v_max_percent: int = V_MAX_PERCENT
    phc_full: bool = False


class CoExecutor(Struct, frozen=True, gc=False):
    """A part of the application that another executor will carry out."""

    id: str
    requested: int


class Application(Struct, frozen=True, kw_only=True, gc=False):
    """One accepted application for a line.

    `score_milli` is thousandths of a point, 0..5000. `requested` includes the co-executors' parts.
    `capacity` None means unknown, hence no cap. A higher `accreditation_rank` is better, 0 is none.
    `bin` holds the BIN, or the IIN of a sole proprietor; None only where a case file leaves it out.
    """

    id: str
    bin: str | None = None
    score_milli: int
    base: int | None = None
    requested: int
    capacity: int | None = None
    accreditation_rank: int = 0
    seq_no: int
    co_executors: tuple[CoExecutor, ...] = ()


class WeightedApplication(Application, frozen=True, kw_only=True, gc=False):
    """An application whose executor has a coefficient to the tariff, in thousandths (D22).

    A type of its own, so that a case without coefficients is written as the contract has it.
    """

    coefficient_milli: int


class Case(Struct, frozen=True, gc=False):
    """A line with its applications: everything the allocation depends on."""

    line: Line
    applications: tuple[Application, ...]


class CoShare(Struct, frozen=True, gc=False):
    """What a co-executor carries out of the applicant's share."""

    id: str
    allocated: int


class Share(Struct, frozen=True, gc=False):
    """What one application received. `min` and `max` are its own bounds after every cap."""

    id: str
    group: Group
    min: int
    max: int
    allocated: int
    amount_tiyn: int
    reason: Reason | None
    co_executors: tuple[CoShare, ...]


class Rung(Struct, frozen=True, gc=False):
    """One step of the supplementary ladder: what was left for a group that could take `headroom`."""

    group: Group
    left: int
    headroom: int


class Outcome(Struct, frozen=True, gc=False):
    """The decided line. `shares` stand in output order (`seq_no`, `bin`, `id`).

    `residue` stays in the plan, unallocated (D21). `ladder` and `cuts` are kept for the explanation:
    `cuts` are the units taken back from each share where tariffs with coefficients passed the line's
    amount (D22), empty where none has a coefficient.
    """

    line_id: str
    mode: Mode
    sum_min: int
    sum_max: int
    residue: int
    amount_tiyn: int
    algorithm: str
    shares: tuple[Share, ...]
    ladder: tuple[Rung, ...]
    cuts: tuple[int, ...] = ()
