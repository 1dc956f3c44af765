"""SQL of the ledger."""

from backend.kernel.db import Query
from backend.payments.ledger.model import Difference, Totals

OPEN = Query[None](
    """
    INSERT INTO payments.ledger_account (account, source, may_go_negative)
    SELECT account, source, may_go_negative
      FROM unnest($1::text[], $2::text[], $3::bool[]) AS new (account, source, may_go_negative)
     ORDER BY account
    ON CONFLICT (account) DO NOTHING
    """
)
# The entries of a transfer are added only by the statement that added the transfer itself.
POST = Query[None](
    """
    WITH wanted AS (
        SELECT transfer_id, cause, kind
          FROM unnest($1::uuid[], $2::text[], $3::text[]) AS new (transfer_id, cause, kind)
         ORDER BY transfer_id
    ), added AS (
        INSERT INTO payments.transfer (transfer_id, cause, kind, at)
        SELECT transfer_id, cause, kind, $4 FROM wanted
        ON CONFLICT (transfer_id) DO NOTHING
        RETURNING transfer_id
    )
    INSERT INTO payments.entry (transfer_id, account, amount_tiyn)
    SELECT new.transfer_id, new.account, new.amount_tiyn
      FROM unnest($5::uuid[], $6::text[], $7::bigint[]) AS new (transfer_id, account, amount_tiyn)
      JOIN added USING (transfer_id)
     ORDER BY new.account
    """
)
# Entries we were asked to post that do not stand under their transfer.
MISSING_ENTRIES = Query[int](
    """
    SELECT count(*)
      FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS new (transfer_id, account, amount_tiyn)
      LEFT JOIN payments.entry e USING (transfer_id, account, amount_tiyn)
     WHERE e.transfer_id IS NULL
    """
)
BALANCE = Query[int]("SELECT balance_tiyn FROM payments.ledger_account WHERE account = $1")
TOTALS = Query[Totals](
    """
    WITH held AS (
        SELECT source, kind, sum(balance_tiyn)::bigint AS tiyn
          FROM payments.ledger_account
         WHERE book = 'budget'
         GROUP BY source, kind
    ), wide AS (
        SELECT source.source,
               coalesce(-max(tiyn) FILTER (WHERE kind = 'budget'), 0) AS planned,
               coalesce(max(tiyn) FILTER (WHERE kind = 'plan'), 0) AS residue,
               coalesce(max(tiyn) FILTER (WHERE kind = 'contract'), 0) AS contract,
               coalesce(max(tiyn) FILTER (WHERE kind = 'accepted'), 0) AS accepted,
               coalesce(max(tiyn) FILTER (WHERE kind = 'ordered'), 0) AS ordered,
               coalesce(max(tiyn) FILTER (WHERE kind = 'paid'), 0) AS paid,
               coalesce(max(tiyn) FILTER (WHERE kind = 'returned'), 0) AS returned
          FROM (VALUES ('gvfmc'), ('mhi')) AS source (source) LEFT JOIN held USING (source)
         GROUP BY source.source
    )
    SELECT source,
           planned AS planned_tiyn,
           residue AS residue_tiyn,
           contract + accepted + ordered + paid + returned AS contracted_tiyn,
           accepted + ordered + paid + returned AS accepted_tiyn,
           ordered + paid AS ordered_tiyn,
           paid AS paid_tiyn,
           returned AS returned_tiyn
      FROM wide
     ORDER BY source
    """
)
DIFFERENCES = Query[Difference](
    """
    SELECT a.account,
           a.balance_tiyn AS kept_tiyn,
           coalesce(sum(e.amount_tiyn), 0)::bigint AS counted_tiyn
      FROM payments.ledger_account a LEFT JOIN payments.entry e USING (account)
     GROUP BY a.account
    HAVING a.balance_tiyn <> coalesce(sum(e.amount_tiyn), 0)
     ORDER BY a.account
     LIMIT 100
    """
)
UNBALANCED = Query[int](
    """
    SELECT count(*) FROM (
        SELECT e.transfer_id
          FROM payments.entry e JOIN payments.ledger_account a USING (account)
         GROUP BY e.transfer_id, a.book, a.source
        HAVING sum(e.amount_tiyn) <> 0
    ) AS unbalanced
    """
)
BELOW_ZERO = Query[int](
    "SELECT count(*) FROM payments.ledger_account WHERE balance_tiyn < 0 AND NOT may_go_negative"
)
ACCOUNTS = Query[int]("SELECT count(*) FROM payments.ledger_account")
TRANSFERS = Query[int]("SELECT count(*) FROM payments.transfer")
ENTRIES = Query[int]("SELECT count(*) FROM payments.entry")
NOT_NEGATIVE = "ledger_account_not_negative"
