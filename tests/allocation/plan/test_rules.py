"""What makes two plan lines the same line. Pure."""

from typing import Any

import pytest

from backend.allocation.plan.rules import check_lines
from tests.allocation.conftest import line


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({}, ["PLAN_ROW_LINE_TWICE"] * 2),
        ({"planned_units": 1, "tariff_tiyn": 1}, ["PLAN_ROW_LINE_TWICE"] * 2),
        ({"source": "gvfmc"}, []),
        ({"region": "71"}, []),
        ({"service_type": "dental", "lot": True}, []),
        ({"care_form": "inpatient"}, []),
    ],
)
def test_a_line_is_one_source_region_service_and_form_of_care(
    changed: dict[str, Any], faults: list[str]
) -> None:
    found = check_lines([line("one"), line("two", **changed)])
    assert [fault.code for fault in found] == faults


def test_dental_care_is_a_lot_of_its_own() -> None:
    assert not check_lines([line("one", service_type="dental.children", lot=True)])
    (fault,) = check_lines([line("one", service_type="dental.children")])
    assert (fault.row, fault.column, fault.code) == (1, "lot", "PLAN_ROW_LOT")
