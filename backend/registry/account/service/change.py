"""Changed data of organisations (M §27(2), §28(2), §31): by themselves, of the issuer by the registrar too."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.kernel import deadlines, events, jobs
from backend.kernel.actor import Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import legal_date, legal_midnight
from backend.kernel.db import Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.kernel.terms import deadline
from backend.registry.account import queries, rules
from backend.registry.account.errors import (
    AccountNotOpen,
    ChangeInFuture,
)
from backend.registry.account.events import OrganisationChanged
from backend.registry.account.model import (
    AccountStatus,
    BasisDocument,
    Cabinet,
    ChangeIssuer,
    ChangeOrganisation,
    DeclareReadiness,
    Head,
    Organisation,
    OrganisationData,
)
from backend.registry.account.service.lookup import cabinet, require, require_open_executor
from backend.registry.confirmation import service as confirmation
from backend.registry.directory import service as directory
from backend.registry.log import service as log
from backend.registry.log.model import Operation
from backend.registry.organisation_version import service as versions
from backend.registry.organisation_version.model import DataChange, Mark
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

FIELDS = ("name", "head", "contacts", "requisites")


async def change(
    resources: Resources, actor: Actor, signed: Signed[ChangeOrganisation]
) -> Organisation:
    """Enter changed data, due one working day after the change (M §31, d10).

    Late entry is taken and recorded as a breach. Raises AccountNotOpen and what
    `rules.require_change` does.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        before = await _for_change(tx, actor.bin or "")
        rules.require_change(command, before.form, before.bin, legal_date(now))
        evidence_id = await evidence.store(tx, signed)
        content = await _enter(tx, resources, before, command, evidence_id, now)
        done = rules.operation(
            before.kind, actor, before.organisation_id, False, str(evidence_id), now, content
        )
        await log.append(tx, [done])
        in_time = await entered(
            tx, resources.calendar, before.organisation_id, evidence_id, command.changed_on, now
        )
        changed = OrganisationChanged(before.organisation_id, in_time)
        await events.append(tx, changed, by=actor, at=now)
        return await require(tx, before.bin)


async def change_issuer(
    resources: Resources, actor: Actor, signed: Signed[ChangeIssuer]
) -> Organisation:
    """The registrar enters changed data of the issuer on a document (M §27(2)).

    Raises AccountNotOpen and what `rules.require_change` does.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        before = await _for_change(tx, resources.config.issuer_bin)
        rules.require_change(command, before.form, before.bin, legal_date(now))
        evidence_id = await evidence.store(tx, signed)
        content = await _enter(tx, resources, before, command, evidence_id, now)
        done = rules.by_registrar(
            before.kind,
            actor,
            before.organisation_id,
            command.basis.number,
            now,
            content | {"basis": command.basis, "evidence": evidence_id},
        )
        await log.append(tx, [done])
        changed = OrganisationChanged(before.organisation_id, True)
        await events.append(tx, changed, by=actor, at=now)
        return await require(tx, before.bin)


async def restore(
    tx: Tx, resources: Resources, actor: Actor, change: Operation, basis: BasisDocument
) -> bool:
    """Reverse an operation that changed an organisation's data: they are again what they were (D2).

    Only the last change can be; False when `change` is not that. The organisation's row is locked
    by the caller.
    """
    now, keyring, organisation_id = resources.clock.now(), resources.keyring, change.subject_id
    try:
        marks = msgspec.json.decode(change.content, type=DataChange)
    except msgspec.ValidationError:
        return False
    if await versions.last(tx, keyring, organisation_id) != marks.after.data:
        return False
    (before,) = await queries.BY_IDS.all(tx, [organisation_id])
    earlier = await versions.find(tx, keyring, organisation_id, marks.before.data.version)
    data = msgspec.json.decode(earlier.data, type=OrganisationData)
    mark = await _keep(tx, resources, before, data, earlier.evidence_id, now)
    content = {
        "before": marks.after,
        "after": {"data": mark},
        "basis": basis,
        "reverses": change.seq,
    }
    done = rules.by_registrar(before.kind, actor, organisation_id, basis.number, now, content)
    await log.append(tx, [done])
    return True


async def declare(resources: Resources, actor: Actor, command: DeclareReadiness) -> Cabinet:
    """Enter the MIS and the posted statements (M §6(2), (3)), a change within one working day (M §31).

    A system counts that the directory says conforms, statements once the depository has them. Raises
    AccountNotOpen, MisNotConforming, DfoYearWrong, ChangeInFuture, NothingToChange.
    """
    now = resources.clock.now()
    today = legal_date(now)
    rules.require_declaration(command, today)
    async with resources.db.registry.transaction() as tx:
        before = await require_open_executor(tx, actor.bin or "")
        organisation_id = before.organisation_id
        if command.mis_code is not None:
            await directory.require_conforming(tx, command.mis_code)
        await queries.DECLARE.run(tx, organisation_id, command.mis_code, command.dfo_year, now)
        content = {
            "before": {"mis_code": before.mis_code, "dfo_year": before.dfo_year},
            "after": {
                "mis_code": command.mis_code or before.mis_code,
                "dfo_year": command.dfo_year or before.dfo_year,
            },
        }
        done = rules.operation(
            before.kind, actor, organisation_id, False, str(actor.session_id), now, content
        )
        await log.append(tx, [done])
        if command.dfo_year is not None:  # declared is not yet borne out: the depository is asked
            await jobs.enqueue(
                tx, confirmation.JOB, {}, dedupe_key=f"{confirmation.JOB}:{organisation_id}"
            )
        if command.changed_on is not None:
            in_time = await entered(
                tx, resources.calendar, organisation_id, uuid7(), command.changed_on, now
            )
            changed = OrganisationChanged(organisation_id, in_time)
            await events.append(tx, changed, by=actor, at=now)
        return await cabinet(tx, actor)


async def _for_change(tx: Tx, bin_: str) -> Organisation:
    """The organisation, locked. Raises AccountNotOpen."""
    before = await queries.BY_BIN_FOR_UPDATE.one(tx, bin_)
    if before is None or before.status is AccountStatus.CLOSED:
        raise AccountNotOpen
    return before


async def _enter(
    tx: Tx,
    resources: Resources,
    before: Organisation,
    command: ChangeOrganisation | ChangeIssuer,
    evidence_id: UUID,
    now: datetime,
) -> dict[str, object]:
    """Take over what the command names; what the log says of it: fields, and marks of the versions."""
    organisation_id, keyring = before.organisation_id, resources.keyring
    sealed = await queries.HEAD.get(tx, organisation_id)
    head = msgspec.json.decode(keyring.open(sealed, organisation_id.bytes), type=Head)
    old = OrganisationData(before.name, head, before.contacts, before.requisites)
    was = await versions.last(tx, keyring, organisation_id)
    if was is None:
        first = await queries.FIRST_EVIDENCE.get(tx, organisation_id)
        plain = msgspec.json.encode(old)
        was = await versions.keep(tx, keyring, organisation_id, plain, first, at=before.changed_at)
    data = OrganisationData(
        command.name or old.name,
        command.head or old.head,
        command.contacts or old.contacts,
        command.requisites or old.requisites,
    )
    mark = await _keep(tx, resources, before, data, evidence_id, now)
    changed = [f for f in FIELDS if getattr(command, f) is not None]
    return {"before": {"data": was}, "after": {"data": mark, "changed": changed}}


async def _keep(
    tx: Tx,
    resources: Resources,
    of: Organisation,
    data: OrganisationData,
    evidence_id: UUID,
    now: datetime,
) -> Mark:
    """Let `data` hold from now on, as the next version."""
    organisation_id, keyring = of.organisation_id, resources.keyring
    head = keyring.seal(msgspec.json.encode(data.head), organisation_id.bytes)
    await queries.CHANGE.run(
        tx, organisation_id, data.name, data.contacts, data.requisites, head, now
    )
    plain = msgspec.json.encode(data)
    return await versions.keep(tx, keyring, organisation_id, plain, evidence_id, at=now)


async def entered(
    tx: Tx,
    calendar: LegalCalendar,
    organisation_id: UUID,
    subject: UUID,
    changed_on: date,
    now: datetime,
) -> bool:
    """Record that what changed on `changed_on` is entered now; whether within the working day of M §31.

    The term began with the change: late entry is taken, and stays a breach (d10). `subject` is the
    change itself. It has not changed in the future: raises ChangeInFuture.
    """
    if changed_on > legal_date(now):
        raise ChangeInFuture(path="changed_on")
    owner, since = f"organisation:{organisation_id}", legal_midnight(changed_on)
    due_at = deadline(calendar, "d10", changed_on)
    await deadlines.start(tx, "d10", subject, owner, started_at=since, due_at=due_at)
    await deadlines.fulfil(tx, "d10", [subject], at=now)
    return now <= due_at
