"""How long one may act for another, and what it covers. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from backend.egov_adapter.representative.errors import RepresentationOver
from backend.egov_adapter.representative.model import Basis
from backend.kernel.actor import Scope

OF_AGE: Final = 18  # years; Civil Code art. 17 [MEM]
# [ENG] What a basis covers at most. A legal representative stands in for the person, an attorney for what
# the paper names; consent to digital channels is given by attorney to nobody.
COVERS: Final[Mapping[Basis, frozenset[Scope]]] = {
    Basis.PARENT: frozenset(Scope),
    Basis.GUARDIAN: frozenset(Scope),
    Basis.TRUSTEE: frozenset({Scope.READ, Scope.VISIT, Scope.COMPLAIN, Scope.EXTRACT}),
    Basis.POWER_OF_ATTORNEY: frozenset({Scope.READ, Scope.COMPLAIN, Scope.EXTRACT}),
}


def covered(basis: Basis, wanted: frozenset[Scope] | None) -> frozenset[Scope]:
    """What the representation covers; an attorney always reads what he acts on."""
    most = COVERS[basis]
    return most if wanted is None else (most & wanted) | {Scope.READ}


def last_day(
    basis: Basis, wanted: date, recorded: date | None, born: date | None, today: date
) -> date:
    """The last day of it: what was said, what is recorded, and of a child the day before it is of age.

    Raises RepresentationOver.
    """
    ends = [wanted]
    if recorded is not None:
        ends.append(recorded)
    if basis is Basis.PARENT and born is not None:
        ends.append(_of_age(born))
    last = min(ends)
    if last < today:
        raise RepresentationOver
    return last


def _of_age(born: date) -> date:
    """The day before the eighteenth birthday; who was born on 29 February is of age on 1 March."""
    year = born.year + OF_AGE
    try:
        birthday = born.replace(year=year)
    except ValueError:
        birthday = date(year, 3, 1)
    return date.fromordinal(birthday.toordinal() - 1)
