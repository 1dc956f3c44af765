"""What a process remembers of sessions: for two seconds, then gone, and light for the garbage collector."""

import gc
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from backend.kernel.actor import Role, Scope
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.signing.login import queries, service
from backend.signing.login.model import SessionRow
from tests.conftest import open_session

ROLES = frozenset({Role.INSURED})
SCOPES = frozenset({Scope.READ, Scope.VISIT})


class Time:
    """The monotonic clock, by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(service, "time", time)
    return time


async def row_of(resources: Resources, clock: FixedClock) -> SessionRow:
    token = await open_session(resources, *ROLES, person_id=UUID(int=7), scopes=SCOPES)
    [row] = await queries.FIND_SESSIONS.all(resources.db.signing, [service._digest(token)])
    return msgspec.structs.replace(row, expires_at=clock.now() + timedelta(hours=1))


async def test_nothing_older_than_two_seconds_stays(
    resources: Resources, clock: FixedClock, time: Time
) -> None:
    row, recent = await row_of(resources, clock), service._Recent()
    for n in range(5):
        recent.put(bytes([n]), row)
        time.now += 0.5
    assert recent.get(b"\x01") is row
    assert recent.get(b"\x00") is None
    recent.put(b"\x01", row)  # seen again: the youngest
    assert list(recent._rows) == [b"\x02", b"\x03", b"\x04", b"\x01"]
    time.now += 2.1
    recent.put(b"\x09", row)
    assert list(recent._rows) == [b"\x09"]


async def test_a_session_is_light(resources: Resources, clock: FixedClock) -> None:
    """Ten thousand of them are not looked through while everybody waits: equal sets are one, rows untracked."""
    one, other = await row_of(resources, clock), await row_of(resources, clock)
    assert one.session_id != other.session_id
    assert (one.roles, one.scopes) == (ROLES, SCOPES)
    assert one.roles is other.roles
    assert one.scopes is other.scopes
    assert not gc.is_tracked(one)
