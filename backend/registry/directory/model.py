"""Entries of the directories, and what the registrar signs to make them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

Line = Annotated[
    str, msgspec.Meta(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]
Code = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")]
FieldCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,63}\Z")]
Accounting = dict[str, str | int | bool]


class FieldKind(StrEnum):
    """What the value of a field is."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"


class EnterMis(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="directory.mis",
    tag_field="operation",
):
    """A medical information system, and whether it conforms to digitalisation and security law.

    `basis`: the document that says so.
    """

    code: Code
    name: Line
    conforms: bool
    basis: Line


class EnterAccountingField(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="directory.accounting_field",
    tag_field="operation",
):
    """A field that the rules KR DSM-186/2020 ask of a facility; `basis`: the point it stands in."""

    code: FieldCode
    title_kk: Line
    title_ru: Line
    kind: FieldKind
    required: bool
    basis: Line
    retired: bool = False


class Mis(msgspec.Struct, frozen=True):
    """A system as the directory has it now."""

    code: str
    name: str
    conforms: bool
    basis: str
    entered_at: datetime


class AccountingField(msgspec.Struct, frozen=True):
    """A field as the directory has it now."""

    code: str
    title_kk: str
    title_ru: str
    kind: FieldKind
    required: bool
    basis: str
    entered_at: datetime
