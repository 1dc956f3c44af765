-- registry: orders for every operation on policies (M §29), for one person or a class of them, by the
-- issuer or an executor; who was refused and why; policies that end with their year (D13).

ALTER TABLE registry.policy_order
    DROP CONSTRAINT policy_order_operation_check,
    ADD CONSTRAINT policy_order_operation_check CHECK (operation IN (
        'order.issue_policies', 'order.credit_policies', 'order.change_policies',
        'order.change_executor', 'order.cancel_policies', 'order.reverse_operation')),
    ADD COLUMN bin text CHECK (bin ~ '^[0-9]{12}$'),
    ADD COLUMN refused bigint NOT NULL DEFAULT 0 CHECK (refused >= 0),
    -- why nothing more is done: a code
    ADD COLUMN failure text CHECK (failure ~ '^[A-Z][A-Z_]*$'),
    ADD CHECK ((status = 'FAILED') = (failure IS NOT NULL));
UPDATE registry.policy_order SET bin = split_part(actor, ':', 2) WHERE actor ~ ':[0-9]{12}$';
CREATE INDEX policy_order_of ON registry.policy_order (bin, order_id);

-- A part is a partition of the persons now, no longer a range of ids: one worker's pages are its own.
-- What an order under way has done stays done, for whom it served has a policy: it looks through again.
ALTER TABLE registry.policy_order_part
    ADD COLUMN refused bigint NOT NULL DEFAULT 0 CHECK (refused >= 0),
    ADD COLUMN total bigint CHECK (total >= 0);
UPDATE registry.policy_order_part
   SET after = '00000000-0000-0000-0000-000000000000',
       until = 'ffffffff-ffff-ffff-ffff-ffffffffffff',
       finished = false
 WHERE order_id IN (SELECT order_id FROM registry.policy_order WHERE finished_at IS NULL);

-- Whom an order meant and did not serve; the reason is a code.
CREATE TABLE registry.order_refusal (
    order_id  uuid NOT NULL,
    person_id uuid NOT NULL,
    reason    text NOT NULL CHECK (reason IN (
        'ACCOUNT_NOT_OPEN', 'ACCOUNT_BLOCKED', 'ACCOUNT_CLOSED', 'POLICY_EXISTS', 'NO_POLICY',
        'POLICY_STATUS_WRONG', 'NOT_ATTACHED', 'NOTHING_TO_CHANGE', 'NOT_REVERSIBLE')),
    PRIMARY KEY (order_id, person_id)
) PARTITION BY HASH (person_id);

-- Policies end with their year: how far each partition is gone through. Rows come with a year's first
-- order.
CREATE TABLE registry.policy_year_end (
    year     integer NOT NULL CHECK (year BETWEEN 2026 AND 2100),
    part     smallint NOT NULL CHECK (part BETWEEN 0 AND 15),
    after    uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    expired  bigint NOT NULL DEFAULT 0 CHECK (expired >= 0),
    finished boolean NOT NULL DEFAULT false,
    PRIMARY KEY (year, part)
);
INSERT INTO registry.policy_year_end (year, part)
SELECT year, part
  FROM (SELECT DISTINCT year FROM registry.policy) AS known, generate_series(0, 15) AS part;

-- What carries an order out names the partition itself: no condition on person_id tells the planner
-- which it is, and a part's rows are neighbours there.
DO $$
DECLARE
    part integer;
    name text;
BEGIN
    FOR part IN 0..15 LOOP
        name := lpad(part::text, 2, '0');
        EXECUTE format(
            'CREATE TABLE registry.%I PARTITION OF registry.order_refusal '
            'FOR VALUES WITH (MODULUS 16, REMAINDER %s)', 'order_refusal_p' || name, part
        );
        EXECUTE format(
            'GRANT UPDATE ON registry.%I, registry.%I TO saqtau_registry',
            'policy_p' || name, 'log_head_p' || name
        );
        EXECUTE format(
            'GRANT SELECT, INSERT ON registry.%I TO saqtau_registry', 'order_refusal_p' || name
        );
    END LOOP;
END $$;

GRANT SELECT, INSERT ON registry.order_refusal TO saqtau_registry;
GRANT SELECT, INSERT, UPDATE ON registry.policy_year_end TO saqtau_registry;
