"""The demo's clock: a row in the database, shared by every process, which production refuses.

The row says "at real instant `set_at` it was `simulated_at`"; from there simulated time runs on
as fast as real time does.
"""

from datetime import UTC, datetime, timedelta

import msgspec

from backend.kernel.db import Db, Query


class ClockRow(msgspec.Struct, frozen=True):
    """Where simulated time was, and when in real time that was said."""

    simulated_at: datetime
    set_at: datetime


READ = Query[ClockRow]("SELECT simulated_at, set_at FROM kernel.simulated_clock")
SET = Query[None](
    """
    INSERT INTO kernel.simulated_clock (only_row, simulated_at, set_at) VALUES (true, $1, $2)
    ON CONFLICT (only_row)
    DO UPDATE SET simulated_at = EXCLUDED.simulated_at, set_at = EXCLUDED.set_at
    """
)


class SimulatedClock:
    """A Clock that follows the row. `refresh` reads it; `now` needs no database."""

    def __init__(self) -> None:
        self._offset = timedelta(0)

    async def refresh(self, db: Db) -> None:
        """Follow the row as it stands now; without a row, real time."""
        row = await READ.one(db)
        self._offset = timedelta(0) if row is None else row.simulated_at - row.set_at

    def now(self) -> datetime:
        """The simulated instant, in UTC."""
        return datetime.now(UTC) + self._offset


async def set_clock(db: Db, simulated_at: datetime) -> None:
    """Let it be `simulated_at` now, for every process."""
    await SET.run(db, simulated_at, datetime.now(UTC))
