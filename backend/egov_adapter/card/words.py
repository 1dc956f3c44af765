"""What stands on the card, in one language. Pure."""

from datetime import date, datetime
from typing import Any, Final

from backend.egov_adapter.record.model import OwnCard
from backend.kernel.clock import LEGAL_ZONE
from backend.web import problems

TEMPLATE: Final = "card"  # backend/web/paper/templates


def card(
    own: OwnCard,
    language: str,
    insured: bool,
    until: date | None,
    svg: str | None,
    at: datetime | None,
) -> dict[str, Any]:
    """What the template shows: strings ready to be read. `svg` and `at`: the code and its last moment."""
    policy = own.policy
    return {
        "language": language,
        "title": _say("CARD_TITLE", language),
        "number_name": _say("CARD_NUMBER", language),
        "number": policy.number,
        "insured": insured,
        "state": _state(language, insured, until),
        "name": own.holder.full_name,
        "facts": [
            [_say("CARD_IIN", language), _apart(own.holder.iin)],
            [
                _say("CARD_VALID", language),
                f"{policy.valid_from:%d.%m.%Y} – {policy.valid_to:%d.%m.%Y}",
            ],
            [_say("CARD_PACKAGES", language), _packages(policy.gvfmc, policy.mhi, language)],
            [_say("CARD_CLINIC", language), policy.executor or _say("CARD_NO_CLINIC", language)],
        ],
        "svg": svg,
        "code": _code(language, at),
        "alt": _say("CARD_CODE_ALT", language),
        "issuer": own.issuer.name,
        "foot": _say("CARD_FOOT", language),
    }


def _say(code: str, language: str, **facts: str | int) -> str:
    return problems.text(code, language, facts)[0]


def _state(language: str, insured: bool, until: date | None) -> str:
    if not insured:
        return _say("CARD_NOT_INSURED", language)
    if until is None:
        return _say("CARD_INSURED", language)
    return _say("CARD_INSURED_UNTIL", language, until=f"{until:%d.%m.%Y}")


def _packages(gvfmc: bool, mhi: bool, language: str) -> str:
    names = [name for name, held in (("CARD_GVFMC", gvfmc), ("CARD_MHI", mhi)) if held]
    return " + ".join(_say(name, language) for name in names)


def _code(language: str, until: datetime | None) -> str:
    if until is None:
        return _say("CARD_NO_CODE", language)
    return _say("CARD_CODE_UNTIL", language, until=f"{until.astimezone(LEGAL_ZONE):%H:%M:%S}")


def _apart(iin: str) -> str:
    """A number of twelve digits as people read it aloud."""
    return f"{iin[:6]} {iin[6:]}"
