"""What services ask of who gives them, and what specialists hold; days are legal dates, ends included."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.registry.feed.model import ROWS_MAX, Seq

NEEDS_MAX = 1_000
Line = Annotated[
    str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]
# Printable ASCII without spaces, as acts name services.
Word = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,64}\Z")]


class NeedEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From that day the service is given by specialists of one of these specialities.

    Without specialities it needs none by name; without `valid_to` it holds until another entry does.
    """

    service_code: Word
    specialities: Annotated[tuple[Word, ...], msgspec.Meta(max_length=50)]
    valid_from: date
    valid_to: date | None = None


class EnterNeeds(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="directory.speciality_needs",
    tag_field="operation",
):
    """Entries of the directory; `basis`: the act and the point that ask for them."""

    needs: Annotated[tuple[NeedEntry, ...], msgspec.Meta(min_length=1, max_length=NEEDS_MAX)]
    basis: Line


class NeedsEntered(msgspec.Struct, frozen=True):
    """So many entries were made."""

    entered: int


class Need(msgspec.Struct, frozen=True):
    """An entry of the directory. Of a service on a day the last entered that holds then counts."""

    entry_id: UUID
    service_code: str
    specialities: list[str]
    valid_from: date
    valid_to: date | None
    basis: str
    entered_at: datetime


class CertificateEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A specialist's certificate as the Resource Management System has it; `withdrawn`: it never counts.

    Of several words about one `number` the last `seq` of the source holds.
    """

    number: Word
    iin: str
    speciality: Word
    valid_from: date
    valid_to: date | None = None
    withdrawn: bool = False
    seq: Seq = 0


class CertificateBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Certificates told by a system."""

    batch_id: UUID
    certificates: Annotated[
        tuple[CertificateEntry, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)
    ]
