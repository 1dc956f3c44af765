"""An extract verified offline, with nothing but the log's published keys. Pure.

Each part is held by the next: document, operation, leaf, root, head, signature; a PDF is held whole
by its own seal. What does not hold is named.
"""

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import msgspec

from backend.kernel import strict_json
from backend.registry.extract import qr, rules
from backend.registry.extract.model import ExtractFile, Promise, Proof
from backend.registry.log import merkle
from backend.registry.log import rules as log_rules
from backend.registry.log.model import BasisKind, OpClass, Operation
from backend.signing.model import Code
from backend.signing.seal import pades
from backend.signing.verify.judge import Policy

PDF_START = b"%PDF-"
_ATTACHED = re.compile(rb"<<([^\n]{0,2000}/Type/EmbeddedFile[^\n]{0,2000})>>\nstream\n")
_LENGTH = re.compile(rb"/Length (\d{1,9})\b")


class Fault(StrEnum):
    """What does not hold."""

    MALFORMED = "MALFORMED"  # no extract of ours, or not written as we write it
    DOCUMENT_CHANGED = "DOCUMENT_CHANGED"  # what it says is not what was extracted
    OPERATION_CHANGED = "OPERATION_CHANGED"  # the operation is not what was logged
    PROOF_CHANGED = "PROOF_CHANGED"  # the path does not lead from the operation to the head
    HEAD_CHANGED = "HEAD_CHANGED"  # the head, or the promise, is not what was signed
    KEY_UNKNOWN = "KEY_UNKNOWN"  # signed by no key of the key file
    PDF_CHANGED = "PDF_CHANGED"  # the PDF is not, octet for octet, the one that was sealed
    SEAL_INVALID = (
        "SEAL_INVALID"  # the registrar's seal on the PDF does not hold, or is not trusted
    )


class Refused(ValueError):
    """The extract does not hold; `fault` says what, `detail` where."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.fault, self.detail = fault, detail


class Held(msgspec.Struct, frozen=True):
    """The extract holds. `promised_by`: no head stands over it yet, but one must by then."""

    form: str
    extract: dict[str, Any]
    leaf_hash: str
    leaf_index: int | None
    head: int | None
    tree_size: int | None
    promised_by: datetime | None
    sealed_by: str | None = None


Keys = Mapping[int, bytes]


def check(raw: bytes, keys: Keys, policy: Policy) -> Held:
    """Verify a PDF, the JSON, or the text of the QR. Raises Refused."""
    if raw.startswith(PDF_START):
        return _pdf(raw, keys, policy)
    if raw.startswith(qr.PREFIX.encode()):
        return _qr(raw, keys)
    return _json(raw, keys, "json")


# --- JSON -----------------------------------------------------------------------------------------


def _json(raw: bytes, keys: Keys, form: str) -> Held:
    file = _read(raw)
    try:
        operation = _operation(file)
        leaf = merkle.leaf_hash(operation.hash)
        if file.proof.leaf_hash != leaf.hex():
            raise Refused(Fault.PROOF_CHANGED, "proof.leaf_hash")
        if isinstance(file.proof, Promise):
            _promise(file.proof, leaf, keys)
        else:
            _proof(file.proof, leaf, keys)
    except (ValueError, OverflowError, struct.error) as e:
        if isinstance(e, Refused):
            raise
        raise Refused(Fault.MALFORMED, "a value that cannot be") from None
    proof = file.proof
    held = Held(form, _told(file.document), leaf.hex(), None, None, None, None)
    if isinstance(proof, Promise):
        return msgspec.structs.replace(held, promised_by=proof.until)
    head = proof.head
    return msgspec.structs.replace(
        held, leaf_index=proof.leaf_index, head=head.number, tree_size=head.tree_size
    )


def _read(raw: bytes) -> ExtractFile:
    try:
        found = strict_json.parse(raw)
        file = msgspec.convert(found, ExtractFile)
    except (strict_json.NotJson, strict_json.BadJson, msgspec.ValidationError) as e:
        raise Refused(Fault.MALFORMED, str(e)) from None
    _document(file, found["document"])
    if rules.file_octets(file) != raw:
        raise Refused(Fault.MALFORMED, "written otherwise than we write it")
    return file


def _document(file: ExtractFile, document: Any) -> None:
    """The document is the one whose hash the operation logged."""
    try:
        logged = msgspec.json.decode(file.operation.content)["sha256"]
    except (msgspec.DecodeError, KeyError, TypeError):
        raise Refused(Fault.OPERATION_CHANGED, "operation.content") from None
    if sha256(rules.canonical(document)).hexdigest() != logged:
        raise Refused(Fault.DOCUMENT_CHANGED, "document")


def _operation(file: ExtractFile) -> Operation:
    """The operation, its hash computed anew."""
    told = file.operation
    operation = Operation(
        subject_id=told.subject_id,
        seq=told.seq,
        op_class=OpClass(told.op_class),
        op_type=told.op_type,
        at=told.at,
        actor=told.actor,
        basis_kind=BasisKind(told.basis_kind),
        basis_id=told.basis_id,
        content=told.content,
        previous=bytes.fromhex(told.previous),
        hash=bytes.fromhex(told.hash),
    )
    if log_rules.operation_hash(operation) != operation.hash:
        raise Refused(Fault.OPERATION_CHANGED, "operation")
    return operation


def _proof(proof: Proof, leaf: bytes, keys: Keys) -> None:
    head = log_rules.from_published(proof.head)
    path = [bytes.fromhex(part) for part in proof.inclusion_path]
    try:
        root = merkle.root_by_inclusion(leaf, proof.leaf_index, head.tree_size, path)
    except merkle.ProofWrong:
        raise Refused(Fault.PROOF_CHANGED, "proof.inclusion_path") from None
    if root != head.root:
        raise Refused(Fault.PROOF_CHANGED, "proof")
    _signed(log_rules.head_octets(head), head.signature, head.key_number, keys, "proof.head")


def _promise(promise: Promise, leaf: bytes, keys: Keys) -> None:
    octets = rules.promise_octets(leaf, promise.at, promise.until, promise.key_number)
    signature = base64.b64decode(promise.signature, validate=True)
    if base64.b64encode(signature).decode() != promise.signature:
        raise Refused(Fault.HEAD_CHANGED, "proof.signature")
    _signed(octets, signature, promise.key_number, keys, "proof")


def _signed(octets: bytes, signature: bytes, key_number: int, keys: Keys, where: str) -> None:
    if key_number not in keys:
        raise Refused(Fault.KEY_UNKNOWN, f"{where}.key_number")
    try:
        log_rules.require_signed(octets, signature, keys[key_number])
    except log_rules.SignatureWrong:
        raise Refused(Fault.HEAD_CHANGED, where) from None


def _told(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the extract is, without whom it is about."""
    return {name: document.get(name) for name in ("extract_id", "kind", "issued_at")}


# --- PDF and QR -----------------------------------------------------------------------------------


def _pdf(raw: bytes, keys: Keys, policy: Policy) -> Held:
    """The seal of the log's key stands over the whole file, the registrar's over both."""
    try:
        pdf, key_number, signature, behind = rules.without_seal(raw)
    except rules.NotSealed:
        raise Refused(Fault.PDF_CHANGED, "the seal is not there") from None
    if key_number not in keys:
        raise Refused(Fault.KEY_UNKNOWN, "the PDF's seal")
    try:
        log_rules.require_signed(rules.pdf_digest(pdf), signature, keys[key_number])
    except log_rules.SignatureWrong:
        raise Refused(Fault.PDF_CHANGED, "an octet is not what was sealed") from None
    sealed_by = _registrars_seal(raw, policy) if behind else None
    held = _json(_attached(pdf), keys, "pdf")
    return msgspec.structs.replace(held, sealed_by=sealed_by)


def _registrars_seal(raw: bytes, policy: Policy) -> str:
    found = pades.verify(policy, raw)
    if found.code is not Code.OK:
        changed = found.code in (Code.MALFORMED, Code.DIGEST_MISMATCH)
        fault = Fault.PDF_CHANGED if changed else Fault.SEAL_INVALID
        raise Refused(fault, f"the registrar's seal: {found.code}")
    return found.signers[0].bin or ""


def _attached(pdf: bytes) -> bytes:
    """The JSON inside; the PDF is sealed, so it is as we made it."""
    found = _ATTACHED.search(pdf)
    length = _LENGTH.search(found[1]) if found else None
    if found is None or length is None:
        raise Refused(Fault.MALFORMED, "the PDF carries no extract")
    octets = pdf[found.end() : found.end() + int(length[1])]
    return zlib.decompress(octets) if b"/FlateDecode" in found[1] else octets


def _qr(raw: bytes, keys: Keys) -> Held:
    try:
        said = qr.read(raw.decode("ascii").rstrip("\r\n"))
    except (UnicodeDecodeError, qr.QrUnreadable, binascii.Error):
        raise Refused(Fault.MALFORMED, "no QR of an extract") from None
    _signed(said.octets, said.signature, said.key_number, keys, "QR")
    return Held(
        form="qr",
        extract={},
        leaf_hash=said.leaf.hex(),
        leaf_index=said.leaf_index,
        head=said.head,
        tree_size=said.tree_size,
        promised_by=said.until,
    )
