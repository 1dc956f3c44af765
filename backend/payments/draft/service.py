"""A MIS hands services in, the portal forms the act, the executor signs exactly those bytes (M §13)."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Db, Tx
from backend.kernel.ids import NumberKind, check_number, uuid7
from backend.kernel.resources import Resources
from backend.payments.act import queries as acts
from backend.payments.act import rules as act_rules
from backend.payments.act.errors import ContractNotFound
from backend.payments.act.model import CASES_MAX, ActWithReport, SubmitAct
from backend.payments.act.service import receive, submit
from backend.payments.draft import queries, rules
from backend.payments.draft.errors import DraftClosed, DraftNotFound, NothingToBill
from backend.payments.draft.events import DraftFormed
from backend.payments.draft.model import (
    Draft,
    DraftStatus,
    FormDraft,
    RecordBatch,
    ServiceRecord,
    SignDraft,
)
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.account import service as account
from backend.registry.feed.errors import Row
from backend.registry.feed.model import FeedAnswer, RefusedRow
from backend.registry.person import service as person


async def take(resources: Resources, actor: Actor, batch: RecordBatch) -> FeedAnswer:
    """Keep the services a MIS recorded; in any order, as often as it likes.

    What stands in an act that has been presented is not changed by a later record: that act is
    cancelled first, and formed anew.
    """
    db, now = resources.db.payments, resources.clock.now()
    executors = await account.executor_ids(db, list({r.executor_bin for r in batch.records}))
    refused: list[RefusedRow] = []
    taken: dict[tuple[UUID, str], tuple[UUID, ServiceRecord]] = {}
    for index, record in enumerate(batch.records):
        executor_id = executors.get(record.executor_bin)
        fault = _fault(record, legal_date(now), known=executor_id is not None)
        if fault is not None:
            refused.append(RefusedRow(index, fault[0], f"$.records[{index}].{fault[1]}"))
            continue
        assert executor_id is not None
        key = (executor_id, record.service_record_id)
        if key not in taken or taken[key][1].seq <= record.seq:
            taken[key] = (executor_id, record)
    rows = [_row(resources, executor_id, record) for executor_id, record in taken.values()]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(8)]
    new = await queries.TAKE.run(db, *columns, actor.bin or actor.label, now)
    return FeedAnswer(new, len(batch.records) - len(refused) - new, tuple(refused))


def _fault(record: ServiceRecord, today: date, *, known: bool) -> tuple[Row, str] | None:
    for path in ("iin", "worker_iin"):
        check = check_number(getattr(record, path))
        if not check.valid or check.kind is not NumberKind.IIN:
            return Row.IIN_INVALID, path
    if not known:
        return Row.EXECUTOR_NOT_FOUND, "executor_bin"
    if record.service_date > today:
        return Row.DATE_IN_FUTURE, "service_date"
    return None


def _row(resources: Resources, executor_id: UUID, record: ServiceRecord) -> tuple[object, ...]:
    keyring = resources.keyring
    plain = msgspec.json.encode(rules.case_of(record))
    said = plain.decode() + ("withdrawn" if record.withdrawn else "")
    return (
        executor_id,
        record.service_record_id,
        record.seq,
        record.line_id,
        record.service_date,
        record.withdrawn,
        keyring.seal(plain, rules.record_context(executor_id, record.service_record_id)),
        keyring.lookup("service_record", said),
    )


async def form(resources: Resources, actor: Actor, command: FormDraft) -> Draft:
    """Form the act of a contract and period from all services not presented yet, at most 50,000.

    A draft of the same number is replaced. Raises AccountNotOpen, AccountBlocked, ContractNotFound,
    ContractNotSigned, PeriodMismatch, NothingToBill.
    """
    db, now = resources.db.payments, resources.clock.now()
    executor = await account.require_open_executor(db, actor.bin or "")
    executor_id = executor.organisation_id
    contract = await acts.CONTRACT.one(db, command.contract_id, executor_id)
    if contract is None:
        raise ContractNotFound(path="$.contract_id")
    empty = SubmitAct(
        command.contract_id, command.number, command.period_from, command.period_to, ()
    )
    act_rules.require_presentable(empty, contract, legal_date(now))
    found = await queries.TO_BILL.all(
        db, executor_id, command.contract_id, command.period_from, command.period_to, CASES_MAX + 1
    )
    if not found:
        raise NothingToBill
    records = found[:CASES_MAX]
    document = await asyncio.to_thread(
        rules.write, resources.keyring, executor_id, command, records
    )
    draft_id = uuid7()
    async with db.transaction() as tx:
        await acts.LOCK_CONTRACT.get(tx, command.contract_id)  # two drafts of one number queue up
        await queries.REPLACE.run(tx, command.contract_id, command.number)
        await queries.ADD.run(
            tx,
            draft_id,
            command.contract_id,
            executor_id,
            command.number,
            command.period_from,
            command.period_to,
            len(records),
            len(found) > CASES_MAX,
            hashlib.sha256(document).digest(),
            resources.keyring.seal(document, rules.draft_context(draft_id)),
            actor.label,
            now,
        )
        formed = DraftFormed(draft_id, command.contract_id, executor_id, len(records))
        await events.append(tx, formed, by=actor, at=now)
        return await queries.FIND.get(tx, draft_id, executor_id)


async def find(db: Db, actor: Actor, draft_id: UUID) -> Draft:
    """A draft of the actor's own. Raises DraftNotFound, AccountNotOpen."""
    executor = await account.require(db, actor.bin or "")
    found = await queries.FIND.one(db, draft_id, executor.organisation_id)
    if found is None:
        raise DraftNotFound
    return found


async def document(resources: Resources, actor: Actor, draft_id: UUID) -> bytes:
    """The bytes to be signed; whose numbers stand in them is noted. Raises DraftNotFound, DraftClosed."""
    content = await _open(resources, actor, draft_id)
    command = receive.read(content)
    people = await person.resolve(
        resources.db.registry,
        resources.keyring,
        list(dict.fromkeys(case.iin for case in command.cases)),
    )
    access = Access(actor, "FetchActDraft", Basis.ACT, (Field.IIN, Field.SERVICES), draft_id)
    async with resources.db.payments.transaction() as tx:
        await access_records.record(tx, access, set(people.values()), at=resources.clock.now())
    return content


async def sign(
    resources: Resources, actor: Actor, draft_id: UUID, command: SignDraft
) -> ActWithReport:
    """Present the draft, signed over exactly its bytes; it is checked like every act.

    Raises DraftNotFound, DraftClosed, and what `evidence.accept` and `submit` raise.
    """
    content = await _open(resources, actor, draft_id)
    signed = await receive.accept_bytes(resources, actor, content, command.signature)

    async def close(tx: Tx, act_id: UUID) -> None:
        if not await queries.SUBMITTED.run(tx, draft_id, act_id):
            raise DraftClosed(status=DraftStatus.SUBMITTED)

    return await submit.submit(resources, actor, signed, operation="SignActDraft", then=close)


async def _open(resources: Resources, actor: Actor, draft_id: UUID) -> bytes:
    db = resources.db.payments
    executor = await account.require(db, actor.bin or "")
    found = await queries.DOCUMENT.one(db, draft_id, executor.organisation_id)
    if found is None:
        raise DraftNotFound
    if found.document_sealed is None:
        raise DraftClosed(status=found.status)
    return resources.keyring.open(found.document_sealed, rules.draft_context(draft_id))


__all__: Sequence[str] = ("document", "find", "form", "sign", "take")
