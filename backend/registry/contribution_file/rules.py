"""What a row of a file must be, and what taking back does to a payment. Pure."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from backend.kernel.ids import NumberKind, check_number
from backend.registry.contribution_file.model import Fault, Original, Settled
from backend.registry.entitlement.rules import period_is_sound
from backend.sources.state_corporation.model import Line, LineKind


def judge(line: Line, today: date) -> Fault | None:
    """What is wrong with a row in itself; whether the person is known is not asked here."""
    if line.kind is LineKind.RECEIPT:
        check = check_number(line.iin or "")
        if not check.valid or check.kind is not NumberKind.IIN:
            return Fault.IIN_INVALID
        if not _payer_is_sound(line):
            return Fault.PAYER_INVALID
        if not period_is_sound(line.period or "", line.day):
            return Fault.PERIOD_INVALID
    return Fault.DATE_IN_FUTURE if line.day > today else None


def payer_of(line: Line) -> str | None:
    """None: the person himself; his number is not written down a second time."""
    return None if line.payer == line.iin else line.payer


def _payer_is_sound(line: Line) -> bool:
    """A deduction has an employer, and a payer a valid number."""
    payer = payer_of(line)
    if payer is None:
        return line.receipt_kind == "contribution"
    return check_number(payer).valid


def settle(
    waiting: Sequence[Original],
) -> tuple[list[Settled], list[str], list[tuple[Original, Fault]]]:
    """What becomes of payments when that is taken back: payments, references applied, rows at fault.

    Refunds add up to at most what was received; a reversal is of the whole payment, whatever was
    refunded of it before. By day, then by reference, so that the order of arrival says nothing.
    """
    after: dict[UUID, Settled] = {}
    applied: list[str] = []
    faulty: list[tuple[Original, Fault]] = []
    for one in sorted(waiting, key=lambda o: (o.contribution_id, o.day, o.ref)):
        before = after.get(one.contribution_id)
        refunded = before.refunded_tiyn if before else one.refunded_tiyn
        since = before.refunded_on if before else one.refunded_on
        fault = _fault_of_return(one, refunded)
        if fault is not None:
            faulty.append((one, fault))
            continue
        total = one.received_tiyn if one.kind is LineKind.REVERSAL else refunded + one.amount_tiyn
        last = max(one.day, since) if since else one.day
        after[one.contribution_id] = Settled(one.person_id, one.contribution_id, total, last)
        applied.append(one.ref)
    return list(after.values()), applied, faulty


def _fault_of_return(one: Original, refunded: int) -> Fault | None:
    if one.day < one.paid_on:
        return Fault.PERIOD_INVALID
    if one.kind is LineKind.REVERSAL:
        return None if one.amount_tiyn == one.received_tiyn else Fault.REVERSAL_MISMATCH
    return Fault.REFUND_TOO_LARGE if refunded + one.amount_tiyn > one.received_tiyn else None
