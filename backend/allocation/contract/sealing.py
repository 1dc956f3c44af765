"""The issuer approves all contracts of a decision at once; the server's seal signs each (M §12).

One signed approval names the decision, how many contracts it formed and the hash of all their contents.
A job then seals them in their order, a few hundred to a transaction: a worker that dies goes on
where it was, and a contract is sealed once.
"""

import asyncio
import base64
from uuid import UUID

import asyncpg

from backend.allocation.contract import queries, service
from backend.allocation.contract.errors import (
    ApprovalOutdated,
    ContractNotFound,
    ContractStateWrong,
    SealingNotFound,
)
from backend.allocation.contract.model import Approvable, ApproveContracts, Sealing
from backend.allocation.decision import service as decisions
from backend.allocation.plan.errors import DocumentMismatch, PilotExpired
from backend.kernel import jobs
from backend.kernel.actor import Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Proof, Signed
from backend.signing.model import Role as CertificateRole
from backend.signing.seal import service as seals
from backend.signing.seal.service import Owner

JOB = "allocation.seal_contracts"
CHUNK = 200
# The seal is the organisation's own: of its head, its signatory or its information system.
_SEAL_ROLES = frozenset(
    {
        CertificateRole.HEAD,
        CertificateRole.SIGNATORY,
        CertificateRole.LEGAL_ENTITY,
        CertificateRole.INFORMATION_SYSTEM,
    }
)


async def approvable(db: Db, decision_id: UUID) -> Approvable:
    """What an approval has to name. Raises ContractNotFound when nothing waits for the issuer."""
    found = await queries.APPROVABLE.one(db, decision_id)
    if found is None:
        raise ContractNotFound
    return found


async def approve(
    resources: Resources, actor: Actor, decision_id: UUID, signed: Signed[ApproveContracts]
) -> Sealing:
    """Accept the approval and queue the sealing.

    Raises DocumentMismatch, ContractNotFound, ApprovalOutdated when the contracts are others than it
    names, ContractStateWrong when some are signed already, SealMissing.
    """
    command, config, now = signed.command, resources.config, resources.clock.now()
    if command.decision_id != decision_id:
        raise DocumentMismatch(path="document.decision_id")
    await seals.seal(config, Owner.ISSUER, signed.document, now)  # a seal that is there and works
    async with resources.db.allocation.transaction() as tx:
        await decisions.locked(tx, decision_id)
        found = await queries.APPROVABLE.one(tx, decision_id)
        if found is None:
            raise ContractNotFound
        if found.waiting != found.contracts:
            raise ContractStateWrong
        named = (command.contracts, command.contents_sha256)
        if named != (found.contracts, found.contents_sha256):
            raise ApprovalOutdated(path="document.contents_sha256")
        evidence_id = await evidence.store(tx, signed)
        try:
            await queries.ADD_SEALING.run(
                tx,
                decision_id,
                evidence_id,
                found.contracts,
                bytes.fromhex(found.contents_sha256),
                now,
            )
        except asyncpg.UniqueViolationError:
            raise ContractStateWrong from None
        key = f"seal:{decision_id}"
        await jobs.enqueue(tx, JOB, {"decision_id": str(decision_id)}, dedupe_key=key)
    return await progress(resources.db.allocation, decision_id)


async def progress(db: Db, decision_id: UUID) -> Sealing:
    """How far the sealing is. Raises SealingNotFound."""
    found = await queries.SEALING.one(db, decision_id)
    if found is None:
        raise SealingNotFound
    return found


async def carry_out(resources: Resources, decision_id: UUID) -> None:
    """Seal what waits, in order, until nothing does; may be cut off anywhere and run again."""
    db = resources.db.allocation
    found = await progress(db, decision_id)
    seal = Actor(
        session_id=found.evidence_id,
        roles=frozenset({Role.ISSUER_SIGNER}),
        bin=resources.config.issuer_bin,
    )
    while waiting := await queries.WAITING.all(db, decision_id, CHUNK):
        documents = await service.contents(db, [w.contract_id for w in waiting])
        proofs = await asyncio.gather(
            *(_sealed(resources, seal, document) for document in documents.values())
        )
        named = dict(zip(documents, proofs, strict=True))
        try:
            await service.sign_as_issuer(
                db,
                resources.clock,
                seal,
                named,
                "kk",
                pilot_valid_to=resources.config.pilot_valid_to,
            )
        except ContractStateWrong:
            continue  # another worker was faster with these
        except PilotExpired:
            return  # what the last day of the pilot left unsealed stays so (D1)
    await queries.FINISH_SEALING.run(db, decision_id, resources.clock.now())


async def _sealed(resources: Resources, seal: Actor, document: bytes) -> Proof:
    cms = await seals.seal(resources.config, Owner.ISSUER, document, resources.clock.now())
    return await evidence.accept_detached(
        resources,
        seal,
        base64.b64encode(cms).decode(),
        document,
        operation=service.ISSUER_OPERATION,
        roles=_SEAL_ROLES,
    )
