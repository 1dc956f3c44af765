"""An executor presents an act; the service checks every line (M §13).

Everything about one act happens in one transaction: the claim on its number and its service
records, the checks, the S3 suspension, its place in the queue. Two hundred equal posts leave one row.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Tx, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.act import queries, rules
from backend.payments.act.errors import ContractNotFound, DuplicateAct
from backend.payments.act.events import ActSubmitted
from backend.payments.act.model import (
    STAY_MAX_DAYS,
    ActStatus,
    ActWithReport,
    Case,
    ContractRow,
    LineErrors,
    SubmitAct,
    Sums,
)
from backend.payments.act.service import read
from backend.payments.budget import service as budget
from backend.payments.suspension import service as suspension
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.account import service as account
from backend.registry.person import service as person
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


class _Resolved(msgspec.Struct, frozen=True):
    """Who the people of an act are: opaque ids of the insured, keyed hashes of the staff."""

    persons: list[UUID | None]
    workers: list[bytes]


async def submit(
    resources: Resources,
    actor: Actor,
    signed: Signed[SubmitAct],
    *,
    operation: str = "SubmitAct",
    then: Callable[[Tx, UUID], Awaitable[None]] | None = None,
) -> ActWithReport:
    """Store and check an act. One that fails its checks is kept with a report per line.

    `operation` is how the API calls it; `then` is carried out in the same transaction, with the act's id.
    Raises AccountNotOpen, AccountBlocked, ContractNotFound, ContractNotSigned, PeriodMismatch,
    DuplicateAct, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    db = resources.db.payments
    executor = await account.require_open_executor(db, actor.bin or "")
    contract = await queries.CONTRACT.one(db, command.contract_id, executor.organisation_id)
    if contract is None:
        raise ContractNotFound(path="$.contract_id")
    rules.require_presentable(command, contract, legal_date(now))
    if await queries.LIVE_ACT.one(db, command.contract_id, command.number):
        raise DuplicateAct
    people = await _resolve(resources, command)
    act_id = uuid7()
    async with db.transaction() as tx:
        await queries.LOCK_CONTRACT.get(tx, contract.contract_id)
        await _add(tx, act_id, contract, signed, now)
        evidence_id = await evidence.store(tx, signed)
        await budget.ensure_contract_opened(tx, contract.contract_id, now)
        failed = await _check(tx, act_id, contract, command, people)
        await access_records.record(
            tx,
            Access(actor, operation, Basis.ACT, (Field.ACCOUNT, Field.POLICY), act_id),
            {who for who in people.persons if who is not None},
            at=now,
        )
        await _finish(
            tx, resources, actor, act_id, contract, evidence_id, len(command.cases), failed, now
        )
        if then is not None:
            await then(tx, act_id)
        return await read.act_with_report(tx, act_id, executor.organisation_id)


async def _resolve(resources: Resources, command: SubmitAct) -> _Resolved:
    """Ask the registry who they are, outside the transaction: its own role alone reads identities."""
    iins = [case.iin for case in command.cases]
    found = await person.resolve(
        resources.db.registry, resources.keyring, list(dict.fromkeys(iins))
    )
    lookup = resources.keyring.lookup
    hashes = {iin: lookup("iin", iin) for iin in {case.worker_iin for case in command.cases}}
    return _Resolved(
        persons=[found.get(iin) for iin in iins],
        workers=[hashes[case.worker_iin] for case in command.cases],
    )


async def _add(
    tx: Tx, act_id: UUID, contract: ContractRow, signed: Signed[SubmitAct], now: datetime
) -> None:
    command = signed.command
    try:
        await queries.ADD.run(
            tx,
            act_id,
            contract.contract_id,
            contract.executor_id,
            contract.source,
            command.number,
            command.period_from,
            command.period_to,
            now,
            len(command.cases),
            hashlib.sha256(signed.document).digest(),
        )
    except asyncpg.UniqueViolationError as e:
        if violated(e) == queries.ACT_NUMBER:
            raise DuplicateAct from None
        raise


async def _check(
    tx: Tx, act_id: UUID, contract: ContractRow, command: SubmitAct, people: _Resolved
) -> list[LineErrors]:
    """Stage the lines, claim their services, judge and store them in one statement; those that fail."""
    await queries.CREATE_STAGE.run(tx)
    await tx.connection.copy_records_to_table(
        queries.STAGE,
        schema_name=queries.STAGE_SCHEMA,
        records=rules.staged(contract.executor_id, command.cases, people.persons, people.workers),
    )
    presented, overlapping = await _claim(tx, act_id, command.cases, people)
    failed = await queries.CHECK.all(
        tx,
        act_id,
        contract.contract_id,
        contract.executor_id,
        contract.source,
        command.period_from,
        command.period_to,
        presented,
        overlapping,
        STAY_MAX_DAYS,
    )
    if failed:
        await release(tx, act_id)
    return failed


async def _claim(
    tx: Tx, act_id: UUID, cases: tuple[Case, ...], people: _Resolved
) -> tuple[list[int], list[int]]:
    """Claim records, services and nights for the act; the lines that came too late for either."""
    claimed = await queries.CLAIM_RECORDS.run(tx, act_id)
    claimed += await queries.CLAIM_CONTENTS.run(tx, act_id)
    wanted = len(cases) + sum(who is not None for who in people.persons)
    presented = await queries.TAKEN_RECORDS.all(tx, act_id) if claimed < wanted else []
    nights = rules.nights(cases, people.persons)
    if nights and await queries.CLAIM_NIGHTS.run(tx, act_id, STAY_MAX_DAYS) < nights:
        return presented, await queries.TAKEN_NIGHTS.all(tx, act_id, STAY_MAX_DAYS)
    return presented, []


async def release(tx: Tx, act_id: UUID) -> None:
    """Free the services of an act that failed or is cancelled: they may be presented again."""
    await queries.RELEASE_RECORDS.run(tx, act_id)
    await queries.RELEASE_CONTENTS.run(tx, act_id)
    await queries.RELEASE_NIGHTS.run(tx, act_id)


async def _finish(
    tx: Tx,
    resources: Resources,
    actor: Actor,
    act_id: UUID,
    contract: ContractRow,
    evidence_id: UUID,
    cases: int,
    failed: list[LineErrors],
    now: datetime,
) -> None:
    status = ActStatus.CHECK_FAILED if failed else ActStatus.CHECK_PASSED
    sums = Sums(0, 0) if failed else await queries.SUMS.get(tx, act_id)
    if not failed:
        await queries.ADD_LINES.run(tx, act_id)
    # The last lock taken: whoever submits next waits for this transaction's end, and no longer.
    await queries.FINISH.run(
        tx,
        act_id,
        status,
        await queries.NEXT_SEQ_NO.get(tx),
        evidence_id,
        rules.report(failed, await queries.NOTES.all(tx, act_id)),
        sums.no_qr,
        sums.total_tiyn,
    )
    if not failed:
        # An act that failed is not judged: its typing errors would count as people without a visit.
        await suspension.raise_s3(
            tx,
            resources.calendar,
            actor,
            executor_id=contract.executor_id,
            contract_id=contract.contract_id,
            act_id=act_id,
            no_qr=sums.no_qr,
            cases=cases,
            at=now,
        )
    submitted = ActSubmitted(
        act_id, contract.contract_id, contract.executor_id, status, cases, sums.total_tiyn
    )
    await events.append(tx, submitted, by=actor, at=now)
