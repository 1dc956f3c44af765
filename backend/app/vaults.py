"""Every column that holds seals, and what each seal is bound to: what `saqtau registry rekey` goes through.

A sealed column that is missing here fails a test: its old key could never be taken away.
"""

from collections.abc import Sequence
from uuid import UUID

from backend.kernel import keys
from backend.kernel.db import Executor
from backend.kernel.resealing import Place, Vault
from backend.registry.person.claiming import iin_context
from backend.signing.evidence import vault as evidence


def _first(place: Place) -> bytes:
    return UUID(place[0]).bytes


def _second(place: Place) -> bytes:
    return UUID(place[1]).bytes


def _complaint(part: str, place: Place) -> bytes:
    return f"egov.complaint:{place[1]}:{part}".encode()


def _undecided(place: Place) -> bytes:
    return b"undecided:" + place[0].encode() + b":" + bytes.fromhex(place[1].removeprefix("\\x"))


def _session(place: Place) -> bytes:
    return b"session:" + _first(place)


def _co_executor(place: Place) -> bytes:
    return b"co_executor:" + UUID(place[0]).bytes + int(place[1]).to_bytes(4, "big")


async def _evidence(where: Executor, places: Sequence[Place]) -> list[bytes]:
    return await evidence.sealed_texts(where, [UUID(place[0]) for place in places])


VAULTS: tuple[Vault, ...] = (
    Vault(
        "registry", "kernel.lookup_key", "sealed", ("key_id",), lambda p: keys.context(int(p[0]))
    ),
    Vault(
        "registry",
        "person.iin_claim",
        "sealed",
        ("person_id", "key_id"),
        lambda p: iin_context(UUID(p[0])),
    ),
    Vault("registry", "person.identity", "sealed", ("person_id",), _first),
    Vault("registry", "registry.organisation", "head", ("organisation_id",), _first),
    Vault(
        "registry",
        "registry.organisation_version",
        "sealed",
        ("organisation_id", "version"),
        _first,
    ),
    Vault(
        "registry",
        "registry.extract",
        "sealed",
        ("person_id", "extract_id"),
        lambda p: b"registry.extract:" + _second(p),
        batch=500,
    ),
    Vault(
        "registry",
        "registry.insured_list_part",
        "sealed",
        ("list_id", "part"),
        lambda p: _first(p) + int(p[1]).to_bytes(4, "big"),
        batch=50,
    ),
    Vault(
        "registry",
        "registry.contribution_piece",
        "sealed",
        ("file_id", "start"),
        lambda p: _first(p) + int(p[1]).to_bytes(8, "big"),
        batch=20,
    ),
    Vault(
        "registry",
        "registry.contribution_stage",
        "sealed",
        ("file_id", "line"),
        lambda p: _first(p) + int(p[1]).to_bytes(8, "big"),
    ),
    Vault(
        "registry",
        "registry.contribution_repair",
        "sealed",
        ("repair_id", "file_id", "line"),
        lambda p: _second(p) + int(p[2]).to_bytes(8, "big"),
    ),
    Vault("registry", "registry.state_event", "sealed", ("source", "event_id"), _second),
    Vault("registry", "registry.brake_hold", "sealed", ("hold_id",), _first, batch=50),
    Vault("registry", "registry.repair", "sealed", ("repair_id",), _first),
    Vault(
        "registry",
        "registry.log_key",
        "private_sealed",
        ("key_number",),
        lambda p: f"registry.log_key:{p[0]}".encode(),
    ),
    Vault(
        "visits",
        "visits.qr_key",
        "private_sealed",
        ("key_number",),
        lambda p: f"visits.qr_key:{p[0]}".encode(),
    ),
    Vault(
        "allocation",
        "allocation.application_co_executor",
        "sealed",
        ("application_id", "co_executor_no"),
        _co_executor,
    ),
    Vault(
        "egov",
        "egov.complaint",
        "text_sealed",
        ("person_id", "complaint_id"),
        lambda p: _complaint("text", p),
    ),
    Vault(
        "egov",
        "egov.complaint",
        "answer_sealed",
        ("person_id", "complaint_id"),
        lambda p: _complaint("answer", p),
    ),
    Vault(
        "egov",
        "egov.notice_chat",
        "sealed",
        ("chat_hash",),
        lambda p: bytes.fromhex(p[0].removeprefix("\\x")),
    ),
    Vault(
        "egov",
        "egov.complaint_file",
        "sealed",
        ("person_id", "complaint_id", "file_id"),
        lambda p: b"egov.complaint_file:" + UUID(p[2]).bytes,
        batch=20,
    ),
    Vault(
        "egov",
        "egov.representation",
        "document_sealed",
        ("person_id", "representation_id"),
        lambda p: b"egov.representation:" + _second(p),
    ),
    Vault("egov", "egov.otp", "sealed", ("otp_id",), _first),
    Vault(
        "egov",
        "egov.service_request",
        "result_sealed",
        ("person_id", "request_id"),
        lambda p: b"egov.service_request:" + _second(p),
        batch=500,
    ),
    Vault(
        "egov",
        "egov.court_act",
        "sealed",
        ("person_id", "act_id"),
        lambda p: b"egov.court_act:" + _second(p),
    ),
    Vault(
        "payments",
        "payments.service_record",
        "sealed",
        ("executor_id", "record_id"),
        lambda p: b"service_record:" + _first(p) + p[1].encode(),
    ),
    Vault(
        "payments",
        "payments.act_draft",
        "document_sealed",
        ("draft_id",),
        lambda p: b"act_draft:" + _first(p),
        batch=5,
    ),
    Vault(
        "signing",
        "signing.undecided",
        "sealed",
        ("operation", "signature_sha256"),
        _undecided,
        batch=100,
    ),
    Vault("signing", "signing.session", "sole_sealed", ("session_id",), _session),
    Vault("signing", "signing.evidence", "seal", ("evidence_id",), contexts=_evidence, batch=500),
)
