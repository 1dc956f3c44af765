"""The refusals of an allocation, each with a code of CONTRACT.md and the place in the case.

A case is judged in the order in which the refusals stand here; the first that applies is told.
"""

from typing import ClassVar

from backend.kernel.errors import Conflict, Invalid, Refusal


class AllocationRefused(Refusal):
    """The line cannot be allocated as it stands.

    `detail` carries no values of the case, since a `bin` may be a person's IIN. `path` is like
    `applications[1].base`; its index counts in the order the applications were given.
    """

    def __init__(self, detail: str, path: str) -> None:
        super().__init__(path=path)
        self.detail = detail


class BadCase(AllocationRefused, Invalid):
    """The case has a wrong shape or a wrong value."""

    code: ClassVar[str] = "BAD_CASE"


class ScoreOutOfRange(AllocationRefused, Invalid):
    """A score is not within 0..5 points (domain 5.2)."""

    code: ClassVar[str] = "SCORE_OUT_OF_RANGE"


class DuplicateApplication(AllocationRefused, Conflict):
    """Two applications of the line have one id or one bin."""

    code: ClassVar[str] = "DUPLICATE_APPLICATION"


class MissingCapacity(AllocationRefused, Conflict):
    """The capacity is the base and is not known: unknown is never zero (domain 5.4)."""

    code: ClassVar[str] = "MISSING_CAPACITY"


class LimitExceeded(AllocationRefused, Conflict):
    """The decision costs more than its budget source allows (D24)."""

    code: ClassVar[str] = "LIMIT_EXCEEDED"


class AlgorithmUnknown(AllocationRefused, Conflict):
    """No algorithm has this name: none of ours, none installed (D31)."""

    code: ClassVar[str] = "ALGORITHM_UNKNOWN"


class BadBundle(AllocationRefused, Invalid):
    """This is no published record of a decision, or not a whole one."""

    code: ClassVar[str] = "BAD_BUNDLE"
