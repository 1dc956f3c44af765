-- payments: contracts under which something is, or can still become, payable: those in force, and those
-- that ended with acts that are neither paid nor gone. A cause to suspend is looked for among them.
CREATE VIEW payments.payable_contract AS
SELECT c.contract_id, c.executor_id, c.valid_from
  FROM allocation.contract c
 WHERE c.status = 'SIGNED'
    OR c.status IN ('EXPIRED', 'TERMINATED_BY_ISSUER') AND EXISTS (
           SELECT FROM payments.act
            WHERE act.contract_id = c.contract_id
              AND act.status NOT IN ('CHECK_FAILED', 'CANCELLED', 'PAID')
       );
CREATE INDEX act_contract ON payments.act (contract_id);
GRANT SELECT ON payments.payable_contract TO saqtau_payments;
