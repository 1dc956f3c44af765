"""May a time stamp be believed, by what is known of its authority's own certificate?"""

from typing import Literal

from backend.signing.model import Revocation

Status = Literal["good", "revoked", "unknown"]
# unspecified, affiliationChanged, superseded, cessationOfOperation (RFC 5280 §5.3.1)
_HARMLESS = frozenset({0, 3, 4, 5})


def standing(found: Revocation) -> Status:
    """May the stamp be believed, by what is known of its authority's certificate at genTime?

    RFC 3161 §4: revoked later for one of the harmless reasons, the authority's earlier stamps stay
    good; revoked for any other, or for none that is stated, all of them fall.
    """
    if found.status == "good" and found.since is not None and found.reason not in _HARMLESS:
        return "revoked"
    return found.status
