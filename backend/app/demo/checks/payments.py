"""Checks of acts, suspension, the Treasury and the ledger."""

from uuid import UUID

from backend.app.demo.model import Check
from backend.app.demo.told import Told
from backend.app.demo.world import World

COLUMNS = 13  # M, Appendix 1


async def duplicate_act_refused(world: World, told: Told) -> Check:
    """The act that was posted 50 times at once stands once, and is refused again now."""
    assert told.doubled_clinic is not None
    head = world.clinic(told.doubled_clinic)
    number, contract = told.doubled_act["number"], told.doubled_act["contract_id"]
    again = await head.ask("POST", "/acts", json=head.sign(told.doubled_act))
    standing = await world.database.fetchval(
        "SELECT count(*) FROM payments.act WHERE contract_id = $1 AND number = $2",
        UUID(contract),
        number,
    )
    doubled = await world.database.fetchval(
        """
        SELECT count(*) FROM (
            SELECT c.service_record_id FROM payments.act_case c JOIN payments.act a USING (act_id)
             WHERE a.status NOT IN ('CHECK_FAILED', 'CANCELLED')
             GROUP BY 1 HAVING count(*) > 1
        ) twice
        """
    )
    ok = again.status == 409 and standing == 1 and doubled == 0
    return Check(
        "duplicate-act-refused",
        ok,
        f"act {number} stands {standing} time; again: {again.status} {again.code}",
    )


async def acts_signed_in_order(world: World, _: Told) -> Check:
    """The issuer signed in the order of submission, or wrote down why it went past one (D8)."""
    row = await world.row(
        """
        SELECT count(*) FILTER (WHERE signed_at IS NOT NULL) AS signed,
               count(*) FILTER (WHERE status = 'PAID') AS paid,
               count(*) FILTER (
                   WHERE signed_at < earlier
                     AND NOT EXISTS (SELECT FROM payments.act_skip s
                                      JOIN payments.act p ON p.act_id = s.act_id
                                     WHERE p.seq_no < ordered.seq_no)
               ) AS jumped,
               (SELECT count(*) FROM payments.act_skip) AS skips
          FROM (
            SELECT seq_no, status, signed_at,
                   max(signed_at) OVER (ORDER BY seq_no
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier
              FROM payments.act
          ) ordered
        """
    )
    ok = row["signed"] >= 60 and row["jumped"] == 0
    return Check(
        "acts-signed-in-order",
        ok,
        f"{row['signed']} acts signed, {row['paid']} paid, {row['jumped']} out of turn, "
        f"{row['skips']} passed over with a reason",
    )


async def suspension_s3_and_resumed(world: World, told: Told) -> Check:
    """The act with more than half of its cases without QR: suspended, resumed on a document, paid."""
    row = await world.database.fetchrow(
        """
        SELECT a.cases, a.no_qr, a.status AS act, s.ground, s.status, s.resolution_sha256,
               a.signed_at > s.resumed_at AS waited
          FROM payments.suspension s JOIN payments.act a USING (act_id)
         WHERE s.act_id = $1
        """,
        UUID(told.suspended_act_id),
    )
    ok = (
        row is not None
        and 2 * row["no_qr"] > row["cases"]
        and (row["ground"], row["status"]) == ("S3", "RESUMED")
        and row["resolution_sha256"] is not None
        and bool(row["waited"])
    )
    detail = (
        f"{row['no_qr']} of {row['cases']} cases without QR: {row['ground']}, {row['status']}, "
        f"signed only after; the act is {row['act']}"
        if row
        else "no suspension"
    )
    return Check("suspension-s3-and-resumed", ok, detail)


async def payment_once_despite_lost_answer(world: World, _: Told) -> Check:
    """The Treasury's own books: every order once, paid once; one of them lost its answer."""
    books = (await world.outside.get("/treasury/control/orders")).json()["orders"]
    paid = {o["message_id"]: o["executed"] for o in books}
    rows = await world.database.fetch(
        """
        SELECT o.message_id, o.status,
               EXISTS (SELECT FROM kernel.event e
                        WHERE e.kind = 'PaymentAnswerLost' AND e.subject = o.order_id) AS lost
          FROM payments.payment_order o
        """
    )
    ours = {r["message_id"] for r in rows if r["status"] == "EXECUTED"}
    lost = [r["status"] for r in rows if r["lost"]]
    ok = (
        len(books) == len(paid)
        and ours == set(paid)
        and set(paid.values()) == {1}
        and lost == ["EXECUTED"]
    )
    return Check(
        "payment-once-despite-lost-answer",
        ok,
        f"{len(ours)} orders executed, each once in the Treasury's books; "
        f"{len(lost)} whose answer was lost: {', '.join(lost)}",
    )


async def register_13_columns(world: World, _: Told) -> Check:
    """Appendix 1: thirteen columns, numbered rows, the sum of the rows, the head's signature."""
    row = await world.row(
        """
        SELECT count(*) AS registers,
               count(*) FILTER (WHERE r.total_tiyn = s.total AND r.rows = s.n AND s.last = s.n
                                  AND e.signer_roles @> ARRAY['head']) AS right
          FROM payments.acts_register r
          JOIN LATERAL (SELECT sum(amount_tiyn) AS total, count(*) AS n, max(no) AS last
                          FROM payments.acts_register_row w
                         WHERE w.register_id = r.register_id) s ON true
          LEFT JOIN signing.evidence e USING (evidence_id)
        """
    )
    columns = await world.database.fetchval(
        """
        SELECT count(*) FROM information_schema.columns
         WHERE table_schema = 'payments' AND table_name = 'acts_register_row'
           AND column_name NOT IN ('register_id', 'act_id', 'order_id')  -- keys, printed nowhere
        """
    )
    ok = row["registers"] == row["right"] >= 1 and columns == COLUMNS
    return Check(
        "register-13-columns",
        ok,
        f"{row['right']} of {row['registers']} registers right, {columns} columns, signed by the head",
    )


async def ledger_balanced(world: World, _: Told) -> Check:
    """Every transfer sums to zero, every balance to its entries, and the plan to its parts."""
    row = await world.row(
        """
        SELECT (SELECT count(*) FROM payments.transfer) AS transfers,
               (SELECT count(*) FROM (
                    SELECT e.transfer_id FROM payments.entry e
                      JOIN payments.ledger_account a USING (account)
                     GROUP BY e.transfer_id, a.book, a.source HAVING sum(e.amount_tiyn) <> 0
                ) odd) AS unbalanced,
               (SELECT count(*) FROM payments.ledger_account a
                 WHERE a.balance_tiyn <> coalesce(
                     (SELECT sum(amount_tiyn) FROM payments.entry e WHERE e.account = a.account), 0)
               ) AS differing,
               (SELECT count(*) FROM payments.ledger_account
                 WHERE balance_tiyn < 0 AND NOT may_go_negative) AS negative,
               (SELECT sum(balance_tiyn) FROM payments.ledger_account
                 WHERE kind IN ('plan', 'contract', 'accepted', 'ordered', 'paid')) AS parts,
               (SELECT sum(amount_tiyn) FROM allocation.plan_line) AS planned
        """
    )
    ok = (
        row["transfers"] > 100
        and row["unbalanced"] == row["differing"] == row["negative"] == 0
        and row["parts"] == row["planned"]
    )
    return Check(
        "ledger-balanced",
        ok,
        f"{row['transfers']} transfers, {row['unbalanced']} unbalanced, {row['differing']} balances "
        f"off, {row['negative']} below zero; plan = residue + contracts + accepted + ordered + paid",
    )
