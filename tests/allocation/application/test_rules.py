"""What M §8 asks of an application, paper by paper, and the closed list of M §10. Pure."""

from typing import Any

import msgspec
import pytest

from backend.allocation.application import rules
from backend.allocation.application.errors import GroundInvalid
from backend.allocation.application.model import Contents, ReviewApplication

FACILITY = "01980000-0000-7000-8000-000000000001"
OTHER = "01980000-0000-7000-8000-000000000002"
PAPER = {"number": "7", "sha256": "ab" * 32}
LICENCE = {"kind": "MEDICAL", "number": "ЛП-1", "annex_address": "Абай 1", "facility_id": FACILITY}
CONFORMS = {"facility_id": FACILITY, "number": "С-1", "issued_on": "2026-01-12"}
COMPLETE: dict[str, Any] = {
    "licences": [LICENCE],
    "sanitary": [CONFORMS],
    "tax_info": {"debt_tiyn": 0, "untimely_payments": False, "as_of": "2026-04-01"},
}


def contents(**changed: object) -> Contents:
    return msgspec.convert({**COMPLETE, **changed}, Contents)


def test_a_complete_application_is_warned_of_nothing() -> None:
    assert rules.warnings(contents(), ["ambulatory"], []) == []


@pytest.mark.parametrize(
    ("changed", "care_forms", "warning"),
    [
        ({"licences": []}, ["ambulatory"], "contents:licences"),
        ({"licences": [{**LICENCE, "kind": "RADIATION"}]}, ["ambulatory"], "contents:licences"),
        ({"sanitary": []}, ["ambulatory"], "contents:sanitary"),
        (
            {"licences": [LICENCE, {**LICENCE, "facility_id": OTHER}]},
            ["ambulatory"],
            "contents:sanitary",  # of one facility, not of the other
        ),
        ({"tax_info": None}, ["ambulatory"], "contents:tax_info"),
        ({}, ["ambulatory", "htmc"], "contents:htmc"),
    ],
)
def test_what_is_missing_is_named(
    changed: dict[str, Any], care_forms: list[str], warning: str
) -> None:
    assert rules.warnings(contents(**changed), care_forms, []) == [warning]


def test_conclusions_are_wanted_for_high_technologies_only() -> None:
    conclusion = {"technology": "Т-1", "number": "1", "issued_on": "2026-01-12"}
    assert rules.warnings(contents(), ["inpatient"], []) == []
    assert rules.warnings(contents(htmc=[conclusion]), ["htmc"], []) == []


def test_papers_of_some_applicants_are_taken_and_never_demanded() -> None:
    given = contents(ppp_contract=PAPER, accreditation=PAPER, leases=[PAPER, PAPER])
    assert given.ppp_contract is not None
    assert given.accreditation is not None
    assert len(given.leases) == 2
    for changed in ({}, {"ppp_contract": PAPER}, {"accreditation": PAPER}, {"leases": [PAPER]}):
        assert rules.warnings(contents(**changed), ["ambulatory"], []) == []
    with pytest.raises(msgspec.ValidationError):
        contents(accreditation={"number": "7"})  # a copy has its hash


def test_only_the_two_grounds_of_the_law_reject() -> None:
    review = {"operation": "application.review", "application_id": FACILITY, "decision": "reject"}
    for ground in ("G1", "G2"):
        command = msgspec.convert({**review, "ground": ground, "text": "Негіз"}, ReviewApplication)
        rules.require_ground(command)
    for ground in ("G3", "", "g1", "price"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**review, "ground": ground, "text": "Негіз"}, ReviewApplication)
    with pytest.raises(GroundInvalid):
        rules.require_ground(msgspec.convert(review, ReviewApplication))
