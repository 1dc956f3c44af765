"""What the seals of proofs are bound to, without reading the documents: these may be long."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.kernel.db import Executor, Query


class Hashed(msgspec.Struct, frozen=True):
    """A proof with its long columns by their hash."""

    evidence_id: UUID
    operation: str
    document_sha256: bytes
    signature_sha256: bytes
    signer: bytes | None
    signer_bin: str | None
    signer_roles: tuple[str, ...]
    certificate_serial: str
    algorithm: str
    result: dict[str, Any]
    verified_at: datetime
    manifest: bytes | None


HASHED = Query[Hashed](
    """
    SELECT evidence_id, operation, sha256(document) AS document_sha256,
           sha256(signature) AS signature_sha256, signer, signer_bin, signer_roles,
           certificate_serial, algorithm, result, verified_at, manifest
      FROM signing.evidence
     WHERE evidence_id = ANY ($1::uuid[])
    """
)


async def sealed_texts(where: Executor, proofs: Sequence[UUID]) -> list[bytes]:
    """What `Proof.sealed_text` says of these proofs, in their order."""
    rows = {row.evidence_id: row for row in await HASHED.all(where, list(proofs))}
    return [_sealed_text(rows[proof]) for proof in proofs]


def _sealed_text(row: Hashed) -> bytes:
    return msgspec.json.encode(
        [
            "evidence/1",
            row.operation,
            row.document_sha256,
            row.signature_sha256,
            row.signer,
            row.signer_bin,
            row.signer_roles,
            row.certificate_serial,
            row.algorithm,
            row.result,
            row.verified_at,
            row.manifest,
        ],
        order="deterministic",
    )
