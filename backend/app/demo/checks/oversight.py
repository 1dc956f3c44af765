"""Checks of oversight: a commission as the law wants it, and a sampled line whose reasons hold."""

from datetime import timedelta
from uuid import UUID

import msgspec

from backend.app.demo.model import Check
from backend.app.demo.told import Told
from backend.app.demo.world import World
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import legal_date

NOTICE_WD = 5  # M §20: at least five working days before
KINDS = {"ISSUER", "CHAMBER", "MEDICAL_CONTROL", "SANITARY_CONTROL", "LOCAL_HEALTH"}


async def monitoring_noticed_and_signed(world: World, told: Told) -> Check:
    """Five full working days between notice and start, five kinds of members, one text signed by all."""
    row = await world.row(
        """
        SELECT m.number, m.status, m.starts_on, n.posted_at, m.started_at,
               array(SELECT kind FROM payments.commission_member c
                      WHERE c.commission_id = m.commission_id) AS kinds,
               (SELECT count(*) FROM payments.protocol_signature s
                  JOIN signing.evidence e USING (evidence_id)
                  JOIN payments.protocol p USING (protocol_id)
                 WHERE s.protocol_id = m.protocol_id AND s.commission_id = m.commission_id
                   AND p.content_sha256 = e.document_sha256) AS signatures,
               (SELECT count(*) FROM payments.finding f
                 WHERE f.monitoring_id = m.monitoring_id) AS findings
          FROM payments.monitoring m
          JOIN payments.monitoring_notice n USING (monitoring_id)
         WHERE m.monitoring_id = $1
        """,
        UUID(told.monitoring_id),
    )
    calendar = LegalCalendar()
    told_on, starts_on = legal_date(row["posted_at"]), row["starts_on"]
    days = (starts_on - told_on).days
    between = sum(calendar.is_working_day(told_on + timedelta(n)) for n in range(1, days))
    ok = (
        between >= NOTICE_WD
        and legal_date(row["started_at"]) >= starts_on
        and set(row["kinds"]) == KINDS
        and row["signatures"] == len(row["kinds"])
        and (row["status"], row["findings"]) == ("FOLLOW_UP", 1)
    )
    return Check(
        "monitoring-noticed-and-signed",
        ok,
        f"{row['number']}: told {between} working days before, {row['signatures']} of "
        f"{len(row['kinds'])} members signed one text, {row['findings']} finding; {row['status']}",
    )


async def sampled_line_explained(world: World, told: Told) -> Check:
    """The first line of the sample: its points are those of its reasons, and the first reason is true."""
    head = world.office("issuer", "head")
    first = (await head.get(f"/samples/{told.sample_id}/items", limit=1))["items"][0]
    grade = await world.database.fetchval(
        "SELECT grade FROM payments.act_case WHERE act_id = $1 AND line_no = $2",
        UUID(first["act_id"]),
        first["line_no"],
    )
    seed = await world.row(
        "SELECT encode(sha256(seed), 'hex') AS sha256, published_at FROM payments.sample"
        " WHERE sample_id = $1",
        UUID(told.sample_id),
    )
    sample = await head.get(f"/samples/{told.sample_id}")
    reasons = {reason["rule"]: reason["text"] for reason in first["reasons"]}
    ok = (
        first["score"] == sum(reason["points"] for reason in first["reasons"]) > 0
        and ("NO_VISIT" in reasons) == (grade == "NONE")
        and all(reasons.values())
        and sample["seed_sha256"] == seed["sha256"]
        and str(first["act_id"]) in set(told.act_ids.values())
        and "person_id" not in msgspec.json.encode(first).decode()
    )
    why = "; ".join(f"{rule}: {text}" for rule, text in reasons.items())
    return Check(
        "sampled-line-explained",
        ok,
        f"{sample['risky_lines']} of {sample['lines']} lines met a rule; the first, {first['score']} "
        f"points: {why}",
    )
