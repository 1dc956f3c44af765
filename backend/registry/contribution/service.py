"""Use cases of receipts and privileges (rules KR DSM-333/2020)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Executor, Tx
from backend.kernel.ids import NumberKind, check_number, uuid7
from backend.kernel.resources import Resources
from backend.registry.contribution import queries
from backend.registry.contribution.model import (
    Contribution,
    ContributionBatch,
    PrivilegeBatch,
    PrivilegeEntry,
    ReceiptEntry,
    RefundEntry,
    StoredReceipt,
)
from backend.registry.entitlement import figures
from backend.registry.entitlement.model import ReceiptKind
from backend.registry.entitlement.rules import period_is_sound
from backend.registry.feed import service as feed
from backend.registry.feed.errors import Row
from backend.registry.feed.model import FeedAnswer, RefusedRow
from backend.registry.person import service as persons
from backend.registry.policy import service as policies


async def receive(resources: Resources, actor: Actor, batch: ContributionBatch) -> FeedAnswer:
    """Take receipts and refunds of the State Corporation. Raises BatchChanged.

    A payment known under its `source_ref` is repeated when it says the same, else refused.
    """

    async def take(tx: Tx) -> FeedAnswer:
        today = legal_date(resources.clock.now())
        refused, sound = _judge_receipts(batch.receipts, today)
        ids = await persons.claim(
            tx, resources.keyring, {e.iin for _, e in sound}, at=resources.clock.now()
        )
        added, clashes = await _add(tx, sound, ids)
        changed, refunded, unrefunded = await _refund(tx, batch.refunds, today)
        await _reassess(resources, tx, actor, batch.batch_id, {*ids.values(), *refunded})
        faults = sorted(
            [*refused, *clashes, *unrefunded], key=lambda r: (r.path.partition("[")[0], r.index)
        )
        repeated = len(batch.receipts) + len(batch.refunds) - len(faults) - added - changed
        return FeedAnswer(added + changed, repeated, tuple(faults))

    return await feed.once(resources, actor, "contributions", batch.batch_id, batch, take)


async def privilege(resources: Resources, actor: Actor, batch: PrivilegeBatch) -> FeedAnswer:
    """Take the categories the State pays for; the same category and first day again moves its end.

    Raises BatchChanged.
    """

    async def take(tx: Tx) -> FeedAnswer:
        codes = (await figures.current(tx)).codes
        refused, sound = _judge_privileges(batch.privileges, codes)
        ids = await persons.claim(
            tx, resources.keyring, {e.iin for e in sound}, at=resources.clock.now()
        )
        last = {(ids[e.iin], e.category, e.valid_from): e.valid_to for e in sound}
        changed = await queries.GRANT_PRIVILEGES.all(
            tx,
            [person for person, _, _ in last],
            [category for _, category, _ in last],
            [valid_from for _, _, valid_from in last],
            list(last.values()),
        )
        await _reassess(resources, tx, actor, batch.batch_id, set(ids.values()))
        repeated = len(batch.privileges) - len(refused) - len(changed)
        return FeedAnswer(len(changed), repeated, tuple(refused))

    return await feed.once(resources, actor, "privileges", batch.batch_id, batch, take)


async def of_person(where: Executor, person_id: UUID, *, limit: int = 1_000) -> list[Contribution]:
    """The person's receipts, the latest first (Appendix 3)."""
    return await queries.OF_PERSON.all(where, person_id, limit)


def _judge_receipts(
    entries: Sequence[ReceiptEntry], today: date
) -> tuple[list[RefusedRow], list[tuple[int, ReceiptEntry]]]:
    refused: list[RefusedRow] = []
    sound: list[tuple[int, ReceiptEntry]] = []
    for index, entry in enumerate(entries):
        fault: tuple[Row, str] | None = None
        if not _is_iin(entry.iin):
            fault = (Row.IIN_INVALID, "iin")
        elif entry.paid_on > today:
            fault = (Row.DATE_IN_FUTURE, "paid_on")
        elif not _payer_is_sound(entry):
            fault = (Row.PAYER_INVALID, "payer_bin")
        elif not period_is_sound(entry.period, entry.paid_on):
            fault = (Row.PERIOD_INVALID, "period")
        if fault is None:
            sound.append((index, entry))
        else:
            refused.append(RefusedRow(index, fault[0], f"$.receipts[{index}].{fault[1]}"))
    return refused, sound


def _judge_privileges(
    entries: Sequence[PrivilegeEntry], codes: frozenset[str]
) -> tuple[list[RefusedRow], list[PrivilegeEntry]]:
    refused: list[RefusedRow] = []
    sound: list[PrivilegeEntry] = []
    for index, entry in enumerate(entries):
        fault: tuple[Row, str] | None = None
        if not _is_iin(entry.iin):
            fault = (Row.IIN_INVALID, "iin")
        elif entry.category not in codes:
            fault = (Row.CATEGORY_UNKNOWN, "category")
        elif entry.valid_to is not None and entry.valid_to < entry.valid_from:
            fault = (Row.PERIOD_INVALID, "valid_to")
        if fault is None:
            sound.append(entry)
        else:
            refused.append(RefusedRow(index, fault[0], f"$.privileges[{index}].{fault[1]}"))
    return refused, sound


async def _add(
    tx: Tx, sound: Sequence[tuple[int, ReceiptEntry]], ids: dict[str, UUID]
) -> tuple[int, list[RefusedRow]]:
    """Store what is new; how many, and the rows whose `source_ref` means another payment."""
    first: dict[str, tuple[int, ReceiptEntry]] = {}
    for index, entry in sound:
        first.setdefault(entry.source_ref, (index, entry))
    new_ids = {ref: uuid7() for ref in first}
    claimed = await queries.CLAIM.all(
        tx, list(first), [ids[e.iin] for _, e in first.values()], list(new_ids.values())
    )
    entries = [first[ref][1] for ref in claimed]
    await queries.ADD.run(
        tx,
        [ids[e.iin] for e in entries],
        [new_ids[ref] for ref in claimed],
        [e.paid_on for e in entries],
        [e.period for e in entries],
        [e.kind for e in entries],
        [e.amount_tiyn for e in entries],
        [_payer(e) for e in entries],
        claimed,
        [e.payer_kind for e in entries],
    )
    stored: dict[str, StoredReceipt] = {}
    if len(claimed) < len(sound):
        stored = {r.source_ref: r for r in await queries.STORED.all(tx, list(first))}
    clashes = [
        RefusedRow(index, Row.DUPLICATE_RECEIPT, f"$.receipts[{index}].source_ref")
        for index, entry in sound
        if stored and not _same(stored[entry.source_ref], entry, ids[entry.iin])
    ]
    return len(claimed), clashes


async def _refund(
    tx: Tx, refunds: Sequence[RefundEntry], today: date
) -> tuple[int, set[UUID], list[RefusedRow]]:
    """Store refunds; how many changed anything, whose they are, and the rows that cannot be."""
    stored = {
        r.source_ref: r for r in await queries.STORED.all(tx, [r.source_ref for r in refunds])
    }
    refused: list[RefusedRow] = []
    taken: dict[str, RefundEntry] = {}
    for index, refund in enumerate(refunds):
        receipt = stored.get(refund.source_ref)
        fault: tuple[Row, str] | None = None
        if receipt is None:
            fault = (Row.RECEIPT_NOT_FOUND, "source_ref")
        elif refund.refunded_tiyn > receipt.amount_tiyn:
            fault = (Row.REFUND_TOO_LARGE, "refunded_tiyn")
        elif not receipt.paid_on <= refund.refunded_on <= today:
            fault = (Row.PERIOD_INVALID, "refunded_on")
        if fault is None:
            taken[refund.source_ref] = refund
        else:
            refused.append(RefusedRow(index, fault[0], f"$.refunds[{index}].{fault[1]}"))
    changed = await queries.REFUND.all(
        tx,
        [stored[ref].person_id for ref in taken],
        [stored[ref].contribution_id for ref in taken],
        [refund.refunded_tiyn for refund in taken.values()],
        [refund.refunded_on for refund in taken.values()],
    )
    return len(changed), {stored[ref].person_id for ref in taken}, refused


async def _reassess(
    resources: Resources, tx: Tx, actor: Actor, batch_id: UUID, ids: set[UUID]
) -> None:
    await policies.reassess(
        tx, list(ids), actor=actor.label, basis_id=str(batch_id), at=resources.clock.now()
    )


def _is_iin(text: str) -> bool:
    check = check_number(text)
    return check.valid and check.kind is NumberKind.IIN


def _payer_is_sound(entry: ReceiptEntry) -> bool:
    """A deduction has an employer, and a payer a valid number."""
    payer = _payer(entry)
    if payer is None:
        return entry.kind is ReceiptKind.CONTRIBUTION
    return check_number(payer).valid


def _payer(entry: ReceiptEntry) -> str | None:
    """None: the person himself; his number is not written down a second time."""
    return None if entry.payer_bin == entry.iin else entry.payer_bin


def _same(stored: StoredReceipt, entry: ReceiptEntry, person_id: UUID) -> bool:
    return (
        stored.person_id,
        stored.paid_on,
        stored.period,
        stored.kind,
        stored.amount_tiyn,
        stored.payer_bin,
    ) == (person_id, entry.paid_on, entry.period, entry.kind, entry.amount_tiyn, _payer(entry))
