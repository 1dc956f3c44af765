"""How long one acts for another, and how far."""

from datetime import date

import pytest

from backend.egov_adapter.representative.errors import RepresentationOver
from backend.egov_adapter.representative.model import Basis
from backend.egov_adapter.representative.rules import covered, last_day
from backend.kernel.actor import Scope

TODAY = date(2026, 4, 6)
FAR = date(2050, 1, 1)


@pytest.mark.parametrize(
    ("basis", "wanted", "recorded", "born", "last"),
    [
        (Basis.PARENT, FAR, None, date(2013, 5, 4), date(2031, 5, 3)),
        (Basis.PARENT, FAR, None, date(2008, 2, 29), None),  # of age on 1 March 2026
        (Basis.PARENT, FAR, None, date(2012, 2, 29), date(2030, 2, 28)),
        (Basis.PARENT, date(2026, 12, 31), None, date(2013, 5, 4), date(2026, 12, 31)),
        (Basis.PARENT, FAR, None, date(2008, 4, 7), date(2026, 4, 6)),  # the last day of childhood
        (Basis.PARENT, FAR, None, date(2008, 4, 6), None),  # of age today
        (Basis.TRUSTEE, FAR, date(2027, 1, 1), date(1960, 1, 1), date(2027, 1, 1)),
        (Basis.TRUSTEE, date(2026, 4, 5), None, None, None),
    ],
)
def test_it_ends_with_the_paper_the_record_or_childhood(
    basis: Basis, wanted: date, recorded: date | None, born: date | None, last: date | None
) -> None:
    if last is None:
        with pytest.raises(RepresentationOver):
            last_day(basis, wanted, recorded, born, TODAY)
    else:
        assert last_day(basis, wanted, recorded, born, TODAY) == last


def test_it_covers_what_the_basis_allows_and_never_more() -> None:
    assert covered(Basis.PARENT, None) == frozenset(Scope)
    attorney = covered(Basis.POWER_OF_ATTORNEY, frozenset(Scope))
    assert attorney == {Scope.READ, Scope.COMPLAIN, Scope.EXTRACT}
    assert covered(Basis.POWER_OF_ATTORNEY, frozenset({Scope.CONSENT})) == {Scope.READ}
