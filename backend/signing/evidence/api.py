"""Proofs, for those they concern."""

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend.kernel.actor import COMMISSION, EXECUTOR, ISSUER, Actor, Role
from backend.kernel.resources import Resources
from backend.signing.errors import EvidenceBroken, EvidenceNotFound
from backend.signing.evidence import reading
from backend.signing.evidence.model import EvidenceView, Reverification
from backend.web.guards import requires
from backend.web.openapi import operation

# Whoever signs commands may see the proofs of his organisation; issuer and registrar see all.
SIGNERS = ISSUER | EXECUTOR | COMMISSION | {Role.REGISTRAR, Role.TREASURY}
_ID = "01980000-0000-7000-8000-000000000001"
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@get(
    "/evidence/{evidence_id:uuid}",
    guards=[requires(SIGNERS)],
    tags=["signing"],
    **operation(
        "GetEvidence",
        "What is kept of a signature",
        discloses="nothing",
        errors=(EvidenceNotFound, EvidenceBroken),
        answer={
            "evidence_id": _ID,
            "operation": "act.submit",
            "document_sha256": _SHA256,
            "signature_sha256": _SHA256,
            "signer_bin": "061211600012",
            "signer_roles": ["legal_entity", "head"],
            "certificate_serial": "5c3f",
            "algorithm": "gost2015-512",
            "verified_at": "2026-04-06T04:00:01Z",
            "reference_at": "2026-04-06T04:00:00Z",
            "timestamped": True,
            "stamping": "OK",
            "revocation": {
                "status": "good",
                "source": "ocsp",
                "asked": [["crl", "good"], ["ocsp", "good"]],
                "ocsp": _SHA256,
                "lists": [],
            },
        },
    ),
)
async def get_evidence(
    evidence_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> EvidenceView:
    """Tell who signed what and when, and what the proof rests on; each stored byte is compared first."""
    return await reading.view(resources, actor, evidence_id)


@get(
    "/evidence/{evidence_id:uuid}/verification",
    guards=[requires(SIGNERS)],
    tags=["signing"],
    **operation(
        "VerifyEvidence",
        "Verify a signature again, from what is stored",
        discloses="nothing",
        errors=(EvidenceNotFound, EvidenceBroken),
        answer={
            "evidence_id": _ID,
            "operation": "act.submit",
            "standing": "VALID",
            "code": "OK",
            "document_sha256": _SHA256,
            "reference_at": "2026-04-06T04:00:00Z",
            "timestamped": True,
            "revocation": "good",
            "revocation_source": "ocsp",
            "sealed": True,
            "anchors_trusted_now": True,
            "checked_at": "2029-04-06T04:00:00Z",
        },
    ),
)
async def verify_evidence(
    evidence_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Reverification:
    """Verify it without asking anybody: after the certificate expired, with the network gone.

    VALID: proved as of the time stamp. UNSTAMPED: all holds, but the instant is our own record.
    """
    return await reading.reverify(resources, evidence_id, actor)


HANDLERS = [get_evidence, verify_evidence]
