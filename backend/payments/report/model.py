"""A line of the report, and the forms it is handed out in."""

from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec

from backend.payments.act.model import Mark


class Form(StrEnum):
    """What the report is handed out as."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Form.JSON: "application/x-ndjson",
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Line(msgspec.Struct, frozen=True):
    """A line of an act without the person; a clinic finds him by its own record."""

    line_no: int
    service_record_id: str
    service_code: str
    service_type: str | None
    service_date: date
    admitted_on: date | None
    units: int
    amount_tiyn: int
    grade: str | None
    errors: tuple[str, ...]
    notes: tuple[str, ...]
    mark: Mark | None
    complaint_id: UUID | None


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """An error of a line, for a person: what is wrong, and what to do."""

    code: str
    title: str
    advice: str
