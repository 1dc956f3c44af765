"""Composing the list of insured on a signed order or a written request, handing it out, forgetting it."""

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kernel import events, jobs
from backend.kernel.actor import SYSTEM, Actor, Role
from backend.kernel.clock import legal_date
from backend.kernel.db import Executor, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.account import service as accounts
from backend.registry.insured_list import queries, rules
from backend.registry.insured_list.errors import (
    ExecutorNotFound,
    InsuredListNotFound,
    InsuredListNotReady,
)
from backend.registry.insured_list.events import InsuredListed
from backend.registry.insured_list.model import (
    InsuredList,
    ListInsured,
    ListStatus,
    RequestInsuredList,
    RunningList,
)
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.registry.person import service as persons
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

JOB: Final = "registry.compose_insured_list"
OP_TYPE: Final = "INSURED_LIST"
CHUNK: Final = 2_000  # insured in one transaction: about half a megabyte sealed
KEPT: Final = timedelta(days=7)
_FIELDS: Final = (Field.NAME, Field.IIN, Field.ACCOUNT, Field.POLICY, Field.ATTACHMENT)


async def order(resources: Resources, actor: Actor, signed: Signed[ListInsured]) -> InsuredList:
    """Take the issuer's signed order; a job composes the list (M §30(1), §43).

    Raises AccountNotOpen, AccountBlocked, ExecutorNotFound, DocumentAlreadyUsed.
    """
    return await _accept(resources, actor, signed, BasisKind.ORDER, signed.command.order_number)


async def request(
    resources: Resources, actor: Actor, signed: Signed[RequestInsuredList]
) -> InsuredList:
    """The registrar enters an entitled state body's written request (M §45).

    Raises as `order`.
    """
    number = signed.command.request_number
    return await _accept(resources, actor, signed, BasisKind.REQUEST, number)


async def find(where: Executor, actor: Actor, list_id: UUID) -> InsuredList:
    """A list with its progress: the issuer's own orders, the registrar's own requests.

    Raises InsuredListNotFound.
    """
    found = await queries.FIND.one(where, list_id)
    mine = BasisKind.REQUEST if Role.REGISTRAR in actor.roles else BasisKind.ORDER
    if found is None or found.basis_kind is not mine:
        raise InsuredListNotFound
    return found


async def compose(resources: Resources, list_id: UUID, *, chunk: int = CHUNK) -> None:
    """Compose a list to its end: in chunks, each insured once, whatever crashes."""
    while await compose_chunk(resources, list_id, chunk):
        pass


async def compose_chunk(resources: Resources, list_id: UUID, chunk: int) -> bool:
    """Add one part; False when the list is done, or another worker has it.

    With the part every insured of it gets the operation on his account and the note of who had him
    listed, or nothing at all happens.
    """
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        running = await queries.TAKE.one(tx, list_id)
        if running is None:
            return False
        policies = await queries.NEXT.all(
            tx, running.after, running.as_of, running.region, running.executor_id, chunk
        )
        if not policies:
            await _finish(tx, running, resources.config.issuer_bin, now)
            return False
        actor = Actor(
            session_id=UUID(int=0),
            roles=frozenset({Role(running.actor_role)}),
            bin=running.actor_bin,
            signer=running.actor_signer,
        )
        access = Access(
            actor, "FetchInsuredList", Basis(running.basis_kind), _FIELDS, _basis_id(running)
        )
        people = [p.person_id for p in policies]
        who = await persons.disclose(tx, resources.keyring, access, people, at=now)
        await log.append(tx, [_listed(running, actor, person_id, now) for person_id in who])
        plain = rules.lines(policies, who)
        part = running.parts + 1
        sealed = resources.keyring.seal(plain, _context(list_id, part))
        await queries.ADD_PART.run(tx, list_id, part, sealed, hashlib.sha256(plain).digest())
        await queries.ADVANCE.run(tx, list_id, people[-1], len(who))
    return True


async def content(resources: Resources, actor: Actor, list_id: UUID) -> AsyncIterator[bytes]:
    """The list as CSV, part by part. Raises InsuredListNotFound, InsuredListNotReady."""
    found = await find(resources.db.registry, actor, list_id)
    if found.status is not ListStatus.DONE:
        raise InsuredListNotReady(status=found.status.value)
    return _parts(resources, list_id)


async def forget(resources: Resources) -> None:
    """Forget the oldest list whose week is over; the log keeps that it was composed."""
    before = resources.clock.now() - KEPT
    async with resources.db.registry.transaction() as tx:
        list_id = await queries.STALE.one(tx, before)
        if list_id is not None:
            await queries.FORGET.run(tx, list_id)


async def _accept(
    resources: Resources,
    actor: Actor,
    signed: Signed[ListInsured] | Signed[RequestInsuredList],
    basis: BasisKind,
    number: str,
) -> InsuredList:
    command, now, list_id = signed.command, resources.clock.now(), uuid7()
    request = command if isinstance(command, RequestInsuredList) else None
    async with resources.db.registry.transaction() as tx:
        accounts.require_open(await accounts.require(tx, resources.config.issuer_bin))
        executor_id = await _executor(tx, command.executor_bin)
        await queries.ADD.run(
            tx,
            list_id,
            await evidence.store(tx, signed.proof),
            basis,
            number,
            request and request.body,
            request and request.requested_on,
            command.region,
            executor_id,
            actor.bin,
            min(actor.roles),
            actor.signer,
            legal_date(now),
            now,
        )
        await jobs.enqueue(tx, JOB, {"list_id": str(list_id)}, dedupe_key=f"list:{list_id}")
        return await find(tx, actor, list_id)


async def _executor(tx: Tx, bin_: str | None) -> UUID | None:
    if bin_ is None:
        return None
    executor_id = (await accounts.executor_ids(tx, [bin_])).get(bin_)
    if executor_id is None:
        raise ExecutorNotFound(path="$.executor_bin")
    return executor_id


async def _finish(tx: Tx, running: RunningList, issuer_bin: str, now: datetime) -> None:
    """The list is whole: the log gets its count and hash, on the issuer's own account."""
    sha256 = rules.fingerprint(await queries.HASHES.all(tx, running.list_id))
    await queries.FINISH.run(tx, running.list_id, sha256, now)
    issuer = await accounts.require(tx, issuer_bin)
    done = NewOperation(
        subject_id=issuer.organisation_id,
        op_class=OpClass.INFORMATION,
        op_type=OP_TYPE,
        at=now,
        actor=f"{running.actor_role}:{running.actor_bin}",
        basis_kind=running.basis_kind,
        basis_id=_basis_id(running),
        content={"list": running.list_id, "insured": running.insured, "sha256": sha256},
    )
    await log.append(tx, [done])
    told = InsuredListed(running.list_id, running.insured)
    await events.append(tx, told, by=SYSTEM, at=now)


def _listed(running: RunningList, actor: Actor, person_id: UUID, at: datetime) -> NewOperation:
    return NewOperation(
        subject_id=person_id,
        op_class=OpClass.INFORMATION,
        op_type=OP_TYPE,
        at=at,
        actor=actor.label,
        basis_kind=running.basis_kind,
        basis_id=_basis_id(running),
        content={"list": running.list_id},
    )


def _basis_id(running: RunningList) -> str:
    """An order by its proof, a request by its number, as in every operation."""
    is_order = running.basis_kind is BasisKind.ORDER
    return str(running.evidence_id) if is_order else running.number


async def _parts(resources: Resources, list_id: UUID) -> AsyncIterator[bytes]:
    yield rules.header()
    part = 0
    while True:
        found = await queries.PARTS.one(resources.db.registry, list_id, part)
        if found is None:
            return
        part = found.part
        yield resources.keyring.open(found.sealed, _context(list_id, part))


def _context(list_id: UUID, part: int) -> bytes:
    return list_id.bytes + part.to_bytes(4)
