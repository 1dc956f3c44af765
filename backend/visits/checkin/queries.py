"""SQL of visits. Checking in is one statement: judged, written and told in one transaction.

Those who check in at the same time share it (kernel/batches.py).
"""

from backend.kernel.db import Query
from backend.visits.checkin.model import DayCount, Scanned, Standing, Visit

# Several at once, each of the same place in the arrays: $1 person, $2 visit, $3 facility, $4 at, $5 grade,
# $6 code, $7 nonce, $8 biometric session, $9 document, $10 actor, $11-$13 latitude, longitude, accuracy;
# $14 how long a finished session serves. No row back for one means that something refused it: STANDING says
# what. Conditions are subqueries of a row, never joins: each asks one partition by its index, however many
# rows the planner expects. In order, so that two batches cannot wait for each other.
ADD = Query[Visit](
    """
    WITH asked AS MATERIALIZED (
        SELECT person_id, visit_id, facility_id, at, (at AT TIME ZONE interval '+05:00')::date AS visit_date,
               grade, code_id, personal_nonce, biometric_session_id, document_sha256, actor, latitude,
               longitude, accuracy_m
          FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[], $6::uuid[],
                      $7::bytea[], $8::uuid[], $9::bytea[], $10::text[], $11::float8[], $12::float8[],
                      $13::int[])
               AS one (person_id, visit_id, facility_id, at, grade, code_id, personal_nonce,
                       biometric_session_id, document_sha256, actor, latitude, longitude, accuracy_m)
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
                      AND b.finished_at BETWEEN n.at - $14::interval AND n.at + interval '1 second'
                 FROM visits.biometric_session b
                WHERE b.person_id = n.person_id AND b.session_id = n.biometric_session_id))
         ORDER BY n.person_id, n.facility_id
        ON CONFLICT DO NOTHING
        RETURNING visit_id, facility_id, executor_id, at, visit_date, grade
    ), told AS (
        INSERT INTO kernel.event (event_id, at, kind, subject, actor, payload)
        SELECT uuidv7(), m.at, 'VisitRegistered', m.visit_id, n.actor,
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
# Why visits could not be written. $1 visit, $2 person, $3 facility, $4 legal day, $5 code, $6 nonce, $7 biometric
# session, $8 at; $9 how long a session serves, $10 how clocks differ, $11 how long a session may take.
STANDING = Query[Standing](
    """
    SELECT n.visit_id,
           coalesce((SELECT status FROM registry.account WHERE person_id = n.person_id) = 'OPEN', false)
               AS account_open,
           coalesce((SELECT s.given AND n.at < s.expires_at FROM registry.consent_state s
                      WHERE s.person_id = n.person_id AND s.purpose = 'QR_VISITS'), true)
               AS qr_consent,
           coalesce((SELECT s.given AND n.at < s.expires_at FROM registry.consent_state s
                      WHERE s.person_id = n.person_id AND s.purpose = 'BIOMETRICS'), true)
               AS biometric_consent,
           (SELECT closed_on FROM registry.facility
             WHERE facility_id = n.facility_id AND closed_on <= n.visit_date)
               AS closed_on,
           n.code_id IS NULL OR coalesce((
               SELECT facility_id = n.facility_id AND revoked_at IS NULL
                 FROM visits.facility_code WHERE code_id = n.code_id), false)
               AS code_live,
           n.session_id IS NULL OR coalesce((
               SELECT b.outcome = 'MATCH' AND b.liveness
                      AND b.finished_at BETWEEN n.at - $9::interval AND n.at + $10::interval
                 FROM visits.biometric_session b
                WHERE b.person_id = n.person_id AND b.session_id = n.session_id), false)
            AND (SELECT v.visit_id FROM visits.visit v
                  WHERE v.person_id = n.person_id AND v.biometric_session_id = n.session_id) IS NULL
               AS biometric_good,
           coalesce((SELECT b.outcome = 'PENDING' AND b.started_at >= n.at - $11::interval
                       FROM visits.biometric_session b
                      WHERE b.person_id = n.person_id AND b.session_id = n.session_id), false)
               AS biometric_pending,
           (SELECT visit_id FROM visits.visit
             WHERE person_id = n.person_id AND personal_nonce = n.nonce) IS NOT NULL
               AS nonce_used,
           (SELECT visit_id FROM visits.visit
             WHERE person_id = n.person_id AND facility_id = n.facility_id
               AND visit_date = n.visit_date)
               AS first_visit_id
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[], $5::uuid[], $6::bytea[], $7::uuid[],
                  $8::timestamptz[])
           AS n (visit_id, person_id, facility_id, visit_date, code_id, nonce, session_id, at)
    """
)
# The first desk that scans it has the code; no row back for the others. In order, as ADD.
SCAN = Query[Scanned](
    """
    INSERT INTO visits.scanned_code (person_id, nonce, facility_id, at)
    SELECT person_id, nonce, facility_id, $4
      FROM unnest($1::uuid[], $2::bytea[], $3::uuid[]) AS one (person_id, nonce, facility_id)
     ORDER BY person_id, nonce
    ON CONFLICT (person_id, nonce) DO NOTHING
    RETURNING person_id, nonce
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
