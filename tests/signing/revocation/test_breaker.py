"""The breaker: after some failures a source is left alone, then tried by one."""

from datetime import UTC, datetime, timedelta

from backend.signing.revocation.breaker import Breaker, State

NOW = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)
PAUSE = timedelta(seconds=30)
MOMENT = timedelta(seconds=1)


def opened(at: datetime = NOW) -> Breaker:
    breaker = Breaker(3, PAUSE)
    for _ in range(3):
        assert breaker.allows(at)
        breaker.failed(at)
    return breaker


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(3, PAUSE)
    for _ in range(10):
        breaker.failed(NOW)
        breaker.failed(NOW)
        breaker.succeeded()
    assert breaker.state(NOW) is State.CLOSED
    assert opened().state(NOW) is State.OPEN
    assert not opened().allows(NOW + PAUSE - MOMENT)


def test_half_open_lets_one_through_and_believes_it() -> None:
    breaker = opened()
    later = NOW + PAUSE
    assert breaker.state(later) is State.HALF_OPEN
    assert [breaker.allows(later) for _ in range(4)] == [True, False, False, False]
    breaker.succeeded()
    assert breaker.state(later) is State.CLOSED
    assert all(breaker.allows(later) for _ in range(4))


def test_a_failed_try_shuts_it_again() -> None:
    breaker = opened()
    later = NOW + PAUSE
    assert breaker.allows(later)
    breaker.failed(later)
    assert not breaker.allows(later + PAUSE - MOMENT)
    assert breaker.allows(later + PAUSE)


def test_a_try_that_never_ended_does_not_shut_it_for_ever() -> None:
    breaker = opened()
    assert breaker.allows(NOW + PAUSE)
    assert breaker.allows(NOW + 2 * PAUSE)


def test_a_clock_set_back_does_not_keep_it_shut() -> None:
    breaker = opened()
    assert breaker.allows(NOW - timedelta(days=1))


def test_it_says_how_long_to_wait() -> None:
    breaker = opened()
    assert breaker.wait_s(NOW) == 30
    assert breaker.wait_s(NOW + PAUSE - MOMENT) == 1
    assert breaker.wait_s(NOW + PAUSE) == 0
    assert Breaker().wait_s(NOW) == 0
