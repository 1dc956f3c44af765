"""SQL of the statuses of many.

The judgement is one text, `_JUDGE`, over whatever names the months paid: receipts (`_FROM_RECEIPTS`), or
what is kept of them (`STORED`). What it says is `registry.mhi_ruling`, the same as the pure rules.
"""

from typing import Final
from uuid import UUID

from backend.kernel.db import Query
from backend.registry.standing.model import (
    Lapsing,
    Part,
    Recomputation,
    Slice,
    Standing,
    Turned,
)

# asked (person_id) and receipt (person_id, period, paid_on, himself) become month (…): the months paid.
_FROM_RECEIPTS: Final = """
    gathered AS (
        SELECT person_id,
               bit_or(CASE WHEN himself THEN by_himself ELSE by_others END) AS months
          FROM receipt JOIN registry.mhi_month USING (period)
         GROUP BY person_id
    ),
    paid AS (
        SELECT person_id,
               months::bit(240) | substring(months FROM 241)::bit(240) AS paid,
               substring(months FROM 241)::bit(240) AS own,
               months::bit(240) AS by_others
          FROM gathered
    ),
    -- the months that begin twelve paid in a row; of a payer who is nobody's they may be prepaid
    twice AS MATERIALIZED (SELECT person_id, paid & (paid << 1) AS run FROM paid WHERE bit_count(own) > 0),
    four AS MATERIALIZED (SELECT person_id, run & (run << 2) AS run FROM twice),
    twelve AS MATERIALIZED (SELECT person_id, run & (run << 4) & (run << 8) AS run FROM four),
    year AS (SELECT person_id, run FROM twelve WHERE bit_count(run) > 0),
    -- a month paid later than the first of the twelve spoils every year that began before
    late AS (
        SELECT person_id, bit_or(month.year_to & paid_in.before) AS spoiled
          FROM (
            SELECT person_id, period, date_trunc('month', min(paid_on)::timestamp)::date AS paid_in
              FROM receipt JOIN year USING (person_id)
             GROUP BY person_id, period
          ) AS first
          JOIN registry.mhi_month AS month USING (period)
          JOIN registry.mhi_month AS paid_in ON paid_in.first_day = first.paid_in
         GROUP BY person_id
    ),
    month AS (
        SELECT person_id,
               coalesce(paid, repeat('0', 240)::bit(240)) AS paid,
               coalesce(own & ~by_others, repeat('0', 240)::bit(240)) AS by_himself,
               coalesce(run & ~coalesce(spoiled, repeat('0', 240)::bit(240)),
                        repeat('0', 240)::bit(240)) AS prepaid
          FROM asked
          LEFT JOIN paid USING (person_id)
          LEFT JOIN year USING (person_id)
          LEFT JOIN late USING (person_id)
    ),
"""
# month (person_id, paid, by_himself, prepaid), asked and held (the categories of the asked) are judged
# on $1; the answer: those whose status turned, and how many were judged.
_JUDGE: Final = """
    covered AS (
        SELECT person_id,
               bit_or(CASE WHEN first <= last THEN ((1 << (last - first + 1)) - 1) << (today - last)
                           ELSE 0 END) AS months,
               min(valid_from) FILTER (WHERE valid_from > $1::date) AS next
          FROM (
            SELECT person_id, valid_from, today,
                   greatest(extract(year FROM valid_from)::integer * 12
                            + extract(month FROM valid_from)::integer, today - 12) AS first,
                   least(extract(year FROM valid_to)::integer * 12
                         + extract(month FROM valid_to)::integer, today) AS last
              FROM held,
                   (SELECT extract(year FROM $1::date)::integer * 12
                           + extract(month FROM $1::date)::integer AS today) AS now
          ) AS counted
         GROUP BY person_id
    ),
    in_effect AS (
        SELECT DISTINCT ON (person_id) person_id, category, valid_to
          FROM held
         WHERE valid_from <= $1 AND coalesce(valid_to >= $1, true)
         ORDER BY person_id, valid_to DESC NULLS FIRST, valid_from, category
    ),
    ruled AS (
        SELECT month.person_id, month.paid, month.by_himself, month.prepaid, ruling.status,
               ruling.basis, ruling.until, ruling.last_paid, ruling.unpaid, ruling.self_payer,
               CASE WHEN ruling.basis = 'CATEGORY' THEN in_effect.category END AS category,
               coalesce(ruling.basis,
                        CASE WHEN account.status = 'CLOSED' THEN 'CLOSED'
                             WHEN ruling.unpaid <> 0 THEN 'ARREARS' ELSE 'MONTH_UNPAID' END) AS reason,
               CASE WHEN account.status = 'CLOSED' THEN NULL
                    ELSE least(ruling.until + 1, covered.next,
                               CASE WHEN NOT ruling.steady THEN
                                   (date_trunc('month', $1::timestamp) + interval '1 month')::date END)
               END AS review_on
          FROM month
          LEFT JOIN covered USING (person_id)
          LEFT JOIN in_effect USING (person_id)
          LEFT JOIN account USING (person_id),
               registry.mhi_ruling(
                   month.paid, month.by_himself, month.prepaid, coalesce(covered.months, 0),
                   in_effect.category, in_effect.valid_to, coalesce(account.status = 'CLOSED', false), $1
               ) AS ruling
    ),
    changed AS (
        SELECT person_id, ruled.paid, ruled.by_himself, ruled.prepaid, ruled.status, ruled.basis,
               ruled.reason, ruled.until, ruled.category, ruled.last_paid, ruled.unpaid,
               ruled.self_payer, ruled.review_on
          FROM ruled LEFT JOIN known USING (person_id)
         WHERE known.person_id IS NULL
            OR (known.paid, known.by_himself, known.prepaid, known.status, known.basis, known.reason,
                known.until, known.category, known.last_paid, known.unpaid, known.self_payer,
                known.review_on)
               IS DISTINCT FROM
               (ruled.paid, ruled.by_himself, ruled.prepaid, ruled.status, ruled.basis, ruled.reason,
                ruled.until, ruled.category, ruled.last_paid, ruled.unpaid, ruled.self_payer,
                ruled.review_on)
    ),
    stored AS (
        INSERT INTO registry.entitlement AS old_one (
            person_id, paid, by_himself, prepaid, status, basis, reason, since, until, category,
            last_paid, unpaid, self_payer, judged_on, review_on
        )
        SELECT person_id, paid, by_himself, prepaid, status, basis, reason, $1, until, category,
               last_paid, unpaid, self_payer, $1, review_on
          FROM changed
        ON CONFLICT (person_id) DO UPDATE
           SET paid = EXCLUDED.paid, by_himself = EXCLUDED.by_himself, prepaid = EXCLUDED.prepaid,
               status = EXCLUDED.status, basis = EXCLUDED.basis, reason = EXCLUDED.reason,
               since = CASE WHEN old_one.status = EXCLUDED.status
                             AND old_one.basis IS NOT DISTINCT FROM EXCLUDED.basis
                            THEN old_one.since ELSE EXCLUDED.since END,
               until = EXCLUDED.until, category = EXCLUDED.category, last_paid = EXCLUDED.last_paid,
               unpaid = EXCLUDED.unpaid, self_payer = EXCLUDED.self_payer,
               judged_on = EXCLUDED.judged_on, review_on = EXCLUDED.review_on
         WHERE old_one.judged_on <= EXCLUDED.judged_on
        RETURNING person_id, old.status AS before, new.status, new.basis, new.until
    )
    SELECT person_id, before, status, basis, until
      FROM stored
     WHERE before <> status
"""
_KNOWN: Final = """
    known AS (
        SELECT person_id, paid, by_himself, prepaid, status, basis, reason, until, category, last_paid,
               unpaid, self_payer, review_on
          FROM registry.entitlement
         WHERE person_id = ANY ($2::uuid[])
    ),
"""
_PERSONS: Final = """
    held AS (
        SELECT person_id, category, valid_from, valid_to
          FROM registry.privilege WHERE person_id = ANY ($2::uuid[])
    ),
    account AS (
        SELECT person_id, status FROM registry.account WHERE person_id = ANY ($2::uuid[])
    ),
"""
_ASKED: Final = """
    WITH asked AS (SELECT person_id FROM unnest($2::uuid[]) AS given (person_id)),
    receipt AS NOT MATERIALIZED (
        SELECT person_id, period, paid_on,
               payer_bin IS NULL AND coalesce(payer_kind = 'self_payer', true) AS himself
          FROM registry.contribution
         WHERE person_id = ANY ($2::uuid[]) AND amount_tiyn > refunded_tiyn AND paid_on <= $1
    ),
"""
_KEPT: Final = """
    month AS (SELECT person_id, paid, by_himself, prepaid FROM known),
"""
# A slice of one partition: $2 < person_id <= $3; $4: the region. The partition is named, for no
# condition on person_id tells the planner which it is, and so it is read through once.
_SLICE: Final = """
    WITH asked AS (
        SELECT person_id
          FROM registry.person_pNN
         WHERE person_id > $2 AND person_id <= $3 AND ($4::text IS NULL OR region = $4)
    ),
    receipt AS NOT MATERIALIZED (
        SELECT person_id, period, paid_on,
               payer_bin IS NULL AND coalesce(payer_kind = 'self_payer', true) AS himself
          FROM registry.contribution_pNN
         WHERE amount_tiyn > refunded_tiyn AND paid_on <= $1 AND person_id > $2 AND person_id <= $3
    ),
    held AS (
        SELECT person_id, category, valid_from, valid_to
          FROM registry.privilege_pNN WHERE person_id > $2 AND person_id <= $3
    ),
    account AS (
        SELECT person_id, status
          FROM registry.account_pNN WHERE person_id > $2 AND person_id <= $3
    ),
    known AS (
        SELECT person_id, paid, by_himself, prepaid, status, basis, reason, until, category, last_paid,
               unpaid, self_payer, review_on
          FROM registry.entitlement_pNN
         WHERE person_id > $2 AND person_id <= $3
    ),
"""
PARTS: Final = range(16)
# $1: the day, $2: the persons. Judged anew, from their receipts.
OF_PERSONS = Query[Turned]("".join((_ASKED, _KNOWN, _PERSONS, _FROM_RECEIPTS, _JUDGE)))
# $1: the day, $2: the persons. From the months as kept: time alone has passed.
STORED = Query[Turned]("".join(("    WITH ", _KNOWN, _KEPT, _PERSONS, _JUDGE)))
OF_PART: Final = tuple(
    Query[Turned]("".join((_SLICE, _FROM_RECEIPTS, _JUDGE)).replace("_pNN", f"_p{part:02}"))
    for part in PARTS
)
# A slice has its part to itself; those who judge by persons share all parts.
LOCK_PART = Query[None]("SELECT pg_advisory_xact_lock(7105290, $1)")
# Hashing the persons of a slice takes some tens of megabytes.
ROOM = Query[str]("SELECT set_config('work_mem', '96MB', true)")
SHARE_PARTS = Query[None](
    "SELECT pg_advisory_xact_lock_shared(7105290, part) FROM generate_series(0, 15) AS part"
)
# Who is judged must not be judged by another at the same time: the later reader would be overwritten.
LOCK = Query[UUID](
    """
    SELECT person_id
      FROM registry.person
     WHERE person_id = ANY ($1::uuid[])
     ORDER BY person_id
       FOR NO KEY UPDATE
    """
)
TAKE_DIRTY = Query[UUID](
    """
    DELETE FROM registry.entitlement_dirty
     WHERE dirty_id IN (
               SELECT dirty_id FROM registry.entitlement_dirty
                ORDER BY dirty_id LIMIT $1 FOR UPDATE SKIP LOCKED
           )
    RETURNING person_id
    """
)
TAKE_DUE = Query[UUID](
    """
    SELECT person_id
      FROM registry.entitlement
     WHERE review_on <= $1
     ORDER BY review_on
     LIMIT $2
       FOR UPDATE SKIP LOCKED
    """
)
START = Query[None](
    """
    INSERT INTO registry.entitlement_run (run_id, region, on_day, asked_by, started_at)
    VALUES ($1, $2, $3, $4, $5)
    """
)
ADD_PARTS = Query[None](
    """
    INSERT INTO registry.entitlement_run_part (run_id, part)
    SELECT $1, part FROM generate_series(0, 15) AS part
    """
)
RUN = Query[Recomputation](
    """
    SELECT run_id, region, on_day, sum(done)::bigint AS done, sum(turned)::bigint AS turned,
           started_at, finished_at
      FROM registry.entitlement_run JOIN registry.entitlement_run_part USING (run_id)
     WHERE run_id = $1
     GROUP BY run_id
    """
)
TAKE_PART = Query[Part](
    """
    SELECT part, after
      FROM registry.entitlement_run_part
     WHERE run_id = $1 AND NOT finished
     ORDER BY part
     LIMIT 1
       FOR UPDATE SKIP LOCKED
    """
)
ADVANCE = Query[None](
    """
    UPDATE registry.entitlement_run_part
       SET after = $3, done = done + $4, turned = turned + $5, finished = $6
     WHERE run_id = $1 AND part = $2
    """
)
FINISH = Query[UUID](
    """
    UPDATE registry.entitlement_run
       SET finished_at = $2
     WHERE run_id = $1 AND finished_at IS NULL
       AND NOT EXISTS (
               SELECT FROM registry.entitlement_run_part WHERE run_id = $1 AND NOT finished
           )
    RETURNING run_id
    """
)
# The last person of the next slice, and how many it has: all of them, whatever their region.
_NEXT_SLICE: Final = """
    SELECT (array_agg(person_id ORDER BY person_id DESC))[1] AS until, count(*) AS persons
      FROM (
        SELECT person_id FROM registry.person_pNN
         WHERE person_id > $1 ORDER BY person_id LIMIT $2
      ) AS slice
"""
SLICES = tuple(Query[Slice](_NEXT_SLICE.replace("_pNN", f"_p{part:02}")) for part in PARTS)
OF_PERSON = Query[Standing](
    """
    SELECT person_id, status, basis, reason, since, until, category, last_paid, unpaid, self_payer,
           judged_on, review_on
      FROM registry.entitlement
     WHERE person_id = $1
    """
)
LAPSING = Query[Lapsing](
    """
    SELECT person_id, basis, until
      FROM registry.entitlement
     WHERE until BETWEEN $1 AND $2 AND basis <> 'PAID_MONTH' AND (until, person_id) > ($3, $4)
     ORDER BY until, person_id
     LIMIT $5
    """
)
