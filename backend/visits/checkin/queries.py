"""SQL of visits. Checking in is one statement: judged, written and told in one transaction."""

from backend.kernel.db import Query
from backend.visits.checkin.model import DayCount, Standing, Visit

# $1 person, $2 visit, $3 facility, $4 at, $5 legal day, $6 grade, $7 code, $8 nonce,
# $9 biometric session, $10 document, $11 not finished before, $12 actor, $13 event.
# No row back means that something refused it: STANDING says what.
ADD = Query[Visit](
    """
    WITH made AS (
        INSERT INTO visits.visit (
            person_id, visit_id, facility_id, executor_id, at, visit_date, grade, code_id,
            personal_nonce, biometric_session_id, document_sha256
        )
        SELECT $1, $2, f.facility_id, f.organisation_id, $4, $5, $6, $7, $8, $9, $10
          FROM registry.facility f
          JOIN registry.account a ON a.person_id = $1 AND a.status = 'OPEN'
         WHERE f.facility_id = $3
           AND ($7::uuid IS NULL OR EXISTS (
               SELECT FROM visits.facility_code c
                WHERE c.code_id = $7 AND c.facility_id = $3 AND c.revoked_at IS NULL))
           AND ($9::uuid IS NULL OR EXISTS (
               SELECT FROM visits.biometric_session b
                WHERE b.person_id = $1 AND b.session_id = $9 AND b.outcome = 'MATCH'
                  AND b.liveness AND b.finished_at >= $11))
        ON CONFLICT DO NOTHING
        RETURNING visit_id, facility_id, executor_id, at, visit_date, grade
    ), told AS (
        INSERT INTO kernel.event (event_id, at, kind, subject, actor, payload)
        SELECT $13, at, 'VisitRegistered', visit_id, $12,
               jsonb_build_object('subject', visit_id, 'facility_id', facility_id, 'grade', grade)
          FROM made
    )
    SELECT visit_id, facility_id, executor_id, at, visit_date, grade FROM made
    """
)
STANDING = Query[Standing](
    """
    SELECT EXISTS (SELECT FROM registry.account WHERE person_id = $1 AND status = 'OPEN')
               AS account_open,
           $4::uuid IS NULL OR EXISTS (
               SELECT FROM visits.facility_code
                WHERE code_id = $4 AND facility_id = $2 AND revoked_at IS NULL)
               AS code_live,
           $6::uuid IS NULL OR EXISTS (
               SELECT FROM visits.biometric_session b
                WHERE b.person_id = $1 AND b.session_id = $6 AND b.outcome = 'MATCH'
                  AND b.liveness AND b.finished_at >= $7
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
