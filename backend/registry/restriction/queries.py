"""SQL of restrictions."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.restriction.model import Due, Notice, Owner, Reason, Restriction

# --- whose accounts, under lock -----------------------------------------------------------------

PERSONS = Query[Owner](
    """
    SELECT person_id AS subject_id, status, true AS person, true AS natural
      FROM unnest($1::uuid[]) AS asked (person_id)
      JOIN registry.account USING (person_id)
     ORDER BY person_id
       FOR UPDATE OF account
    """
)
ORGANISATIONS = Query[Owner](
    """
    SELECT organisation_id AS subject_id, status, false AS person, form = 'SOLE' AS natural
      FROM registry.organisation
     WHERE organisation_id = ANY ($1::uuid[])
     ORDER BY organisation_id
       FOR UPDATE
    """
)
ORGANISATION_ID = Query[UUID]("SELECT organisation_id FROM registry.organisation WHERE bin = $1")
SET_PERSONS = Query[None](
    "UPDATE registry.account SET status = $2 WHERE person_id = ANY ($1::uuid[])"
)
SET_ORGANISATIONS = Query[None](
    """
    UPDATE registry.organisation SET status = $2, changed_at = $3
     WHERE organisation_id = ANY ($1::uuid[])
    """
)

# --- the grounds that stand ---------------------------------------------------------------------

STANDING = Query[Restriction](
    """
    SELECT subject_id, restriction_id, ground, fact, basis_id, basis, article_98, blocked_at,
           close_due_at
      FROM registry.restriction
     WHERE subject_id = ANY ($1::uuid[]) AND lifted_at IS NULL AND closed_at IS NULL
     ORDER BY blocked_at, restriction_id
    """
)
REASONS = Query[Reason](
    """
    SELECT ground, fact, blocked_at
      FROM registry.restriction
     WHERE subject_id = $1 AND lifted_at IS NULL AND closed_at IS NULL
     ORDER BY blocked_at, restriction_id
    """
)
ADD = Query[None](
    """
    INSERT INTO registry.restriction (
        subject_id, restriction_id, holder, ground, fact, basis_kind, basis_id, basis, article_98,
        blocked_at, close_due_at, close_next_at, notice_due_at
    )
    SELECT subject_id, restriction_id, holder, ground, fact, basis_kind, basis_id, basis::jsonb,
           article_98, $10, close_due_at, close_due_at, notice_due_at
      FROM unnest(
               $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
               $8::text[], $9::text[], $11::timestamptz[], $12::timestamptz[]
           ) AS new (
               subject_id, restriction_id, holder, ground, fact, basis_kind, basis_id, basis,
               article_98, close_due_at, notice_due_at
           )
    """
)
LIFT = Query[None](
    """
    UPDATE registry.restriction SET lifted_at = $3, notice_due_at = NULL
     WHERE subject_id = $1 AND restriction_id = ANY ($2::uuid[]) AND lifted_at IS NULL
    """
)
# An account closed in error does not close by itself again: the registrar alone closes it then.
STAND_AGAIN = Query[Restriction](
    """
    UPDATE registry.restriction
       SET close_due_at = CASE WHEN closed_at IS NULL THEN close_due_at END,
           close_next_at = CASE WHEN closed_at IS NULL THEN close_due_at END,
           lifted_at = NULL, closed_at = NULL
     WHERE subject_id = $1 AND restriction_id = ANY ($2::uuid[])
       AND (lifted_at IS NOT NULL OR closed_at IS NOT NULL)
    RETURNING subject_id, restriction_id, ground, fact, basis_id, basis, article_98, blocked_at,
              close_due_at
    """
)
CLOSE = Query[None](
    """
    UPDATE registry.restriction SET closed_at = $2, notice_due_at = NULL
     WHERE subject_id = ANY ($1::uuid[]) AND lifted_at IS NULL AND closed_at IS NULL
    """
)
# Of a record that never held: the account no longer closes by itself, an act must unblock it.
CLOSE_NO_MORE = Query[None](
    """
    UPDATE registry.restriction SET close_due_at = NULL, close_next_at = NULL
     WHERE subject_id = ANY ($1::uuid[]) AND basis_id = $2 AND closed_at IS NULL
    """
)

# --- what has fallen due ------------------------------------------------------------------------

DUE = Query[Due](
    """
    SELECT DISTINCT ON (subject_id) subject_id, holder = 'PERSON' AS person, fact, basis_id
      FROM (
        SELECT subject_id, holder, fact, basis_id, close_next_at
          FROM registry.restriction
         WHERE close_next_at < $1 AND lifted_at IS NULL AND closed_at IS NULL
         ORDER BY close_next_at
         LIMIT $2
      ) AS first
     ORDER BY subject_id, close_next_at
    """
)
STILL_DUE = Query[Due](
    """
    SELECT DISTINCT ON (subject_id) subject_id, holder = 'PERSON' AS person, fact, basis_id
      FROM registry.restriction
     WHERE subject_id = ANY ($1::uuid[]) AND close_due_at < $2
       AND lifted_at IS NULL AND closed_at IS NULL
     ORDER BY subject_id, close_due_at
    """
)
CLOSE_LATER = Query[None](
    """
    UPDATE registry.restriction SET close_next_at = $2
     WHERE subject_id = ANY ($1::uuid[]) AND close_next_at < $2
    """
)
HOLD_CLOSING = Query[None](
    """
    UPDATE registry.restriction SET close_next_at = NULL, close_run = $2
     WHERE subject_id = ANY ($1::uuid[]) AND close_next_at IS NOT NULL
       AND lifted_at IS NULL AND closed_at IS NULL
    """
)
HELD_CLOSING = Query[UUID](
    "SELECT DISTINCT subject_id FROM registry.restriction WHERE close_run = $1"
)
FORGET_CLOSING = Query[None](
    "UPDATE registry.restriction SET close_due_at = NULL WHERE close_run = $1"
)
# 7105210: one closer at a time, so that no account is weighed twice
TRY_CLOSER = Query[bool]("SELECT pg_try_advisory_xact_lock(7105210)")
NOTICES = Query[Notice](
    """
    SELECT subject_id, restriction_id, holder = 'PERSON' AS person, ground
      FROM registry.restriction
     WHERE notice_due_at <= $1
     ORDER BY notice_due_at
     LIMIT $2
    """
)
PUT_OFF = Query[None](
    """
    UPDATE registry.restriction SET notice_due_at = $3
     WHERE subject_id = $1 AND restriction_id = $2 AND notice_due_at IS NOT NULL
    """
)

# --- corrections --------------------------------------------------------------------------------

REVERSED = Query[None](
    """
    INSERT INTO registry.reversal (subject_id, reversed_seq, seq)
    SELECT subject_id, $2, seq FROM registry.log_head WHERE subject_id = $1
    ON CONFLICT (subject_id, reversed_seq) DO NOTHING
    """
)
