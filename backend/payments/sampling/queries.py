"""SQL of sampling: every rule over all lines of a period at once, in one statement."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.sampling.model import (
    Drawn,
    ItemRow,
    ParametersInForce,
    Sample,
    SampledExecutor,
    Waiting,
)

# --- drawing --------------------------------------------------------------------------------------

# $1 sample, $2-$3 period, $4 region or null, $5 seed, then the parameters: $6 no visit, $7 two
# places, $8 two stays, $9 forms of stay, $10 days in common, $11 same minute, $12 people, $13 too far,
# $14 km, $15 km/h, $16 outlier, $17 z, $18 peers, $19 lines of risk, $20 of one executor, $21 at random, $22
# phone away, $23 metres.
# A rule with no points is not looked at.
DRAW = Query[Drawn](
    """
    WITH line AS MATERIALIZED (
        SELECT c.case_id, c.act_id, c.line_no, c.person_id, c.executor_id, c.service_code,
               c.service_date, c.amount_tiyn, c.grade, c.episode, c.visit_id, l.region,
               coalesce(c.admitted_on, c.service_date) AS since,
               c.admitted_on IS NOT NULL OR l.care_form = ANY ($9::text[]) AS lay_in,
               v.distance_m, v.accuracy_m, w.iin_hash AS worker, v.at, date_trunc('minute', v.at) AS minute, v.facility_id,
               f.latitude::float8 AS latitude, f.longitude::float8 AS longitude
          FROM payments.act
          JOIN payments.act_case c ON c.act_id = act.act_id
          JOIN allocation.plan_line l ON l.line_id = c.line_id
          LEFT JOIN registry.worker w ON w.worker_id = c.worker_id
          LEFT JOIN visits.visit v ON v.person_id = c.person_id AND v.visit_id = c.visit_id
          LEFT JOIN registry.facility f ON f.facility_id = v.facility_id
         WHERE act.status IN ('CHECK_PASSED', 'SIGNED_BY_ISSUER', 'INVOICED', 'IN_REGISTER', 'PAID')
           AND act.period_from <= $3 AND act.period_to >= $2
           AND c.service_date BETWEEN $2 AND $3
           AND ($4::text IS NULL OR l.region = $4)
    ), two_places AS (
        SELECT worker, minute, count(DISTINCT facility_id) AS places
          FROM line
         WHERE $7::integer > 0 AND worker IS NOT NULL AND facility_id IS NOT NULL
         GROUP BY worker, minute
        HAVING count(DISTINCT facility_id) > 1
    ), same_minute AS (
        SELECT worker, minute, count(DISTINCT person_id) AS people
          FROM line
         WHERE $11::integer > 0 AND worker IS NOT NULL AND minute IS NOT NULL
         GROUP BY worker, minute
        HAVING count(DISTINCT person_id) >= $12::integer
    ), stay AS (
        SELECT person_id, executor_id, episode, min(since) AS since, max(service_date) AS until
          FROM line
         WHERE $8::integer > 0 AND lay_in
         GROUP BY person_id, executor_id, episode
    ), two_stays AS (
        SELECT one.person_id, one.executor_id, one.episode,
               max(least(one.until, other.until) - greatest(one.since, other.since) + 1) AS days
          FROM stay one
          JOIN stay other ON other.person_id = one.person_id
           AND (other.executor_id, other.episode) <> (one.executor_id, one.episode)
         WHERE least(one.until, other.until) - greatest(one.since, other.since) + 1 >= $10::integer
         GROUP BY one.person_id, one.executor_id, one.episode
    ), came AS (
        SELECT DISTINCT person_id, visit_id, at, latitude, longitude
          FROM line
         WHERE $13::integer > 0 AND latitude IS NOT NULL
    ), journey AS (
        SELECT person_id, visit_id, at, extract(epoch FROM at - lag(at) OVER went) / 60 AS minutes,
               12742 * asin(least(1, sqrt(
                   sin(radians(latitude - lag(latitude) OVER went) / 2) ^ 2
                   + cos(radians(latitude)) * cos(radians(lag(latitude) OVER went))
                   * sin(radians(longitude - lag(longitude) OVER went) / 2) ^ 2
               ))) AS km
          FROM came
        WINDOW went AS (PARTITION BY person_id ORDER BY at, visit_id)
    ), too_far AS (
        SELECT person_id, visit_id, at, minutes, km
          FROM journey
         WHERE km >= $14::integer AND km * 60 > $15::integer * minutes
    ), rate AS (
        SELECT executor_id, service_code, region,
               count(*)::float8 / count(DISTINCT person_id) AS each
          FROM line
         WHERE $16::integer > 0
         GROUP BY executor_id, service_code, region
    ), middle AS (
        SELECT service_code, region, count(*) AS peers,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY rate.each) AS median
          FROM rate
         GROUP BY service_code, region
        HAVING count(*) >= $18::integer
    ), spread AS (
        SELECT m.service_code, m.region, m.peers, m.median,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(r.each - m.median)) AS mad,
               avg(abs(r.each - m.median)) AS mean_deviation
          FROM middle m JOIN rate r USING (service_code, region)
         GROUP BY m.service_code, m.region, m.peers, m.median
    ), outlier AS (
        -- where half of the peers do exactly the same, the mean deviation stands for the median one
        SELECT r.executor_id, r.service_code, r.region, r.each, s.median, s.peers,
               (r.each - s.median) / CASE WHEN s.mad > 0 THEN 1.482602 * s.mad
                                          ELSE 1.253314 * s.mean_deviation END AS z
          FROM rate r JOIN spread s USING (service_code, region)
         WHERE r.each > s.median
    ), hit (case_id, rule, points, at, a, b, c) AS MATERIALIZED (
        SELECT case_id, 'NO_VISIT', $6::integer, NULL::timestamptz, NULL::float8, NULL::float8,
               NULL::float8
          FROM line
         WHERE grade = 'NONE' AND $6::integer > 0
        UNION ALL
        SELECT line.case_id, 'TWO_PLACES', $7::integer, x.minute, x.places, NULL, NULL
          FROM line JOIN two_places x USING (worker, minute)
        UNION ALL
        SELECT line.case_id, 'TWO_STAYS', $8::integer, NULL, x.days, NULL, NULL
          FROM line JOIN two_stays x USING (person_id, executor_id, episode)
         WHERE line.lay_in
        UNION ALL
        SELECT line.case_id, 'SAME_MINUTE', $11::integer, x.minute, x.people, NULL, NULL
          FROM line JOIN same_minute x USING (worker, minute)
        UNION ALL
        SELECT line.case_id, 'TOO_FAR', $13::integer, x.at, x.km, x.minutes, NULL
          FROM line JOIN too_far x USING (person_id, visit_id)
        UNION ALL
        -- as near as the phone allows that it was
        SELECT case_id, 'PHONE_AWAY', $22::integer, at, distance_m, accuracy_m, NULL
          FROM line
         WHERE $22::integer > 0 AND distance_m - accuracy_m >= $23::integer
        UNION ALL
        SELECT line.case_id, 'OUTLIER', $16::integer, NULL, x.each, x.median, x.z
          FROM line JOIN outlier x USING (executor_id, service_code, region)
         WHERE x.z >= $17::integer / 1000.0
    ), score AS (
        SELECT case_id, sum(points)::integer AS score FROM hit GROUP BY case_id
    ), scored AS MATERIALIZED (
        SELECT line.case_id, line.executor_id, line.amount_tiyn, coalesce(score.score, 0) AS score,
               sha256($5::bytea || uuid_send(line.case_id)) AS draw
          FROM line LEFT JOIN score USING (case_id)
    ), risky AS (
        SELECT case_id, score, draw
          FROM (SELECT case_id, score, draw,
                       row_number() OVER (PARTITION BY executor_id ORDER BY score DESC, draw) AS place
                  FROM scored WHERE score > 0) best
         WHERE place <= $20::integer
         ORDER BY score DESC, draw
         LIMIT $19::integer
    ), random AS (
        SELECT case_id, score, draw FROM scored ORDER BY draw, case_id LIMIT $21::integer
    ), taken AS (
        SELECT case_id, score, 'RISK' AS part,
               row_number() OVER (ORDER BY score DESC, draw) AS no
          FROM risky
        UNION ALL
        SELECT case_id, score, 'RANDOM',
               (SELECT count(*) FROM risky) + row_number() OVER (ORDER BY draw, case_id)
          FROM random
    ), items AS (
        INSERT INTO payments.sample_item (
            sample_id, no, part, act_id, line_no, case_id, person_id, executor_id, service_code,
            service_date, amount_tiyn, score, hits
        )
        SELECT $1, taken.no, taken.part, line.act_id, line.line_no, line.case_id, line.person_id,
               line.executor_id, line.service_code, line.service_date, line.amount_tiyn, taken.score,
               coalesce((
                   SELECT jsonb_agg(jsonb_build_object(
                              'rule', hit.rule, 'points', hit.points, 'at', hit.at, 'a', hit.a,
                              'b', hit.b, 'c', hit.c) ORDER BY hit.points DESC, hit.rule)
                     FROM hit WHERE hit.case_id = taken.case_id
               ), '[]')
          FROM taken JOIN line USING (case_id)
    ), executors AS (
        INSERT INTO payments.sample_executor (
            sample_id, executor_id, lines, risky_lines, score_milli, amount_tiyn
        )
        SELECT $1, executor_id, count(*), count(*) FILTER (WHERE score > 0),
               sum(score) * 1000 / count(*), sum(amount_tiyn)
          FROM scored
         GROUP BY executor_id
    )
    SELECT count(*) AS lines, count(*) FILTER (WHERE score > 0) AS risky_lines FROM scored
    """
)
# A sample may take minutes and memory that a request may not; both end with its transaction.
PATIENT = Query[str]("SELECT set_config('statement_timeout', '15min', true)")
ROOM = Query[str]("SELECT set_config('work_mem', '64MB', true)")
WAITING = Query[Waiting](
    """
    SELECT sample_id, period_from, period_to, region, parameters, seed
      FROM payments.sample
     WHERE sample_id = $1 AND status = 'WAITING'
       FOR UPDATE
    """
)
FINISH = Query[None](
    """
    UPDATE payments.sample SET status = 'DRAWN', drawn_at = $2, lines = $3, risky_lines = $4
     WHERE sample_id = $1
    """
)

# --- asking and reading ---------------------------------------------------------------------------

ASK = Query[None](
    """
    INSERT INTO payments.sample (
        sample_id, period_from, period_to, region, status, parameters_no, parameters, seed, asked_by,
        asked_at
    )
    VALUES ($1, $2, $3, $4, 'WAITING', $5, $6, $7, $8, $9)
    """
)
_SAMPLE = """
    SELECT sample_id, period_from, period_to, region, status, parameters_no, parameters,
           encode(sha256(seed), 'hex') AS seed_sha256,
           CASE WHEN published_at IS NOT NULL THEN encode(seed, 'hex') END AS seed, asked_at, lines,
           risky_lines, drawn_at, published_at
      FROM payments.sample
"""
ONE = Query[Sample](_SAMPLE + " WHERE sample_id = $1")
LIST = Query[Sample](
    _SAMPLE + " WHERE $1::uuid IS NULL OR sample_id < $1 ORDER BY sample_id DESC LIMIT $2"
)
PUBLISHED = Query[Sample](_SAMPLE + " WHERE sample_id = $1 AND published_at IS NOT NULL")
DRAWN = Query[UUID](
    "SELECT sample_id FROM payments.sample WHERE sample_id = $1 AND status = 'DRAWN'"
)
# Before a monitoring that was drawn from it has begun, nobody shall know which lines it takes.
PUBLISH = Query[None](
    """
    UPDATE payments.sample s SET published_at = $2
     WHERE s.sample_id = $1 AND s.status = 'DRAWN' AND s.published_at IS NULL
       AND NOT EXISTS (
           SELECT FROM payments.monitoring m
            WHERE m.sample_id = s.sample_id
              AND m.status IN ('PLANNED', 'COMMISSION_FORMED', 'NOTIFIED'))
    """
)
ITEMS = Query[ItemRow](
    """
    SELECT i.no, i.part, i.act_id, act.number AS act_number, i.line_no, i.case_id, i.person_id,
           i.executor_id, o.name AS executor_name, i.service_code, i.service_date, i.amount_tiyn,
           i.score, i.hits
      FROM payments.sample_item i
      JOIN payments.act ON act.act_id = i.act_id
      JOIN registry.organisation o ON o.organisation_id = i.executor_id
     WHERE i.sample_id = $1 AND i.no > $2
       AND ($3::text IS NULL OR i.part = $3) AND ($4::uuid IS NULL OR i.executor_id = $4)
     ORDER BY i.no
     LIMIT $5
    """
)
EXECUTORS = Query[SampledExecutor](
    """
    SELECT e.executor_id, o.name, e.lines, e.risky_lines, e.score_milli,
           (SELECT count(*) FROM payments.sample_item i
             WHERE i.sample_id = e.sample_id AND i.executor_id = e.executor_id AND i.part = 'RISK')
               AS in_risk_part
      FROM payments.sample_executor e
      JOIN registry.organisation o ON o.organisation_id = e.executor_id
     WHERE e.sample_id = $1
       AND ($2::bigint IS NULL OR (-e.score_milli, e.executor_id) > (-$2::bigint, $3::uuid))
     ORDER BY e.score_milli DESC, e.executor_id
     LIMIT $4
    """
)

# --- parameters -----------------------------------------------------------------------------------

_PARAMETERS = """
    SELECT no, "values", reason, set_by, set_at FROM payments.sampling_parameters
"""
IN_FORCE = Query[ParametersInForce](_PARAMETERS + " ORDER BY no DESC LIMIT 1")
HISTORY = Query[ParametersInForce](
    _PARAMETERS + " WHERE $1::integer IS NULL OR no < $1 ORDER BY no DESC LIMIT $2"
)
SET = Query[None](
    """
    INSERT INTO payments.sampling_parameters (
        parameters_id, no, "values", reason, evidence_id, set_by, set_at
    )
    SELECT $1, 1 + coalesce(max(no), 0), $2, $3, $4, $5, $6 FROM payments.sampling_parameters
    """
)
