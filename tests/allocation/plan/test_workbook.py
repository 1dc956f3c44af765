"""A workbook is read as what is typed in it; what a spreadsheet cannot say exactly is refused."""

import base64
import io
import zipfile
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from backend.allocation.plan import sheet
from backend.allocation.plan.model import LINES_MAX
from backend.allocation.plan.table import COLUMNS, read_rows
from backend.allocation.plan.workbook import read_workbook
from backend.kernel.actor import Role
from backend.kernel.tables import COLUMNS_MAX, table_of
from tests.allocation.conftest import ISSUER_BIN

ROW: dict[str, Any] = {
    "code": "2026-mhi-75-cdc",
    "source": "mhi",
    "region": 75,
    "service_type": "cdc",
    "care_form": "ambulatory",
    "title_kk": "Консультациялық-диагностикалық көмек",
    "title_ru": "Консультативно-диагностическая помощь",
    "unit": "service",
    "planned_units": 2500,
    "tariff_tiyn": 1_234_567,
    "base_kind": "capacity",
    "payment_method": "per_service",
    "lot": False,
    "phc_full": "",
    "v_max_percent": 65,
}


def book(*rows: list[Any]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as made:
        sheet = made.add_worksheet()
        form = made.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, form)
                else:
                    sheet.write(number, column, cell)
    return out.getvalue()


def rows(**changed: Any) -> bytes:
    return book(list(COLUMNS), list((ROW | changed).values()))


def test_numbers_truths_and_blanks_are_read_as_typed() -> None:
    (line,), faults = read_workbook(rows())
    assert faults == []
    assert (line.region, line.planned_units, line.lot, line.v_max_percent) == (
        "75",
        2500,
        False,
        65,
    )
    assert line.title_kk == ROW["title_kk"]


@given(st.integers(0, 2**53))
def test_whole_numbers_are_exact(units: int) -> None:
    read = sheet.read(rows(planned_units=units, tariff_tiyn=1), 9, 99)
    found, faults = read_rows(table_of(read.rows))
    assert [line.planned_units for line in found] == [units], faults


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (2500.5, "PLAN_ROW_INTEGER"),
        (2.0**60, "PLAN_ROW_INTEGER"),
        (date(2026, 4, 6), "PLAN_ROW_INTEGER"),
        ("", "PLAN_ROW_INTEGER"),
        (-1, "PLAN_ROW_INTEGER"),
    ],
)
def test_what_is_no_number_of_units_is_named(cell: Any, code: str) -> None:
    found, faults = read_workbook(rows(planned_units=cell))
    assert found == []
    assert [(f.row, f.column, f.code) for f in faults] == [(1, "planned_units", code)]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (sheet.UNPACKED_MAX + 1))
    return out.getvalue()


@pytest.mark.parametrize(
    "raw", [b"", b"PK\x03\x04", b"code;source", rows()[:-40], rows()[:200] + rows()[400:]]
)
def test_what_is_no_workbook_is_refused(raw: bytes) -> None:
    found, (fault,) = read_workbook(raw)
    assert found == []
    assert fault.code == "PLAN_ROW_NOT_XLSX"


def test_a_bomb_is_not_unpacked() -> None:
    packed = bomb()
    assert len(packed) < 1_000_000
    assert read_workbook(packed)[1][0].code == "PLAN_ROW_NOT_XLSX"


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (1, COLUMNS_MAX, "PLAN_ROW_TOO_WIDE"),
        (LINES_MAX + 2, 0, "PLAN_ROW_TOO_MANY"),
        (1_048_575, 16_383, "PLAN_ROW_NOT_XLSX"),  # 412 GB of empty cells between the two
    ],
)
def test_two_cells_far_apart_take_nobody_down(row: int, column: int, code: str) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        page = made.add_worksheet()
        page.write(0, 0, "code")
        page.write(row, column, "x")
    found, (fault,) = read_workbook(out.getvalue())
    assert (found, fault.code) == ([], code)


async def test_a_workbook_becomes_a_draft_or_tells_every_fault(client: Any) -> None:
    async with client(Role.ISSUER_REVIEWER, bin=ISSUER_BIN) as http:
        body = {"year": 2026, "limits": {"gvfmc": 0, "mhi": 10**12}}
        good = base64.b64encode(rows()).decode()
        taken = await http.post("/api/v1/plans/xlsx", json=body | {"xlsx": good})
        assert taken.status_code == 201, taken.text
        assert (taken.json()["status"], taken.json()["mhi_tiyn"]) == ("DRAFT", 2500 * 1_234_567)
        bad = base64.b64encode(rows(planned_units=1.5, source="omc")).decode()
        refused = await http.post(
            "/api/v1/plans/xlsx", json=body | {"xlsx": bad}, headers={"Accept-Language": "ru"}
        )
        assert refused.json()["code"] == "PLAN_ROWS_INVALID"
        assert {e["column"] for e in refused.json()["errors"]} == {"source", "planned_units"}
        for junk in ("!", "AAAA"):
            refused = await http.post("/api/v1/plans/xlsx", json=body | {"xlsx": junk})
            assert refused.json()["errors"][0]["code"] == "PLAN_ROW_NOT_XLSX"
    async with client(Role.EXECUTOR_HEAD, bin=ISSUER_BIN) as http:
        assert (await http.post("/api/v1/plans/xlsx", json={})).status_code == 403
