-- Supplementary agreements: a signed contract follows a change of the plan (domain 3.5, 6.4). Both sides
-- sign the same bytes; a contract's lines keep what was first agreed, what holds now is in the view.

CREATE TABLE allocation.contract_amendment (
    amendment_id         uuid PRIMARY KEY,
    contract_id          uuid NOT NULL REFERENCES allocation.contract,
    no                   integer NOT NULL CHECK (no >= 1),
    change_id            uuid NOT NULL REFERENCES allocation.plan_change,
    status               text NOT NULL DEFAULT 'FORMED' CHECK (
        status IN ('FORMED', 'IN_SIGNING', 'SIGNED', 'WITHDRAWN')
    ),
    content              bytea NOT NULL, -- canonical JSON: exactly what both parties sign
    content_sha256       bytea NOT NULL,
    amount_before_tiyn   bigint NOT NULL CHECK (amount_before_tiyn >= 0),
    amount_after_tiyn    bigint NOT NULL CHECK (amount_after_tiyn BETWEEN 0 AND 1000000000000000000),
    formed_at            timestamptz NOT NULL,
    issuer_evidence_id   uuid UNIQUE REFERENCES signing.evidence,
    issuer_signed_at     timestamptz,
    executor_evidence_id uuid UNIQUE REFERENCES signing.evidence,
    executor_signed_at   timestamptz,
    withdrawal_evidence_id uuid UNIQUE REFERENCES signing.evidence,
    withdrawn_at         timestamptz,
    UNIQUE (contract_id, no),
    CHECK (content_sha256 = sha256(content)),
    CHECK ((issuer_signed_at IS NULL) = (issuer_evidence_id IS NULL)),
    CHECK ((executor_signed_at IS NULL) = (executor_evidence_id IS NULL)),
    CHECK ((withdrawn_at IS NULL) = (withdrawal_evidence_id IS NULL)),
    CHECK (executor_signed_at IS NULL OR executor_signed_at >= issuer_signed_at),
    CHECK (status <> 'FORMED' OR issuer_signed_at IS NULL),
    CHECK (status NOT IN ('IN_SIGNING', 'SIGNED') OR issuer_signed_at IS NOT NULL),
    CHECK ((status = 'SIGNED') = (executor_signed_at IS NOT NULL)),
    CHECK ((status = 'WITHDRAWN') = (withdrawn_at IS NOT NULL))
);
-- One at a time: what the next one changes is known only when this one holds or is given up.
CREATE UNIQUE INDEX contract_amendment_open ON allocation.contract_amendment (contract_id)
    WHERE status IN ('FORMED', 'IN_SIGNING');

CREATE TABLE allocation.contract_amendment_line (
    amendment_id  uuid NOT NULL REFERENCES allocation.contract_amendment,
    line_id       uuid NOT NULL REFERENCES allocation.plan_line,
    units_before  bigint NOT NULL CHECK (units_before >= 0),
    units_after   bigint NOT NULL CHECK (units_after BETWEEN 0 AND 1000000000000000000),
    tariff_tiyn   bigint CHECK (tariff_tiyn >= 1),
    amount_before bigint NOT NULL CHECK (amount_before = units_before::numeric * coalesce(tariff_tiyn, 1)),
    amount_after  bigint NOT NULL CHECK (amount_after = units_after::numeric * coalesce(tariff_tiyn, 1)),
    PRIMARY KEY (amendment_id, line_id),
    CHECK (units_after <> units_before)
);
CREATE INDEX contract_amendment_line_of ON allocation.contract_amendment_line (line_id);
CREATE TRIGGER contract_amendment_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON allocation.contract_amendment_line FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
-- What was signed stays: of an amendment only its signatures and its end are written.
CREATE TRIGGER contract_amendment_is_kept BEFORE DELETE OR TRUNCATE ON allocation.contract_amendment
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

CREATE VIEW allocation.contract_line_now AS
SELECT l.contract_id, l.line_id, l.service_type, l.region, l.unit,
       coalesce(a.units_after, l.units) AS units, l.tariff_tiyn,
       coalesce(a.amount_after, l.amount_tiyn) AS amount_tiyn
  FROM allocation.contract_line l
  LEFT JOIN LATERAL (
    SELECT x.units_after, x.amount_after
      FROM allocation.contract_amendment m
      JOIN allocation.contract_amendment_line x USING (amendment_id)
     WHERE m.contract_id = l.contract_id AND x.line_id = l.line_id AND m.status = 'SIGNED'
     ORDER BY m.no DESC
     LIMIT 1
  ) a ON true
UNION ALL
-- a line of the plan that came into the contract by an amendment
SELECT a.contract_id, a.line_id, p.service_type, p.region, p.unit, a.units_after, a.tariff_tiyn,
       a.amount_after
  FROM (
    SELECT DISTINCT ON (m.contract_id, x.line_id)
           m.contract_id, x.line_id, x.units_after, x.tariff_tiyn, x.amount_after
      FROM allocation.contract_amendment m
      JOIN allocation.contract_amendment_line x USING (amendment_id)
     WHERE m.status = 'SIGNED'
     ORDER BY m.contract_id, x.line_id, m.no DESC
  ) a
  JOIN allocation.plan_line p USING (line_id)
 WHERE NOT EXISTS (
    SELECT FROM allocation.contract_line l
     WHERE l.contract_id = a.contract_id AND l.line_id = a.line_id
 );

GRANT SELECT, INSERT ON allocation.contract_amendment, allocation.contract_amendment_line
   TO saqtau_allocation;
GRANT UPDATE (status, issuer_evidence_id, issuer_signed_at, executor_evidence_id, executor_signed_at,
              withdrawal_evidence_id, withdrawn_at)
   ON allocation.contract_amendment TO saqtau_allocation;
-- The executor's signature moves money of the ledger: payments write it, in the ledger's transaction.
GRANT SELECT ON allocation.contract_amendment, allocation.contract_amendment_line,
                allocation.plan_change TO saqtau_payments;
GRANT UPDATE (status, executor_evidence_id, executor_signed_at)
   ON allocation.contract_amendment TO saqtau_payments;
GRANT SELECT ON allocation.contract_line_now TO saqtau_allocation, saqtau_payments, saqtau_egov;
