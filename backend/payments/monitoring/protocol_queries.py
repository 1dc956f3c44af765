"""SQL of protocols and of what follows from a signed one."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.monitoring.model import (
    Finding,
    Penalty,
    ProtocolRow,
    ProtocolVersion,
    Seat,
    Task,
)
from backend.payments.monitoring.protocol_text import EarlierTask

_PROTOCOL = """
    SELECT protocol_id, monitoring_id, version, commission_id, draft, content,
           encode(content_sha256, 'hex') AS content_sha256, drafted_at
      FROM payments.protocol
"""
ONE = Query[ProtocolRow](_PROTOCOL + " WHERE protocol_id = $1")
ADD = Query[None](
    """
    INSERT INTO payments.protocol (
        protocol_id, monitoring_id, version, commission_id, draft, content, content_sha256,
        drafted_at, drafted_by
    )
    VALUES ($1, $2, $3, $4, $5, $6, sha256($6), $7, $8)
    """
)
SET_CURRENT = Query[None](
    """
    UPDATE payments.monitoring SET protocol_id = $2, status = 'PROTOCOL_DRAFT'
     WHERE monitoring_id = $1
    """
)
VERSIONS = Query[ProtocolVersion](
    """
    SELECT p.protocol_id, p.version, encode(p.content_sha256, 'hex') AS content_sha256, p.drafted_at,
           (SELECT count(*) FROM payments.protocol_signature s WHERE s.protocol_id = p.protocol_id)
               AS signatures,
           (SELECT count(*) FROM payments.commission_member c
             WHERE c.commission_id = p.commission_id) AS members,
           p.protocol_id = m.protocol_id AND p.commission_id = m.commission_id AS in_force
      FROM payments.protocol p JOIN payments.monitoring m USING (monitoring_id)
     WHERE p.monitoring_id = $1
     ORDER BY p.version
    """
)
# What was recommended to these executors by protocols signed before, and not said to be kept since.
EARLIER = Query[EarlierTask](
    """
    SELECT t.task_id, m.number AS monitoring_number, t.executor_id, t.text, t.due_on, t.status
      FROM payments.follow_up_task t JOIN payments.monitoring m USING (monitoring_id)
     WHERE t.executor_id = ANY ($1::uuid[]) AND t.monitoring_id <> $2
       AND NOT EXISTS (
           SELECT FROM payments.follow_up_assessment a
            WHERE a.task_id = t.task_id AND a.outcome = 'KEPT')
     ORDER BY t.task_id
    """
)
# Contracts and acts a draft names that are not of the executor it names them for.
FOREIGN = Query[int](
    """
    SELECT (given.place - 1)::integer
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY
        AS given (executor_id, contract_id, act_id, place)
     WHERE given.contract_id IS NOT NULL AND NOT EXISTS (
               SELECT FROM allocation.contract c
                WHERE c.contract_id = given.contract_id AND c.executor_id = given.executor_id)
        OR given.act_id IS NOT NULL AND NOT EXISTS (
               SELECT FROM payments.act a
                WHERE a.act_id = given.act_id AND a.executor_id = given.executor_id)
     ORDER BY given.place
     LIMIT 1
    """
)

# --- signing --------------------------------------------------------------------------------------

SEATS = Query[Seat](
    """
    SELECT s.no, s.bin, s.iin_hash, p.evidence_id IS NOT NULL AS signed
      FROM payments.commission_member s
      LEFT JOIN payments.protocol_signature p
        ON p.commission_id = s.commission_id AND p.no = s.no AND p.protocol_id = $2
     WHERE s.commission_id = $1
     ORDER BY s.no
    """
)
ADD_SIGNATURE = Query[None](
    """
    INSERT INTO payments.protocol_signature (protocol_id, commission_id, no, evidence_id, signed_at)
    VALUES ($1, $2, $3, $4, $5)
    """
)
SIGNED = Query[None](
    """
    UPDATE payments.monitoring SET status = 'PROTOCOL_SIGNED', signed_at = $2
     WHERE monitoring_id = $1
    """
)
ADD_FINDINGS = Query[None](
    """
    INSERT INTO payments.finding (
        finding_id, protocol_id, monitoring_id, executor_id, no, code, found_by, text, recorded_on,
        ground, contract_id, act_id, confirmed_at
    )
    SELECT finding_id, $1, $2, executor_id, no, code, found_by, text, recorded_on, ground,
           contract_id, act_id, $3
      FROM unnest(
               $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::date[], $10::text[],
               $11::uuid[], $12::uuid[]
           ) WITH ORDINALITY AS new (
               finding_id, executor_id, code, found_by, text, recorded_on, ground, contract_id,
               act_id, no
           )
    """
)
ADD_TASKS = Query[None](
    """
    INSERT INTO payments.follow_up_task (
        task_id, protocol_id, monitoring_id, executor_id, no, finding_id, text, due_on, status
    )
    SELECT task_id, $1, $2, executor_id, no, finding_id, text, due_on, 'OPEN'
      FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::date[]) WITH ORDINALITY
        AS new (task_id, executor_id, finding_id, text, due_on, no)
    """
)
ADD_ASSESSMENTS = Query[None](
    """
    INSERT INTO payments.follow_up_assessment (protocol_id, task_id, outcome, text)
    SELECT $1, task_id, outcome, text
      FROM unnest($2::uuid[], $3::text[], $4::text[]) AS new (task_id, outcome, text)
    """
)

# --- findings, tasks, penalties -------------------------------------------------------------------

FINDINGS = Query[Finding](
    """
    SELECT f.finding_id, f.monitoring_id, f.executor_id, f.no, f.code,
           CASE $4::text WHEN 'kk' THEN d.title_kk WHEN 'ru' THEN d.title_ru ELSE d.title_en END
               AS title,
           f.found_by, f.text, f.recorded_on, f.ground, f.contract_id, f.act_id, f.confirmed_at
      FROM payments.finding f
      JOIN payments.defect_code d
        ON d.code = f.code AND f.recorded_on BETWEEN d.valid_from AND coalesce(d.valid_to, 'infinity')
     WHERE f.monitoring_id = $1 AND ($2::uuid IS NULL OR f.executor_id = $2) AND f.no > $3
     ORDER BY f.no
     LIMIT $5
    """
)
FINDING = Query[Finding](
    """
    SELECT f.finding_id, f.monitoring_id, f.executor_id, f.no, f.code, f.code AS title,
           f.found_by, f.text, f.recorded_on, f.ground, f.contract_id, f.act_id, f.confirmed_at
      FROM payments.finding f
     WHERE f.finding_id = $1
    """
)
# The factor of the rating: defects confirmed in a financial year (A, 48 of the purchase rules).
DEFECTS_OF_YEAR = Query[int](
    """
    SELECT count(*)::integer
      FROM payments.finding
     WHERE executor_id = $1 AND confirmed_at >= $2 AND confirmed_at < $3
    """
)
_TASK = """
    SELECT t.task_id, t.monitoring_id, m.number AS monitoring_number, t.executor_id, t.no,
           t.finding_id, t.text, t.due_on, t.status, t.report, t.reported_at, t.judgement, t.judged_at
      FROM payments.follow_up_task t JOIN payments.monitoring m USING (monitoring_id)
"""
TASK = Query[Task](_TASK + " WHERE t.task_id = $1")
TASK_FOR_UPDATE = Query[Task](_TASK + " WHERE t.task_id = $1 FOR UPDATE OF t")
TASKS = Query[Task](
    _TASK
    + """
     WHERE ($1::uuid IS NULL OR t.executor_id = $1)
       AND ($2::uuid IS NULL OR t.monitoring_id = $2)
       AND ($3::text IS NULL OR t.status = $3)
       AND ($4::uuid IS NULL OR t.task_id > $4)
     ORDER BY t.task_id
     LIMIT $5
    """
)
TASKS_LEFT = Query[int](
    """
    SELECT count(*)::integer FROM payments.follow_up_task
     WHERE monitoring_id = $1 AND status IN ('OPEN', 'REPORTED')
    """
)
REPORT = Query[None](
    """
    UPDATE payments.follow_up_task
       SET status = 'REPORTED', report = $2, report_sha256 = $3, report_evidence_id = $4,
           reported_at = $5
     WHERE task_id = $1
    """
)
JUDGE = Query[None](
    """
    UPDATE payments.follow_up_task
       SET status = $2, judgement = $3, judge_evidence_id = $4, judged_at = $5
     WHERE task_id = $1
    """
)
_PENALTY = """
    SELECT penalty_id, finding_id, monitoring_id, executor_id, kind, contract_id, amount_tiyn, basis,
           imposed_at, lifted_at, lifted_because
      FROM payments.penalty
"""
PENALTY = Query[Penalty](_PENALTY + " WHERE penalty_id = $1")
PENALTIES = Query[Penalty](
    _PENALTY
    + """
     WHERE ($1::uuid IS NULL OR executor_id = $1)
       AND ($2::uuid IS NULL OR penalty_id > $2)
     ORDER BY penalty_id
     LIMIT $3
    """
)
CONTRACT_OF = Query[UUID](
    "SELECT contract_id FROM allocation.contract WHERE contract_id = $1 AND executor_id = $2"
)
ADD_PENALTY = Query[None](
    """
    INSERT INTO payments.penalty (
        penalty_id, finding_id, monitoring_id, executor_id, kind, contract_id, amount_tiyn, basis,
        evidence_id, imposed_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    """
)
LIFT = Query[None](
    """
    UPDATE payments.penalty SET lifted_evidence_id = $2, lifted_at = $3, lifted_because = $4
     WHERE penalty_id = $1 AND lifted_at IS NULL
    """
)
