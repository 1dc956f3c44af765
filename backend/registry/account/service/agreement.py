"""The user agreement: concluded, withdrawn from, concluded anew (M §2(4), §6(1))."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Executor, Tx
from backend.kernel.resources import Resources
from backend.registry.account import queries, rules
from backend.registry.account.errors import (
    AccountNotOpen,
    AgreementAlreadySigned,
    AgreementNotSigned,
    AgreementWithdrawn,
    ChangeInFuture,
)
from backend.registry.account.events import AgreementEnded, AgreementSigned
from backend.registry.account.model import Cabinet, Organisation, SignAgreement, WithdrawAgreement
from backend.registry.account.service.lookup import cabinet, require_open_executor
from backend.registry.log import service as log
from backend.signing.errors import NotSignerOfOrg
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def sign_agreement(
    resources: Resources, actor: Actor, signed: Signed[SignAgreement]
) -> Cabinet:
    """Conclude the user agreement, also after a withdrawal from it (M §6(1)).

    Raises AccountNotOpen, AccountBlocked, AgreementAlreadySigned, ChangeInFuture.
    """
    command, now = signed.command, resources.clock.now()
    if command.number != actor.bin:
        raise NotSignerOfOrg(path="$.number")
    if command.concluded_on is not None and command.concluded_on > legal_date(now):
        raise ChangeInFuture(path="$.concluded_on")
    async with resources.db.registry.transaction() as tx:
        organisation = await require_open_executor(tx, actor.bin or "")
        evidence_id = await evidence.store(tx, signed)
        organisation_id = organisation.organisation_id
        if not await queries.SIGN_AGREEMENT.run(tx, organisation_id, now, evidence_id):
            raise AgreementAlreadySigned
        content = {"before": {"agreement": None}, "after": {"agreement": command.version}}
        await _keep(tx, actor, organisation, evidence_id, now, content)
        await events.append(tx, AgreementSigned(organisation_id, evidence_id), by=actor, at=now)
        return await cabinet(tx, actor)


async def withdraw_agreement(
    resources: Resources, actor: Actor, signed: Signed[WithdrawAgreement]
) -> Cabinet:
    """Withdraw from the user agreement: the executor takes part no longer, by its own will (M §2(4)).

    It is not ready (M §6) and begins nothing new: no application, no contract. What it has contracted runs
    until the law or the contract ends it, with acts, payment and monitoring. A blocked executor may
    withdraw too. Raises AccountNotOpen, AgreementNotSigned, ChangeInFuture.
    """
    command, now = signed.command, resources.clock.now()
    if command.number != actor.bin:
        raise NotSignerOfOrg(path="$.number")
    if command.withdrawn_on > legal_date(now):
        raise ChangeInFuture(path="$.withdrawn_on")
    async with resources.db.registry.transaction() as tx:
        organisation = await _live_executor(tx, actor)
        evidence_id = await evidence.store(tx, signed)
        organisation_id = organisation.organisation_id
        if not await queries.WITHDRAW_AGREEMENT.run(tx, organisation_id, now):
            raise AgreementNotSigned
        content = {
            "before": {"agreement_signed_at": organisation.agreement_signed_at},
            "after": {"agreement_signed_at": None},
        }
        await _keep(tx, actor, organisation, evidence_id, now, content)
        await events.append(tx, AgreementEnded(organisation_id, evidence_id), by=actor, at=now)
        return await cabinet(tx, actor)


async def require_taking_part(where: Executor, organisation_id: UUID) -> None:
    """It has not withdrawn from the pilot. Raises AgreementWithdrawn."""
    if await queries.WITHDRAWN.one(where, organisation_id):
        raise AgreementWithdrawn


async def _live_executor(tx: Tx, actor: Actor) -> Organisation:
    found = await queries.BY_BIN_FOR_UPDATE.one(tx, actor.bin or "")
    if found is None or not rules.is_live_executor(found):
        raise AccountNotOpen
    return found


async def _keep(
    tx: Tx,
    actor: Actor,
    organisation: Organisation,
    evidence_id: UUID,
    now: datetime,
    content: dict[str, Any],
) -> None:
    done = rules.operation(
        organisation.kind,
        actor,
        organisation.organisation_id,
        False,
        str(evidence_id),
        now,
        content,
    )
    await log.append(tx, [done])
