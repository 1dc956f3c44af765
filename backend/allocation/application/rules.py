"""What an application must be. Pure."""

from collections.abc import Iterable
from uuid import UUID

from backend.allocation.application.errors import (
    ApplicationReviewed,
    ApplicationWithdrawn,
    CoExecutorInvalid,
    GroundInvalid,
    LineTwice,
)
from backend.allocation.application.model import (
    ApplicationStatus,
    CoExecutorRequest,
    Contents,
    FormOfCoExecutor,
    Ground,
    LicenceKind,
    Outcome,
    ReviewApplication,
    SubmitApplication,
)
from backend.kernel.ids import require_bin, require_iin

HTMC = "htmc"  # the form of care of high technologies, which need conclusions (M §8(4))


def require_sound(command: SubmitApplication, applicant: str) -> None:
    """Lines stand once; co-executors are somebody else and ask no more than the applicant.

    Raises LineTwice, CoExecutorInvalid, BinInvalid, IinInvalid.
    """
    left: dict[UUID, int] = {}
    for i, line in enumerate(command.lines):
        if line.line_id in left:
            raise LineTwice(path=f"lines[{i}].line_id")
        left[line.line_id] = line.requested
    numbers = {applicant}
    for i, co_executor in enumerate(command.co_executors):
        path = f"co_executors[{i}]"
        _require_number(co_executor, f"{path}.number")
        if co_executor.number in numbers:
            raise CoExecutorInvalid(path=f"{path}.number")
        numbers.add(co_executor.number)
        _require_parts(co_executor, left, path)


def _require_number(co_executor: CoExecutorRequest, path: str) -> None:
    if co_executor.form is FormOfCoExecutor.LEGAL:
        require_bin(co_executor.number, path)
    else:
        require_iin(co_executor.number, path)


def _require_parts(co_executor: CoExecutorRequest, left: dict[UUID, int], path: str) -> None:
    """Each line once, and all parts of a line together within its request; `left` shrinks."""
    seen: set[UUID] = set()
    for i, part in enumerate(co_executor.parts):
        known = part.line_id in left and part.line_id not in seen
        if not known or part.requested > left[part.line_id]:
            raise CoExecutorInvalid(path=f"{path}.parts[{i}]")
        seen.add(part.line_id)
        left[part.line_id] -= part.requested


def warnings(
    contents: Contents,
    care_forms: Iterable[str],
    missing_actions: Iterable[str],
    needed: Iterable[str] = (),
) -> list[str]:
    """What is missing of M §6 and §8: a warning now, a ground G1 for the reviewer (D33).

    `needed`: the licences the services applied for need besides the medical one (M §8(1)).
    """
    found = [f"readiness:{action}" for action in missing_actions]
    if not any(licence.kind is LicenceKind.MEDICAL for licence in contents.licences):
        found.append("contents:licences")
    held = {licence.kind.value for licence in contents.licences}
    found += [f"contents:licences:{kind}" for kind in sorted(set(needed) - held)]
    with_conclusion = {conclusion.facility_id for conclusion in contents.sanitary}
    if not contents.sanitary or any(
        licence.facility_id not in with_conclusion for licence in contents.licences
    ):
        found.append("contents:sanitary")
    if contents.tax_info is None:
        found.append("contents:tax_info")
    if HTMC in care_forms and not contents.htmc:
        found.append("contents:htmc")
    return found


def facilities(contents: Contents) -> set[UUID]:
    """Every facility the documents speak of."""
    return {x.facility_id for x in contents.licences} | {x.facility_id for x in contents.sanitary}


def require_ground(command: ReviewApplication) -> None:
    """A ground of the closed list and its text with a rejection, neither with an acceptance (M §10).

    A rule belongs to G2, papers for silent systems to an acceptance.
    """
    given = (command.ground is not None, command.text is not None)
    wanted = command.decision is Outcome.REJECT
    if given != (wanted, wanted):
        raise GroundInvalid(path="document.ground")
    if command.rule is not None and command.ground is not Ground.G2:
        raise GroundInvalid(path="document.rule")
    if command.manual and wanted:
        raise GroundInvalid(path="document.manual")


def require_reviewable(status: ApplicationStatus) -> None:
    """Only what waits is reviewed. Raises ApplicationWithdrawn, ApplicationReviewed."""
    require_not_withdrawn(status)
    if status in (ApplicationStatus.ACCEPTED, ApplicationStatus.REJECTED):
        raise ApplicationReviewed


def require_not_withdrawn(status: ApplicationStatus) -> None:
    """Raises ApplicationWithdrawn."""
    if status is ApplicationStatus.WITHDRAWN:
        raise ApplicationWithdrawn
