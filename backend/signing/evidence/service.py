"""Accept signed commands: verify first, outside any transaction; store the proof with the effect."""

import base64
import binascii
from typing import TypeVar
from uuid import UUID

import asyncpg
import msgspec

from backend.kernel import strict_json
from backend.kernel.actor import Actor
from backend.kernel.db import Executor, Tx, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.signing.errors import (
    CertRevoked,
    DocumentAlreadyUsed,
    DocumentMalformed,
    NotSignerOfOrg,
    RevocationUnknown,
    SignatureInvalid,
)
from backend.signing.evidence import queries
from backend.signing.evidence.model import Evidence, Proof, Signed, SignedRequest
from backend.signing.model import Code, Role, SignerInfo, Verification
from backend.signing.revocation import held
from backend.signing.verify import pool

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
    verification = await verify(resources, cms, document)
    signer = require_one_signer(verification)
    require_of_organisation(signer, actor, roles)
    content = verification.content
    assert content is not None, "a valid signature has content"
    return Signed(
        command=decode(content, command),
        document=content,
        proof=proof_of(resources, operation_of(command), content, cms, signer, verification),
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
    signer = require_one_signer(verification)
    require_of_organisation(signer, actor, roles)
    return proof_of(resources, operation, document, cms, signer, verification)


async def store(tx: Tx, signed: Signed[C] | Proof) -> UUID:
    """Keep the proof in the caller's transaction; DocumentAlreadyUsed when it served before."""
    proof = signed.proof if isinstance(signed, Signed) else signed
    evidence_id = uuid7()
    try:
        await queries.STORE.run(
            tx,
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
        )
    except asyncpg.UniqueViolationError as e:
        if violated(e) == queries.ALREADY_USED:
            raise DocumentAlreadyUsed from None
        raise
    return evidence_id


async def find(where: Executor, evidence_id: UUID) -> Evidence | None:
    """A stored proof, its document byte for byte."""
    return await queries.FIND.one(where, evidence_id)


async def verify(resources: Resources, cms: bytes, content: bytes | None) -> Verification:
    """Verify one CMS now, under the configured trust; the event loop stays free."""
    return await pool.verify_cms(
        resources.verifiers,
        cms,
        content,
        trust=resources.config.trust,
        at=resources.clock.now(),
        revocation=await held.current(resources),
        revocation_required=held.is_required(resources.config),
    )


def require_one_signer(verification: Verification) -> SignerInfo:
    """The only signer of a valid document. Raises SignatureInvalid, CertRevoked, RevocationUnknown."""
    if verification.code is Code.REVOKED:
        raise CertRevoked
    if verification.code is Code.REVOCATION_UNKNOWN:
        raise RevocationUnknown
    if not verification.valid:
        raise SignatureInvalid(reason=verification.code.value)
    if len(verification.signers) != 1:
        raise SignatureInvalid(reason="ONE_SIGNER_EXPECTED")
    return verification.signers[0]


def require_of_organisation(signer: SignerInfo, actor: Actor, roles: frozenset[Role]) -> None:
    """The certificate must be of the actor's organisation and of a role that may sign (FAULTS 19)."""
    number = signer.bin or signer.iin
    if actor.bin is None or number != actor.bin:
        raise NotSignerOfOrg
    sole = signer.bin is None and Role.INDIVIDUAL in signer.roles
    if not sole and not roles & set(signer.roles):
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
        detail, _, path = str(e).partition(" - at `")
        raise DocumentMalformed(path=path.rstrip("`") or "$", detail=detail) from None


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


def proof_of(
    resources: Resources,
    operation: str,
    document: bytes,
    cms: bytes,
    signer: SignerInfo,
    verification: Verification,
) -> Proof:
    """What is stored of a verification that stands; `cms` is the signature as sent, CMS or XML."""
    result = msgspec.to_builtins(verification)
    result.pop("content", None)
    for report in result.get("signers", []):
        for personal in ("iin", "common_name", "certificate", "signature", "path", "grounds"):
            report.pop(personal, None)
        report["chain"] = report.get("chain", [])[1:]  # the first is the person
    return Proof(
        operation=operation,
        document=document,
        signature=cms,
        signer=resources.keyring.lookup("iin", signer.iin) if signer.iin else None,
        signer_bin=signer.bin,
        signer_roles=tuple(signer.roles),
        certificate_serial=signer.serial or "",
        algorithm=signer.algorithm or "",
        result=result,
        verified_at=resources.clock.now(),
    )
