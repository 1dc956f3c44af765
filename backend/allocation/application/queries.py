"""SQL of applications."""

from uuid import UUID

from backend.allocation.application.model import (
    ApplicationState,
    ApplicationSummary,
    EnteredChange,
    NamedPart,
    OfferedLine,
    RequestedLine,
    SealedCoExecutor,
    StoredContents,
)
from backend.kernel.db import Query

OFFERED = Query[OfferedLine](
    """
    SELECT a.line_id, l.care_form, l.service_type
      FROM allocation.announcement_line a
      JOIN allocation.plan_line l USING (line_id)
     WHERE a.announcement_id = $1 AND a.line_id = ANY ($2::uuid[])
    """
)
TAKE_NUMBER = Query[None](
    """
    UPDATE allocation.announcement SET last_seq_no = $2, last_submitted_at = $3
     WHERE announcement_id = $1
    """
)
ADD = Query[None](
    """
    INSERT INTO allocation.application (
        application_id, announcement_id, executor_id, seq_no, submitted_at, evidence_id, contents,
        warnings
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    """
)
ADD_LINES = Query[None](
    """
    INSERT INTO allocation.application_line (
        application_id, line_id, announcement_id, executor_id, live, requested
    )
    SELECT $1, line_id, $2, $3, true, requested
      FROM unnest($4::uuid[], $5::bigint[]) AS new (line_id, requested)
    """
)
LIVE_CONSTRAINT = "application_line_live"
ADD_CO_EXECUTORS = Query[None](
    """
    INSERT INTO allocation.application_co_executor (
        application_id, co_executor_no, form, bin, name, sealed
    )
    SELECT $1, co_executor_no, form, bin, name, sealed
      FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::bytea[])
        AS new (co_executor_no, form, bin, name, sealed)
    """
)
ADD_PARTS = Query[None](
    """
    INSERT INTO allocation.application_part (application_id, line_id, co_executor_no, requested)
    SELECT $1, line_id, co_executor_no, requested
      FROM unnest($2::uuid[], $3::integer[], $4::bigint[]) AS new (line_id, co_executor_no, requested)
    """
)
ANNOUNCEMENT_OF = Query[UUID](
    "SELECT announcement_id FROM allocation.application WHERE application_id = $1"
)
FOR_UPDATE = Query[ApplicationState](
    """
    SELECT application_id, announcement_id, executor_id, seq_no, status
      FROM allocation.application
     WHERE application_id = $1
       FOR UPDATE
    """
)
WITHDRAW = Query[None](
    """
    UPDATE allocation.application
       SET status = 'WITHDRAWN', withdrawn_at = $2, withdrawal_evidence_id = $3
     WHERE application_id = $1
    """
)
FIRST_WAITING = Query[int](
    """
    SELECT seq_no FROM allocation.application
     WHERE announcement_id = $1 AND status IN ('SUBMITTED', 'UNDER_REVIEW')
     ORDER BY seq_no
     LIMIT 1
    """
)
REVIEW = Query[None](
    """
    UPDATE allocation.application
       SET status = $2, ground = $3, ground_text = $4, reviewed_at = $5, review_evidence_id = $6,
           ground_rule = $7
     WHERE application_id = $1
    """
)
_SUMMARY = """
    SELECT a.application_id, a.announcement_id, a.seq_no, a.executor_id, o.bin AS executor_bin,
           o.name AS executor_name, a.submitted_at, a.status, asked.lines, asked.amount_tiyn,
           a.warnings, a.ground, a.ground_rule, a.ground_text, a.reviewed_at, a.withdrawn_at
      FROM allocation.application a
      JOIN registry.organisation o ON o.organisation_id = a.executor_id
      CROSS JOIN LATERAL (
        SELECT count(*) AS lines,
               least(sum(l.requested * coalesce(p.tariff_tiyn, 1)::numeric), 9e18)::bigint
               AS amount_tiyn
          FROM allocation.application_line l
          JOIN allocation.plan_line p USING (line_id)
         WHERE l.application_id = a.application_id
      ) asked
"""
ONE = Query[ApplicationSummary](_SUMMARY + " WHERE a.application_id = $1")
QUEUE = Query[ApplicationSummary](
    _SUMMARY + " WHERE a.announcement_id = $1 AND a.seq_no > $2 ORDER BY a.seq_no LIMIT $3"
)
OF_EXECUTOR = Query[ApplicationSummary](
    _SUMMARY
    + """
     WHERE a.executor_id = $1 AND ($2::uuid IS NULL OR a.application_id < $2)
     ORDER BY a.application_id DESC LIMIT $3
    """
)
CONTENTS = Query[StoredContents](
    "SELECT contents FROM allocation.application WHERE application_id = $1"
)
LINES = Query[RequestedLine](
    """
    SELECT a.line_id, l.code, a.requested
      FROM allocation.application_line a
      JOIN allocation.plan_line l USING (line_id)
     WHERE a.application_id = $1
     ORDER BY l.code
    """
)
CO_EXECUTORS = Query[SealedCoExecutor](
    """
    SELECT co_executor_no, form, bin, name, sealed
      FROM allocation.application_co_executor
     WHERE application_id = $1
     ORDER BY co_executor_no
    """
)
PARTS = Query[NamedPart](
    """
    SELECT co_executor_no, line_id, requested
      FROM allocation.application_part
     WHERE application_id = $1
     ORDER BY co_executor_no, line_id
    """
)
ADD_CHANGE = Query[int](
    """
    INSERT INTO allocation.application_change (
        application_id, no, changed_on, contents, evidence_id, entered_at
    )
    SELECT $1, 1 + count(*), $2, $3, $4, $5
      FROM allocation.application_change WHERE application_id = $1
    RETURNING no
    """
)
CHANGES = Query[EnteredChange](
    """
    SELECT no, changed_on, contents, entered_at
      FROM allocation.application_change
     WHERE application_id = $1
     ORDER BY no
    """
)
