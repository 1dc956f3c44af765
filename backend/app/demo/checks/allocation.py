"""Checks of the placement: window, order, the decision and its replay, contracts."""

from decimal import Decimal

import msgspec

from backend.allocation.decision import case
from backend.app.demo.model import Check
from backend.app.demo.told import Told
from backend.app.demo.world import World


async def late_application_refused(world: World, told: Told) -> Check:
    """The late clinic asks again: WINDOW_CLOSED; and no application came after the window."""
    assert told.late is not None
    answer = await world.clinic(told.late).ask(
        "POST",
        f"/announcements/{told.announcement_id}/applications",
        json=world.clinic(told.late).sign(told.late_command),
    )
    late = await world.database.fetchval(
        """
        SELECT count(*) FROM allocation.application a JOIN allocation.announcement n
            USING (announcement_id)
         WHERE a.submitted_at > n.accepting_until
        """
    )
    ok = answer.status == 409 and answer.code == "WINDOW_CLOSED" and late == 0
    return Check(
        "late-application-refused", ok, f"{answer.status} {answer.code}; {late} late ones taken"
    )


async def forged_signature_refused(world: World, told: Told) -> Check:
    """The forged request again: SIGNATURE_INVALID; and its bytes are nowhere in the evidence."""
    import base64

    head = world.clinic(world.country.clinics[0])
    answer = await head.ask(
        "POST",
        f"/announcements/{told.announcement_id}/applications",
        json=told.forged_request,
    )
    kept = await world.database.fetchval(
        "SELECT count(*) FROM signing.evidence WHERE document = $1",
        base64.b64decode(told.forged_request["document"]),
    )
    ok = answer.status == 422 and answer.code == "SIGNATURE_INVALID" and kept == 0
    return Check(
        "forged-signature-refused", ok, f"{answer.status} {answer.code}; {kept} traces of it kept"
    )


async def holiday_inside_window(world: World, told: Told) -> Check:
    """The window of five working days spans holidays: longer than seven calendar days."""
    row = await world.row(
        "SELECT posted_at, accepting_until FROM allocation.announcement WHERE announcement_id = $1",
        _uuid(told.announcement_id),
    )
    days = (row["accepting_until"] - row["posted_at"]).days
    return Check(
        "holidays-kept",
        days > 7,
        f"five working days lasted {days} calendar days over 1, 7, 11 May",
    )


async def applications_in_order(world: World, told: Told) -> Check:
    """Numbers without gaps, and nobody reviewed before an earlier one."""
    row = await world.row(
        """
        SELECT count(*) AS n, max(seq_no) AS last,
               count(*) FILTER (WHERE reviewed_at < earlier) AS jumped,
               count(*) FILTER (WHERE status = 'ACCEPTED') AS accepted
          FROM (
            SELECT seq_no, status, reviewed_at,
                   max(reviewed_at) OVER (ORDER BY seq_no
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier
              FROM allocation.application WHERE announcement_id = $1
          ) ordered
        """,
        _uuid(told.announcement_id),
    )
    ok = row["n"] == row["last"] >= 60 and row["jumped"] == 0
    return Check(
        "applications-in-order",
        ok,
        f"{row['n']} applications numbered 1 to {row['last']}, {row['accepted']} accepted, "
        f"{row['jumped']} reviewed out of turn",
    )


async def shares_within_plan(world: World, told: Told) -> Check:
    """On every line shares and residue are exactly the plan; every source keeps its limit."""
    row = await world.row(
        """
        WITH line AS (
            SELECT d.line_id, d.plan_units, d.residue, l.source, d.amount_tiyn,
                   coalesce(sum(s.allocated), 0) AS allocated,
                   coalesce(sum(s.amount_tiyn), 0) AS amount
              FROM allocation.decision_line d
              JOIN allocation.plan_line l USING (line_id)
              LEFT JOIN allocation.share s USING (decision_id, line_id)
             WHERE d.decision_id = $1
             GROUP BY d.line_id, d.plan_units, d.residue, l.source, d.amount_tiyn
        )
        SELECT count(*) AS lines,
               count(*) FILTER (WHERE allocated + residue = plan_units
                                  AND amount = amount_tiyn) AS exact,
               (SELECT count(*) FROM allocation.financing_limit f
                 WHERE f.plan_id = $2 AND f.limit_tiyn <
                       (SELECT coalesce(sum(amount), 0) FROM line WHERE line.source = f.source)
               ) AS exceeded
          FROM line
        """,
        _uuid(told.decision_id),
        _uuid(told.plan_id),
    )
    ok = row["lines"] == row["exact"] >= 80 and row["exceeded"] == 0
    return Check(
        "shares-exact", ok, f"{row['exact']} of {row['lines']} lines exact to the unit, limits kept"
    )


async def decision_replayed(world: World, told: Told) -> Check:
    """Anyone takes the public bundle, computes every line anew and gets the same bytes."""
    bundle = await world.guest().get(f"/decisions/{told.decision_id}/bundle")
    same = 0
    for line in bundle["lines"]:
        again = case.decide(line["case"])
        same += msgspec.json.encode(again) == msgspec.json.encode(line["result"])
    ok = same == len(bundle["lines"]) >= 80
    return Check(
        "decision-replayed", ok, f"{same} of {len(bundle['lines'])} lines recomputed byte for byte"
    )


async def contracts_signed_both(world: World, told: Told) -> Check:
    """Every contract carries two proofs over exactly its content, the issuer's before the executor's."""
    row = await world.row(
        """
        SELECT count(*) AS contracts,
               count(*) FILTER (
                   WHERE c.status IN ('SIGNED')
                     AND i.document = c.content AND e.document = c.content
                     AND i.signer_bin <> e.signer_bin
                     AND c.issuer_signed_at <= c.executor_signed_at
               ) AS signed,
               coalesce(sum(c.amount_tiyn), 0)::numeric AS amount
          FROM allocation.contract c
          LEFT JOIN signing.evidence i ON i.evidence_id = c.issuer_evidence_id
          LEFT JOIN signing.evidence e ON e.evidence_id = c.executor_evidence_id
         WHERE c.decision_id = $1
        """,
        _uuid(told.decision_id),
    )
    ok = row["contracts"] == row["signed"] >= 60
    return Check(
        "contracts-signed-both",
        ok,
        f"{row['signed']} of {row['contracts']} contracts signed by both, "
        f"{Decimal(row['amount']) / 10**14:.2f} trillion tenge",
    )


def _uuid(text: str) -> object:
    from uuid import UUID

    return UUID(text)
