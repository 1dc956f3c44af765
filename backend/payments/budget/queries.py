"""SQL of plans and contracts, as far as the ledger is concerned."""

from backend.kernel.db import Query
from backend.payments.budget.model import ActMoney, Balance, ContractMoney, PlanMoney

PLAN_LINES = Query[PlanMoney](
    """
    SELECT line.line_id, line.source, line.amount_tiyn
      FROM allocation.plan_line line JOIN allocation.plan USING (plan_id)
     WHERE plan_id = $1 AND plan.published_at IS NOT NULL AND line.amount_tiyn > 0
     ORDER BY line.line_id
    """
)
# What an applied change adds to a line, or takes from it.
CHANGED_LINES = Query[PlanMoney](
    """
    SELECT line_id, line.source, changed.amount_after - changed.amount_before AS amount_tiyn
      FROM allocation.plan_line_change changed JOIN allocation.plan_line line USING (line_id)
     WHERE changed.change_id = $1 AND changed.amount_after <> changed.amount_before
     ORDER BY line_id
    """
)
CONTRACT_LINES = Query[ContractMoney](
    """
    SELECT line.line_id, plan_line.source, line.amount_tiyn, plan_line.amount_tiyn AS planned_tiyn
      FROM allocation.contract_line line
      JOIN allocation.contract USING (contract_id)
      JOIN allocation.plan_line USING (line_id)
     WHERE contract_id = $1 AND contract.executor_signed_at IS NOT NULL
     ORDER BY line.line_id
    """
)
NOT_OPENED = Query[bool](
    """
    SELECT EXISTS (
        SELECT FROM allocation.contract_line line
         WHERE line.contract_id = $1
           AND NOT EXISTS (
               SELECT FROM payments.ledger_account
                WHERE account = 'contract:' || line.contract_id || ':' || line.line_id
           )
    )
    """
)
ACT_LINES = Query[ActMoney](
    """
    SELECT act.contract_id, line.line_id, act.source, line.amount_tiyn
      FROM payments.act_line line JOIN payments.act USING (act_id)
     WHERE act_id = $1
     ORDER BY line.line_id
    """
)
CONTRACT_SOURCES = Query[PlanMoney](
    """
    SELECT line.line_id, plan_line.source, line.amount_tiyn
      FROM allocation.contract_line_now line JOIN allocation.plan_line USING (line_id)
     WHERE line.contract_id = $1
     ORDER BY line.line_id
    """
)
LOCKED = Query[Balance](
    "SELECT account, balance_tiyn FROM payments.lock_balances($1) WHERE balance_tiyn > 0"
)
