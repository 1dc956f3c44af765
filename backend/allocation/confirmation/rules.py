"""What an outside system's records mean for an application. Pure."""

from collections.abc import Sequence
from datetime import date, datetime

from backend.allocation.application.model import Contents, Licence, Manual
from backend.allocation.confirmation.errors import (
    EvidenceRefuted,
    EvidenceUnknown,
    ManualEvidenceWrong,
)
from backend.allocation.confirmation.model import Confirmation, Kind, Reason, Status
from backend.sources.permits.model import Activity, Holder, address_key
from backend.sources.tax.debts import Payer


def of_licence(
    place: int, licence: Licence, holder: Holder | None, day: date, asked_at: datetime
) -> Confirmation:
    """Whether the holder has this licence, valid on `day`, with an annex of its address and sub-kinds."""
    if holder is None:
        return _licence(place, Status.UNKNOWN, None, None, asked_at)
    activity = Activity(licence.kind.value)
    named = [x for x in holder.licences if x.number == licence.number and x.activity is activity]
    if not named:
        reason: Reason | None = Reason.NO_SUCH_LICENCE
    elif not any(x.valid_on(day) for x in named):
        reason = Reason.NOT_VALID
    else:
        annexes = [a for x in named if x.valid_on(day) for a in x.annexes if a.valid_on(day)]
        wanted = address_key(licence.annex_address)
        here = [a for a in annexes if address_key(a.address) == wanted]
        told = {address_key(kind) for a in here for kind in a.sub_kinds}
        if not here:
            reason = Reason.OTHER_ADDRESS
        elif not {address_key(kind) for kind in licence.sub_kinds} <= told:
            reason = Reason.OTHER_SUB_KINDS
        else:
            reason = None
    status = Status.CONFIRMED if reason is None else Status.REFUTED
    return _licence(place, status, reason, holder.as_of, asked_at)


def _licence(
    place: int, status: Status, reason: Reason | None, as_of: datetime | None, asked_at: datetime
) -> Confirmation:
    return Confirmation(Kind.LICENCE, place, status, reason, None, None, as_of, asked_at)


def of_taxes(payer: Payer | None, asked_at: datetime) -> Confirmation:
    """What the applicant owes and paid late, as the tax body says (M §8(3)); the issuer judges it (D37)."""
    if payer is None:
        return Confirmation(Kind.TAX, 0, Status.UNKNOWN, None, None, None, None, asked_at)
    debt = sum(d.amount_tiyn for d in payer.debts)
    late = len(payer.late)
    return Confirmation(Kind.TAX, 0, Status.CONFIRMED, None, debt, late, payer.as_of, asked_at)


def require_confirmed(
    contents: Contents, told: Sequence[Confirmation], manual: Sequence[Manual]
) -> None:
    """Nothing the application needs is unknown or denied; a paper stands for an unknown licence alone.

    Raises ManualEvidenceWrong, EvidenceRefuted, EvidenceUnknown with the place at fault.
    """
    found = {(c.kind, c.place): c.status for c in told}
    by_hand = {m.place for m in manual}
    for i, paper in enumerate(manual):
        status = found.get((Kind.LICENCE, paper.place), Status.UNKNOWN)
        known = paper.place < len(contents.licences)
        if not known or status is not Status.UNKNOWN:
            raise ManualEvidenceWrong(path=f"document.manual[{i}]")
    for place in range(len(contents.licences)):
        status = found.get((Kind.LICENCE, place), Status.UNKNOWN)
        if status is Status.REFUTED:
            raise EvidenceRefuted(path=f"licences[{place}]")
        if status is Status.UNKNOWN and place not in by_hand:
            raise EvidenceUnknown(path=f"licences[{place}]")
    if found.get((Kind.TAX, 0), Status.UNKNOWN) is Status.UNKNOWN:
        raise EvidenceUnknown(path="tax_info")
