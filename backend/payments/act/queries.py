"""SQL of acts."""

from uuid import UUID

from backend.kernel.db import Query
from backend.payments.act.model import (
    Act,
    ActCase,
    ContractRow,
    DisputedLine,
    LineErrors,
    Noted,
    Report,
    Sums,
)

# --- submission ---------------------------------------------------------------------------------

CONTRACT = Query[ContractRow](
    """
    SELECT contract_id, executor_id, source, status, valid_from, valid_to
      FROM allocation.contract
     WHERE contract_id = $1 AND executor_id = $2
    """
)
# Acts of one contract are checked one after another: each sees what those before it ask for.
LOCK_CONTRACT = Query[UUID](
    "SELECT contract_id FROM allocation.contract WHERE contract_id = $1 FOR NO KEY UPDATE"
)
LIVE_ACT = Query[UUID](
    """
    SELECT act_id FROM payments.act
     WHERE contract_id = $1 AND number = $2 AND status NOT IN ('CHECK_FAILED', 'CANCELLED')
    """
)
ADD = Query[None](
    """
    INSERT INTO payments.act (
        act_id, contract_id, executor_id, source, number, period_from, period_to, status,
        submitted_at, cases, content_sha256
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'CHECKING', $8, $9, $10)
    """
)
# Every case of an act, as COPY brought it; gone when the transaction ends.
CREATE_STAGE = Query[None](
    """
    CREATE TEMPORARY TABLE act_stage ON COMMIT DROP AS
    SELECT NULL::integer AS line_no, NULL::uuid AS person_id, NULL::text AS record,
           NULL::bytea AS worker_hash, NULL::text AS service_code, NULL::uuid AS line_id,
           NULL::bigint AS units, NULL::date AS service_date, NULL::date AS admitted_on,
           NULL::text AS episode, NULL::text AS referral, NULL::bytea AS content
     WHERE false
    """
)
STAGE = "act_stage"
STAGE_SCHEMA = "pg_temp"
# Whoever claims a record first keeps it. Keys in order: two acts that meet wait in one line.
CLAIM_RECORDS = Query[None](
    """
    INSERT INTO payments.service_record_claim (service_record_id, act_id, line_no)
    SELECT record, $1, line_no
      FROM pg_temp.act_stage
     ORDER BY record, line_no
    ON CONFLICT (service_record_id) DO NOTHING
    """
)
CLAIM_CONTENTS = Query[None](
    """
    INSERT INTO payments.service_content_claim (content_sha256, act_id, line_no)
    SELECT content, $1, line_no
      FROM pg_temp.act_stage
     WHERE content IS NOT NULL
     ORDER BY content, line_no
    ON CONFLICT (content_sha256) DO NOTHING
    """
)
# The nights of a stay: from the admission to the night before the discharge.
CLAIM_NIGHTS = Query[None](
    """
    INSERT INTO payments.stay_night_claim (person_id, night, act_id, line_no)
    SELECT person_id, admitted_on + later.days, $1, line_no
      FROM pg_temp.act_stage
     CROSS JOIN LATERAL generate_series(0, service_date - admitted_on - 1) AS later (days)
     WHERE person_id IS NOT NULL AND service_date - admitted_on BETWEEN 1 AND $2
     ORDER BY person_id, admitted_on + later.days, line_no
    ON CONFLICT (person_id, night) DO NOTHING
    """
)
# The lines whose record, service or night belongs to another line, asked only when some were not claimed.
TAKEN_RECORDS = Query[int](
    """
    SELECT s.line_no
      FROM pg_temp.act_stage s
      LEFT JOIN payments.service_record_claim record ON record.service_record_id = s.record
      LEFT JOIN payments.service_content_claim content ON content.content_sha256 = s.content
     WHERE (record.act_id, record.line_no) IS DISTINCT FROM ($1, s.line_no)
        OR s.content IS NOT NULL
       AND (content.act_id, content.line_no) IS DISTINCT FROM ($1, s.line_no)
    """
)
TAKEN_NIGHTS = Query[int](
    """
    SELECT DISTINCT s.line_no
      FROM pg_temp.act_stage s
     CROSS JOIN LATERAL generate_series(0, s.service_date - s.admitted_on - 1) AS later (days)
      LEFT JOIN payments.stay_night_claim claim
        ON claim.person_id = s.person_id AND claim.night = s.admitted_on + later.days
     WHERE s.person_id IS NOT NULL AND s.service_date - s.admitted_on BETWEEN 1 AND $2
       AND (claim.act_id, claim.line_no) IS DISTINCT FROM ($1, s.line_no)
    """
)
RELEASE_RECORDS = Query[None]("DELETE FROM payments.service_record_claim WHERE act_id = $1")
RELEASE_CONTENTS = Query[None]("DELETE FROM payments.service_content_claim WHERE act_id = $1")
RELEASE_NIGHTS = Query[None]("DELETE FROM payments.stay_night_claim WHERE act_id = $1")
# Every case of an act at once: store it with its evidence and errors, return the lines that fail.
# $1 act, $2 contract, $3 executor, $4 source, $5-$6 period, $7 lines presented before, $8 lines whose
# nights are another's, $9 the longest stay.
CHECK = Query[LineErrors](
    """
    WITH room AS (
        -- what the contract's lines still hold, less what waiting acts ask for
        SELECT line.line_id, line.tariff_tiyn, line.amount_tiyn,
               a.balance_tiyn - coalesce((
                   SELECT sum(w.amount_tiyn)
                     FROM payments.act_line w JOIN payments.act USING (act_id)
                    WHERE act.contract_id = $2 AND act.status = 'CHECK_PASSED'
                      AND w.line_id = line.line_id
               ), 0) AS left_tiyn
          FROM allocation.contract_line_now line
          JOIN payments.ledger_account a
            ON a.account = 'contract:' || line.contract_id || ':' || line.line_id
         WHERE line.contract_id = $2
    ), came AS (
        -- the best evidence of a visit on the day, or within the stay
        SELECT DISTINCT ON (s.line_no) s.line_no, v.visit_id, v.grade
          FROM pg_temp.act_stage s
          JOIN visits.visit v
            ON v.person_id = s.person_id AND v.executor_id = $3 AND v.grade <> 'NONE'
           AND v.visit_date BETWEEN coalesce(s.admitted_on, s.service_date) AND s.service_date
         ORDER BY s.line_no,
                  array_position(ARRAY['QR_BIOMETRIC', 'QR_DOCUMENT', 'QR_ONLY'], v.grade), v.at
    ), needed AS (
        -- what the directory asks of who gives a service on its day: the last entry that holds then
        SELECT DISTINCT ON (s.service_code, s.service_date)
               s.service_code, s.service_date, need.specialities
          FROM (SELECT DISTINCT service_code, service_date FROM pg_temp.act_stage) s
          JOIN registry.speciality_need_entry need
            ON need.service_code = s.service_code AND need.valid_from <= s.service_date
           AND coalesce(need.valid_to >= s.service_date, true)
         ORDER BY s.service_code, s.service_date, need.entry_id DESC
    ), fit AS (
        -- whether the worker holds a certificate of it on that day, and whether any was ever told of
        SELECT s.worker_hash, s.service_code, s.service_date,
               coalesce(bool_or(c.speciality = ANY (needed.specialities) AND NOT c.withdrawn
                                AND c.valid_from <= s.service_date
                                AND coalesce(c.valid_to >= s.service_date, true)), false) AS licensed,
               count(c.iin_hash) > 0 AS known
          FROM (SELECT DISTINCT worker_hash, service_code, service_date FROM pg_temp.act_stage) s
          JOIN needed USING (service_code, service_date)
          LEFT JOIN registry.specialist_certificate_now c ON c.iin_hash = s.worker_hash
         WHERE needed.specialities <> '{}'
         GROUP BY s.worker_hash, s.service_code, s.service_date
    ), joined AS (
        SELECT s.person_id, s.record, s.service_code, s.line_id, s.units, s.service_date,
               s.admitted_on, s.episode, s.referral, s.line_no, w.worker_id, came.visit_id,
               came.grade, account.status AS account_status, policy.gvfmc, policy.mhi,
               attachment.executor_id AS attached_to, attachment.since,
               -- whom this clinic may know more of than that he is not its own (FAULTS 14)
               coalesce(attachment.executor_id = $3, false) OR came.visit_id IS NOT NULL AS here,
               coalesce(policy.status IN ('CREDITED', 'EXPIRED')
                        AND s.service_date BETWEEN policy.valid_from AND policy.valid_to, false)
                   AS insured,
               room.line_id AS line_found, room.left_tiyn, room.amount_tiyn AS line_tiyn,
               s.units::numeric * coalesce(room.tariff_tiyn, 1) AS asked_tiyn,
               fit.licensed, fit.known,
               needed.service_code IS NULL AND s.service_date >= (
                   SELECT min(valid_from) FROM registry.speciality_need_entry
               ) AS need_unknown
          FROM pg_temp.act_stage s
          LEFT JOIN registry.worker w
            ON w.executor_id = $3 AND w.iin_hash = s.worker_hash AND w.active
          LEFT JOIN registry.account ON account.person_id = s.person_id
          LEFT JOIN registry.policy
            ON policy.person_id = s.person_id AND policy.status <> 'CANCELLED'
           AND policy.year = extract(year FROM s.service_date)
          LEFT JOIN registry.attachment ON attachment.person_id = s.person_id
          LEFT JOIN came ON came.line_no = s.line_no
          LEFT JOIN room ON room.line_id = s.line_id
          LEFT JOIN needed
            ON needed.service_code = s.service_code AND needed.service_date = s.service_date
          LEFT JOIN fit
            ON fit.worker_hash = s.worker_hash AND fit.service_code = s.service_code
           AND fit.service_date = s.service_date
    ), checked AS MATERIALIZED (
        SELECT person_id, record, service_code, line_id, units, service_date, admitted_on, episode,
               referral, line_no, worker_id, visit_id, grade, asked_tiyn, line_tiyn,
               array_remove(ARRAY[
                   CASE WHEN here AND account_status = 'BLOCKED' THEN 'ACCOUNT_BLOCKED' END,
                   CASE WHEN here AND coalesce(account_status, 'NONE') NOT IN ('OPEN', 'BLOCKED')
                        THEN 'ACCOUNT_NOT_OPEN' END,
                   CASE WHEN here AND NOT insured
                          OR NOT here AND referral IS NOT NULL
                         AND NOT (insured AND account_status = 'OPEN')
                        THEN 'POLICY_INVALID_ON_DATE' END,
                   CASE WHEN referral IS NULL
                         AND NOT coalesce(attached_to = $3 AND since <= service_date, false)
                        THEN 'NOT_ATTACHED' END,
                   CASE WHEN line_found IS NULL
                          OR (here OR referral IS NOT NULL)
                         AND NOT coalesce(CASE $4 WHEN 'mhi' THEN mhi ELSE gvfmc END, true)
                        THEN 'SERVICE_NOT_COVERED' END,
                   CASE WHEN worker_id IS NULL THEN 'WORKER_NOT_FOUND'
                        WHEN NOT known THEN 'WORKER_LICENCE_UNKNOWN'
                        WHEN NOT licensed THEN 'WORKER_NOT_LICENSED' END,
                   CASE WHEN service_date NOT BETWEEN $5 AND $6 THEN 'PERIOD_MISMATCH' END,
                   CASE WHEN service_date - admitted_on NOT BETWEEN 0 AND $9 THEN 'STAY_INVALID' END,
                   CASE WHEN line_found IS NOT NULL
                         AND sum(asked_tiyn) OVER (PARTITION BY line_id ORDER BY line_no) > left_tiyn
                        THEN 'OVER_CONTRACT' END,
                   CASE WHEN line_no = ANY ($7::integer[]) THEN 'DUPLICATE_SERVICE' END,
                   CASE WHEN line_no = ANY ($8::integer[]) THEN 'STAY_OVERLAPS' END
               ], NULL) AS errors,
               CASE WHEN need_unknown THEN ARRAY['SPECIALITY_NEED_UNKNOWN'] ELSE '{}' END AS notes
          FROM joined
    ), added AS (
        INSERT INTO payments.act_case (
            person_id, act_id, line_no, case_id, executor_id, service_record_id, service_code,
            line_id, units, amount_tiyn, service_date, admitted_on, episode, referral, worker_id,
            visit_id, grade, errors, notes
        )
        SELECT person_id, $1, line_no, uuidv7(), $3, record, service_code,
               line_id, units, CASE WHEN asked_tiyn <= line_tiyn THEN asked_tiyn ELSE 0 END,
               service_date, CASE WHEN admitted_on <= service_date THEN admitted_on END, episode,
               referral, worker_id, visit_id, coalesce(grade, 'NONE'), errors, notes
          FROM checked
         WHERE person_id IS NOT NULL
         ORDER BY line_no
    ), strays AS (
        INSERT INTO payments.act_stray_line (
            act_id, line_no, service_record_id, service_code, line_id, units, service_date,
            admitted_on, errors, notes
        )
        SELECT $1, line_no, record, service_code, line_id, units, service_date, admitted_on, errors,
               notes
          FROM checked
         WHERE person_id IS NULL
    )
    SELECT line_no, record AS service_record_id, errors AS codes
      FROM checked
     WHERE errors <> '{}'
     ORDER BY line_no
    """
)
ADD_LINES = Query[None](
    """
    INSERT INTO payments.act_line (act_id, line_id, cases, units, amount_tiyn)
    SELECT act_id, line_id, count(*), sum(units), sum(amount_tiyn)
      FROM payments.act_case
     WHERE act_id = $1
     GROUP BY act_id, line_id
    """
)
SUMS = Query[Sums](
    """
    SELECT count(*) FILTER (WHERE grade = 'NONE') AS no_qr,
           coalesce(sum(amount_tiyn), 0)::bigint AS total_tiyn
      FROM payments.act_case
     WHERE act_id = $1
    """
)
# Nothing is noted, and nothing read, while the directory of specialities is empty.
NOTES = Query[Noted](
    """
    SELECT code, count(*) AS lines
      FROM (
        SELECT unnest(notes) AS code FROM payments.act_case
         WHERE act_id = $1 AND EXISTS (SELECT FROM registry.speciality_need_entry)
        UNION ALL
        SELECT unnest(notes) FROM payments.act_stray_line
         WHERE act_id = $1 AND EXISTS (SELECT FROM registry.speciality_need_entry)
      ) told
     GROUP BY code
     ORDER BY code
    """
)
NEXT_SEQ_NO = Query[int](
    "UPDATE payments.act_queue SET last_seq_no = last_seq_no + 1 RETURNING last_seq_no"
)
FINISH = Query[None](
    """
    UPDATE payments.act
       SET status = $2, seq_no = $3, evidence_id = $4, report = $5, no_qr = $6, total_tiyn = $7
     WHERE act_id = $1
    """
)

# --- reading ------------------------------------------------------------------------------------

FIND = Query[Act](
    """
    SELECT act.act_id, act.contract_id, contract.number AS contract_number, act.executor_id,
           o.name AS executor_name, act.source, act.number, act.period_from, act.period_to,
           act.status, act.seq_no, act.submitted_at, act.cases, act.no_qr, act.total_tiyn,
           encode(act.content_sha256, 'hex') AS content_sha256, f.reason AS frozen, act.held,
           act.signed_at, act.paid_at, said.confirmed, said.disputed
      FROM payments.act
      JOIN payments.frozen_act f USING (act_id)
      JOIN allocation.contract USING (contract_id)
      JOIN registry.organisation o ON o.organisation_id = act.executor_id
      CROSS JOIN LATERAL (
          SELECT CASE WHEN $2::uuid IS NULL THEN count(*) FILTER (WHERE mark = 'CONFIRMED') END
                     AS confirmed,
                 CASE WHEN $2::uuid IS NULL THEN count(*) FILTER (WHERE mark = 'DISPUTED') END
                     AS disputed
            FROM payments.act_case_marked marked
           WHERE marked.act_id = act.act_id
      ) said
     WHERE act.act_id = $1 AND ($2::uuid IS NULL OR act.executor_id = $2)
    """
)
LIST = Query[Act](
    """
    SELECT act.act_id, act.contract_id, contract.number AS contract_number, act.executor_id,
           o.name AS executor_name, act.source, act.number, act.period_from, act.period_to,
           act.status, act.seq_no, act.submitted_at, act.cases, act.no_qr, act.total_tiyn,
           encode(act.content_sha256, 'hex') AS content_sha256, f.reason AS frozen, act.held,
           act.signed_at, act.paid_at, said.confirmed, said.disputed
      FROM payments.act
      JOIN payments.frozen_act f USING (act_id)
      JOIN allocation.contract USING (contract_id)
      JOIN registry.organisation o ON o.organisation_id = act.executor_id
      CROSS JOIN LATERAL (
          SELECT CASE WHEN $1::uuid IS NULL THEN count(*) FILTER (WHERE mark = 'CONFIRMED') END
                     AS confirmed,
                 CASE WHEN $1::uuid IS NULL THEN count(*) FILTER (WHERE mark = 'DISPUTED') END
                     AS disputed
            FROM payments.act_case_marked marked
           WHERE marked.act_id = act.act_id
      ) said
     WHERE ($1::uuid IS NULL OR act.executor_id = $1)
       AND ($2::text IS NULL OR act.status = $2)
       AND act.seq_no > $3
     ORDER BY act.seq_no
     LIMIT $4
    """
)
REPORT = Query[Report](
    """
    SELECT coalesce(report -> 'counts', '{}') AS counts, coalesce(report -> 'lines', '[]') AS lines,
           coalesce(report -> 'notes', '{}') AS notes
      FROM payments.act WHERE act_id = $1
    """
)
SKIPS = Query[str](
    "SELECT reason FROM payments.act_skip WHERE act_id = $1 ORDER BY skipped_at, reason"
)
PEOPLE = Query[UUID](
    "SELECT person_id FROM payments.act_case WHERE act_id = $1 AND line_no = ANY ($2::integer[])"
)
CASES = Query[ActCase](
    """
    SELECT c.case_id, c.line_no, c.service_record_id, c.service_code, c.line_id, c.units,
           c.amount_tiyn, c.service_date, c.grade, c.errors, marked.mark, marked.complaint_id
      FROM payments.act_case c
      LEFT JOIN payments.act_case_marked marked
        ON $4 AND marked.act_id = c.act_id AND marked.line_no = c.line_no
     WHERE c.act_id = $1 AND c.line_no > $2
     ORDER BY c.line_no
     LIMIT $3
    """
)
DISPUTES = Query[DisputedLine](
    """
    SELECT marked.line_no, c.service_record_id, marked.complaint_id,
           marked.marked_at AS disputed_at
      FROM payments.act_case_marked marked
      JOIN payments.act_case c
        ON c.person_id = marked.person_id AND c.case_id = marked.case_id
     WHERE marked.act_id = $1 AND marked.mark = 'DISPUTED'
     ORDER BY marked.line_no
     LIMIT $2
    """
)
ACT_NUMBER = "act_number"
