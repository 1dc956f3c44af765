"""Use cases of contracts: sign the decision and form them, sign them by both parties, read them."""

import base64
from collections.abc import Sequence
from uuid import UUID

from backend.allocation.contract import events, forming, queries, rules
from backend.allocation.contract.errors import ContentChanged, ContractNotFound, ContractTwice
from backend.allocation.contract.model import (
    Contract,
    ContractContent,
    ContractRow,
    ContractState,
    ContractStatus,
    ContractSummary,
    LapseContract,
)
from backend.allocation.decision import service as decisions
from backend.allocation.decision.record import Decision, SignDecision
from backend.allocation.plan.errors import DocumentMismatch
from backend.allocation.plan.rules import require_pilot
from backend.kernel import events as log
from backend.kernel.actor import ISSUER, Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock
from backend.kernel.config import Config
from backend.kernel.db import Db, Executor
from backend.kernel.money import Language
from backend.kernel.sealing import Keyring
from backend.registry.account import service as accounts
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Proof, Signed

ISSUER_OPERATION = "contract.sign.issuer"
EXECUTOR_OPERATION = "contract.sign.executor"


async def sign_decision(
    db: Db,
    clock: Clock,
    calendar: LegalCalendar,
    keyring: Keyring,
    config: Config,
    actor: Actor,
    decision_id: UUID,
    signed: Signed[SignDecision],
) -> Decision:
    """The head signs the decision and all its contracts are formed, in one transaction (M §11-12).

    Raises PilotExpired, AccountNotOpen when the issuer is not registered, and as `decisions.sign`.
    """
    async with db.transaction() as tx:
        now = clock.now()
        require_pilot(config.pilot_valid_to, now)
        decision = await decisions.sign(tx, clock, calendar, actor, decision_id, signed)
        formed = await forming.form(tx, keyring, decision, config.issuer_bin, at=now)
        await log.append(tx, events.ContractsFormed(decision_id, formed), by=actor, at=now)
        if not formed:
            await decisions.execute(tx, decision_id, at=now)
        return await decisions.decision(tx, actor, decision_id)


async def contents(db: Db, contract_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """The exact bytes to be signed. Raises ContractTwice, ContractNotFound."""
    if len(set(contract_ids)) != len(contract_ids):
        raise ContractTwice(path="signatures")
    found = {s.contract_id: s.content for s in await queries.STATES.all(db, list(contract_ids))}
    for i, contract_id in enumerate(contract_ids):
        if contract_id not in found:
            raise ContractNotFound(path=f"signatures[{i}].contract_id")
    return found


async def sign_as_issuer(
    db: Db,
    clock: Clock,
    actor: Actor,
    proofs: dict[UUID, Proof],
    language: Language,
    *,
    pilot_valid_to: str,
) -> list[ContractSummary]:
    """The issuer signs the next contracts in their order; all of them or none (M §12, d5).

    With the last contract of a decision the decision is executed. Raises PilotExpired, ContractNotFound,
    ContractStateWrong, ContentChanged, NotInOrder.
    """
    require_pilot(pilot_valid_to, clock.now())
    ids = list(proofs)
    async with db.transaction() as tx:
        decision_ids = await queries.DECISIONS_OF.all(tx, ids)
        for decision_id in decision_ids:
            await decisions.locked(tx, decision_id)
        states = await queries.FOR_UPDATE.all(tx, ids)
        if len(states) != len(ids):
            raise ContractNotFound
        for state in states:
            rules.require_status(state.status, ContractStatus.FORMED)
            _require_same_bytes(state, proofs[state.contract_id])
        for decision_id in decision_ids:
            chosen = {s.contract_id for s in states if s.decision_id == decision_id}
            rules.require_next(await queries.WAITING.all(tx, decision_id, len(chosen)), chosen)
        now = clock.now()
        kept = await evidence.store_many(tx, [proofs[s.contract_id] for s in states])
        await queries.SIGN_AS_ISSUER.run(tx, now, [s.contract_id for s in states], kept)
        told = [events.ContractSignedByIssuer(s.contract_id, s.executor_id) for s in states]
        await log.append_many(tx, told, by=actor, at=now)
        for decision_id in decision_ids:
            if not await queries.WAITING.all(tx, decision_id, 1):
                await decisions.execute(tx, decision_id, at=now)
        return [_told(row, language) for row in await queries.MANY.all(tx, ids)]


async def sign_as_executor(
    db: Db,
    clock: Clock,
    actor: Actor,
    contract_id: UUID,
    proof: Proof,
    language: Language,
    *,
    pilot_valid_to: str,
) -> ContractSummary:
    """The executor signs the same bytes: the contract is in force, while the pilot lasts (D1).

    Raises PilotExpired, AccountNotOpen, AccountBlocked, AgreementWithdrawn, ContractNotFound,
    ContractStateWrong, ContentChanged.
    """
    assert actor.bin is not None, "guarded: executors only"
    require_pilot(pilot_valid_to, clock.now())
    async with db.transaction() as tx:
        executor = await accounts.require_open_executor(tx, actor.bin)
        await accounts.require_taking_part(tx, executor.organisation_id)
        states = await queries.FOR_UPDATE.all(tx, [contract_id])
        if not states or not _is_party(states[0], executor.organisation_id):
            raise ContractNotFound
        state = states[0]
        rules.require_status(state.status, ContractStatus.IN_SIGNING)
        _require_same_bytes(state, proof)
        now = clock.now()
        evidence_id = await evidence.store(tx, proof)
        await queries.SIGN_AS_EXECUTOR.run(tx, contract_id, now, evidence_id)
        event = events.ContractSigned(
            contract_id, state.executor_id, state.amount_tiyn, state.source
        )
        await log.append(tx, event, by=actor, at=now)
        return _told(await queries.ONE.get(tx, contract_id), language)


async def lapse(
    db: Db,
    clock: Clock,
    actor: Actor,
    contract_id: UUID,
    signed: Signed[LapseContract],
    language: Language,
) -> ContractSummary:
    """End a contract its executor did not sign, by the issuer's decision alone (D7).

    Raises DocumentMismatch, ContractNotFound, ContractStateWrong.
    """
    if signed.command.contract_id != contract_id:
        raise DocumentMismatch(path="document.contract_id")
    async with db.transaction() as tx:
        states = await queries.FOR_UPDATE.all(tx, [contract_id])
        if not states:
            raise ContractNotFound
        rules.require_status(states[0].status, ContractStatus.IN_SIGNING)
        now = clock.now()
        await evidence.store(tx, signed)
        await queries.LAPSE.run(tx, contract_id, now, signed.command.reason)
        event = events.ContractLapsed(contract_id, states[0].executor_id)
        await log.append(tx, event, by=actor, at=now)
        return _told(await queries.ONE.get(tx, contract_id), language)


def _is_party(state: ContractState, executor_id: UUID) -> bool:
    """A formed contract is the issuer's own affair until it is signed."""
    return state.executor_id == executor_id and state.status is not ContractStatus.FORMED


def _require_same_bytes(state: ContractState, proof: Proof) -> None:
    if proof.document != state.content:
        raise ContentChanged(path=str(state.contract_id))


def _told(row: ContractRow, language: Language) -> ContractSummary:
    return ContractSummary(row, rules.STATUS_WORDS[row.status][language])


# --- reading --------------------------------------------------------------------------------------


async def contract(
    where: Executor, actor: Actor, contract_id: UUID, language: Language
) -> Contract:
    """A contract for its parties. Raises ContractNotFound."""
    row = await _of_party(where, actor, contract_id)
    lines = await queries.LINES.all(where, contract_id)
    return Contract(row, rules.STATUS_WORDS[row.status][language], lines)


async def content_of(where: Executor, actor: Actor, contract_id: UUID) -> ContractContent:
    """The exact bytes to sign, for the parties. Raises ContractNotFound."""
    row = await _of_party(where, actor, contract_id)
    (state,) = await queries.STATES.all(where, [contract_id])
    return ContractContent(
        contract_id, base64.b64encode(state.content).decode(), row.content_sha256
    )


async def document_of(
    where: Executor, actor: Actor, contract_id: UUID
) -> tuple[ContractRow, bytes]:
    """A contract with its content, for the parties. Raises ContractNotFound."""
    row = await _of_party(where, actor, contract_id)
    (state,) = await queries.STATES.all(where, [contract_id])
    return row, state.content


async def _of_party(where: Executor, actor: Actor, contract_id: UUID) -> ContractRow:
    row = await queries.ONE.one(where, contract_id)
    if row is None:
        raise ContractNotFound
    own = row.executor_bin == actor.bin and row.status is not ContractStatus.FORMED
    if not (actor.roles & ISSUER or own):
        raise ContractNotFound
    return row


async def of_decision(
    db: Db, decision_id: UUID, after: int | None, limit: int, language: Language
) -> list[ContractSummary]:
    """The contracts of a decision in the order of signing, `limit` + 1 of them."""
    rows = await queries.OF_DECISION.all(db, decision_id, after or 0, limit + 1)
    return [_told(row, language) for row in rows]


async def contracts(
    db: Db, actor: Actor, after: UUID | None, limit: int, language: Language
) -> list[ContractSummary]:
    """The issuer's all, an executor's own, newest first, `limit` + 1 of them."""
    if actor.roles & ISSUER:
        rows = await queries.ALL.all(db, after, limit + 1)
    else:
        rows = await queries.OF_EXECUTOR.all(db, actor.bin, after, limit + 1)
    return [_told(row, language) for row in rows]
