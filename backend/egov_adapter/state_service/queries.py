"""SQL of the state service. Every statement about a request takes its person first, but the sweep's."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.egov_adapter.state_service.model import (
    CourtAct,
    Day,
    OutcomeFile,
    Payment,
    Request,
    Row,
)
from backend.kernel.db import Query
from backend.sources.egov.service import Stage as ToldStage


class Due(msgspec.Struct, frozen=True):
    """A request to be served now."""

    person_id: UUID
    request_id: UUID


class Mine(msgspec.Struct, frozen=True):
    """A consent of the asking person."""

    consent_id: UUID
    expires_at: datetime


ADD_CONSENT = Query[None](
    """
    INSERT INTO egov.service_consent (consent_id, person_id, asked_at, expires_at)
    VALUES ($1, $2, $3, $4)
    """
)
CONSENT = Query[Mine](
    """
    SELECT consent_id, expires_at
      FROM egov.service_consent
     WHERE consent_id = $2 AND person_id = $1 AND expires_at > $3
    """
)
FORGET_CONSENTS = Query[None]("DELETE FROM egov.service_consent WHERE expires_at < $1")

# Of two requests at once one is taken; of one consent, one.
ADD = Query[UUID](
    """
    INSERT INTO egov.service_request (person_id, request_id, certified_by, evidence_id, consent_id,
                                      language, status, arrived_at, accepted_at, due_at, try_at,
                                      consent_proof)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9, $11)
    ON CONFLICT DO NOTHING
    RETURNING request_id
    """
)
RUNNING = Query[UUID](
    "SELECT request_id FROM egov.service_request WHERE person_id = $1 AND try_at IS NOT NULL"
)
OWN = Query[Request](
    """
    SELECT request_id, certified_by, status AS stage, ground, arrived_at, accepted_at, due_at,
           finished_at
      FROM egov.service_request
     WHERE person_id = $1 AND ($2::uuid IS NULL OR request_id < $2)
     ORDER BY request_id DESC
     LIMIT $3
    """
)
ONE = Query[Request](
    """
    SELECT request_id, certified_by, status AS stage, ground, arrived_at, accepted_at, due_at,
           finished_at
      FROM egov.service_request
     WHERE person_id = $1 AND request_id = $2
    """
)
OUTCOME = Query[OutcomeFile](
    """
    SELECT result_sealed AS octets, result_cms AS cms
      FROM egov.service_request
     WHERE person_id = $1 AND request_id = $2 AND result_sealed IS NOT NULL
    """
)
# Who serves takes a lease: a worker that dies lets another begin when it is over.
TAKE_DUE = Query[Due](
    """
    UPDATE egov.service_request r SET try_at = $2
      FROM (SELECT person_id, request_id FROM egov.service_request
             WHERE try_at <= $1 ORDER BY try_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
     WHERE r.person_id = due.person_id AND r.request_id = due.request_id
    RETURNING r.person_id, r.request_id
    """
)
LOAD = Query[Row](
    """
    SELECT person_id, request_id, consent_id, consent_proof, language, status, ground, accepted_at, due_at,
           result_sealed, result_cms
      FROM egov.service_request
     WHERE person_id = $1 AND request_id = $2 AND finished_at IS NULL
    """
)
# $4 when to look again; the rest of a change of stage
AGAIN = Query[None](
    "UPDATE egov.service_request SET try_at = $3"
    " WHERE person_id = $1 AND request_id = $2 AND try_at IS NOT NULL"
)
IDENTIFIED = Query[UUID](
    """
    UPDATE egov.service_request SET status = 'IDENTIFIED'
     WHERE person_id = $1 AND request_id = $2 AND status IN ('RECEIVED', 'QUEUED_NEXT_WD')
    RETURNING request_id
    """
)
PROCESSED = Query[UUID](
    """
    UPDATE egov.service_request
       SET status = 'PROCESSED', ground = $3, result_sealed = $4, result_sha256 = $5, result_cms = $6
     WHERE person_id = $1 AND request_id = $2
       AND status IN ('RECEIVED', 'QUEUED_NEXT_WD', 'IDENTIFIED')
    RETURNING request_id
    """
)
FINISHED = Query[UUID](
    """
    UPDATE egov.service_request SET status = $3, finished_at = $4, try_at = NULL
     WHERE person_id = $1 AND request_id = $2 AND status = 'PROCESSED'
    RETURNING request_id
    """
)
ADD_STAGE = Query[None](
    """
    INSERT INTO egov.service_stage (stage_id, request_id, stage, ground, at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (request_id, stage) DO NOTHING
    """
)
UNTOLD = Query[ToldStage](
    """
    SELECT stage_id, request_id, $1::text AS service, stage, ground, at
      FROM egov.service_stage
     WHERE told_at IS NULL
     ORDER BY stage_id
     LIMIT $2
    """
)
TOLD = Query[None](
    "UPDATE egov.service_stage SET told_at = $2 WHERE stage_id = ANY ($1::uuid[]) AND told_at IS NULL"
)

# App.3 columns 2 to 8, in order of payment. $2: the own IIN, which column 6 asks of who pays himself.
PAYMENTS = Query[Payment](
    """
    SELECT paid_on, amount_tiyn, kind, period, coalesce(payer_bin, $2::text) AS payer,
           refunded_tiyn AS returned_tiyn, refunded_on AS returned_on
      FROM registry.contribution
     WHERE person_id = $1
     ORDER BY paid_on, contribution_id
    """
)

ADD_ACT = Query[None](
    """
    INSERT INTO egov.court_act (person_id, act_id, ground, in_force_from, in_force_to, sealed,
                                evidence_id, entered_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    """
)
LIFT_ACT = Query[UUID](
    """
    UPDATE egov.court_act SET lifted_at = $2, lifted_by = $3
     WHERE act_id = $1 AND lifted_at IS NULL
    RETURNING act_id
    """
)
ACTS_IN_FORCE = Query[CourtAct](
    """
    SELECT act_id, ground, sealed
      FROM egov.court_act
     WHERE person_id = $1 AND lifted_at IS NULL
       AND in_force_from <= $2 AND (in_force_to IS NULL OR in_force_to >= $2)
     ORDER BY ground, act_id
    """
)

# $1 now, $2 $3 the first and the day after the last, as instants
DAYS = Query[Day](
    """
    SELECT (accepted_at AT TIME ZONE '+05:00'::interval)::date AS day,
           count(*) AS accepted,
           count(*) FILTER (WHERE status = 'DELIVERED') AS delivered,
           count(*) FILTER (WHERE status = 'REFUSED') AS refused,
           count(*) FILTER (WHERE coalesce(finished_at, $1) > due_at) AS late,
           count(*) FILTER (WHERE finished_at IS NULL) AS running,
           percentile_cont(0.5) WITHIN GROUP (
               ORDER BY extract(epoch FROM finished_at - accepted_at)::float8) AS median_s,
           max(extract(epoch FROM finished_at - accepted_at))::float8 AS slowest_s
      FROM egov.service_request
     WHERE accepted_at >= $2 AND accepted_at < $3
     GROUP BY 1
     ORDER BY 1
    """
)
