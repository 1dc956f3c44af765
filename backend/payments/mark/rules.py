"""Until when the insured may speak. Pure."""

from typing import Final

from backend.payments.act.errors import ActStateWrong
from backend.payments.act.model import ActStatus

# Presented and not paid: the insured may still speak (issue 6).
_MARKABLE: Final = frozenset(
    {
        ActStatus.CHECK_PASSED,
        ActStatus.SIGNED_BY_ISSUER,
        ActStatus.INVOICED,
        ActStatus.IN_REGISTER,
    }
)


def require_markable(status: ActStatus) -> None:
    """The insured speak of acts that stand and are not paid. Raises ActStateWrong."""
    if status not in _MARKABLE:
        raise ActStateWrong(status=status)
