"""SQL of monitorings: planning, commissions, notices, closing, and what is read."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.monitoring.model import (
    Comment,
    Covered,
    Defect,
    Member,
    Monitoring,
    Move,
    Notice,
)

_MONITORING = """
    SELECT m.monitoring_id, m.number, m.kind, m.status, m.purpose, m.basis, m.unannounced_basis,
           m.starts_on, m.ends_on, m.repeats, m.sample_id, m.planned_at, m.commission_id,
           m.protocol_id, m.started_at, m.signed_at, m.closed_at, m.closing
      FROM payments.monitoring m
"""
# Who may see it. $1 executor: covered, and told or visited; $2, $3 a member of its commission; all
# null: the issuer.
_SCOPE = """
       AND ($1::uuid IS NULL OR EXISTS (
               SELECT FROM payments.monitored c
                WHERE c.monitoring_id = m.monitoring_id AND c.executor_id = $1)
           AND (m.status NOT IN ('PLANNED', 'COMMISSION_FORMED') OR EXISTS (
               SELECT FROM payments.monitoring_notice n
                WHERE n.monitoring_id = m.monitoring_id AND n.executor_id = $1)))
       AND ($2::text IS NULL OR EXISTS (
               SELECT FROM payments.commission_member s
                WHERE s.commission_id = m.commission_id AND s.bin = $2 AND s.iin_hash = $3))
"""
ONE = Query[Monitoring](_MONITORING + " WHERE m.monitoring_id = $1")
FOR_UPDATE = Query[Monitoring](_MONITORING + " WHERE m.monitoring_id = $1 FOR UPDATE")
SEEN = Query[Monitoring](_MONITORING + " WHERE m.monitoring_id = $4" + _SCOPE)
LIST = Query[Monitoring](
    _MONITORING
    + " WHERE ($4::text IS NULL OR m.status = $4)"
    + _SCOPE
    + """
       AND ($5::uuid IS NULL OR m.monitoring_id < $5)
     ORDER BY m.monitoring_id DESC
     LIMIT $6
    """
)

# --- steps ----------------------------------------------------------------------------------------

NEXT_NO = Query[int](
    """
    INSERT INTO payments.monitoring_number (year, last_no) VALUES ($1, 1)
    ON CONFLICT (year) DO UPDATE SET last_no = monitoring_number.last_no + 1
    RETURNING last_no
    """
)
KNOWN_EXECUTORS = Query[UUID](
    """
    SELECT organisation_id FROM registry.organisation
     WHERE organisation_id = ANY ($1::uuid[]) AND kind = 'EXECUTOR'
    """
)
ADD = Query[None](
    """
    INSERT INTO payments.monitoring (
        monitoring_id, number, kind, status, purpose, basis, unannounced_basis, starts_on, ends_on,
        repeats, sample_id, evidence_id, planned_at
    )
    VALUES ($1, $2, $3, 'PLANNED', $4, $5, $6, $7, $8, $9, $10, $11, $12)
    """
)
ADD_MONITORED = Query[None](
    """
    INSERT INTO payments.monitored (monitoring_id, executor_id)
    SELECT $1, executor_id FROM unnest($2::uuid[]) AS given (executor_id)
    """
)
ADD_MOVE = Query[None](
    """
    INSERT INTO payments.monitoring_move (monitoring_id, no, status, at, actor, note)
    SELECT $1, 1 + count(*), $2, $3, $4, $5
      FROM payments.monitoring_move WHERE monitoring_id = $1
    """
)
ADD_COMMISSION = Query[None](
    """
    INSERT INTO payments.commission (commission_id, monitoring_id, no, evidence_id, formed_at)
    SELECT $1, $2, 1 + count(*), $3, $4
      FROM payments.commission WHERE monitoring_id = $2
    """
)
ADD_MEMBERS = Query[None](
    """
    INSERT INTO payments.commission_member (
        commission_id, no, kind, bin, organisation, name, post, iin_hash
    )
    SELECT $1, no, kind, bin, organisation, name, post, iin_hash
      FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[])
           WITH ORDINALITY AS new (kind, bin, organisation, name, post, iin_hash, no)
    """
)
SET_COMMISSION = Query[None](
    "UPDATE payments.monitoring SET commission_id = $2, status = $3 WHERE monitoring_id = $1"
)
SET_STATUS = Query[None]("UPDATE payments.monitoring SET status = $2 WHERE monitoring_id = $1")
ADD_NOTICES = Query[None](
    """
    INSERT INTO payments.monitoring_notice (
        monitoring_id, executor_id, starts_on, evidence_id, posted_at
    )
    SELECT monitoring_id, executor_id, $2, $3, $4
      FROM payments.monitored WHERE monitoring_id = $1
    """
)
RESCHEDULE = Query[None](
    """
    UPDATE payments.monitoring SET starts_on = $2, ends_on = $3, status = $4
     WHERE monitoring_id = $1
    """
)
START = Query[None](
    """
    UPDATE payments.monitoring SET status = 'IN_PROGRESS', started_at = $2 WHERE monitoring_id = $1
    """
)
CLOSE = Query[None](
    """
    UPDATE payments.monitoring
       SET status = 'CLOSED', closed_at = $2, close_evidence_id = $3, closing = $4
     WHERE monitoring_id = $1
    """
)
# The term of the notice follows the planned day.
MOVE_NOTICE_TERM = Query[None](
    """
    UPDATE kernel.term SET due_at = $2 WHERE code = 'd8' AND subject = $1 AND done_at IS NULL
    """
)

# --- reading --------------------------------------------------------------------------------------

EXECUTORS = Query[Covered](
    """
    SELECT c.executor_id, CASE WHEN o.form = 'LEGAL' THEN o.bin END AS bin, o.name
      FROM payments.monitored c
      JOIN registry.organisation o ON o.organisation_id = c.executor_id
     WHERE c.monitoring_id = $1 AND ($2::uuid IS NULL OR c.executor_id = $2)
     ORDER BY o.name, c.executor_id
    """
)
MEMBERS = Query[Member](
    """
    SELECT s.no, s.kind, s.bin, s.organisation, s.name, s.post, p.signed_at
      FROM payments.commission_member s
      LEFT JOIN payments.protocol_signature p
        ON p.commission_id = s.commission_id AND p.no = s.no AND p.protocol_id = $2
     WHERE s.commission_id = $1
     ORDER BY s.no
    """
)
NOTICES = Query[Notice](
    """
    SELECT executor_id, starts_on, posted_at, read_at
      FROM payments.monitoring_notice
     WHERE monitoring_id = $1 AND ($2::uuid IS NULL OR executor_id = $2)
     ORDER BY posted_at, executor_id
    """
)
READ_NOTICE = Query[None](
    """
    UPDATE payments.monitoring_notice SET read_at = $3
     WHERE monitoring_id = $1 AND executor_id = $2 AND read_at IS NULL AND posted_at <= $3
    """
)
MOVES = Query[Move](
    """
    SELECT status, at, note FROM payments.monitoring_move WHERE monitoring_id = $1 ORDER BY no
    """
)
ADD_COMMENT = Query[None](
    """
    INSERT INTO payments.monitoring_comment (
        comment_id, monitoring_id, executor_id, text, evidence_id, at
    )
    VALUES ($1, $2, $3, $4, $5, $6)
    """
)
COMMENTS = Query[Comment](
    """
    SELECT comment_id, executor_id, text, at
      FROM payments.monitoring_comment
     WHERE monitoring_id = $1 AND ($2::uuid IS NULL OR executor_id = $2)
       AND ($3::uuid IS NULL OR comment_id > $3)
     ORDER BY comment_id
     LIMIT $4
    """
)

# --- the dictionary of defects --------------------------------------------------------------------

# Whoever sets codes sets them alone: two of one code would not see each other.
LOCK_CODES = Query[None](
    "SELECT pg_advisory_xact_lock(hashtextextended('payments.defect_code', 0))"
)
LATER_CODES = Query[str](
    """
    SELECT d.code
      FROM payments.defect_code d
      JOIN unnest($1::text[], $2::date[]) AS new (code, valid_from) ON new.code = d.code
     WHERE d.valid_from >= new.valid_from
     LIMIT 1
    """
)
END_CODES = Query[None](
    """
    UPDATE payments.defect_code d SET valid_to = new.valid_from - 1
      FROM unnest($1::text[], $2::date[]) AS new (code, valid_from)
     WHERE d.code = new.code AND d.valid_to IS NULL AND d.valid_from < new.valid_from
    """
)
# What ends without a successor; how many of them were in force.
END_FOR_GOOD = Query[None](
    """
    UPDATE payments.defect_code d SET valid_to = gone.valid_to
      FROM unnest($1::text[], $2::date[]) AS gone (code, valid_to)
     WHERE d.code = gone.code AND d.valid_to IS NULL AND d.valid_from <= gone.valid_to
    """
)
ADD_CODES = Query[None](
    """
    INSERT INTO payments.defect_code (
        code, valid_from, title_kk, title_ru, title_en, kinds, grounds, evidence_id, set_at,
        basis
    )
    SELECT code, valid_from, title_kk, title_ru, title_en, string_to_array(kinds, ','),
           string_to_array(grounds, ','), $8, $9, $10
      FROM unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
        AS new (code, valid_from, title_kk, title_ru, title_en, kinds, grounds)
    """
)
CODES = Query[Defect](
    """
    SELECT code, valid_from, valid_to, title_kk, title_ru, title_en, kinds, grounds, basis
      FROM payments.defect_code
     WHERE code = ANY ($1::text[])
     ORDER BY code, valid_from
    """
)
CODES_PAGE = Query[Defect](
    """
    SELECT code, valid_from, valid_to, title_kk, title_ru, title_en, kinds, grounds, basis
      FROM payments.defect_code
     WHERE (valid_to IS NULL OR valid_to >= $1)
       AND ($2::text IS NULL OR (code COLLATE "C", valid_from) > ($2, $3::date))
     ORDER BY code COLLATE "C", valid_from
     LIMIT $4
    """
)
