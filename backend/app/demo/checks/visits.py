"""Checks of the visits: evidence graded, forged codes refused."""

from backend.app.demo.model import Check
from backend.app.demo.told import Told
from backend.app.demo.world import World


async def visits_graded(world: World, _: Told) -> Check:
    """All four grades occur, and each stands on the evidence its name promises."""
    rows = await world.database.fetch(
        """
        SELECT v.grade, count(*) AS n,
               count(*) FILTER (WHERE v.grade <> CASE
                   WHEN v.code_id IS NULL AND v.personal_nonce IS NULL THEN 'NONE'
                   WHEN b.outcome = 'MATCH' AND b.liveness THEN 'QR_BIOMETRIC'
                   WHEN v.document_sha256 IS NOT NULL THEN 'QR_DOCUMENT'
                   ELSE 'QR_ONLY' END) AS wrong
          FROM visits.visit v
          LEFT JOIN visits.biometric_session b
            ON b.person_id = v.person_id AND b.session_id = v.biometric_session_id
         GROUP BY v.grade ORDER BY v.grade
        """
    )
    grades = {r["grade"]: r["n"] for r in rows}
    wrong = sum(r["wrong"] for r in rows)
    ok = set(grades) == {"QR_BIOMETRIC", "QR_DOCUMENT", "QR_ONLY", "NONE"} and wrong == 0
    told = ", ".join(f"{n} {grade}" for grade, n in grades.items())
    return Check("visits-graded", ok, f"{told}; {wrong} graded wrongly")


async def forged_code_refused(world: World, told: Told) -> Check:
    """A code whose last letters were changed opens no visit."""
    good = await world.database.fetchval(
        "SELECT code FROM visits.facility_code WHERE revoked_at IS NULL ORDER BY code LIMIT 1"
    )
    forged = good[:-6] + ("AAAAAA" if not good.endswith("AAAAAA") else "BBBBBB")
    before = await world.database.fetchval("SELECT count(*) FROM visits.visit")
    citizen = world.guest()
    citizen.token = told.citizen_token
    answer = await citizen.ask("POST", "/visits", json={"code": forged})
    after = await world.database.fetchval("SELECT count(*) FROM visits.visit")
    ok = answer.code == "FORGED_CODE" and before == after
    return Check("forged-code-refused", ok, f"{answer.status} {answer.code}; no visit came of it")
