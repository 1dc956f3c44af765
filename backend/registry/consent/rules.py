"""What stands, given what was said. Pure.

A purpose nobody was asked about is not closed: D43 closes channels by withdrawal. A consent that ran
out closes its channel until it is given anew.
"""

from datetime import datetime

from backend.registry.consent.model import ConsentRow, ConsentState


def state_of(row: ConsentRow | None, at: datetime) -> ConsentState:
    """What stands at `at`; at the instant of expiry the consent is over."""
    if row is None:
        return ConsentState.NONE
    if not row.given or row.expires_at is None:
        return ConsentState.WITHDRAWN
    return ConsentState.GIVEN if at < row.expires_at else ConsentState.EXPIRED


def is_closed(state: ConsentState) -> bool:
    """Whether the channel takes nothing from this person."""
    return state in (ConsentState.WITHDRAWN, ConsentState.EXPIRED)
