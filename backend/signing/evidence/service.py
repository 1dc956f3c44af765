"""Accept signed commands: verify first, outside any transaction; store the proof with the effect."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

import asyncpg
import msgspec

from backend.kernel import strict_json
from backend.kernel.actor import Actor
from backend.kernel.db import Executor, Tx, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.signing.errors import DocumentAlreadyUsed, DocumentMalformed, NotSignerOfOrg
from backend.signing.evidence import queries, reading, waiting
from backend.signing.evidence.model import Evidence, Proof, Signed, SignedRequest
from backend.signing.evidence.proving import prove
from backend.signing.evidence.verifying import (
    RETRY_AFTER_S,
    require_one_signer,
    verify,
    verify_xml,
)
from backend.signing.model import Code, Role, SignerInfo, Verification

C = TypeVar("C")

ROLES_THAT_SIGN = frozenset({Role.HEAD, Role.SIGNATORY})


async def accept(
    resources: Resources,
    actor: Actor,
    request: SignedRequest,
    command: type[C],
    *,
    roles: frozenset[Role] = ROLES_THAT_SIGN,
) -> Signed[C]:
    """Verify a signed request and decode exactly the verified bytes as `command`.

    `command` is a struct tagged with its operation, so that one signature serves one operation.
    `roles` are the certificate roles that may sign it; the certificate must be of the actor's
    organisation. Raises SignatureInvalid, CertRevoked, NotSignerOfOrg, RevocationUnknown,
    DocumentMalformed.
    """
    document, cms = _unpacked(request)
    operation = operation_of(command)
    verification = await verify(resources, cms, document)
    signer = await _signer(resources, actor, roles, operation, (document, cms), verification)
    content = verification.content
    assert content is not None, "a valid signature has content"
    return Signed(
        command=decode(content, command),
        document=content,
        proof=await prove(resources, operation, content, cms, signer, verification),
    )


async def accept_detached(
    resources: Resources,
    actor: Actor,
    signature: str,
    document: bytes,
    *,
    operation: str,
    roles: frozenset[Role] = ROLES_THAT_SIGN,
) -> Proof:
    """Verify a detached CMS (base64) over bytes we hold, such as a contract's content.

    Raises as `accept`.
    """
    cms = _base64(signature, "signature")
    verification = await verify(resources, cms, document)
    signer = await _signer(resources, actor, roles, operation, (document, cms), verification)
    return await prove(resources, operation, document, cms, signer, verification)


async def accept_own(
    resources: Resources, actor: Actor, holder: bytes, request: SignedRequest, command: type[C]
) -> Signed[C]:
    """As `accept`, for what a citizen signs with the own key (M §47).

    `holder` is the keyed hash of the IIN of the session's person: nobody else's key signs for him.
    """
    document, cms = _unpacked(request)
    operation = operation_of(command)
    verification = await verify(resources, cms, document)
    if verification.code is Code.REVOCATION_UNKNOWN:
        for one in verification.signers:
            _require_person(resources, one, holder)
        await waiting.keep(resources, actor, operation, document, cms)
    signer = require_one_signer(verification)
    _require_person(resources, signer, holder)
    content = verification.content
    assert content is not None, "a valid signature has content"
    return Signed(
        command=decode(content, command),
        document=content,
        proof=await prove(resources, operation, content, cms, signer, verification),
    )


def _require_person(resources: Resources, signer: SignerInfo, holder: bytes) -> None:
    """The natural person himself, not one who acts for an organisation (FAULTS 19)."""
    if signer.bin is not None or signer.iin is None or Role.INDIVIDUAL not in signer.roles:
        raise NotSignerOfOrg
    if not hmac.compare_digest(resources.keyring.lookup("iin", signer.iin), holder):
        raise NotSignerOfOrg


async def _signer(
    resources: Resources,
    actor: Actor,
    roles: frozenset[Role],
    operation: str,
    request: tuple[bytes | None, bytes],
    verification: Verification,
) -> SignerInfo:
    """Who signed, when he may. What cannot be decided is kept to be asked about again, and refused."""
    if verification.code is Code.REVOCATION_UNKNOWN:
        for one in verification.signers:
            require_of_organisation(one, actor, roles)
        await waiting.keep(resources, actor, operation, *request)
    signer = require_one_signer(verification)
    require_of_organisation(signer, actor, roles)
    return signer


async def store(tx: Tx, signed: Signed[C] | Proof) -> UUID:
    """Keep the proof in the caller's transaction; DocumentAlreadyUsed when it served before."""
    (evidence_id,) = await store_many(tx, [signed.proof if isinstance(signed, Signed) else signed])
    return evidence_id


async def store_many(tx: Tx, proofs: Sequence[Proof]) -> list[UUID]:
    """Keep `proofs` in one round trip; their ids in the same order. Raises DocumentAlreadyUsed."""
    ids = [uuid7() for _ in proofs]
    rows = [
        (
            evidence_id,
            proof.operation,
            proof.document,
            proof.signature,
            proof.signer,
            proof.signer_bin,
            proof.signer_roles,
            proof.certificate_serial,
            proof.algorithm,
            proof.result,
            proof.verified_at,
            proof.manifest,
            proof.seal,
        )
        for evidence_id, proof in zip(ids, proofs, strict=True)
    ]
    try:
        await queries.STORE.many(tx, rows)
    except asyncpg.UniqueViolationError as e:
        if violated(e) == queries.ALREADY_USED:
            raise DocumentAlreadyUsed from None
        raise
    return ids


async def find(where: Executor, evidence_id: UUID) -> Evidence | None:
    """A stored proof, its document byte for byte. Raises EvidenceBroken when it is not (FAULTS 18).

    What it rests on is compared by `reading.read`, which asks for more than a transaction.
    """
    row = await queries.FIND.one(where, evidence_id)
    if row is None:
        return None
    reading.require_whole(row)
    return Evidence(
        evidence_id=row.evidence_id,
        operation=row.operation,
        document=row.document,
        signature=row.signature,
        signer_bin=row.signer_bin,
        signer_roles=row.signer_roles,
        verified_at=row.verified_at,
    )


def require_of_organisation(signer: SignerInfo, actor: Actor, roles: frozenset[Role]) -> None:
    """The certificate must be of the actor's organisation and of a role that may sign (FAULTS 19)."""
    if not actor.bin or (signer.bin or signer.iin) != actor.bin:
        raise NotSignerOfOrg
    # a sole proprietor signs as the natural person he is
    may = roles if signer.bin is not None else {Role.INDIVIDUAL}
    if not may & set(signer.roles):
        raise NotSignerOfOrg


def operation_of(command: type) -> str:
    """The tag of a command struct: the operation its signature serves."""
    tag = command.__struct_config__.tag  # type: ignore[attr-defined]
    assert isinstance(tag, str), "a signed command is a struct with a tag"
    return tag


def decode(document: bytes, command: type[C]) -> C:
    """Read the verified bytes strictly. Raises DocumentMalformed with the offending path.

    The operation must stand in them: msgspec takes a struct without its tag for the one it expects,
    and a signature that names no operation would serve every one.
    """
    field = command.__struct_config__.tag_field  # type: ignore[attr-defined]
    try:
        parsed = strict_json.parse(document)
        if not isinstance(parsed, dict) or parsed.get(field) != operation_of(command):
            raise DocumentMalformed(path=f"$.{field}", detail=f"not {operation_of(command)}")
        return msgspec.json.decode(document, type=command)
    except (strict_json.NotJson, strict_json.BadJson) as e:
        raise DocumentMalformed(path=getattr(e, "path", "$"), detail=str(e)) from None
    except msgspec.DecodeError as e:
        path, detail = strict_json.place(e)
        raise DocumentMalformed(path=path, detail=detail) from None


def _unpacked(request: SignedRequest) -> tuple[bytes | None, bytes]:
    document = _base64(request.document, "document")
    if request.signature is None:
        return None, document
    return document, _base64(request.signature, "signature")


def _base64(text: str, path: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise DocumentMalformed(path=path, detail="not base64") from None


__all__ = [
    "RETRY_AFTER_S",
    "ROLES_THAT_SIGN",
    "accept",
    "accept_detached",
    "accept_own",
    "decode",
    "find",
    "operation_of",
    "prove",
    "require_of_organisation",
    "require_one_signer",
    "store",
    "verify",
    "verify_xml",
]
