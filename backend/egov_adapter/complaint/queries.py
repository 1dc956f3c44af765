"""SQL of complaints."""

from backend.egov_adapter.complaint.model import (
    ComplaintRow,
    DeskRow,
    DeskSummary,
    DueStatus,
    FileRow,
    Standing,
)
from backend.kernel.db import Query

ADD = Query[None](
    """
    INSERT INTO egov.complaint (person_id, complaint_id, tracking_number, kind, ground,
        executor_id, act_id, case_id, text_sealed, registered_at, due_at, route,
        command_hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    """
)
CLAIM = Query[None](
    "INSERT INTO egov.complaint_claim (complaint_id, tracking_number, person_id) VALUES ($1, $2, $3)"
)
OF_COMMAND = Query[Standing](
    """
    SELECT complaint_id, tracking_number, status, registered_at, due_at
      FROM egov.complaint
     WHERE person_id = $1 AND command_hash = $2
    """
)
OF_CASE = Query[str](
    "SELECT tracking_number FROM egov.complaint WHERE person_id = $1 AND case_id = $2"
)
_ROW = """
    SELECT c.person_id, c.complaint_id, c.tracking_number, c.kind, c.route, c.ground,
           c.executor_id, c.act_id, c.case_id, c.text_sealed, c.status, c.registered_at,
           c.due_at, c.answer_sealed, c.answered_at, c.confirmed, c.decided_by, c.forwarded_at,
           c.forwarded_to, c.forward_number,
           ARRAY(SELECT f.file_id FROM egov.complaint_file f
                  WHERE f.person_id = c.person_id AND f.complaint_id = c.complaint_id
                  ORDER BY f.no) AS files
"""
_CLAIMED = (
    _ROW
    + """
      FROM egov.complaint_claim k
      JOIN egov.complaint c ON c.person_id = k.person_id AND c.complaint_id = k.complaint_id
    """
)
BY_ID = Query[ComplaintRow](
    _CLAIMED
    + """
     WHERE k.complaint_id = $1
    """
)
BY_ID_FOR_UPDATE = Query[ComplaintRow](BY_ID.sql + " FOR UPDATE OF c")
BY_NUMBER = Query[ComplaintRow](
    _CLAIMED
    + """
     WHERE k.tracking_number = $1
    """
)
OF_PERSON = Query[ComplaintRow](
    _ROW
    + """
      FROM egov.complaint c
     WHERE c.person_id = $1 AND ($2::uuid IS NULL OR c.complaint_id < $2)
     ORDER BY c.complaint_id DESC
     LIMIT $3
    """
)
OWN = Query[ComplaintRow](
    _ROW
    + """
      FROM egov.complaint c
     WHERE c.person_id = $1 AND c.complaint_id = $2
       FOR UPDATE OF c
    """
)
# The desk's list: in order of registration, which is the order of their terms.
DESK = Query[DeskRow](
    """
    SELECT complaint_id, tracking_number, kind, route, ground, executor_id, status, registered_at,
           due_at, answered_at
      FROM egov.complaint
     WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR complaint_id > $2)
       AND ($4::text IS NULL OR route = $4)
       AND ($5::timestamptz IS NULL OR (due_at < $5 AND answered_at IS NULL))
     ORDER BY complaint_id
     LIMIT $3
    """
)
DESK_SUMMARY = Query[DeskSummary](
    """
    SELECT route, count(*) AS open, count(*) FILTER (WHERE due_at < $1) AS overdue,
           count(*) FILTER (WHERE due_at >= $1 AND due_at <= $2) AS due_today
      FROM egov.complaint
     WHERE answered_at IS NULL
     GROUP BY route
     ORDER BY route
    """
)
TAKE_UP = Query[None](
    """
    UPDATE egov.complaint SET status = 'IN_REVIEW'
     WHERE person_id = $1 AND complaint_id = $2 AND status = 'REGISTERED'
    """
)
ANSWER = Query[None](
    """
    UPDATE egov.complaint
       SET status = $3, answer_sealed = $4, answered_at = $5, evidence_id = $6, confirmed = $7,
           decided_by = $8
     WHERE person_id = $1 AND complaint_id = $2
       AND status IN ('REGISTERED', 'IN_REVIEW', 'FORWARDED')
    """
)
FORWARD = Query[None](
    """
    UPDATE egov.complaint
       SET status = 'FORWARDED', forwarded_at = $3, forwarded_to = $4, forward_evidence_id = $5,
           forward_number = $6, file_sha256 = $7, due_at = $8
     WHERE person_id = $1 AND complaint_id = $2 AND status IN ('REGISTERED', 'IN_REVIEW')
    """
)
ADD_FILE = Query[None](
    """
    INSERT INTO egov.complaint_file (person_id, complaint_id, file_id, no, sha256, bytes, sealed,
        added_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    """
)
FILES = Query[FileRow](
    """
    SELECT file_id, no, sha256, bytes AS size, sealed
      FROM egov.complaint_file
     WHERE person_id = $1 AND complaint_id = $2
     ORDER BY no
    """
)
FILE = Query[FileRow](
    """
    SELECT file_id, no, sha256, bytes AS size, sealed
      FROM egov.complaint_file
     WHERE person_id = $1 AND complaint_id = $2 AND file_id = $3
    """
)
EXECUTOR_EXISTS = Query[bool](
    """
    SELECT EXISTS (
        SELECT FROM registry.organisation WHERE organisation_id = $1 AND kind = 'EXECUTOR')
    """
)
LOCK = Query[None]("SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))")

# A calendar that changed moves the running term (d12, d13 or d14), and what the citizen is told with it.
FOLLOW_TERMS = Query[None](
    """
    UPDATE egov.complaint c SET due_at = t.due_at
      FROM kernel.term t
     WHERE t.code IN ('d12', 'd13', 'd14') AND t.subject = c.complaint_id AND t.done_at IS NULL
       AND c.due_at <> t.due_at
    """
)

# --- the statuses, for the eGov cabinet -----------------------------------------------------------

# In the transaction that changed it, under the complaint's row lock: `no` counts without a gap.
ADD_STATUS = Query[None](
    """
    INSERT INTO egov.complaint_status (complaint_id, no, status_id, status, at, due_at, evidence_id, try_at)
    SELECT $1, 1 + count(*), $2, $3::text, $4::timestamptz, $5::timestamptz, $6::uuid, $4
      FROM egov.complaint_status WHERE complaint_id = $1
    """
)
# Of each complaint the first that is not settled: what comes after waits for it.
DUE_STATUSES = Query[DueStatus](
    """
    SELECT k.person_id, s.complaint_id, s.no, s.status_id, s.status, s.at, s.due_at, s.evidence_id,
           s.tries, k.tracking_number, c.registered_at, c.text_sealed
      FROM egov.complaint_status s
      JOIN egov.complaint_claim k ON k.complaint_id = s.complaint_id
      JOIN egov.complaint c ON c.person_id = k.person_id AND c.complaint_id = k.complaint_id
     WHERE s.try_at <= $1
       AND NOT EXISTS (SELECT FROM egov.complaint_status b
                        WHERE b.complaint_id = s.complaint_id AND b.no < s.no
                          AND b.settled_at IS NULL)
     ORDER BY s.try_at
     LIMIT $2
    """
)
PUT_OFF = Query[None](
    """
    UPDATE egov.complaint_status SET tries = tries + 1, try_at = $3
     WHERE complaint_id = $1 AND no = $2 AND settled_at IS NULL
    """
)
SETTLE = Query[None](
    """
    UPDATE egov.complaint_status SET try_at = NULL, settled_at = $3, outcome = $4
     WHERE complaint_id = $1 AND no = $2 AND settled_at IS NULL
    """
)
