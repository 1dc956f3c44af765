"""The report on an act: every line, in three languages, as JSON, CSV and XLSX, and no cell a formula."""

import asyncio
import csv
import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import msgspec
import pytest
from python_calamine import CalamineWorkbook

from backend.kernel.resources import Resources
from backend.payments.act.errors import ActNotFound
from backend.payments.act.model import ActStatus, ActWithReport, Case
from backend.payments.report import rules, service
from backend.payments.report.model import Form, Line
from tests.payments.conftest import (
    CLINIC,
    HEAD,
    ISSUER_HEAD,
    LINE,
    Owner,
    act,
    cases,
    iin,
    present,
)

FORMULA = '=HYPERLINK("http://x","y")'


def lines() -> list[Case]:
    """A good line, one of an unknown person, one of a stranger to the staff, one like a formula."""
    good = cases([1, 2, 3, 4])
    replace = msgspec.structs.replace
    return [
        good[0],
        replace(good[1], iin=iin(300)),
        replace(good[2], worker_iin=iin(300), admitted_on=good[2].service_date),
        replace(good[3], service_record_id="=1+1", service_code="@SUM(A1)"),
    ]


async def handed_out(
    world: Resources, found: ActWithReport, form: Form, language: str = "kk"
) -> bytes:
    stream = await service.hand_out(world.db.payments, HEAD, found.act_id, form, language)
    return b"".join([part async for part in stream])


@pytest.fixture
async def failed(world: Resources) -> ActWithReport:
    found = await present(world, act("7", lines()))
    assert found.status is ActStatus.CHECK_FAILED
    return found


async def test_every_line_stands_in_every_form(world: Resources, failed: ActWithReport) -> None:
    told = (await handed_out(world, failed, Form.JSON, "en")).splitlines()
    found = [msgspec.json.decode(line) for line in told]
    assert [line["line_no"] for line in found] == [1, 2, 3, 4]
    assert [line["errors"] for line in found] == [[], ["NOT_ATTACHED"], ["WORKER_NOT_FOUND"], []]
    assert found[2]["told"][0]["advice"].startswith("Have your MIS")
    text = (await handed_out(world, failed, Form.CSV, "ru")).decode()
    assert text.startswith("\ufeff№,Запись МИС,")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [len(row) for row in rows] == [len(rules.COLUMNS)] * 5
    assert [row[1] for row in rows[1:]] == ["r-1", "r-2", "r-3", "'=1+1"]
    assert rows[4][2] == "'@SUM(A1)"
    assert [row[9] for row in rows[1:]] == ["Прошла", "Не прошла", "Не прошла", "Прошла"]
    assert rows[1][7] == "1000.00"  # tiyn told as tenge
    assert rows[2][8] == ""  # of a person nobody knows nothing is told
    workbook = CalamineWorkbook.from_filelike(
        io.BytesIO(await handed_out(world, failed, Form.XLSX, "kk"))
    )
    assert workbook.sheet_names == ["Акт есебі"]
    sheet = workbook.get_sheet_by_index(0).to_python()
    assert sheet[0][:3] == ["№", "МАЖ жазбасы", "Қызмет коды"]
    assert [row[1] for row in sheet[1:]] == ["r-1", "r-2", "r-3", "=1+1"]  # a text, see below
    assert sheet[1][7] == 1000


async def test_the_report_is_the_clinics_own_and_the_issuers(
    world: Resources, failed: ActWithReport, owner: Owner
) -> None:
    stream = await service.hand_out(world.db.payments, ISSUER_HEAD, failed.act_id, Form.JSON, "en")
    assert len(b"".join([part async for part in stream]).splitlines()) == 4
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("UPDATE payments.act SET executor_id = $1", LINE)
    with pytest.raises(ActNotFound):
        await service.hand_out(world.db.payments, HEAD, failed.act_id, Form.CSV, "kk")
    assert CLINIC != LINE


def test_a_formula_is_a_text_with_a_quote_in_a_workbook() -> None:
    line = Line(
        1, FORMULA, "+1", "-2", cases([1])[0].service_date, None, 1, 100, "NONE", (), (), None, None
    )
    file = io.BytesIO()
    book = rules.Workbook(file, "kk")
    book.add([line])
    book.close()
    with zipfile.ZipFile(file) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        styles = archive.read("xl/styles.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count('t="inlineStr"') == len(rules.COLUMNS) + 5
    assert 'quotePrefix="1"' in styles


def test_every_column_and_value_is_named_in_three_languages() -> None:
    keys = [*rules.COLUMNS, "sheet", "passed", "failed", "mark-CONFIRMED", "mark-DISPUTED"]
    keys += [f"grade-{g}" for g in ("QR_BIOMETRIC", "QR_DOCUMENT", "QR_ONLY", "NONE")]
    for language in ("kk", "ru", "en"):
        titles = [rules.title(language, key) for key in keys]
        assert not [t for t in titles if t.startswith("act-report")]


def _as_csv(office: str, source: Path) -> None:
    subprocess.run(
        [
            office,
            f"-env:UserInstallation=file://{source.parent}/profile",
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76",
            "--outdir",
            str(source.parent),
            str(source),
        ],
        check=True,
        timeout=180,
        capture_output=True,
    )


@pytest.mark.system
async def test_the_workbook_opens_in_libreoffice(
    world: Resources, failed: ActWithReport, tmp_path: Path
) -> None:
    office = shutil.which("soffice") or shutil.which("localc")
    assert office, "LibreOffice is installed by infra/deploy/system-packages.sh"
    source = tmp_path / "act.xlsx"
    source.write_bytes(await handed_out(world, failed, Form.XLSX, "kk"))
    await asyncio.to_thread(_as_csv, office, source)
    rows = list(csv.reader(io.StringIO((tmp_path / "act.csv").read_text(encoding="utf-8"))))
    assert rows[0][1] == "МАЖ жазбасы"
    assert [row[1] for row in rows[1:]] == ["r-1", "r-2", "r-3", "=1+1"]  # shown, never computed
    assert rows[4][2] == "@SUM(A1)"
