"""SQL of attachments: facts that may come in any order, and the state that follows from all of them."""

from uuid import UUID

from backend.kernel.db import Query
from backend.registry.attachment.model import Attachment, Change, Moved, Past

ENTERED = Query[UUID](
    """
    SELECT person_id
      FROM unnest($1::uuid[]) AS asked (person_id)
      JOIN registry.account USING (person_id)
     WHERE signal_mis_at IS NOT NULL
    """
)
# Places of the facts this source has not told before. LIMIT and OFFSET here and below say: one look into
# the index for each row. Left to itself, the planner reads all of a million facts for a thousand.
NEW = Query[int](
    """
    SELECT place
      FROM unnest($1::bigint[], $2::uuid[], $3::date[], $4::bigint[], $5::uuid[], $6::uuid[])
        AS new (place, person_id, since, seq, executor_id, facility_id)
      LEFT JOIN LATERAL (
        SELECT true AS told
          FROM registry.attachment_fact AS fact
         WHERE fact.person_id = new.person_id AND fact.since = new.since
           AND fact.seq = new.seq AND fact.source = $7
           AND fact.executor_id = new.executor_id
           AND fact.facility_id IS NOT DISTINCT FROM new.facility_id
         LIMIT 1
      ) AS known ON true
     WHERE known.told IS NULL
    """
)
# What new facts, with those known, make of the persons they name: those whose attachment would be
# another (rules.settle). Of what is known the last attachment and the last leaving of each executor are
# enough, however long the history. What stands in the state without a fact counts as told by nobody.
# No part is joined with another but by an index: the planner cannot know how many rows the arrays hold.
SETTLE = Query[Change](
    """
    WITH new AS MATERIALIZED (
        SELECT person_id, since, seq, executor_id, facility_id
          FROM unnest($1::uuid[], $2::date[], $3::bigint[], $4::uuid[], $5::uuid[])
            AS new (person_id, since, seq, executor_id, facility_id)
    ), person AS MATERIALIZED (
        SELECT DISTINCT person_id FROM new
    ), told AS (
        SELECT person_id, since, seq, $6::text COLLATE "C" AS source, executor_id, facility_id
          FROM new
         UNION ALL
        SELECT fact.person_id, fact.since, fact.seq, fact.source, fact.executor_id, fact.facility_id
          FROM person
         CROSS JOIN LATERAL (
            SELECT person_id, since, seq, source, executor_id, facility_id
              FROM registry.attachment_fact
             WHERE attachment_fact.person_id = person.person_id AND facility_id IS NOT NULL
             ORDER BY since DESC, seq DESC, source DESC, executor_id DESC, facility_id DESC
             LIMIT 1
         ) AS fact
         UNION ALL
        SELECT gone.person_id, gone.since, gone.seq, gone.source, gone.executor_id, NULL
          FROM person
         CROSS JOIN LATERAL (
            SELECT DISTINCT ON (executor_id) person_id, since, seq, source, executor_id
              FROM registry.attachment_fact
             WHERE attachment_fact.person_id = person.person_id AND facility_id IS NULL
             ORDER BY executor_id, since DESC, seq DESC, source DESC
         ) AS gone
         UNION ALL
        SELECT known.person_id, known.since, 0, '', known.executor_id, known.facility_id
          FROM person
          JOIN registry.attachment AS known USING (person_id)
    ), placed AS (
        SELECT person_id, since, executor_id, facility_id,
               row_number() OVER (
                   PARTITION BY person_id
                   ORDER BY since, seq, source COLLATE "C", facility_id IS NOT NULL, executor_id,
                            facility_id
               ) AS place
          FROM told
    ), judged AS (
        SELECT person_id, since, executor_id, facility_id, place,
               max(place) FILTER (WHERE facility_id IS NULL)
                   OVER (PARTITION BY person_id, executor_id) AS left_at
          FROM placed
    ), last AS (
        SELECT DISTINCT ON (person_id)
               person_id, since, executor_id, facility_id, coalesce(left_at < place, true) AS holds
          FROM judged
         WHERE facility_id IS NOT NULL
         ORDER BY person_id, place DESC
    )
    SELECT last.person_id, coalesce(person.region, '') AS region,
           known.executor_id AS executor_before, known.facility_id AS facility_before,
           known.since AS since_before,
           CASE WHEN last.holds THEN last.executor_id END AS executor_id,
           CASE WHEN last.holds THEN last.facility_id END AS facility_id,
           CASE WHEN last.holds THEN last.since END AS since
      FROM last
      JOIN registry.person ON person.person_id = last.person_id
      LEFT JOIN registry.attachment AS known ON known.person_id = last.person_id
     WHERE (known.executor_id, known.facility_id, known.since) IS DISTINCT FROM (
               CASE WHEN last.holds THEN last.executor_id END,
               CASE WHEN last.holds THEN last.facility_id END,
               CASE WHEN last.holds THEN last.since END
           )
     ORDER BY last.person_id
    """
)
RECORD = Query[None](
    """
    INSERT INTO registry.attachment_fact (
        person_id, since, seq, source, executor_id, facility_id, run_id, told_at
    )
    SELECT person_id, since, seq, $6, executor_id, facility_id, $7, $8
      FROM unnest($1::uuid[], $2::date[], $3::bigint[], $4::uuid[], $5::uuid[])
        AS new (person_id, since, seq, executor_id, facility_id)
     ORDER BY person_id
    ON CONFLICT (person_id, since, seq, source, executor_id, facility_id) DO NOTHING
    """
)
ATTACH = Query[None](
    """
    INSERT INTO registry.attachment (person_id, executor_id, facility_id, since)
    SELECT person_id, executor_id, facility_id, since
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[])
        AS new (person_id, executor_id, facility_id, since)
    ON CONFLICT (person_id) DO UPDATE
       SET executor_id = EXCLUDED.executor_id, facility_id = EXCLUDED.facility_id,
           since = EXCLUDED.since
    """
)
DETACH = Query[None](
    """
    DELETE FROM registry.attachment
     USING unnest($1::uuid[]) AS gone (person_id)
     WHERE attachment.person_id = gone.person_id
    """
)
MOVE_POLICIES = Query[Moved](
    """
    UPDATE registry.policy
       SET executor_id = new.executor_id
      FROM unnest($1::uuid[], $2::uuid[]) AS new (person_id, executor_id)
     WHERE policy.person_id = new.person_id
       AND policy.status IN ('ISSUED', 'CREDITED')
       AND policy.valid_to >= $3
       AND policy.executor_id IS DISTINCT FROM new.executor_id
    RETURNING policy.person_id, policy.policy_id, old.executor_id AS executor_before,
              new.executor_id
    """
)
# The same for persons whose attachment stands already.
FOLLOW = Query[Moved](
    """
    UPDATE registry.policy
       SET executor_id = attachment.executor_id
      FROM unnest($1::uuid[]) AS asked (person_id)
      LEFT JOIN registry.attachment USING (person_id)
     WHERE policy.person_id = asked.person_id
       AND policy.status IN ('ISSUED', 'CREDITED')
       AND policy.valid_to >= $2
       AND policy.executor_id IS DISTINCT FROM attachment.executor_id
    RETURNING policy.person_id, policy.policy_id, old.executor_id AS executor_before,
              new.executor_id
    """
)
OF_PERSON = Query[Attachment](
    """
    SELECT person_id, executor_id, facility_id, since
      FROM registry.attachment
     WHERE person_id = $1
    """
)
HISTORY = Query[Past](
    """
    SELECT since, seq, source, executor_id, facility_id
      FROM registry.attachment_fact
     WHERE person_id = $1
     ORDER BY since, seq, source, facility_id IS NOT NULL, executor_id, facility_id
    """
)
