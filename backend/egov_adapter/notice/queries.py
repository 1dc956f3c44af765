"""SQL of notices. What is new for many people is put down in one statement."""

from datetime import date
from uuid import UUID

from backend.egov_adapter.notice.model import (
    ChatRow,
    ClaimedRow,
    Ending,
    OwnNotice,
    Place,
    State,
)
from backend.kernel.db import Query

# --- what people chose ---------------------------------------------------------------------------

CHAT = Query[ChatRow](
    """
    SELECT person_id, topics, quiet_from, quiet_to, language
      FROM egov.notice_chat WHERE person_id = $1
    """
)
# Another's chat becomes this person's, and this person's other chat is forgotten.
LET_GO = Query[None](
    "DELETE FROM egov.notice_chat WHERE chat_hash = $1 AND person_id <> $2 OR person_id = $2 AND chat_hash <> $1"
)
CONNECT = Query[None](
    """
    INSERT INTO egov.notice_chat (chat_hash, person_id, sealed, language, topics, quiet_from, quiet_to,
        chosen_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (chat_hash) DO UPDATE
       SET sealed = EXCLUDED.sealed, language = EXCLUDED.language, topics = EXCLUDED.topics,
           quiet_from = EXCLUDED.quiet_from, quiet_to = EXCLUDED.quiet_to,
           chosen_at = EXCLUDED.chosen_at
    """
)
# What waits follows the choice: no longer wanted, or at another hour.
DROP_UNWANTED = Query[None](
    "DELETE FROM egov.notice WHERE person_id = $1 AND state = 'DUE' AND NOT topic = ANY ($2::text[])"
)
DUE_ANEW = Query[None](
    """
    UPDATE egov.notice SET due_at = egov.after_quiet($2, $3, $4)
     WHERE person_id = $1 AND state = 'DUE'
    """
)
LEAVE = Query[UUID]("DELETE FROM egov.notice_chat WHERE chat_hash = $1 RETURNING person_id")
LEAVE_PERSON = Query[UUID]("DELETE FROM egov.notice_chat WHERE person_id = $1 RETURNING person_id")
SPEAK = Query[None]("UPDATE egov.notice_chat SET language = $2 WHERE chat_hash = $1")

# --- what is new ---------------------------------------------------------------------------------

POLICIES_ISSUED = Query[None](
    """
    INSERT INTO egov.notice (person_id, notice_id, notice_key, topic, facts, created_at, due_at)
    SELECT c.person_id, uuidv7(), 'policy:' || p.policy_id, 'POLICY_ISSUED',
           jsonb_build_object('valid_from', p.valid_from, 'valid_to', p.valid_to), $2,
           egov.after_quiet($2, c.quiet_from, c.quiet_to)
      FROM egov.notice_chat c
      JOIN registry.policy p ON p.person_id = c.person_id
     WHERE p.order_id = $1 AND p.status <> 'CANCELLED' AND 'POLICY_ISSUED' = ANY (c.topics)
    ON CONFLICT (person_id, notice_key) DO NOTHING
    """
)
SERVICES_BILLED = Query[None](
    """
    INSERT INTO egov.notice (person_id, notice_id, notice_key, topic, facts, created_at, due_at)
    SELECT c.person_id, uuidv7(), 'act:' || $1::uuid, 'SERVICE_BILLED',
           jsonb_build_object('count', billed.cases), $2,
           egov.after_quiet($2, c.quiet_from, c.quiet_to)
      FROM (SELECT person_id, count(*) AS cases FROM payments.act_case
             WHERE act_id = $1 GROUP BY person_id) AS billed
      JOIN egov.notice_chat c ON c.person_id = billed.person_id
     WHERE 'SERVICE_BILLED' = ANY (c.topics)
    ON CONFLICT (person_id, notice_key) DO NOTHING
    """
)
# Once for each status; `:answered` whichever the answer was.
COMPLAINT_MOVED = Query[None](
    """
    INSERT INTO egov.notice (person_id, notice_id, notice_key, topic, facts, created_at, due_at)
    SELECT c.person_id, uuidv7(), 'complaint:' || $1::uuid || ':' || $4::text, 'COMPLAINT_ANSWERED',
           jsonb_build_object('number', k.tracking_number, 'outcome', $3::text), $2,
           egov.after_quiet($2, c.quiet_from, c.quiet_to)
      FROM egov.complaint_claim k
      JOIN egov.notice_chat c ON c.person_id = k.person_id
     WHERE k.complaint_id = $1 AND 'COMPLAINT_ANSWERED' = ANY (c.topics)
    ON CONFLICT (person_id, notice_key) DO NOTHING
    """
)
STATUS_LAPSING = Query[None](
    """
    INSERT INTO egov.notice (person_id, notice_id, notice_key, topic, facts, created_at, due_at)
    SELECT c.person_id, uuidv7(), 'lapse:' || ending.until, 'STATUS_LAPSING',
           jsonb_build_object('until', ending.until), $3,
           egov.after_quiet($3, c.quiet_from, c.quiet_to)
      FROM unnest($1::uuid[], $2::date[]) AS ending (person_id, until)
      JOIN egov.notice_chat c ON c.person_id = ending.person_id
     WHERE 'STATUS_LAPSING' = ANY (c.topics)
    ON CONFLICT (person_id, notice_key) DO NOTHING
    """
)
# Whose kept status ends within days: among those who chose to know alone.
ENDING = Query[Ending](
    """
    SELECT e.person_id, e.until
      FROM egov.notice_chat c
      JOIN registry.entitlement e ON e.person_id = c.person_id
     WHERE 'STATUS_LAPSING' = ANY (c.topics) AND c.person_id > $3
       AND e.until BETWEEN $1 AND $2 AND e.basis <> 'PAID_MONTH'
     ORDER BY c.person_id
     LIMIT $4
    """
)
DAY_DONE = Query[bool]("SELECT EXISTS (SELECT FROM egov.notice_day WHERE day = $1)")
FINISH_DAY = Query[None]("INSERT INTO egov.notice_day (day) VALUES ($1) ON CONFLICT DO NOTHING")
FORGET_DAYS = Query[date]("DELETE FROM egov.notice_day WHERE day < $1 RETURNING day")

# --- telling -------------------------------------------------------------------------------------

CLAIMED = Query[ClaimedRow](
    """
    SELECT n.person_id, n.state, n.topic, n.facts, c.chat_hash, c.sealed, c.language
      FROM egov.notice n
      JOIN egov.notice_chat c ON c.person_id = n.person_id
     WHERE n.claim_id = $1
    """
)
NEXT = Query[Place](
    """
    SELECT n.person_id, n.notice_id, egov.after_quiet($1, c.quiet_from, c.quiet_to) AS open_at
      FROM egov.notice n
      JOIN egov.notice_chat c ON c.person_id = n.person_id
     WHERE n.state = 'DUE' AND n.due_at <= $1
     ORDER BY n.due_at
     LIMIT 1
       FOR UPDATE OF n SKIP LOCKED
    """
)
DEFER = Query[None]("UPDATE egov.notice SET due_at = $3 WHERE person_id = $1 AND notice_id = $2")
CLAIM = Query[None](
    """
    UPDATE egov.notice SET state = 'CLAIMED', claim_id = $3, claimed_at = $4
     WHERE person_id = $1 AND notice_id = $2
    """
)
STATE = Query[State]("SELECT state FROM egov.notice WHERE claim_id = $1 FOR UPDATE")
REPORT = Query[UUID](
    """
    UPDATE egov.notice SET state = $2
     WHERE claim_id = $1 AND state IN ('CLAIMED', 'UNSURE')
    RETURNING person_id
    """
)
DUE_AGAIN = Query[None](
    """
    UPDATE egov.notice SET state = 'DUE', claim_id = NULL, claimed_at = NULL, due_at = $2
     WHERE claim_id = $1 AND state IN ('CLAIMED', 'UNSURE')
    """
)
DOUBT = Query[None](
    "UPDATE egov.notice SET state = 'UNSURE' WHERE state = 'CLAIMED' AND claimed_at < $1"
)
FORGET = Query[None]("DELETE FROM egov.notice WHERE created_at < $1")
OF_PERSON = Query[OwnNotice](
    """
    SELECT notice_id, topic, facts, created_at, state
      FROM egov.notice
     WHERE person_id = $1 AND ($2::uuid IS NULL OR notice_id < $2)
     ORDER BY notice_id DESC
     LIMIT $3
    """
)
