-- registry: organisations and their facilities, persons, accounts, policies, orders, receipts,
-- privileges, and the operation log with a hash chain per subject.
--
-- What is about a person is partitioned by person_id (16 hash partitions) and carries it in its
-- primary key; what must be unique across persons is claimed in a small table that is not
-- partitioned. Who a person is stands in identity and iin_claim, which the registry alone reads.

-- --- organisations (M §5, §6, §31) -------------------------------------------------------------

CREATE TABLE registry.organisation (
    organisation_id       uuid PRIMARY KEY,
    bin                   text NOT NULL UNIQUE CHECK (bin ~ '^[0-9]{12}$'),
    kind                  text NOT NULL CHECK (kind IN ('ISSUER', 'EXECUTOR')),
    form                  text NOT NULL CHECK (form IN ('LEGAL', 'SOLE')),
    name                  text NOT NULL CHECK (name <> ''),
    status                text NOT NULL CHECK (status IN ('OPEN', 'BLOCKED', 'CLOSED')),
    contacts              jsonb NOT NULL CHECK (jsonb_typeof(contacts) = 'object'),
    requisites            jsonb NOT NULL CHECK (jsonb_array_length(requisites) >= 1),
    head                  bytea NOT NULL,
    evidence_id           uuid NOT NULL REFERENCES signing.evidence,
    opened_at             timestamptz NOT NULL,
    changed_at            timestamptz NOT NULL,
    agreement_signed_at   timestamptz,
    agreement_evidence_id uuid REFERENCES signing.evidence,
    mis_code              text CHECK (mis_code <> ''),
    mis_declared_at       timestamptz,
    dfo_year              integer CHECK (dfo_year BETWEEN 2000 AND 2100),
    dfo_posted_at         timestamptz,
    CHECK (kind = 'EXECUTOR' OR form = 'LEGAL'),
    CHECK ((agreement_signed_at IS NULL) = (agreement_evidence_id IS NULL)),
    CHECK ((mis_code IS NULL) = (mis_declared_at IS NULL)),
    CHECK ((dfo_year IS NULL) = (dfo_posted_at IS NULL))
);
CREATE UNIQUE INDEX organisation_one_issuer ON registry.organisation (kind) WHERE kind = 'ISSUER';

CREATE TABLE registry.facility (
    facility_id      uuid PRIMARY KEY,
    organisation_id  uuid NOT NULL REFERENCES registry.organisation,
    name             text NOT NULL CHECK (name <> ''),
    region           text NOT NULL CHECK (region <> ''),
    address          text NOT NULL CHECK (address <> ''),
    licence_address  text,
    -- Kazakhstan lies between 40.5 and 55.5 N, 46.4 and 87.4 E
    latitude         numeric(8, 6) NOT NULL CHECK (latitude BETWEEN 40.5 AND 55.5),
    longitude        numeric(9, 6) NOT NULL CHECK (longitude BETWEEN 46.4 AND 87.4),
    photo_outside    bytea NOT NULL CHECK (length(photo_outside) = 32),
    photo_inside     bytea NOT NULL CHECK (length(photo_inside) = 32),
    accounting_186   jsonb NOT NULL CHECK (jsonb_typeof(accounting_186) = 'object'),
    design_capacity  integer NOT NULL CHECK (design_capacity >= 0),
    production       boolean NOT NULL,
    digitised_at     timestamptz NOT NULL,
    qr_obtained_at   timestamptz,
    UNIQUE (organisation_id, name, address),
    UNIQUE (facility_id, organisation_id)
);

-- The five actions of M §6. `dfo_year` is judged when it is declared: the previous financial year.
CREATE VIEW registry.executor_ready AS
SELECT organisation_id, missing = '{}' AS ready, missing
  FROM (
    SELECT o.organisation_id,
           array_remove(ARRAY[
               CASE WHEN o.agreement_signed_at IS NULL THEN 'agreement_signed' END,
               CASE WHEN o.mis_declared_at IS NULL THEN 'mis_declared' END,
               CASE WHEN o.dfo_posted_at IS NULL THEN 'dfo_posted' END,
               CASE WHEN f.facilities IS NULL OR f.undigitised > 0 THEN 'facilities_digitised' END,
               CASE WHEN coalesce(f.production, 0) = 0 OR f.without_qr > 0 THEN 'qr_obtained' END
           ], NULL) AS missing
      FROM registry.organisation o
      LEFT JOIN (
        SELECT organisation_id,
               count(*) AS facilities,
               count(*) FILTER (WHERE accounting_186 = '{}') AS undigitised,
               count(*) FILTER (WHERE production) AS production,
               count(*) FILTER (WHERE production AND qr_obtained_at IS NULL) AS without_qr
          FROM registry.facility
         GROUP BY organisation_id
      ) f USING (organisation_id)
     WHERE o.kind = 'EXECUTOR'
  ) AS judged;

-- The medical staff of executors, as their MIS tells.
CREATE TABLE registry.worker (
    worker_id   uuid PRIMARY KEY,
    executor_id uuid NOT NULL REFERENCES registry.organisation,
    iin_hash    bytea NOT NULL CHECK (length(iin_hash) = 32),
    speciality  text NOT NULL CHECK (speciality <> ''),
    active      boolean NOT NULL,
    changed_at  timestamptz NOT NULL,
    UNIQUE (executor_id, iin_hash)
);

-- --- persons -----------------------------------------------------------------------------------

CREATE TABLE registry.person (
    person_id uuid PRIMARY KEY,
    region    text CHECK (region <> ''),
    added_at  timestamptz NOT NULL
) PARTITION BY HASH (person_id);

-- Who it is: sealed with AES-256-GCM, bound to person_id. `fingerprint` is a keyed hash of the
-- sealed text, to see whether a source tells anything new.
CREATE TABLE registry.identity (
    person_id   uuid PRIMARY KEY,
    sealed      bytea NOT NULL,
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    changed_at  timestamptz NOT NULL
) PARTITION BY HASH (person_id);

-- Global uniqueness of the IIN, by keyed hash.
CREATE TABLE registry.iin_claim (
    iin_hash  bytea PRIMARY KEY CHECK (length(iin_hash) = 32),
    person_id uuid NOT NULL UNIQUE
);

-- The insured's personal account. NONE: only one of the two signals of D11 has come.
CREATE TABLE registry.account (
    person_id       uuid PRIMARY KEY,
    status          text NOT NULL CHECK (status IN ('NONE', 'OPEN', 'BLOCKED', 'CLOSED')),
    opened_at       timestamptz,
    signal_visit_at timestamptz,
    signal_mis_at   timestamptz,
    CHECK ((status = 'NONE') = (opened_at IS NULL)),
    CHECK (opened_at IS NULL OR (signal_visit_at IS NOT NULL AND signal_mis_at IS NOT NULL))
) PARTITION BY HASH (person_id);

CREATE TABLE registry.attachment (
    person_id   uuid PRIMARY KEY,
    executor_id uuid NOT NULL,
    facility_id uuid NOT NULL,
    since       date NOT NULL,
    FOREIGN KEY (facility_id, executor_id)
        REFERENCES registry.facility (facility_id, organisation_id)
) PARTITION BY HASH (person_id);
CREATE INDEX attachment_executor ON registry.attachment (executor_id);

-- --- orders and policies (M §3(2), §29, §35-38) ------------------------------------------------

CREATE TABLE registry.policy_order (
    order_id    uuid PRIMARY KEY,
    evidence_id uuid NOT NULL UNIQUE REFERENCES signing.evidence,
    operation   text NOT NULL CHECK (operation = 'order.issue_policies'),
    scope       jsonb NOT NULL,
    actor       text NOT NULL,
    status      text NOT NULL CHECK (status IN ('ACCEPTED', 'RUNNING', 'DONE', 'FAILED')),
    total       bigint CHECK (total >= 0),
    done        bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
    created_at  timestamptz NOT NULL,
    finished_at timestamptz,
    CHECK ((status IN ('DONE', 'FAILED')) = (finished_at IS NOT NULL))
);

-- Progress of an order by sixteenths of the persons, committed with the policies it counts:
-- workers take different parts, a crash loses nothing and doubles nothing.
CREATE TABLE registry.policy_order_part (
    order_id uuid NOT NULL REFERENCES registry.policy_order,
    part     smallint NOT NULL CHECK (part BETWEEN 0 AND 15),
    after    uuid NOT NULL,
    until    uuid NOT NULL,
    done     bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
    finished boolean NOT NULL DEFAULT false,
    PRIMARY KEY (order_id, part)
);

-- Policies are numbered by a sequence over all years: unique, with gaps where a transaction failed.
CREATE SEQUENCE registry.policy_number;

CREATE TABLE registry.policy (
    person_id    uuid NOT NULL,
    policy_id    uuid NOT NULL,
    year         integer NOT NULL CHECK (year BETWEEN 2026 AND 2100),
    number       text NOT NULL CHECK (number ~ '^[0-9]{4}-[0-9]{10,}$'),
    status       text NOT NULL CHECK (status IN ('ISSUED', 'CREDITED', 'CANCELLED', 'EXPIRED')),
    gvfmc        boolean NOT NULL CHECK (gvfmc),
    mhi          boolean NOT NULL,
    service_list text NOT NULL,
    tariff_set   text NOT NULL,
    rule_set     text NOT NULL,
    issued_on    date NOT NULL,
    valid_from   date NOT NULL,
    valid_to     date NOT NULL,
    executor_id  uuid,
    order_id     uuid NOT NULL,
    PRIMARY KEY (person_id, policy_id),
    CHECK (valid_from <= valid_to),
    CHECK (extract(year FROM valid_from) = year AND extract(year FROM valid_to) = year)
) PARTITION BY HASH (person_id);
-- One policy per insured and financial year (M §35).
CREATE UNIQUE INDEX policy_one_a_year ON registry.policy (person_id, year)
    WHERE status <> 'CANCELLED';
CREATE INDEX policy_number_found ON registry.policy (number);

-- --- receipts and privileges (rules KR DSM-333/2020) -------------------------------------------

CREATE TABLE registry.contribution (
    person_id       uuid NOT NULL,
    contribution_id uuid NOT NULL,
    paid_on         date NOT NULL,
    period          text NOT NULL CHECK (period ~ '^20[0-9]{2}-(0[1-9]|1[0-2])$'),
    kind            text NOT NULL CHECK (kind IN ('deduction', 'contribution')),
    amount_tiyn     bigint NOT NULL CHECK (amount_tiyn > 0),
    payer_bin       text CHECK (payer_bin ~ '^[0-9]{12}$'),  -- NULL: the person himself
    refunded_tiyn   bigint NOT NULL DEFAULT 0 CHECK (refunded_tiyn BETWEEN 0 AND amount_tiyn),
    refunded_on     date,
    source_ref      text NOT NULL CHECK (source_ref <> ''),
    PRIMARY KEY (person_id, contribution_id),
    CHECK ((refunded_tiyn = 0) = (refunded_on IS NULL)),
    CHECK (payer_bin IS NOT NULL OR kind = 'contribution')
) PARTITION BY HASH (person_id);

CREATE TABLE registry.receipt_claim (
    source_ref      text PRIMARY KEY CHECK (source_ref <> ''),
    person_id       uuid NOT NULL,
    contribution_id uuid NOT NULL
);

CREATE TABLE registry.privilege (
    person_id  uuid NOT NULL,
    category   text NOT NULL CHECK (category <> ''),
    valid_from date NOT NULL,
    valid_to   date,
    PRIMARY KEY (person_id, category, valid_from),
    CHECK (valid_to >= valid_from)
) PARTITION BY HASH (person_id);

-- --- feeds: a batch is taken once --------------------------------------------------------------

CREATE TABLE registry.feed_batch (
    source      text NOT NULL,
    feed        text NOT NULL,
    batch_id    uuid NOT NULL,
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    received_at timestamptz NOT NULL,
    answer      jsonb,
    PRIMARY KEY (source, feed, batch_id)
);

-- --- the operation log (M §26-30; domain 3.18; D2) ---------------------------------------------

CREATE TABLE registry.operation (
    subject_id uuid NOT NULL,
    seq        bigint NOT NULL CHECK (seq >= 1),
    op_class   text NOT NULL CHECK (op_class IN ('GLOBAL', 'ACCOUNT', 'POLICY', 'INFORMATION')),
    op_type    text NOT NULL CHECK (op_type ~ '^[A-Z][A-Z_]*$'),
    at         timestamptz NOT NULL,
    actor      text NOT NULL CHECK (actor <> '' AND strpos(actor, E'\n') = 0),
    basis_kind text NOT NULL CHECK (basis_kind IN ('ORDER', 'EVENT', 'REQUEST', 'SELF')),
    basis_id   text NOT NULL CHECK (strpos(basis_id, E'\n') = 0),
    content    text NOT NULL CHECK (content IS JSON OBJECT),
    previous   bytea NOT NULL CHECK (length(previous) = 32),
    hash       bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (subject_id, seq)
) PARTITION BY HASH (subject_id);

-- The end of each subject's chain: also the lock that lets one writer at a time lengthen it.
CREATE TABLE registry.log_head (
    subject_id uuid PRIMARY KEY,
    seq        bigint NOT NULL CHECK (seq >= 0),
    hash       bytea NOT NULL CHECK (length(hash) = 32)
) PARTITION BY HASH (subject_id);

-- What was published of the whole log: its length and Merkle root (RFC 9162).
CREATE TABLE registry.log_root (
    published_at timestamptz PRIMARY KEY,
    operations   bigint NOT NULL CHECK (operations >= 0),
    root         bytea NOT NULL CHECK (length(root) = 32)
);

DO $$
DECLARE
    parent text;
    child  text;
    part   integer;
    filled text;
BEGIN
    FOREACH parent IN ARRAY ARRAY[
        'person', 'identity', 'account', 'attachment', 'policy', 'contribution', 'privilege',
        'operation', 'log_head'
    ] LOOP
        -- rows that are updated in place get room for it on their page
        filled := CASE WHEN parent IN ('account', 'attachment', 'log_head')
                       THEN 'WITH (fillfactor = 70)' ELSE '' END;
        FOR part IN 0..15 LOOP
            EXECUTE format(
                'CREATE TABLE registry.%I PARTITION OF registry.%I '
                'FOR VALUES WITH (MODULUS 16, REMAINDER %s) %s',
                parent || '_p' || lpad(part::text, 2, '0'), parent, part, filled
            );
        END LOOP;
    END LOOP;
    -- Rows of one person share the remainder of their hash, so each partition refers to its own
    -- counterpart: checked five times faster than a reference to the parent table.
    FOREACH child IN ARRAY ARRAY[
        'identity person', 'account person', 'attachment person', 'contribution person',
        'privilege person', 'policy account'
    ] LOOP
        FOR part IN 0..15 LOOP
            EXECUTE format(
                'ALTER TABLE registry.%I ADD FOREIGN KEY (person_id) REFERENCES registry.%I',
                split_part(child, ' ', 1) || '_p' || lpad(part::text, 2, '0'),
                split_part(child, ' ', 2) || '_p' || lpad(part::text, 2, '0')
            );
        END LOOP;
    END LOOP;
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TRIGGER operation_kept BEFORE TRUNCATE ON registry.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change()',
            'operation_p' || lpad(part::text, 2, '0')
        );
    END LOOP;
END $$;

-- Row triggers reach every partition, also when it is named directly.
CREATE TRIGGER operation_append_only BEFORE UPDATE OR DELETE ON registry.operation
    FOR EACH ROW EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER operation_kept BEFORE TRUNCATE ON registry.operation
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();
CREATE TRIGGER log_root_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.log_root
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change();

-- The bytes an operation's hash stands over, without the hash before it. The first three are of
-- fixed length, the texts but the last hold no line feed: no two operations share them.
CREATE FUNCTION registry.operation_bytes(
    subject_id uuid, seq bigint, at timestamptz, op_class text, op_type text, actor text,
    basis_kind text, basis_id text, content text
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT uuid_send(subject_id) || int8send(seq) || timestamptz_send(at) || convert_to(
        op_class || E'\n' || op_type || E'\n' || actor || E'\n' || basis_kind || E'\n'
        || basis_id || E'\n' || content, 'UTF8')
$$;

-- --- who may do what ---------------------------------------------------------------------------

GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA registry TO saqtau_registry;
GRANT USAGE ON SEQUENCE registry.policy_number TO saqtau_registry;
GRANT UPDATE ON registry.organisation, registry.facility, registry.worker, registry.person,
    registry.identity, registry.account, registry.attachment, registry.policy_order,
    registry.policy_order_part, registry.policy, registry.contribution, registry.privilege,
    registry.feed_batch, registry.log_head
    TO saqtau_registry;

-- Upper wings read what is not personal: the sealed head of an organisation is left out.
GRANT SELECT (organisation_id, bin, kind, form, name, status, contacts, requisites, opened_at,
    changed_at, agreement_signed_at, mis_code, mis_declared_at, dfo_year, dfo_posted_at)
    ON registry.organisation TO saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
GRANT SELECT ON registry.facility, registry.executor_ready, registry.attachment
    TO saqtau_visits, saqtau_allocation, saqtau_payments, saqtau_egov;
GRANT SELECT ON registry.person, registry.account, registry.policy
    TO saqtau_visits, saqtau_payments, saqtau_egov;
GRANT UPDATE (qr_obtained_at) ON registry.facility TO saqtau_visits;
GRANT SELECT ON registry.worker TO saqtau_payments;
GRANT SELECT ON registry.contribution, registry.privilege TO saqtau_egov;

-- Payments log the use of coverage, the citizens' side logs information operations.
GRANT SELECT, INSERT ON registry.operation TO saqtau_payments, saqtau_egov;
GRANT SELECT, INSERT ON registry.log_head TO saqtau_payments, saqtau_egov;
GRANT UPDATE (seq, hash) ON registry.log_head TO saqtau_payments, saqtau_egov;
