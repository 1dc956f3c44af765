"""Payment is resumed until the last second of the four months, by the calendar's vectors (M §16)."""

import hashlib
from datetime import date, datetime, timedelta

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.suspension import service
from backend.payments.suspension.errors import SuspensionNotActive
from backend.payments.suspension.model import Resume, Suspend, Suspension
from tests.payments.conftest import CLINIC, ISSUER_BIN, ISSUER_HEAD, signed

SHA = hashlib.sha256(b"x").hexdigest()
# detected, the last day: C14, C16, the dated example of domain 3.20, C15
VECTORS = (
    ("2026-03-31", "2026-07-31"),
    ("2026-04-30", "2026-08-31"),
    ("2026-06-10", "2026-10-12"),
    ("2026-10-31", "2027-03-01"),
)


async def resume(world: Resources, given: Suspension) -> Suspension:
    command = Resume(given.suspension_id, SHA, "себеп толық жойылды")
    request = signed(command, ISSUER_BIN, world.clock.now(), salt=world.clock.now().isoformat())
    return await service.resume(world, ISSUER_HEAD, request)


async def test_until_the_last_second_and_not_one_more(world: Resources, clock: FixedClock) -> None:
    for detected, last in VECTORS:
        clock.set(datetime.fromisoformat(f"{detected}T05:00:00+00:00"))
        command = Suspend(CLINIC, "S2", f"берешек {detected}", SHA)
        raised = await service.suspend(world, ISSUER_HEAD, signed(command, ISSUER_BIN, clock.now()))
        assert raised.remove_by == date.fromisoformat(last)
        last_second = datetime.fromisoformat(f"{last}T18:59:59+00:00")  # 23:59:59 in Kazakhstan
        clock.set(last_second + timedelta(seconds=1))
        with pytest.raises(SuspensionNotActive):
            await resume(world, raised)
        clock.set(last_second)
        assert (await resume(world, raised)).status == "RESUMED"
