"""The demo's clock is a row that every process follows and production refuses."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from backend.app.resources import open_resources
from backend.kernel.clock import SystemClock
from backend.kernel.config import Config, ConfigError, Mode
from backend.kernel.db import Db, open_db
from backend.kernel.simulated_clock import SimulatedClock, set_clock

THEN = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
NEAR = timedelta(seconds=30)


@pytest.fixture
async def owner_db(database_url: str) -> Db:
    """The demo sets the clock as the database's owner: no wing's role may."""
    return await open_db(database_url, "none")


async def test_two_processes_follow_one_row(db_signing: Db, owner_db: Db) -> None:
    one, other = SimulatedClock(), SimulatedClock()
    await one.refresh(db_signing)
    assert abs(one.now() - datetime.now(UTC)) < NEAR
    for leap in (timedelta(0), timedelta(days=40), -timedelta(days=10)):
        await set_clock(owner_db, THEN + leap)
        await one.refresh(db_signing)
        await other.refresh(db_signing)
        assert timedelta(0) <= one.now() - (THEN + leap) < NEAR
        assert abs(one.now() - other.now()) < NEAR
    first = one.now()
    assert one.now() >= first
    assert first.utcoffset() == timedelta(0)
    await owner_db.close()


async def test_production_refuses_a_database_with_a_simulated_clock(
    config: Config, owner_db: Db
) -> None:
    production = msgspec.structs.replace(config, mode=Mode.PRODUCTION, trust="prod")
    async with open_resources(production, application="test") as opened:
        assert isinstance(opened.clock, SystemClock)
    await set_clock(owner_db, THEN)
    with pytest.raises(ConfigError, match="simulated clock"):
        async with open_resources(production, application="test"):
            pytest.fail("it must not open")
    demo = msgspec.structs.replace(config, mode=Mode.DEMO)
    async with open_resources(demo, application="test") as opened:
        assert isinstance(opened.clock, SimulatedClock)
        assert opened.clock.now() - THEN < NEAR
    await owner_db.close()
