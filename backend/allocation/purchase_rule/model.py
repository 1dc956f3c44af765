"""Cases of the purchase rules."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

Line = Annotated[
    str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._()-]{0,63}\Z")]


class EnterRule(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="purchase_rule.enter",
    tag_field="operation",
):
    """A case of sub-paragraph 2 of paragraph 37-1 of KR DSM-242/2020, as it stands from now on."""

    code: Code
    title_kk: Line
    title_ru: Line
    retired: bool = False


class PurchaseRule(Struct, frozen=True):
    """A case in force."""

    code: str
    title_kk: str
    title_ru: str
    entered_at: datetime
