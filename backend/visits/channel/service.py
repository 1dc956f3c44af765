"""Close and reopen a person's digital channels, and ask whether they are open.

The wing that keeps consents (egov_adapter) calls `close` and `reopen` in its own transaction and under
its own role, so that a withdrawal holds at every desk from the instant it commits (D43).
"""

from datetime import datetime
from uuid import UUID

from backend.kernel.db import Executor, Tx
from backend.visits.channel import queries
from backend.visits.channel.errors import ChannelsClosed


async def close(tx: Tx, person_id: UUID, *, at: datetime) -> None:
    """No QR visit and no biometrics for this person from now on; said again it changes nothing."""
    await queries.CLOSE.run(tx, person_id, at)


async def reopen(tx: Tx, person_id: UUID) -> None:
    """The channels serve again; said again it changes nothing."""
    await queries.REOPEN.run(tx, person_id)


async def require_open(where: Executor, person_id: UUID) -> None:
    """Raise ChannelsClosed for a person without consent to the digital channels."""
    if await queries.IS_CLOSED.get(where, person_id):
        raise ChannelsClosed
