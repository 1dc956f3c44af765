"""The journal of "Natural persons" (numbers are IIN; format: `backend.sources.journal`), and who acts for whom."""

from datetime import date
from enum import StrEnum

import httpx
import msgspec

from backend.kernel.config import Config
from backend.sources import exchange, journal


class Kind(StrEnum):
    """What is recorded of a person. The first five are the facts of M §33(1) and §34(1)."""

    DEATH = "DEATH"
    DECLARED_DEAD = "DECLARED_DEAD"
    INCAPABLE = "INCAPABLE"
    LIMITED_CAPACITY = "LIMITED_CAPACITY"
    MISSING = "MISSING"
    DEPARTURE = "DEPARTURE"
    ANNULMENT = journal.ANNULMENT


async def events(http: httpx.AsyncClient, config: Config, after: str | None) -> journal.Page:
    """What the database recorded behind the cursor `after`. Raises SourceUnavailable."""
    return await journal.read(
        http, "gbd_fl", config.gbd_fl_url, after, timeout_s=config.source_timeout_s
    )


class RepresentationQuestion(msgspec.Struct, frozen=True):
    """Does `representative_iin` act for `iin` on this basis and document?"""

    representative_iin: str
    iin: str
    basis: str
    document_number: str


class RepresentationAnswer(msgspec.Struct, frozen=True):
    """Whether it is recorded, and until which day if it ends by itself."""

    confirmed: bool
    until: date | None = None


async def confirm_representation(
    http: httpx.AsyncClient, config: Config, question: RepresentationQuestion
) -> RepresentationAnswer:
    """POST {gbd_fl_url}/representations/check: a child's parent, a ward's guardian, an attorney.

    Raises SourceUnavailable: what is not known is not confirmed (D28).
    """
    return await exchange.post_json(
        http,
        "gbd_fl",
        config.gbd_fl_url,
        "/representations/check",
        question,
        RepresentationAnswer,
        timeout_s=config.source_timeout_s,
    )
