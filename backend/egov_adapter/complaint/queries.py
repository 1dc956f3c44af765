"""SQL of complaints."""

from backend.egov_adapter.complaint.model import ComplaintRow, DeskRow
from backend.kernel.db import Query

ADD = Query[None](
    """
    INSERT INTO egov.complaint (person_id, complaint_id, tracking_number, kind, ground,
        executor_id, act_id, case_id, text_sealed, registered_at, due_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    """
)
CLAIM = Query[None](
    "INSERT INTO egov.complaint_claim (complaint_id, tracking_number, person_id) VALUES ($1, $2, $3)"
)
OF_CASE = Query[str](
    "SELECT tracking_number FROM egov.complaint WHERE person_id = $1 AND case_id = $2"
)
BY_ID = Query[ComplaintRow](
    """
    SELECT c.person_id, c.complaint_id, c.tracking_number, c.kind, c.ground, c.executor_id,
           c.act_id, c.case_id, c.text_sealed, c.status, c.registered_at, c.due_at,
           c.answer_sealed, c.answered_at
      FROM egov.complaint_claim k
      JOIN egov.complaint c ON c.person_id = k.person_id AND c.complaint_id = k.complaint_id
     WHERE k.complaint_id = $1
    """
)
BY_ID_FOR_UPDATE = Query[ComplaintRow](BY_ID.sql + " FOR UPDATE OF c")
BY_NUMBER = Query[ComplaintRow](
    """
    SELECT c.person_id, c.complaint_id, c.tracking_number, c.kind, c.ground, c.executor_id,
           c.act_id, c.case_id, c.text_sealed, c.status, c.registered_at, c.due_at,
           c.answer_sealed, c.answered_at
      FROM egov.complaint_claim k
      JOIN egov.complaint c ON c.person_id = k.person_id AND c.complaint_id = k.complaint_id
     WHERE k.tracking_number = $1
    """
)
OF_PERSON = Query[ComplaintRow](
    """
    SELECT person_id, complaint_id, tracking_number, kind, ground, executor_id, act_id, case_id,
           text_sealed, status, registered_at, due_at, answer_sealed, answered_at
      FROM egov.complaint
     WHERE person_id = $1 AND ($2::uuid IS NULL OR complaint_id < $2)
     ORDER BY complaint_id DESC
     LIMIT $3
    """
)
# The desk's list: in order of registration, which is the order of their terms.
DESK = Query[DeskRow](
    """
    SELECT complaint_id, tracking_number, kind, ground, executor_id, status, registered_at,
           due_at, answered_at
      FROM egov.complaint
     WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR complaint_id > $2)
     ORDER BY complaint_id
     LIMIT $3
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
       SET status = $3, answer_sealed = $4, answered_at = $5, evidence_id = $6
     WHERE person_id = $1 AND complaint_id = $2 AND status IN ('REGISTERED', 'IN_REVIEW')
    """
)
EXECUTOR_EXISTS = Query[bool](
    """
    SELECT EXISTS (
        SELECT FROM registry.organisation WHERE organisation_id = $1 AND kind = 'EXECUTOR')
    """
)
LOCK_CASE = Query[None]("SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))")

# A calendar that changed moves the term d12, and what the citizen is told with it.
FOLLOW_TERMS = Query[None](
    """
    UPDATE egov.complaint c SET due_at = t.due_at
      FROM kernel.term t
     WHERE t.code = 'd12' AND t.subject = c.complaint_id AND t.done_at IS NULL
       AND c.due_at <> t.due_at
    """
)
