"""Use cases of supplementary agreements: form, sign, give up, read.

The executor's signature, which moves money of the ledger, is the payments' use case; it concludes here.
"""

import base64
from datetime import datetime
from uuid import UUID

import asyncpg

from backend.allocation.amendment import content, events, queries, rules
from backend.allocation.amendment.errors import (
    AmendmentNotFound,
    AmendmentOpen,
    AmendmentStateWrong,
)
from backend.allocation.amendment.model import (
    Amendment,
    AmendmentContent,
    AmendmentState,
    AmendmentStatus,
    ContractNow,
    FormAmendment,
    LineChange,
    ShownAmendment,
    WithdrawAmendment,
)
from backend.allocation.application import co_executors
from backend.allocation.contract.errors import ContentChanged, ContractNotFound
from backend.allocation.contract.model import ContractStatus
from backend.allocation.plan import service as plans
from backend.allocation.plan.errors import DocumentMismatch
from backend.kernel import events as log
from backend.kernel.actor import ISSUER, Actor
from backend.kernel.clock import Clock, legal_date
from backend.kernel.config import Config
from backend.kernel.db import Db, Executor, Tx, violated
from backend.kernel.ids import uuid7
from backend.kernel.sealing import Keyring
from backend.registry.account import service as accounts
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Proof, Signed

ISSUER_OPERATION = "contract_amendment.sign.issuer"
EXECUTOR_OPERATION = "contract_amendment.sign.executor"


async def form(
    db: Db,
    clock: Clock,
    keyring: Keyring,
    config: Config,
    contract_id: UUID,
    command: FormAmendment,
) -> ShownAmendment:
    """Draft an agreement that lets a contract in force follow an applied change of its plan.

    A line gets no more than is free in the plan now; what was signed keeps its tariff. Raises
    ContractNotFound, AmendmentStateWrong, ChangeNotInForce, LineInvalid, LineNotFree, AmendmentOpen.
    """
    now = clock.now()
    async with db.transaction() as tx:
        contract = await queries.CONTRACT_FOR_UPDATE.one(tx, contract_id)
        if contract is None:
            raise ContractNotFound
        change = await queries.PLAN_CHANGE.one(tx, command.change_id)
        rules.require_amendable(contract, change)
        assert change is not None, "there is one, or it was refused"
        await plans.locked(tx, contract.plan_id)  # what is free stays free until we are done
        asked = [one.line_id for one in command.lines]
        found = await queries.LINES.all(tx, contract.plan_id, contract_id, asked)
        changes = rules.outline({x.line_id: x for x in found}, command.lines, contract.source)
        before = await queries.CONTRACT_AMOUNT.get(tx, contract_id)
        after = before + sum(x.amount_after - x.amount_before for x in changes)
        no = await queries.NEXT_NO.get(tx, contract_id)
        organisations = await accounts.organisations(tx, [contract.executor_id])
        facts = content.Facts(
            number=f"{contract.number}/{no}",
            formed_on=legal_date(now),
            contract=contract,
            change=change,
            issuer=await accounts.require(tx, config.issuer_bin),
            executor=organisations[contract.executor_id],
            lines=changes,
            co_executors=await _co_executors(tx, keyring, contract, changes),
            amount_before_tiyn=before,
            amount_after_tiyn=after,
        )
        amendment_id = uuid7()
        try:
            await queries.ADD.run(
                tx,
                amendment_id,
                contract_id,
                no,
                command.change_id,
                content.build(facts),
                before,
                after,
                now,
            )
        except asyncpg.UniqueViolationError as e:
            if violated(e) == queries.OPEN_CONSTRAINT:
                raise AmendmentOpen from None
            raise
        await _add_lines(tx, amendment_id, changes)
        return ShownAmendment(await queries.ONE.get(tx, amendment_id), changes)


async def _add_lines(tx: Tx, amendment_id: UUID, changes: list[LineChange]) -> None:
    await queries.ADD_LINES.run(
        tx,
        amendment_id,
        [x.line_id for x in changes],
        [x.units_before for x in changes],
        [x.units_after for x in changes],
        [x.tariff_tiyn for x in changes],
        [x.amount_before for x in changes],
        [x.amount_after for x in changes],
    )


async def _co_executors(
    tx: Tx, keyring: Keyring, contract: ContractNow, changes: list[LineChange]
) -> list[tuple[int, str, str, dict[str, int]]]:
    """All co-executors of the application with what they carry of the changed lines (M §12, D23)."""
    parts = await queries.CO_EXECUTOR_PARTS.all(tx, contract.application_id)
    carried = rules.co_executors(changes, parts)
    return [
        (one.co_executor_no, one.number, one.name, carried.get(one.co_executor_no, {}))
        for one in await co_executors.of(tx, keyring, contract.application_id)
    ]


async def sign_as_issuer(
    db: Db, clock: Clock, actor: Actor, amendment_id: UUID, proof: Proof
) -> Amendment:
    """The issuer signs the draft; the executor may then.

    Raises AmendmentNotFound, AmendmentStateWrong, ContentChanged.
    """
    async with db.transaction() as tx:
        state = await _locked(tx, amendment_id, AmendmentStatus.FORMED)
        _require_same_bytes(state, proof)
        now = clock.now()
        evidence_id = await evidence.store(tx, proof)
        await queries.SIGN_AS_ISSUER.run(tx, amendment_id, now, evidence_id)
        event = events.AmendmentOffered(amendment_id, state.contract_id, state.executor_id)
        await log.append(tx, event, by=actor, at=now)
        return await queries.ONE.get(tx, amendment_id)


async def conclude(
    tx: Tx, actor: Actor, amendment_id: UUID, proof: Proof, *, at: datetime
) -> Amendment:
    """The executor signs the same bytes: the contract is amended. The caller has moved the money.

    Raises AccountNotOpen, AccountBlocked, AmendmentNotFound, AmendmentStateWrong, ContentChanged.
    """
    executor = await accounts.require_open_executor(tx, actor.bin or "")
    state = await queries.STATE.one(tx, amendment_id)
    if state is None or state.executor_id != executor.organisation_id:
        raise AmendmentNotFound
    state = await _locked(tx, amendment_id, AmendmentStatus.IN_SIGNING)
    _require_same_bytes(state, proof)
    evidence_id = await evidence.store(tx, proof)
    await queries.SIGN_AS_EXECUTOR.run(tx, amendment_id, at, evidence_id)
    amended = await queries.ONE.get(tx, amendment_id)
    event = events.ContractAmended(
        amendment_id,
        state.contract_id,
        state.executor_id,
        amended.amount_before_tiyn,
        amended.amount_after_tiyn,
    )
    await log.append(tx, event, by=actor, at=at)
    return amended


async def withdraw(
    db: Db, clock: Clock, amendment_id: UUID, signed: Signed[WithdrawAmendment]
) -> Amendment:
    """Give up an agreement the executor has not signed.

    Raises DocumentMismatch, AmendmentNotFound, AmendmentStateWrong.
    """
    if signed.command.amendment_id != amendment_id:
        raise DocumentMismatch(path="document.amendment_id")
    async with db.transaction() as tx:
        state = await queries.FOR_UPDATE.one(tx, amendment_id)
        if state is None:
            raise AmendmentNotFound
        if state.status not in (AmendmentStatus.FORMED, AmendmentStatus.IN_SIGNING):
            raise AmendmentStateWrong(status=state.status.value)
        evidence_id = await evidence.store(tx, signed)
        await queries.WITHDRAW.run(tx, amendment_id, clock.now(), evidence_id)
        return await queries.ONE.get(tx, amendment_id)


async def _locked(tx: Tx, amendment_id: UUID, wanted: AmendmentStatus) -> AmendmentState:
    state = await queries.FOR_UPDATE.one(tx, amendment_id)
    if state is None:
        raise AmendmentNotFound
    if state.status is not wanted:
        raise AmendmentStateWrong(status=state.status.value)
    if state.contract_status is not ContractStatus.SIGNED:
        raise AmendmentStateWrong(status=state.contract_status.value)
    return state


def _require_same_bytes(state: AmendmentState, proof: Proof) -> None:
    if proof.document != state.content:
        raise ContentChanged(path=str(state.amendment_id))


# --- reading --------------------------------------------------------------------------------------


async def shown(where: Executor, actor: Actor, amendment_id: UUID) -> ShownAmendment:
    """An agreement with its lines, for the parties. Raises AmendmentNotFound."""
    row = await _of_party(where, actor, amendment_id)
    return ShownAmendment(row, await queries.CHANGES.all(where, amendment_id))


async def document_of(where: Executor, actor: Actor, amendment_id: UUID) -> tuple[Amendment, bytes]:
    """An agreement with its content, for the parties. Raises AmendmentNotFound."""
    row = await _of_party(where, actor, amendment_id)
    return row, (await queries.STATE.get(where, amendment_id)).content


async def content_of(where: Executor, actor: Actor, amendment_id: UUID) -> AmendmentContent:
    """The exact bytes to sign, for the parties. Raises AmendmentNotFound."""
    row, document = await document_of(where, actor, amendment_id)
    return AmendmentContent(amendment_id, base64.b64encode(document).decode(), row.content_sha256)


async def of_contract(where: Executor, actor: Actor, contract_id: UUID) -> list[Amendment]:
    """The agreements of a contract in their order, for the parties. Raises ContractNotFound."""
    executor_id = await queries.EXECUTOR_OF.one(where, contract_id)
    if executor_id is None:
        raise ContractNotFound
    if not actor.roles & ISSUER:
        own = await accounts.organisation_by_bin(where, actor.bin or "")
        if own is None or own.organisation_id != executor_id:
            raise ContractNotFound
    rows = await queries.OF_CONTRACT.all(where, contract_id)
    return [row for row in rows if _is_party(actor, row)]


async def _of_party(where: Executor, actor: Actor, amendment_id: UUID) -> Amendment:
    row = await queries.ONE.one(where, amendment_id)
    if row is None or not _is_party(actor, row):
        raise AmendmentNotFound
    return row


def _is_party(actor: Actor, row: Amendment) -> bool:
    """A draft is the issuer's own affair until it is signed."""
    own = row.executor_bin == actor.bin and row.issuer_signed_at is not None
    return bool(actor.roles & ISSUER) or own
