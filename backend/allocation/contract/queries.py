"""SQL of contracts."""

from uuid import UUID

from backend.allocation.contract.model import (
    AllocatedLine,
    AllocatedPart,
    ApplicationPapers,
    Approvable,
    CoExecutorRow,
    ContractLine,
    ContractRow,
    ContractState,
    PartyRow,
    PlanVersion,
    Sealing,
    Waiting,
)
from backend.kernel.db import Query

PLAN_OF = Query[PlanVersion](
    """
    SELECT p.plan_id, p.year, p.version
      FROM allocation.decision d
      JOIN allocation.announcement a USING (announcement_id)
      JOIN allocation.plan p USING (plan_id)
     WHERE d.decision_id = $1
    """
)
ALLOCATED = Query[AllocatedLine](
    """
    SELECT s.application_id, s.executor_id, s.seq_no, l.source, l.line_id, l.code, l.service_type,
           l.region, l.care_form, l.title_kk, l.title_ru, l.payment_method, l.unit,
           s.allocated AS units,
           CASE WHEN l.unit = 'service' THEN s.amount_tiyn / s.allocated END AS tariff_tiyn,
           s.amount_tiyn, s.grp AS "group",
           (s.trace #>> '{application,score_milli}')::integer AS score_milli
      FROM allocation.share s
      JOIN allocation.plan_line l USING (line_id)
     WHERE s.decision_id = $1 AND s.allocated > 0
     ORDER BY s.seq_no, l.source, l.code
    """
)
PARTS = Query[AllocatedPart](
    """
    SELECT application_id, line_id, co_executor_no, allocated
      FROM allocation.share_part
     WHERE decision_id = $1
     ORDER BY application_id, line_id, co_executor_no
    """
)
PAPERS = Query[ApplicationPapers](
    """
    SELECT application_id, contents FROM allocation.application
     WHERE application_id = ANY ($1::uuid[])
    """
)
CO_EXECUTORS = Query[CoExecutorRow](
    """
    SELECT application_id, co_executor_no, form, bin, name, sealed
      FROM allocation.application_co_executor
     WHERE application_id = ANY ($1::uuid[])
     ORDER BY application_id, co_executor_no
    """
)
TAKE_NUMBERS = Query[int](
    """
    INSERT INTO allocation.contract_number AS held (year, source, last_no) VALUES ($1, $2, $3)
    ON CONFLICT (year, source) DO UPDATE SET last_no = held.last_no + EXCLUDED.last_no
    RETURNING last_no
    """
)
ADD = Query[None](
    """
    INSERT INTO allocation.contract (
        contract_id, number, decision_id, application_id, executor_id, source, seq_no, content,
        content_sha256, amount_tiyn, valid_from, valid_to, formed_at
    )
    SELECT contract_id, number, $1, application_id, executor_id, source, seq_no, content,
           sha256(content), amount_tiyn, $2, $3, $4
      FROM unnest($5::uuid[], $6::text[], $7::uuid[], $8::uuid[], $9::text[], $10::integer[],
                  $11::bytea[], $12::bigint[])
        AS new (contract_id, number, application_id, executor_id, source, seq_no, content,
                amount_tiyn)
    """
)
ADD_LINES = Query[None](
    """
    INSERT INTO allocation.contract_line (
        contract_id, line_id, service_type, region, unit, units, tariff_tiyn, amount_tiyn
    )
    SELECT contract_id, line_id, service_type, region, unit, units, tariff_tiyn, amount_tiyn
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[],
                  $7::bigint[], $8::bigint[])
        AS new (contract_id, line_id, service_type, region, unit, units, tariff_tiyn, amount_tiyn)
    """
)
ADD_CO_EXECUTORS = Query[None](
    """
    INSERT INTO allocation.contract_co_executor (
        contract_id, application_id, co_executor_no, line_id, units
    )
    SELECT contract_id, application_id, co_executor_no, line_id, units
      FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::uuid[], $5::bigint[])
        AS new (contract_id, application_id, co_executor_no, line_id, units)
    """
)
DECISIONS_OF = Query[UUID](
    """
    SELECT DISTINCT decision_id FROM allocation.contract
     WHERE contract_id = ANY ($1::uuid[])
     ORDER BY decision_id
    """
)
STATES = Query[ContractState](
    """
    SELECT contract_id, decision_id, executor_id, source, seq_no, status, amount_tiyn, content
      FROM allocation.contract
     WHERE contract_id = ANY ($1::uuid[])
     ORDER BY decision_id, seq_no
    """
)
FOR_UPDATE = Query[ContractState](
    """
    SELECT contract_id, decision_id, executor_id, source, seq_no, status, amount_tiyn, content
      FROM allocation.contract
     WHERE contract_id = ANY ($1::uuid[])
     ORDER BY decision_id, seq_no
       FOR UPDATE
    """
)
WAITING = Query[Waiting](
    """
    SELECT contract_id, seq_no
      FROM allocation.contract
     WHERE decision_id = $1 AND status = 'FORMED'
     ORDER BY seq_no
     LIMIT $2
    """
)
SIGN_AS_ISSUER = Query[None](
    """
    UPDATE allocation.contract c
       SET status = 'IN_SIGNING', issuer_signed_at = $1, issuer_evidence_id = new.evidence_id
      FROM unnest($2::uuid[], $3::uuid[]) AS new (contract_id, evidence_id)
     WHERE c.contract_id = new.contract_id
    """
)
SIGN_AS_EXECUTOR = Query[None](
    """
    UPDATE allocation.contract
       SET status = 'SIGNED', executor_signed_at = $2, executor_evidence_id = $3
     WHERE contract_id = $1
    """
)
LAPSE = Query[None](
    """
    UPDATE allocation.contract SET status = 'LAPSED', ended_at = $2, end_ground = $3
     WHERE contract_id = $1
    """
)
# Under the lock of the wing that pays: those in force end on a ground of M §17.
TERMINATE = Query[PartyRow](
    """
    UPDATE allocation.contract SET status = 'TERMINATED_BY_ISSUER', ended_at = $2, end_ground = $3
     WHERE contract_id = ANY ($1::uuid[]) AND status = 'SIGNED'
    RETURNING contract_id, executor_id
    """
)
APPROVABLE = Query[Approvable](
    """
    SELECT count(*) AS contracts, count(*) FILTER (WHERE status = 'FORMED') AS waiting,
           sum(amount_tiyn)::bigint AS amount_tiyn,
           encode(sha256(string_agg(content_sha256, ''::bytea ORDER BY seq_no)), 'hex')
               AS contents_sha256
      FROM allocation.contract
     WHERE decision_id = $1
    HAVING count(*) > 0
    """
)
ADD_SEALING = Query[None](
    """
    INSERT INTO allocation.contract_sealing (
        decision_id, evidence_id, contracts, contents_sha256, approved_at
    ) VALUES ($1, $2, $3, $4, $5)
    """
)
SEALING = Query[Sealing](
    """
    SELECT s.decision_id, s.evidence_id, s.contracts,
           (SELECT count(*) FROM allocation.contract c
             WHERE c.decision_id = s.decision_id AND c.status <> 'FORMED') AS sealed,
           s.approved_at, s.finished_at
      FROM allocation.contract_sealing s
     WHERE s.decision_id = $1
    """
)
FINISH_SEALING = Query[None](
    """
    UPDATE allocation.contract_sealing SET finished_at = greatest($2, approved_at)
     WHERE decision_id = $1 AND finished_at IS NULL
    """
)
REMIND = Query[PartyRow](
    """
    WITH due AS (
        SELECT c.contract_id, c.executor_id
          FROM allocation.contract c
         WHERE c.status = 'IN_SIGNING' AND c.issuer_signed_at < $2
           AND NOT EXISTS (
               SELECT 1 FROM allocation.contract_reminder r WHERE r.contract_id = c.contract_id)
         ORDER BY c.issuer_signed_at
         LIMIT $3
    ), told AS (
        INSERT INTO allocation.contract_reminder (contract_id, at)
        SELECT contract_id, $1 FROM due
        ON CONFLICT DO NOTHING
        RETURNING contract_id
    )
    SELECT contract_id, executor_id FROM due WHERE contract_id IN (SELECT contract_id FROM told)
    """
)
EXPIRE = Query[PartyRow](
    """
    UPDATE allocation.contract SET status = 'EXPIRED', ended_at = $2, end_ground = 'VALIDITY'
     WHERE contract_id IN (
        SELECT contract_id FROM allocation.contract
         WHERE status = 'SIGNED' AND valid_to < $1
         ORDER BY valid_to, contract_id
         LIMIT $3
           FOR UPDATE SKIP LOCKED)
    RETURNING contract_id, executor_id
    """
)
_ROW = """
    SELECT c.contract_id, c.number, c.decision_id, c.application_id, c.executor_id,
           o.bin AS executor_bin, o.name AS executor_name, c.source, c.seq_no, c.status,
           c.amount_tiyn, coalesce((
               SELECT m.amount_after_tiyn FROM allocation.contract_amendment m
                WHERE m.contract_id = c.contract_id AND m.status = 'SIGNED'
                ORDER BY m.no DESC LIMIT 1), c.amount_tiyn) AS amount_now_tiyn,
           c.valid_from, c.valid_to,
           encode(c.content_sha256, 'hex') AS content_sha256, c.formed_at, c.issuer_signed_at,
           c.executor_signed_at, c.ended_at
      FROM allocation.contract c
      JOIN registry.organisation o ON o.organisation_id = c.executor_id
"""
ONE = Query[ContractRow](_ROW + " WHERE c.contract_id = $1")
MANY = Query[ContractRow](
    _ROW + " WHERE c.contract_id = ANY ($1::uuid[]) ORDER BY c.decision_id, c.seq_no"
)
OF_DECISION = Query[ContractRow](
    _ROW + " WHERE c.decision_id = $1 AND c.seq_no > $2 ORDER BY c.seq_no LIMIT $3"
)
ALL = Query[ContractRow](
    _ROW
    + """
     WHERE $1::uuid IS NULL OR c.contract_id < $1
     ORDER BY c.contract_id DESC LIMIT $2
    """
)
OF_EXECUTOR = Query[ContractRow](
    _ROW
    + """
     WHERE o.bin = $1 AND c.status <> 'FORMED' AND ($2::uuid IS NULL OR c.contract_id < $2)
     ORDER BY c.contract_id DESC LIMIT $3
    """
)
LINES = Query[ContractLine](
    """
    SELECT l.line_id, p.code, l.service_type, l.region, p.title_kk, p.title_ru, l.unit, l.units,
           l.tariff_tiyn, l.amount_tiyn
      FROM allocation.contract_line_now l
      JOIN allocation.plan_line p USING (line_id)
     WHERE l.contract_id = $1
     ORDER BY p.code
    """
)
