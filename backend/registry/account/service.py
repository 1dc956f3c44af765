"""Use cases of organisations' accounts: registration, agreement, readiness, change."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.kernel import deadlines, events
from backend.kernel.actor import Actor
from backend.kernel.clock import Clock, legal_date, legal_midnight
from backend.kernel.db import Db, Executor, Tx, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.kernel.terms import deadline
from backend.registry.account import queries, rules
from backend.registry.account.errors import (
    AccountBlocked,
    AccountNotOpen,
    AgreementAlreadySigned,
    AlreadyRegistered,
)
from backend.registry.account.events import (
    AgreementSigned,
    OrganisationChanged,
    OrganisationOpened,
)
from backend.registry.account.model import (
    AccountStatus,
    Cabinet,
    ChangeOrganisation,
    DeclareReadiness,
    Organisation,
    OrganisationKind,
    Readiness,
    RegisterOrganisation,
    SignAgreement,
)
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.signing.errors import NotSignerOfOrg
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def register(
    resources: Resources, actor: Actor, signed: Signed[RegisterOrganisation]
) -> Organisation:
    """Open the account of the signer's organisation, by itself (M §5, §41; the issuer: M §27(1)).

    Raises AlreadyRegistered and what `rules.require_registrable` does.
    """
    command, now = signed.command, resources.clock.now()
    issuer_bin = resources.config.issuer_bin
    rules.require_registrable(command, actor.bin, issuer_bin)
    kind = OrganisationKind.ISSUER if command.number == issuer_bin else OrganisationKind.EXECUTOR
    organisation_id = uuid7()
    head = resources.keyring.seal(msgspec.json.encode(command.head), organisation_id.bytes)
    async with resources.db.registry.transaction() as tx:
        evidence_id = await evidence.store(tx, signed)
        try:
            await queries.ADD.run(
                tx,
                organisation_id,
                command.number,
                kind,
                command.form,
                command.name,
                command.contacts,
                command.requisites,
                head,
                evidence_id,
                now,
            )
        except asyncpg.UniqueViolationError as e:
            if violated(e) in (queries.BIN_TAKEN, queries.ISSUER_TAKEN):
                raise AlreadyRegistered from None
            raise
        issuer = kind is OrganisationKind.ISSUER
        after = {"status": "OPEN", "kind": kind, "form": command.form}
        await _log(
            tx,
            actor,
            organisation_id,
            "REGISTER_ISSUER" if issuer else "OPEN",
            str(evidence_id),
            now,
            after,
            op_class=OpClass.GLOBAL if issuer else OpClass.ACCOUNT,
        )
        opened = OrganisationOpened(organisation_id, kind.value, command.form.value)
        await events.append(tx, opened, by=actor, at=now)
        return await require(tx, command.number)


async def sign_agreement(
    resources: Resources, actor: Actor, signed: Signed[SignAgreement]
) -> Cabinet:
    """Conclude the user agreement (M §6(1)). Raises AccountNotOpen, AgreementAlreadySigned."""
    now = resources.clock.now()
    if signed.command.number != actor.bin:
        raise NotSignerOfOrg(path="$.number")
    async with resources.db.registry.transaction() as tx:
        organisation = await require_open_executor(tx, actor.bin or "")
        evidence_id = await evidence.store(tx, signed)
        organisation_id = organisation.organisation_id
        if not await queries.SIGN_AGREEMENT.run(tx, organisation_id, now, evidence_id):
            raise AgreementAlreadySigned
        after = {"agreement": signed.command.version}
        await _log(tx, actor, organisation_id, "CHANGE", str(evidence_id), now, after)
        await events.append(tx, AgreementSigned(organisation_id, evidence_id), by=actor, at=now)
        return await cabinet(tx, actor)


async def declare(db: Db, clock: Clock, actor: Actor, command: DeclareReadiness) -> Cabinet:
    """Enter the MIS and the posted statements (M §6(2), (3)). Raises AccountNotOpen, DfoYearWrong."""
    now = clock.now()
    rules.require_previous_year(command.dfo_year, legal_date(now))
    async with db.transaction() as tx:
        organisation = await require_open_executor(tx, actor.bin or "")
        organisation_id = organisation.organisation_id
        await queries.DECLARE.run(tx, organisation_id, command.mis_code, command.dfo_year, now)
        after = {"mis_code": command.mis_code, "dfo_year": command.dfo_year}
        await _log(tx, actor, organisation_id, "CHANGE", str(actor.session_id), now, after)
        return await cabinet(tx, actor)


async def change(
    resources: Resources, actor: Actor, signed: Signed[ChangeOrganisation]
) -> Organisation:
    """Enter changed data, due one working day after the change (M §31, d10).

    Late entry is taken and recorded as a breach. Raises AccountNotOpen and what
    `rules.require_change` does.
    """
    command, now = signed.command, resources.clock.now()
    due_at = deadline(resources.calendar, "d10", command.changed_on)
    async with resources.db.registry.transaction() as tx:
        before = await queries.BY_BIN_FOR_UPDATE.one(tx, actor.bin or "")
        if before is None or before.status is AccountStatus.CLOSED:
            raise AccountNotOpen
        rules.require_change(command, before.form, before.bin, legal_date(now))
        evidence_id = await evidence.store(tx, signed)
        organisation_id = before.organisation_id
        head = command.head and resources.keyring.seal(
            msgspec.json.encode(command.head), organisation_id.bytes
        )
        await queries.CHANGE.run(
            tx, organisation_id, command.name, command.contacts, command.requisites, head, now
        )
        issuer = before.kind is OrganisationKind.ISSUER
        fields = ("name", "head", "contacts", "requisites")
        after = {"changed": [f for f in fields if getattr(command, f) is not None]}
        await _log(
            tx,
            actor,
            organisation_id,
            "CHANGE_ISSUER" if issuer else "CHANGE",
            str(evidence_id),
            now,
            after,
            op_class=OpClass.GLOBAL if issuer else OpClass.ACCOUNT,
        )
        owner, since = f"organisation:{organisation_id}", legal_midnight(command.changed_on)
        await deadlines.start(tx, "d10", evidence_id, owner, started_at=since, due_at=due_at)
        await deadlines.fulfil(tx, "d10", [evidence_id], at=now)
        changed = OrganisationChanged(organisation_id, now <= due_at)
        await events.append(tx, changed, by=actor, at=now)
        return await require(tx, before.bin)


async def cabinet(where: Executor, actor: Actor) -> Cabinet:
    """The actor's own organisation and its readiness. Raises AccountNotOpen when not registered."""
    organisation = await organisation_by_bin(where, actor.bin or "")
    if organisation is None:
        raise AccountNotOpen
    return Cabinet(organisation, await readiness(where, organisation.organisation_id))


async def organisation_by_bin(where: Executor, bin_: str) -> Organisation | None:
    """The organisation of that BIN (a sole proprietor: IIN), in whatever status."""
    return await queries.BY_BIN.one(where, bin_)


async def organisations(where: Executor, ids: list[UUID]) -> dict[UUID, Organisation]:
    """The organisations of those ids."""
    return {o.organisation_id: o for o in await queries.BY_IDS.all(where, ids)}


async def readiness(where: Executor, organisation_id: UUID) -> Readiness | None:
    """The five actions of M §6; None for the issuer."""
    return await queries.READINESS.one(where, organisation_id)


async def require(where: Executor, bin_: str) -> Organisation:
    """The registered organisation of that BIN. Raises AccountNotOpen."""
    organisation = await queries.BY_BIN.one(where, bin_)
    if organisation is None:
        raise AccountNotOpen
    return organisation


async def require_open_executor(where: Executor, bin_: str) -> Organisation:
    """The executor of that BIN with an open account. Raises AccountNotOpen, AccountBlocked."""
    organisation = await queries.BY_BIN.one(where, bin_)
    if organisation is None or organisation.kind is not OrganisationKind.EXECUTOR:
        raise AccountNotOpen
    require_open(organisation)
    return organisation


def require_open(organisation: Organisation) -> None:
    """Its account is open. Raises AccountNotOpen, AccountBlocked."""
    if organisation.status is AccountStatus.BLOCKED:
        raise AccountBlocked
    if organisation.status is not AccountStatus.OPEN:
        raise AccountNotOpen


async def executor_ids(where: Executor, bins: list[str]) -> dict[str, UUID]:
    """The executors of those numbers, the closed ones left out."""
    return {o.bin: o.organisation_id for o in await queries.EXECUTOR_IDS.all(where, bins)}


async def mark_qr(tx: Tx, facility_id: UUID, *, at: datetime) -> None:
    """A production facility obtained its QR code (M §6(5)); the visits wing says so."""
    await queries.MARK_QR.run(tx, facility_id, at)


async def _log(
    tx: Tx,
    actor: Actor,
    organisation_id: UUID,
    op_type: str,
    basis_id: str,
    at: datetime,
    after: dict[str, Any],
    *,
    op_class: OpClass = OpClass.ACCOUNT,
) -> None:
    """Log an organisation's own doing. It is named by its id: a sole proprietor's number is personal."""
    done = NewOperation(
        subject_id=organisation_id,
        op_class=op_class,
        op_type=op_type,
        at=at,
        actor=f"{min(actor.roles)}:{organisation_id}",
        basis_kind=BasisKind.SELF,
        basis_id=basis_id,
        content={"after": after},
    )
    await log.append(tx, [done])
