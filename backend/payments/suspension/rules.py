"""What is a cause to suspend payment, and how long it may last (M §15-17). Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import legal_date
from backend.kernel.money import plain
from backend.kernel.terms import last_day
from backend.payments.suspension.model import Cause, Ground, Visited
from backend.sources.permits.model import Activity, Holder
from backend.sources.tax.debts import Debt, LatePayment, Payer

CONFIRMED_COMPLAINTS: Final = 4  # M §15(4): several, i.e. more than three (D9)
DAYS_NAMED: Final = 31  # of a place in the facts of S1; the rest is counted


def without_qr_too_often(no_qr: int, cases: int) -> bool:
    """S3: more than half of the act's cases have no QR visit; exactly half has not (M §15(3))."""
    return 2 * no_qr > cases


def places_unlicensed(
    executor_id: UUID, holder: Holder, visited: Sequence[Visited]
) -> Cause | None:
    """S1: people were received where no annex of a medical licence of that day names the address (M §15(1)).

    Days after the record say nothing yet: they are judged by a later one.
    """
    upto = legal_date(holder.as_of)
    places = [
        place
        for found in visited
        if (place := _place(holder, found, [d for d in found.days if d <= upto]))
    ]
    if not places:
        return None
    facts = {"as_of": holder.as_of.isoformat(), "places": places}
    return Cause(executor_id, Ground.S1, f"licence: {len(places)}", facts)


def _place(holder: Holder, visited: Visited, days: Sequence[date]) -> dict[str, Any] | None:
    outside = [d for d in days if not holder.permits(visited.address, d)]
    if not outside:
        return None
    licensed = any(holder.annexes_on(d, Activity.MEDICAL) for d in outside)
    return {
        "facility_id": str(visited.facility_id),
        "address": visited.address,
        "reason": "ANOTHER_ADDRESS" if licensed else "NO_LICENCE",
        "days": len(outside),
        "named": [d.isoformat() for d in outside[:DAYS_NAMED]],
    }


def owes(executor_id: UUID, payer: Payer, since: date) -> Cause | None:
    """S2: a tax debt, or a tax, budget or social payment that came late or has not come (M §15(2), D37).

    What is owed now counts whenever it began; what was paid late counts if it was due on `since` or later.
    """
    late = [p for p in payer.late if p.paid_on is None or p.due_on >= since]
    if not payer.debts and not late:
        return None
    facts = {
        "as_of": payer.as_of.isoformat(),
        "debts": [_debt(d) for d in payer.debts],
        "late": [_late(p) for p in late],
    }
    owed = sum(d.amount_tiyn for d in payer.debts)
    basis = f"debts: {len(payer.debts)}, {plain(owed)} KZT; late: {len(late)}"
    return Cause(executor_id, Ground.S2, basis, facts)


def _debt(debt: Debt) -> dict[str, Any]:
    return {"kind": debt.kind, "amount_tiyn": debt.amount_tiyn, "since": debt.since.isoformat()}


def _late(late: LatePayment) -> dict[str, Any]:
    return {
        "kind": late.kind,
        "amount_tiyn": late.amount_tiyn,
        "due_on": late.due_on.isoformat(),
        "paid_on": late.paid_on and late.paid_on.isoformat(),
    }


def complained_of(executor_id: UUID, year: int, confirmed: Mapping[str, int]) -> Cause | None:
    """S4: four or more confirmed complaints of both kinds together in a financial year (M §15(4), D9)."""
    total = sum(confirmed.values())
    if total < CONFIRMED_COMPLAINTS:
        return None
    facts = {"year": year, "confirmed": dict(sorted(confirmed.items()))}
    return Cause(executor_id, Ground.S4, f"complaints in {year}: {total}", facts)


def still_owes(payer: Payer, document_date: date) -> bool:
    """Whether a record of the document's day or later still shows what is not paid (M §16)."""
    unpaid = bool(payer.debts) or any(p.paid_on is None for p in payer.late)
    return unpaid and legal_date(payer.as_of) >= document_date


def still_unlicensed(holder: Holder, addresses: Sequence[str], document_date: date) -> bool:
    """Whether a record of the document's day or later still lacks one of the addresses (M §16)."""
    day = legal_date(holder.as_of)
    return day >= document_date and not all(holder.permits(a, day) for a in addresses)


def remove_by(calendar: LegalCalendar, detected_at: datetime) -> date:
    """The last day to remove the cause and resume: four months from detection (M §16, d7)."""
    return last_day(calendar, "d7", legal_date(detected_at))


def terminated_from(last: date) -> date:
    """T3 takes effect the day after the four months (M §17(3))."""
    return last + timedelta(days=1)
