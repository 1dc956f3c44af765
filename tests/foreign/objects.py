"""Things of the first clinic and of Aigul, written straight into the tables: no foreign keys, all checks."""

from typing import Any
from uuid import UUID

from tests.egov_adapter.billed import ACT, CASE, bill
from tests.visits.conftest import AIGUL, CLINIC, CLINIC_BIN, FACILITY, SAULE, Owner

CONTRACT = UUID("01980000-0000-7000-8000-00000000f0c0")
APPLICATION = UUID("01980000-0000-7000-8000-00000000f0a0")
ORDER = UUID("01980000-0000-7000-8000-00000000f0d0")
EVIDENCE = UUID("01980000-0000-7000-8000-00000000f0e0")
SUSPENSION = UUID("01980000-0000-7000-8000-00000000f050")
UPLOAD = UUID("01980000-0000-7000-8000-00000000f0b0")
FILE = UUID("01980000-0000-7000-8000-00000000f0b1")
TERMINATION = UUID("01980000-0000-7000-8000-00000000f060")
MONITORING = UUID("01980000-0000-7000-8000-00000000f062")
PROTOCOL = UUID("01980000-0000-7000-8000-00000000f061")
DEVICE = UUID("01980000-0000-7000-8000-00000000f070")
BIOMETRIC_SESSION = UUID("01980000-0000-7000-8000-00000000f080")
REPRESENTATION = UUID("01980000-0000-7000-8000-00000000f071")
COMPLAINT = UUID("01980000-0000-7000-8000-00000000f072")
PICTURE = UUID("01980000-0000-7000-8000-00000000f073")
ANNOUNCEMENT = UUID("01980000-0000-7000-8000-00000000f0f0")
THINGS: dict[str, UUID] = {
    "facility": FACILITY,
    "contract": CONTRACT,
    "application": APPLICATION,
    "order": ORDER,
    "act": ACT,
    "case": CASE,
    "suspension": SUSPENSION,
    "evidence": EVIDENCE,
    "complaint": COMPLAINT,
    "picture": PICTURE,
    "representation": REPRESENTATION,
    "termination": TERMINATION,
    "executor": CLINIC,
    "upload": UPLOAD,
    "contribution_file": FILE,
    "monitoring": MONITORING,
    "protocol": PROTOCOL,
    "device": DEVICE,
    "biometric_session": BIOMETRIC_SESSION,
}
# name -> statement, arguments. Each becomes one row.
SCENE: dict[str, tuple[str, tuple[Any, ...]]] = {
    "order": (
        """
        INSERT INTO registry.policy_order (order_id, evidence_id, operation, scope, actor, status, bin,
            created_at, total, done, refused, finished_at)
        VALUES ($1, $1, 'order.change_policies', '{}', 'executor_head:' || $2, 'DONE', $2,
            '2026-04-01Z', 1, 1, 0, '2026-04-01Z')
        """,
        (ORDER, CLINIC_BIN),
    ),
    "announcement": (
        """
        INSERT INTO allocation.announcement (announcement_id, plan_id, posted_at, accepting_until,
            status)
        VALUES ($1, $1, '2026-04-01Z', '2026-05-01Z', 'ACCEPTING')
        """,
        (ANNOUNCEMENT,),
    ),
    "application": (
        """
        INSERT INTO allocation.application (application_id, announcement_id, executor_id, seq_no,
            submitted_at, status, evidence_id, contents, warnings)
        VALUES ($1, $2, $3, 1, '2026-04-02Z', 'SUBMITTED', $1, '{}', '{}')
        """,
        (APPLICATION, ANNOUNCEMENT, CLINIC),
    ),
    "contract": (
        """
        INSERT INTO allocation.contract (contract_id, number, decision_id, application_id, executor_id,
            source, seq_no, status, content, content_sha256, amount_tiyn, valid_from, valid_to,
            formed_at, issuer_signed_at, issuer_evidence_id, executor_signed_at, executor_evidence_id)
        VALUES ($1, '2026-MHI-000001', $1, $1, $2, 'mhi', 1, 'SIGNED', '{}', sha256('{}'), 100,
            '2026-04-01', '2026-12-31', '2026-04-01Z', '2026-04-01Z', $1, '2026-04-01Z', $1)
        """,
        (CONTRACT, CLINIC),
    ),
    "suspension": (
        """
        INSERT INTO payments.suspension (suspension_id, executor_id, ground, status, detected_at,
            remove_by, basis, basis_sha256, evidence_id)
        VALUES ($1, $2, 'S2', 'ACTIVE', '2026-04-03Z', '2026-08-03', 'x', sha256('x'), $1)
        """,
        (SUSPENSION, CLINIC),
    ),
    "termination": (
        """
        INSERT INTO payments.termination (termination_id, executor_id, ground, status, detected_at,
            effective_from, basis, document, evidence_id)
        VALUES ($1, $2, 'T1', 'OPEN', '2026-04-03Z', '2026-04-03', 'x',
            jsonb_build_object('number', '1', 'issued_on', '2026-04-01', 'issued_by', 'x',
                'sha256', repeat('0', 64)), $1)
        """,
        (TERMINATION, CLINIC),
    ),
    "representation": (
        """
        INSERT INTO egov.representation (person_id, representation_id, representative_id, basis, scopes,
            document_sealed, valid_to, confirmed_by, confirmed_at)
        VALUES ($3, $1, $2, 'PARENT', '{READ}', 'x', '2026-12-31', 'GBD_FL', '2026-04-01Z')
        """,
        (REPRESENTATION, AIGUL, SAULE),
    ),
    "picture": (
        """
        INSERT INTO egov.complaint_file (person_id, complaint_id, file_id, no, sha256, bytes, sealed,
            added_at)
        VALUES ($1, $2, $3, 1, sha256('x'), 1, 'x', '2026-04-01Z')
        """,
        (AIGUL, COMPLAINT, PICTURE),
    ),
    "invoice": (
        """
        INSERT INTO payments.e_invoice (invoice_id, act_id, executor_id, contract_id, number, issued_on,
            period_from, period_to, total_tiyn, status, evidence_id, issued_at, try_at)
        VALUES ($1, $1, $2, $3, '1', '2026-05-01', '2026-04-01', '2026-04-30', 234567, 'ISSUED', $1,
            '2026-05-01Z', '2026-05-01Z')
        """,
        (ACT, CLINIC, CONTRACT),
    ),
    "facility_code": (
        """
        INSERT INTO visits.facility_code (code_id, facility_id, key_number, code, issued_at)
        VALUES ($1, $1, 1, 'SQ1.x', '2026-04-01Z')
        """,
        (FACILITY,),
    ),
    "device": (
        """
        INSERT INTO visits.device (device_id, facility_id, name, public_key, registered_at)
        VALUES ($1, $2, 'x', sha256('x'), '2026-04-01Z')
        """,
        (DEVICE, FACILITY),
    ),
    "biometric_session": (
        """
        INSERT INTO visits.biometric_session (person_id, session_id, provider, started_at)
        VALUES ($1, $2, 'default', '2026-04-01Z')
        """,
        (AIGUL, BIOMETRIC_SESSION),
    ),
    "rating": (
        """
        INSERT INTO allocation.rating (executor_id, service_type, import_id, score_milli,
            accreditation_rank, no_history)
        VALUES ($1, 'cdc', $1, 4000, 0, false)
        """,
        (CLINIC,),
    ),
    "protocol": (
        """
        INSERT INTO payments.protocol (protocol_id, monitoring_id, version, commission_id, draft,
            content, content_sha256, drafted_at, drafted_by)
        VALUES ($1, $2, 1, $2, '{}', '{}', sha256('{}'), '2026-04-01Z', 'x')
        """,
        (PROTOCOL, MONITORING),
    ),
    "monitoring": (
        """
        INSERT INTO payments.monitoring (monitoring_id, number, kind, status, purpose, starts_on,
            ends_on, evidence_id, planned_at, commission_id, protocol_id, signed_at)
        VALUES ($1, '2026-MON-00001', 'CURRENT', 'PROTOCOL_SIGNED', 'x', '2026-04-01', '2026-04-02',
            $1, '2026-04-01Z', $1, $2, '2026-04-02Z')
        """,
        (MONITORING, PROTOCOL),
    ),
    "monitored": (
        "INSERT INTO payments.monitored (monitoring_id, executor_id) VALUES ($1, $2)",
        (MONITORING, CLINIC),
    ),
    "upload": (
        """
        INSERT INTO registry.upload (upload_id, source, actor, format, bytes, crc32, status, received,
            created_at)
        VALUES ($1, $2, 'mis:x', 'ndjson', 100, 1, 'RECEIVING', 0, '2026-04-01Z')
        """,
        (UPLOAD, CLINIC_BIN),
    ),
    "contribution_file": (
        """
        INSERT INTO registry.contribution_file (file_id, source, name, format, channel, bytes, sha256,
            status, created_at)
        VALUES ($1, $2, 'a.csv', 'csv', 'POSTED', 100, sha256('x'), 'RECEIVING', '2026-04-01Z')
        """,
        (FILE, CLINIC_BIN),
    ),
    "evidence": (
        """
        INSERT INTO signing.evidence (evidence_id, operation, document, document_sha256, signature,
            signer_bin, signer_roles, certificate_serial, algorithm, result, verified_at)
        VALUES ($1, 'act.submit', 'x', sha256('x'), 'x', $2, '{head}', '1', 'a', '{}', '2026-04-01Z')
        """,
        (EVIDENCE, CLINIC_BIN),
    ),
}


async def make(owner: Owner) -> None:
    """The whole scene."""
    await bill(owner, AIGUL, "CHECK_PASSED")
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        for statement, arguments in SCENE.values():
            await owner.execute(statement, *arguments)
        await owner.execute(
            "UPDATE payments.act SET contract_id = $2 WHERE act_id = $1", ACT, CONTRACT
        )
