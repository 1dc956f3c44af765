-- payments: what the system finds by itself (M §15), the brake of mass suspensions (FAULTS 22), and the
-- termination of payment with what it leaves to decide (M §17, §18, domain 3.10, D9, D10).

-- --- suspensions the system raises -------------------------------------------------------------

-- `facts` is what was seen, from which the suspension follows; `basis` says it in a line. One raised by
-- the system has no signature of the issuer: S3 was the first of the kind.
ALTER TABLE payments.suspension ADD COLUMN facts jsonb NOT NULL DEFAULT '{}'
    CHECK (jsonb_typeof(facts) = 'object');
DO $$
DECLARE
    unsigned text;
BEGIN
    SELECT conname INTO STRICT unsigned
      FROM pg_constraint
     WHERE conrelid = 'payments.suspension'::regclass AND contype = 'c'
       AND pg_get_constraintdef(oid) ~ '''S3''' AND pg_get_constraintdef(oid) ~ 'evidence_id IS NULL';
    EXECUTE format('ALTER TABLE payments.suspension DROP CONSTRAINT %I', unsigned);
END $$;
ALTER TABLE payments.suspension
    ADD CONSTRAINT suspension_grounded CHECK (ground = 'S3' OR basis_sha256 IS NOT NULL),
    ADD CONSTRAINT suspension_s3_by_itself CHECK (ground <> 'S3' OR evidence_id IS NULL);

-- --- asking the sources (S1, S2) ---------------------------------------------------------------

-- How the source of a ground fares. One that fails is asked for less and later, and decides nothing.
CREATE TABLE payments.detection_source (
    ground       text PRIMARY KEY CHECK (ground IN ('S1', 'S2')),
    portion      integer NOT NULL CHECK (portion >= 1),
    failures     integer NOT NULL CHECK (failures >= 0),
    ask_after    timestamptz NOT NULL,
    silent_since timestamptz,
    CHECK ((failures = 0) = (silent_since IS NULL))
);
INSERT INTO payments.detection_source (ground, portion, failures, ask_after)
VALUES ('S1', 200, 0, '2026-03-06'), ('S2', 200, 0, '2026-03-06');

-- Of all contracts in force no more than a share (thousandths) is frozen by rounds within a day unasked,
-- above a number that always passes.
CREATE TABLE payments.detection_limit (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    share_milli integer NOT NULL CHECK (share_milli BETWEEN 0 AND 1000),
    minimum     integer NOT NULL CHECK (minimum >= 0),
    changed_at  timestamptz NOT NULL,
    evidence_id uuid REFERENCES signing.evidence  -- NULL: as delivered
);
INSERT INTO payments.detection_limit (share_milli, minimum, changed_at) VALUES (50, 5, '2026-03-06');

-- One round of questions a legal day and ground. What it found is counted before anything is applied.
CREATE TABLE payments.detection_round (
    round_id        uuid PRIMARY KEY,
    ground          text NOT NULL REFERENCES payments.detection_source,
    day             date NOT NULL,
    status          text NOT NULL CHECK (
        status IN ('ASKING', 'APPLIED', 'HELD', 'RELEASED', 'DISCARDED', 'SUPERSEDED')
    ),
    started_at      timestamptz NOT NULL,
    asked           integer NOT NULL CHECK (asked >= 0),
    concluded_at    timestamptz,
    unknown         integer CHECK (unknown BETWEEN 0 AND asked),
    found           integer CHECK (found BETWEEN 0 AND asked),
    contracts       integer CHECK (contracts >= 0),        -- these would freeze
    passed          integer CHECK (passed >= 0),           -- went unasked within the day before
    total_contracts integer CHECK (total_contracts >= 0),  -- of so many in force
    share_milli     integer,
    minimum         integer,
    sha256          text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    decided_at      timestamptz,
    decided_by      text,
    evidence_id     uuid REFERENCES signing.evidence,
    reason          text CHECK (length(reason) BETWEEN 1 AND 4000),
    UNIQUE (ground, day),
    CHECK ((status = 'ASKING') = (concluded_at IS NULL)),
    CHECK (concluded_at IS NULL OR num_nulls(unknown, found, contracts, passed, total_contracts,
                                             share_milli, minimum, sha256) = 0),
    CHECK ((status IN ('RELEASED', 'DISCARDED')) = (decided_at IS NOT NULL)),
    CHECK (num_nulls(decided_at, decided_by, evidence_id, reason) IN (0, 4))
);
CREATE UNIQUE INDEX detection_round_asking ON payments.detection_round (ground)
    WHERE status = 'ASKING';

-- An executor of a round. `as_of` is how old the source's record was; `facts` what of it is a cause.
CREATE TABLE payments.detection_question (
    round_id    uuid NOT NULL REFERENCES payments.detection_round,
    executor_id uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    tries       integer NOT NULL DEFAULT 0,
    asked_at    timestamptz,
    answered_at timestamptz,
    as_of       timestamptz,
    facts       jsonb,
    PRIMARY KEY (round_id, executor_id),
    CHECK ((answered_at IS NULL) = (as_of IS NULL)),
    CHECK (facts IS NULL OR answered_at IS NOT NULL)
);
CREATE INDEX detection_question_waiting ON payments.detection_question (round_id, tries, executor_id)
    WHERE answered_at IS NULL;
CREATE INDEX detection_question_executor ON payments.detection_question (executor_id, as_of)
    WHERE answered_at IS NOT NULL;

-- --- confirmed complaints (S4) -----------------------------------------------------------------

CREATE TABLE payments.confirmed_complaint (
    complaint_id   uuid PRIMARY KEY,
    executor_id    uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    ground         text NOT NULL CHECK (ground IN ('FREE_CHOICE', 'NO_CONSENT')),
    financial_year integer NOT NULL CHECK (financial_year BETWEEN 2020 AND 2100),
    counted_at     timestamptz NOT NULL
);
CREATE INDEX confirmed_complaint_executor
    ON payments.confirmed_complaint (executor_id, financial_year);
CREATE TRIGGER confirmed_complaint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments.confirmed_complaint FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- --- termination of payment (T1, T2, T3) -------------------------------------------------------

-- Payment is stopped from `detected_at` on; the ground takes effect on `effective_from` (D10). The
-- document of T1 and T2 opens it, that of T3 comes with the decision at the latest.
CREATE TABLE payments.termination (
    termination_id         uuid PRIMARY KEY,
    executor_id            uuid NOT NULL REFERENCES registry.organisation (organisation_id),
    ground                 text NOT NULL CHECK (ground IN ('T1', 'T2', 'T3')),
    status                 text NOT NULL CHECK (status IN ('OPEN', 'DECIDED', 'WITHDRAWN')),
    detected_at            timestamptz NOT NULL,
    effective_from         date NOT NULL,
    basis                  text NOT NULL CHECK (length(basis) BETWEEN 1 AND 4000),
    document               jsonb CHECK (jsonb_typeof(document) = 'object'),
    suspension_id          uuid UNIQUE REFERENCES payments.suspension,
    protocol_id            uuid,
    evidence_id            uuid REFERENCES signing.evidence, -- NULL: the system opened it
    decision               text CHECK (length(decision) BETWEEN 1 AND 4000),
    decided_at             timestamptz,
    decision_evidence_id   uuid REFERENCES signing.evidence,
    withdrawal             text CHECK (length(withdrawal) BETWEEN 1 AND 4000),
    withdrawal_document    jsonb CHECK (jsonb_typeof(withdrawal_document) = 'object'),
    withdrawn_at           timestamptz,
    withdrawal_evidence_id uuid REFERENCES signing.evidence,
    CHECK ((ground = 'T3') = (suspension_id IS NOT NULL)),
    CHECK (ground = 'T3' OR document IS NOT NULL),
    CHECK (ground <> 'T1' OR evidence_id IS NOT NULL),
    CHECK (ground = 'T2' OR protocol_id IS NULL),
    CHECK (status <> 'DECIDED' OR document IS NOT NULL),
    CHECK ((status = 'DECIDED') = (decided_at IS NOT NULL)),
    CHECK (num_nulls(decision, decided_at, decision_evidence_id) IN (0, 3)),
    CHECK ((status = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)),
    CHECK (num_nulls(withdrawal, withdrawal_document, withdrawn_at, withdrawal_evidence_id) IN (0, 4))
);
CREATE INDEX termination_executor ON payments.termination (executor_id, termination_id);
-- One document of T1 or T2 opens one termination of an executor.
CREATE UNIQUE INDEX termination_document
    ON payments.termination (executor_id, ground, (document ->> 'sha256'))
    WHERE status <> 'WITHDRAWN' AND ground <> 'T3';

CREATE TABLE payments.termination_contract (
    termination_id uuid NOT NULL REFERENCES payments.termination,
    contract_id    uuid NOT NULL REFERENCES allocation.contract,
    PRIMARY KEY (termination_id, contract_id)
);
CREATE INDEX termination_of_contract ON payments.termination_contract (contract_id);
CREATE TRIGGER termination_contract_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments.termination_contract FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- Acts for services before the effective date: settled or held by the issuer's decision, the last one
-- counts (D10). Without one an act stays frozen.
CREATE TABLE payments.termination_act (
    termination_id uuid NOT NULL REFERENCES payments.termination,
    act_id         uuid NOT NULL REFERENCES payments.act,
    decided_at     timestamptz NOT NULL,
    verdict        text NOT NULL CHECK (verdict IN ('SETTLE', 'HOLD')),
    reason         text NOT NULL CHECK (length(reason) BETWEEN 1 AND 4000),
    evidence_id    uuid NOT NULL REFERENCES signing.evidence,
    PRIMARY KEY (termination_id, act_id, decided_at)
);
CREATE TRIGGER termination_act_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON payments.termination_act FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- A termination goes OPEN, DECIDED or OPEN, WITHDRAWN; what it rests on never changes.
CREATE FUNCTION payments.require_termination_move() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.status <> 'OPEN' OR NEW.status = 'OPEN'
       OR (OLD.executor_id, OLD.ground, OLD.detected_at, OLD.effective_from, OLD.basis)
          IS DISTINCT FROM
          (NEW.executor_id, NEW.ground, NEW.detected_at, NEW.effective_from, NEW.basis)
       OR OLD.document IS NOT NULL AND OLD.document IS DISTINCT FROM NEW.document THEN
        RAISE EXCEPTION 'a termination does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'termination_move';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER termination_move BEFORE UPDATE ON payments.termination
    FOR EACH ROW EXECUTE FUNCTION payments.require_termination_move();
CREATE TRIGGER termination_kept BEFORE DELETE OR TRUNCATE ON payments.termination
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

CREATE INDEX contract_terminated ON allocation.contract (contract_id)
    WHERE status = 'TERMINATED_BY_ISSUER';

-- What freezes an act, signing and paying alike: a termination of payment under its contract unless the
-- issuer settles the act, a suspension of its contract or of all its executor's contracts that has not
-- been resumed, or the executor's account. An expired suspension lives on in its termination (T3).
CREATE OR REPLACE VIEW payments.frozen_act AS
SELECT act.act_id,
       coalesce(
           (SELECT t.ground
              FROM payments.termination_contract tc
              JOIN payments.termination t USING (termination_id)
             WHERE tc.contract_id = act.contract_id
               AND t.status <> 'WITHDRAWN'
               AND (SELECT d.verdict
                      FROM payments.termination_act d
                     WHERE d.termination_id = t.termination_id AND d.act_id = act.act_id
                     ORDER BY d.decided_at DESC
                     LIMIT 1) IS DISTINCT FROM 'SETTLE'
             ORDER BY t.ground
             LIMIT 1),
           (SELECT CASE WHEN s.status = 'EXPIRED' THEN 'T3' ELSE s.ground END
              FROM payments.suspension s
             WHERE s.executor_id = act.executor_id
               AND s.status <> 'RESUMED'
               AND (s.contract_id IS NULL OR s.contract_id = act.contract_id)
               AND (s.status <> 'EXPIRED' OR NOT EXISTS (
                   SELECT FROM payments.termination t WHERE t.suspension_id = s.suspension_id
               ))
             ORDER BY s.status = 'EXPIRED' DESC, s.ground
             LIMIT 1),
           CASE WHEN o.status <> 'OPEN' THEN 'ACCOUNT_' || o.status END
       ) AS reason
  FROM payments.act
  JOIN registry.organisation o ON o.organisation_id = act.executor_id;

-- --- who may what ------------------------------------------------------------------------------

GRANT SELECT ON payments.detection_source, payments.detection_limit, payments.detection_round,
                payments.detection_question, payments.confirmed_complaint, payments.termination,
                payments.termination_contract, payments.termination_act TO saqtau_payments;
GRANT INSERT ON payments.detection_round, payments.detection_question, payments.confirmed_complaint,
                payments.termination, payments.termination_contract, payments.termination_act
   TO saqtau_payments;
GRANT UPDATE (portion, failures, ask_after, silent_since) ON payments.detection_source
   TO saqtau_payments;
GRANT UPDATE (share_milli, minimum, changed_at, evidence_id) ON payments.detection_limit
   TO saqtau_payments;
GRANT UPDATE (status, asked, concluded_at, unknown, found, contracts, passed, total_contracts,
              share_milli, minimum, sha256, decided_at, decided_by, evidence_id, reason)
   ON payments.detection_round TO saqtau_payments;
GRANT UPDATE (tries, asked_at, answered_at, as_of, facts) ON payments.detection_question
   TO saqtau_payments;
GRANT UPDATE (status, document, decision, decided_at, decision_evidence_id, withdrawal,
              withdrawal_document, withdrawn_at, withdrawal_evidence_id) ON payments.termination
   TO saqtau_payments;
