"""From the plan to a closed monitoring over HTTP with real signatures, and the wrong people on the way."""

import base64
import hashlib
from typing import Any

import msgspec

from backend.kernel.actor import Role
from backend.payments.jobs import rate_monitoring
from infra.sandbox.nca.keypair import co_sign
from tests.payments.conftest import CLINIC, CLINIC_BIN, ISSUER, ISSUER_BIN, Owner, iin
from tests.payments.monitoring.conftest import (
    CHAMBER,
    MEMBERS,
    OTHER_CLINIC_BIN,
    Stage,
    blocks,
    members,
)


def code(answer: Any) -> str:
    return str(answer.json().get("code"))


async def test_from_plan_to_closed(stage: Stage, owner: Owner) -> None:
    await owner.execute(
        "UPDATE registry.organisation SET kind = 'EXECUTOR', bin = $2 WHERE organisation_id = $1",
        ISSUER,
        OTHER_CLINIC_BIN,
    )
    await stage.set_codes()
    planned = await stage.plan()
    assert planned.status_code == 201, planned.text
    assert (planned.json()["number"], planned.json()["status"]) == ("2026-MON-00001", "PLANNED")
    of = planned.json()["monitoring_id"]
    assert (await stage.form(of, members())).json()["status"] == "COMMISSION_FORMED"
    # nobody is told before he is told
    assert (await stage.get("/monitorings", by="clinic")).json()["items"] == []
    assert code(await stage.get(f"/monitorings/{of}", by="clinic")) == "MONITORING_NOT_FOUND"

    stage.at("2026-04-10T18:59:00Z")  # the last minute of the last lawful day
    assert (await stage.notify(of)).json()["status"] == "NOTIFIED"
    seen = (await stage.get(f"/monitorings/{of}", by="clinic")).json()
    assert (seen["notify_by"], len(seen["commission"])) == ("2026-04-10", 6)
    desk = (await stage.get(f"/monitorings/{of}")).json()
    assert [n["read_at"] for n in desk["notices"]] == ["2026-04-10T18:59:00Z"]
    assert not any(number in str(desk) for _, _, number, _, _ in MEMBERS)

    assert code(await stage.start(of)) == "MONITORING_NOT_YET"
    stage.at("2026-04-20T04:00:00Z")
    assert (await stage.start(of)).json()["status"] == "IN_PROGRESS"
    stage.at("2026-04-22T10:00:00Z")
    drafted = await stage.draft(of, blocks())
    assert drafted.status_code == 200, drafted.text
    protocol = drafted.json()["protocol_id"]
    # a member finds his commission, and nothing of the others
    member = await stage.http(Role.COMMISSION_MEMBER, CHAMBER, MEMBERS[2][2])
    assert len((await member.get("/api/v1/monitorings")).json()["items"]) == 1
    colleague = await stage.http(Role.COMMISSION_MEMBER, CHAMBER, iin(499))
    assert (await colleague.get("/api/v1/monitorings")).json()["items"] == []

    for place, left in zip((3, 0, 5, 2, 4), (5, 4, 3, 2, 1), strict=True):  # in any order
        answer = await stage.sign(protocol, place)
        assert answer.status_code == 200, answer.text
        assert answer.json()["missing"] == left
    assert code(await stage.get(f"/monitorings/{of}/findings")) == "PROTOCOL_UNSIGNED"
    closing = {"operation": "monitoring.close", "monitoring_id": of, "text": "бітті"}
    refused = await stage.send(f"/monitorings/{of}/closing", closing)
    assert (code(refused), refused.json()["facts"]) == ("PROTOCOL_UNSIGNED", {"missing": 1})
    assert await owner.fetchval("SELECT count(*) FROM payments.finding") == 0
    last = await stage.sign(protocol, 1)
    assert (last.json()["missing"], last.json()["monitoring"]["status"]) == (0, "FOLLOW_UP")

    told = await owner.fetchrow("SELECT payload FROM kernel.event WHERE kind = 'ProtocolSigned'")
    text = (await stage.get(f"/protocols/{protocol}/content")).json()
    assert msgspec.json.decode(told["payload"]) == {
        "subject": of,
        "executor_id": str(CLINIC),
        "protocol_id": protocol,
        "protocol_sha256": hashlib.sha256(base64.b64decode(text["content"])).hexdigest(),
        "nonconformities": 2,
        "terminates": True,
        "recorded_on": "2026-04-21",
        "contract_id": None,
        "address_mismatch_on": None,
    }
    found = (await stage.get(f"/monitorings/{of}/findings", by="clinic")).json()["items"]
    assert [(f["code"], f["title"], f["ground"]) for f in found] == [
        ("1.0", "Defect 1.0", None),
        ("9.0", "Defect 9.0", "T2"),
    ]
    await _follow_up(stage, of)
    assert (await stage.send(f"/monitorings/{of}/closing", closing)).json()["status"] == "CLOSED"
    moves = (await stage.get(f"/monitorings/{of}")).json()["moves"]
    assert [move["status"] for move in moves] == [
        "PLANNED", "COMMISSION_FORMED", "NOTIFIED", "IN_PROGRESS", "PROTOCOL_DRAFT",
        "PROTOCOL_SIGNED", "FOLLOW_UP", "CLOSED",
    ]  # fmt: skip


async def _follow_up(stage: Stage, of: str) -> None:
    tasks = (await stage.get("/follow-up-tasks", by="clinic")).json()["items"]
    # from 22 April: 30 calendar days end on Friday 22 May, five working days on Wednesday 29 April
    assert [(t["due_on"], t["status"]) for t in tasks] == [
        ("2026-05-22", "OPEN"),
        ("2026-04-29", "OPEN"),
    ]
    terms = (await stage.get("/terms?code=d18", by="clinic")).json()["items"]
    assert [(t["due_on"], t["to_do"]) for t in terms] == [
        ("2026-04-29", "carry out a recommendation of the monitoring"),
        ("2026-05-22", "carry out a recommendation of the monitoring"),
    ]
    first, second = (t["task_id"] for t in tasks)

    async def judge(task_id: str, outcome: str) -> Any:
        command = {
            "operation": "follow_up.judge",
            "task_id": task_id,
            "outcome": outcome,
            "text": "х",
        }
        return await stage.send(f"/follow-up-tasks/{task_id}/judgement", command)

    report = {"operation": "follow_up.report", "task_id": first, "text": "Орындалды"}
    assert code(await judge(first, "KEPT")) == "FOLLOW_UP_STATE_WRONG"  # nothing was reported
    foreign = await stage.send(f"/follow-up-tasks/{first}/report", report, by="other")
    assert code(foreign) == "FOLLOW_UP_NOT_FOUND"
    comment = {"operation": "monitoring.comment", "monitoring_id": of, "text": "Біз де"}
    foreign = await stage.send(f"/monitorings/{of}/comments", comment, by="other")
    assert code(foreign) == "MONITORING_NOT_FOUND"
    reported = await stage.send(f"/follow-up-tasks/{first}/report", report, by="clinic")
    assert reported.json()["status"] == "REPORTED"
    assert (await judge(first, "KEPT")).json()["status"] == "KEPT"
    closing = {"operation": "monitoring.close", "monitoring_id": of, "text": "ерте"}
    early = await stage.send(f"/monitorings/{of}/closing", closing)
    assert (code(early), early.json()["facts"]) == ("FOLLOW_UP_OPEN", {"count": 1})
    assert code(await judge(second, "NOT_KEPT")) == "FOLLOW_UP_STATE_WRONG"  # the term runs
    stage.at("2026-04-30T04:00:00Z")
    assert (await judge(second, "NOT_KEPT")).json()["status"] == "NOT_KEPT"


async def test_wrong_people_do_not_sign(stage: Stage, owner: Owner) -> None:
    of = await stage.in_progress()
    protocol = (await stage.draft(of, blocks())).json()["protocol_id"]
    _, bin_, number, _, role = MEMBERS[2]
    stranger = iin(450)
    # of the right organisation, but not the person the decision names
    wrong = await stage.sign(
        protocol,
        2,
        session=(role, bin_, stranger),
        key=stage.key(stranger, bin_, "employee"),
    )
    assert (wrong.status_code, code(wrong)) == (403, "NOT_A_MEMBER")
    # the member's session with a colleague's certificate, then with his own of another organisation
    assert (
        code(await stage.sign(protocol, 2, key=stage.key(stranger, bin_, "head"))) == "NOT_A_MEMBER"
    )
    elsewhere = stage.key(number, ISSUER_BIN, "employee")
    assert code(await stage.sign(protocol, 2, key=elsewhere)) == "NOT_SIGNER_OF_ORG"
    # one member of the issuer cannot sign in the other's place
    colleague = stage.key(MEMBERS[1][2], ISSUER_BIN, "signatory")
    assert code(await stage.sign(protocol, 0, key=colleague)) == "NOT_A_MEMBER"
    # other bytes; a system's certificate; two signers in one CMS
    assert code(await stage.sign(protocol, 2, content=b"{}")) == "SIGNATURE_INVALID"
    system = stage.centre.issue_information_system(bin_, "ҰЙЫМ", "АЖ", stage.clock.now())
    assert code(await stage.sign(protocol, 2, key=system)) == "NOT_SIGNER_OF_ORG"
    text = base64.b64decode((await stage.get(f"/protocols/{protocol}/content")).json()["content"])
    pairs = [stage.key(m[2], m[1], m[3]) for m in MEMBERS[2:4]]
    both = base64.b64encode(co_sign(text, pairs, detached=True, at=stage.clock.now())).decode()
    http = await stage.http(role, bin_, number)
    answer = await http.post(f"/api/v1/protocols/{protocol}/signature", json={"signature": both})
    assert code(answer) == "SIGNATURE_INVALID"
    # an executor, whatever it sends
    clinic = await stage.http(Role.EXECUTOR_HEAD, CLINIC_BIN, number)
    answer = await clinic.post(f"/api/v1/protocols/{protocol}/signature", json={"signature": both})
    assert answer.status_code == 403
    assert await owner.fetchval("SELECT count(*) FROM payments.protocol_signature") == 0
    assert (await stage.sign(protocol, 2)).json()["missing"] == 5
    assert code(await stage.sign(protocol, 2)) == "PROTOCOL_SIGNED_BY_YOU"


async def test_a_changed_text_or_commission_begins_the_signatures_anew(stage: Stage) -> None:
    of = await stage.in_progress()
    first = (await stage.draft(of, blocks())).json()["protocol_id"]
    assert (await stage.sign(first, 2)).json()["missing"] == 5
    assert (await stage.draft(of, blocks())).json()["protocol_id"] == first  # the same text stays
    second = (await stage.draft(of, blocks(other="Өзгерді"))).json()["protocol_id"]
    assert second != first
    assert code(await stage.sign(first, 3)) == "PROTOCOL_SUPERSEDED"
    assert (await stage.sign(second, 2)).json()["missing"] == 5
    # one member is replaced: what was signed by the others no longer counts
    others = members()
    others[2] = others[2] | {"iin": iin(451), "name": "ЖАҢА МҮШЕ"}
    assert (await stage.form(of, others)).status_code == 200
    assert code(await stage.sign(second, 3)) == "PROTOCOL_SUPERSEDED"
    third = (await stage.draft(of, blocks(other="Өзгерді"))).json()["protocol_id"]
    assert code(await stage.sign(third, 2)) == "NOT_A_MEMBER"
    assert (await stage.sign(third, 3)).json()["missing"] == 5
    versions = (await stage.get(f"/monitorings/{of}/protocols")).json()
    assert [(v["version"], v["signatures"], v["in_force"]) for v in versions] == [
        (1, 1, False),
        (2, 1, False),
        (3, 1, True),
    ]


async def test_each_executor_sees_what_concerns_it(stage: Stage, owner: Owner) -> None:
    await owner.execute(
        "UPDATE registry.organisation SET kind = 'EXECUTOR', bin = $2 WHERE organisation_id = $1",
        ISSUER,
        OTHER_CLINIC_BIN,
    )
    await stage.set_codes()
    of = (await stage.plan(executors=[str(CLINIC), str(ISSUER)])).json()["monitoring_id"]
    await stage.form(of, members())
    stage.at("2026-04-10T04:00:00Z")
    await stage.notify(of)
    stage.at("2026-04-22T04:00:00Z")
    await stage.start(of)
    protocol = (await stage.draft(of, blocks())).json()["protocol_id"]
    assert code(await stage.get(f"/protocols/{protocol}/pdf", by="clinic")) == "PROTOCOL_NOT_FOUND"
    for place in range(6):
        await stage.sign(protocol, place)
    for by, findings, name in (("clinic", 2, "«EXECUTOR»"), ("other", 0, "«ISSUER»")):
        one = (await stage.get(f"/monitorings/{of}", by=by)).json()
        assert [e["name"] for e in one["executors"]] == [name]
        found = (await stage.get(f"/monitorings/{of}/findings", by=by)).json()["items"]
        tasks = (await stage.get("/follow-up-tasks", by=by)).json()["items"]
        assert (len(found), len(tasks)) == (findings, findings)
        assert (await stage.get(f"/protocols/{protocol}/content", by=by)).status_code == 403
        paper = await stage.get(f"/protocols/{protocol}/pdf", by=by)
        assert paper.content.startswith(b"%PDF-")
        assert b"/EmbeddedFile" not in paper.content  # the whole text is not its own
    comment = {"operation": "monitoring.comment", "monitoring_id": of, "text": "Карталар мұрағатта"}
    assert (
        await stage.send(f"/monitorings/{of}/comments", comment, by="clinic")
    ).status_code == 201
    for by, count in (("issuer", 1), ("clinic", 1), ("other", 0)):
        listed = (await stage.get(f"/monitorings/{of}/comments", by=by)).json()["items"]
        assert len(listed) == count
    whole = (await stage.get(f"/protocols/{protocol}/pdf", language="ru")).content
    assert b"/EmbeddedFile" in whole


async def test_results_are_a_factor_of_the_rating_and_a_penalty_follows(
    stage: Stage, owner: Owner
) -> None:
    of = await stage.in_progress()
    protocol = (await stage.draft(of, blocks())).json()["protocol_id"]
    for place in range(6):
        await stage.sign(protocol, place)
    for _ in range(2):  # a job may run twice
        await rate_monitoring(stage.resources, {"subject": of, "executor_id": str(CLINIC)})
    factor = await owner.fetchrow(
        "SELECT value, note FROM allocation.provider_factor WHERE kind = 'MONITORING' LIMIT 1"
    )
    assert tuple(factor) == (2, "2026-MON-00001")
    found = (await stage.get(f"/monitorings/{of}/findings")).json()["items"][0]["finding_id"]
    command = {
        "operation": "penalty.impose",
        "finding_id": found,
        "kind": "PERFORMANCE",
        "amount_tiyn": 500_000,
        "basis": "Шарттың 8-бөлімі",
    }
    imposed = await stage.send("/penalties", command)
    assert imposed.status_code == 201, imposed.text
    assert code(await stage.send("/penalties", command | {"basis": "тағы"})) == "PENALTY_TWICE"
    assert len((await stage.get("/penalties", by="clinic")).json()["items"]) == 1
    penalty = imposed.json()["penalty_id"]
    lift = {"operation": "penalty.lift", "penalty_id": penalty, "because": "сот шешімі"}
    assert (await stage.send(f"/penalties/{penalty}/lifting", lift)).json()["lifted_at"]
    again = await stage.send(f"/penalties/{penalty}/lifting", lift | {"because": "тағы"})
    assert code(again) == "PENALTY_NOT_FOUND"


async def test_a_repeat_monitoring_speaks_of_every_earlier_recommendation(stage: Stage) -> None:
    of = await stage.in_progress()
    protocol = (await stage.draft(of, blocks())).json()["protocol_id"]
    for place in range(6):
        await stage.sign(protocol, place)
    tasks = (await stage.get("/follow-up-tasks")).json()["items"]
    again = await stage.plan(repeats=of, starts_on="2026-06-15", ends_on="2026-06-16")
    repeat = again.json()["monitoring_id"]
    await stage.form(repeat, members())
    await stage.notify(repeat, "2026-06-15")
    stage.at("2026-06-15T04:00:00Z")
    await stage.start(repeat)
    silent = await stage.draft(repeat, {})
    assert (code(silent), silent.json()["facts"]) == ("EARLIER_UNASSESSED", {"count": 2})
    said = [
        {"task_id": task["task_id"], "outcome": outcome, "text": "Тексерілді"}
        for task, outcome in zip(tasks, ("KEPT", "PARTLY"), strict=True)
    ]
    second = await stage.draft(repeat, {"earlier": said})
    content = await stage.get(f"/protocols/{second.json()['protocol_id']}/content")
    text = msgspec.json.decode(base64.b64decode(content.json()["content"]))
    assert [(e["task"]["monitoring_number"], e["outcome"]) for e in text["earlier"]] == [
        ("2026-MON-00001", "KEPT"),
        ("2026-MON-00001", "PARTLY"),
    ]
    for place in range(6):
        signed = await stage.sign(second.json()["protocol_id"], place)
    assert signed.json()["monitoring"]["status"] == "PROTOCOL_SIGNED"  # nothing was recommended
    # what was said to be kept is done with; the rest is asked about again
    third = (await stage.plan(starts_on="2026-07-13", ends_on="2026-07-13")).json()["monitoring_id"]
    await stage.form(third, members())
    await stage.notify(third, "2026-07-13")
    stage.at("2026-07-13T04:00:00Z")
    await stage.start(third)
    silent = await stage.draft(third, {})
    assert silent.json()["facts"] == {"count": 1}
