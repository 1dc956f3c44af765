"""SQL of visits. Checking in is one statement: judged, written and told in one transaction.

Those who check in at the same time share it (kernel/batches.py).
"""

from backend.kernel.db import Query
from backend.visits.checkin.model import DayCount, Standing, Visit

# Several at once, each of the same place in the arrays: $1 person, $2 visit, $3 facility, $4 at,
# $5 legal day, $6 grade, $7 code, $8 nonce, $9 biometric session, $10 document, $11 not finished
# before, $12 actor, $13 event, $14-$16 latitude, longitude, accuracy. No row back for one means that something refused it: STANDING says what.
# Conditions are subqueries of a row, never joins: each asks one partition by its index, however many
# rows the planner expects. In order, so that two batches cannot wait for each other.
ADD = Query[Visit](
    """
    WITH asked AS MATERIALIZED (
        SELECT person_id, visit_id, facility_id, at, visit_date, grade, code_id, personal_nonce,
               biometric_session_id, document_sha256, finished_since, actor, event_id,
               latitude, longitude, accuracy_m
          FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::date[], $6::text[],
                      $7::uuid[], $8::bytea[], $9::uuid[], $10::bytea[], $11::timestamptz[],
                      $12::text[], $13::uuid[], $14::float8[], $15::float8[], $16::int[])
               AS one (person_id, visit_id, facility_id, at, visit_date, grade, code_id,
                       personal_nonce, biometric_session_id, document_sha256, finished_since, actor,
                       event_id, latitude, longitude, accuracy_m)
    ), made AS (
        INSERT INTO visits.visit (
            person_id, visit_id, facility_id, executor_id, at, visit_date, grade, code_id,
            personal_nonce, biometric_session_id, document_sha256, accuracy_m, distance_m
        )
        SELECT n.person_id, n.visit_id, f.facility_id, f.organisation_id, n.at, n.visit_date, n.grade,
               n.code_id, n.personal_nonce, n.biometric_session_id, n.document_sha256, n.accuracy_m,
               -- metres along the great circle of the mean earth
               CASE WHEN n.latitude IS NOT NULL THEN round(2 * 6371008.8 * asin(least(1, sqrt(
                   power(sind((f.latitude::float8 - n.latitude) / 2), 2)
                   + cosd(f.latitude::float8) * cosd(n.latitude)
                     * power(sind((f.longitude::float8 - n.longitude) / 2), 2)))))::int END
          FROM asked n
          JOIN registry.facility f ON f.facility_id = n.facility_id
           AND (f.closed_on IS NULL OR f.closed_on > n.visit_date)
         WHERE (SELECT a.status FROM registry.account a WHERE a.person_id = n.person_id) = 'OPEN'
           AND (n.grade = 'NONE' OR coalesce((
               SELECT s.given AND n.at < s.expires_at FROM registry.consent_state s
                WHERE s.person_id = n.person_id AND s.purpose = 'QR_VISITS'), true))
           AND (n.code_id IS NULL OR (
               SELECT c.facility_id = n.facility_id AND c.revoked_at IS NULL
                 FROM visits.facility_code c
                WHERE c.code_id = n.code_id))
           AND (n.biometric_session_id IS NULL OR coalesce((
               SELECT s.given AND n.at < s.expires_at FROM registry.consent_state s
                WHERE s.person_id = n.person_id AND s.purpose = 'BIOMETRICS'), true)
            AND (
               SELECT b.outcome = 'MATCH' AND b.liveness
                      AND b.finished_at BETWEEN n.finished_since AND n.at + interval '1 second'
                 FROM visits.biometric_session b
                WHERE b.person_id = n.person_id AND b.session_id = n.biometric_session_id))
         ORDER BY n.person_id, n.facility_id
        ON CONFLICT DO NOTHING
        RETURNING visit_id, facility_id, executor_id, at, visit_date, grade
    ), told AS (
        INSERT INTO kernel.event (event_id, at, kind, subject, actor, payload)
        SELECT n.event_id, m.at, 'VisitRegistered', m.visit_id, n.actor,
               jsonb_build_object(
                   'subject', m.visit_id, 'facility_id', m.facility_id, 'grade', m.grade)
          FROM made m
          JOIN asked n ON n.visit_id = m.visit_id
    )
    SELECT visit_id, facility_id, executor_id, at, visit_date, grade FROM made
    """
)
# One probe of each index, whoever is asked for.
IS_ATTACHED_HERE = Query[bool](
    """
    SELECT EXISTS (
        SELECT FROM registry.attachment t
          JOIN registry.account a ON a.person_id = t.person_id AND a.status <> 'NONE'
         WHERE t.person_id = $1
           AND t.executor_id = (SELECT organisation_id FROM registry.facility WHERE facility_id = $2))
    """
)
STANDING = Query[Standing](
    """
    SELECT EXISTS (SELECT FROM registry.account WHERE person_id = $1 AND status = 'OPEN')
               AS account_open,
           (SELECT closed_on FROM registry.facility
             WHERE facility_id = $2 AND closed_on <= $3) AS closed_on,
           $4::uuid IS NULL OR EXISTS (
               SELECT FROM visits.facility_code
                WHERE code_id = $4 AND facility_id = $2 AND revoked_at IS NULL)
               AS code_live,
           $6::uuid IS NULL OR EXISTS (
               SELECT FROM visits.biometric_session b
                WHERE b.person_id = $1 AND b.session_id = $6 AND b.outcome = 'MATCH'
                  AND b.liveness AND b.finished_at BETWEEN $7 AND $8
                  AND NOT EXISTS (SELECT FROM visits.visit v
                                   WHERE v.person_id = $1 AND v.biometric_session_id = $6))
               AS biometric_good,
           $5::bytea IS NOT NULL AND EXISTS (
               SELECT FROM visits.visit WHERE person_id = $1 AND personal_nonce = $5)
               AS nonce_used,
           (SELECT visit_id FROM visits.visit
             WHERE person_id = $1 AND facility_id = $2 AND visit_date = $3)
               AS first_visit_id
    """
)
# The first desk that scans it has the code; no row back for the others.
SCAN = Query[bool](
    """
    INSERT INTO visits.scanned_code (person_id, nonce, facility_id, at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (person_id, nonce) DO NOTHING
    RETURNING true
    """
)
FORGET_SCANS = Query[None]("DELETE FROM visits.scanned_code WHERE at < $1")
OF_PERSON = Query[Visit](
    """
    SELECT visit_id, facility_id, executor_id, at, visit_date, grade
      FROM visits.visit
     WHERE person_id = $1 AND ($2::uuid IS NULL OR visit_id < $2)
     ORDER BY visit_id DESC
     LIMIT $3
    """
)
OF_DAY = Query[DayCount](
    """
    SELECT grade, count(*)::int AS visits
      FROM visits.visit
     WHERE facility_id = $1 AND visit_date = $2
     GROUP BY grade
    """
)
