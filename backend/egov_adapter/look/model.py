"""A look as the person reads it."""

from datetime import datetime
from uuid import UUID

import msgspec


class Look(msgspec.Struct, frozen=True):
    """One read of my data; `who`, `why` and `what` in the language asked for, the codes beside.

    `own`: my own session, told once. `staff` is the opaque number of the person who looked: quote it
    in a complaint; None for an information system.
    """

    look_id: UUID
    at: datetime
    own: bool
    who: str
    role: str
    staff: str | None
    basis: str
    why: str
    fields: list[str]
    what: str
