"""What a one-time password may and may not. Pure.

Odds of guessing one: MAX_TRIES in a million, 5e-6 (FAULTS 11).
"""

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta

from backend.egov_adapter.citizen.errors import PhoneInvalid
from backend.egov_adapter.citizen.model import Channel
from backend.kernel.actor import Scope
from backend.kernel.config import Config

OTP_DIGITS = 6
MAX_TRIES = 5
FREEZE = timedelta(minutes=15)
_PHONE = re.compile(r"\+7[67][0-9]{9}")  # Kazakhstan's numbers; mobile ones begin with 7


# The most a session of a channel may be used for. What happens at a clinic's door (codes, faces) is done
# in eGov Mobile, which keeps keys in the phone; a chat on somebody's screen never gets it.
SCOPES: Mapping[Channel, frozenset[Scope]] = {
    Channel.EGOV: frozenset(Scope),
    Channel.BOT: frozenset({Scope.READ, Scope.COMPLAIN, Scope.EXTRACT, Scope.CONSENT}),
}


def scopes_of(channel: Channel, wanted: frozenset[Scope] | None) -> frozenset[Scope]:
    """What a session gets: what is wanted, of what its channel may have. Never more."""
    return SCOPES[channel] if wanted is None else SCOPES[channel] & wanted


def new_code() -> str:
    """Six digits, each of the million as likely."""
    return f"{secrets.randbelow(10**OTP_DIGITS):0{OTP_DIGITS}}"


def require_phone(text: str, path: str) -> str:
    """`text` when it is a number of Kazakhstan in E.164, `+77011234567`. Raises PhoneInvalid."""
    if _PHONE.fullmatch(text) is None:
        raise PhoneInvalid(path=path)
    return text


def otp_life(config: Config) -> timedelta:
    """How long a password lives, from the request (3 minutes unless configured)."""
    return timedelta(minutes=config.otp_minutes)


def token_life(config: Config) -> timedelta:
    """How long a citizen's token opens the own record: minutes, so that a stolen one is soon worth nothing."""
    return timedelta(minutes=min(config.citizen_token_minutes, config.session_minutes))


def session_life(config: Config) -> timedelta:
    """How long a citizen stays signed in, by tokens that follow one another."""
    return timedelta(minutes=config.session_minutes)
