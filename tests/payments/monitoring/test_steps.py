"""Commission, notice and days: what is refused, what the dictionary keeps, what a sample has to do with it."""

import asyncio
from typing import Any

import asyncpg
import msgspec
import pytest

from backend.kernel.actor import Role
from backend.payments.jobs import take_protocol
from backend.payments.monitoring.model import MonitoringStatus
from backend.payments.sampling import service as sampling
from backend.payments.sampling.model import AskSample
from tests.payments.conftest import CLINIC, CONTRACT, FROM, ISSUER_BIN, ISSUER_HEAD, TO, Owner, iin
from tests.payments.monitoring.conftest import BASIS, CODES, MEMBERS, Stage, blocks, members


def code(answer: Any) -> str:
    return str(answer.json().get("code"))


async def test_a_plan_that_cannot_be_is_refused(stage: Stage) -> None:
    for changes, refusal, path in (
        ({"starts_on": "2026-04-01"}, "MONITORING_DATES", "document.starts_on"),
        ({"ends_on": "2026-04-19"}, "MONITORING_DATES", "document.ends_on"),
        ({"kind": "UNSCHEDULED"}, "MONITORING_BASIS", "document.basis"),
        ({"executors": [str(CLINIC)] * 2}, "MONITORED_UNKNOWN", "document.executors"),
        ({"executors": [str(CONTRACT)]}, "MONITORED_UNKNOWN", "document.executors[0]"),
        ({"repeats": str(CONTRACT)}, "MONITORING_NOT_FOUND", "document.repeats"),
        ({"sample_id": str(CONTRACT)}, "MONITORING_SAMPLE", "document.sample_id"),
        ({"starts_on": "2026-04-10"}, "NOTICE_TOO_LATE", None),
    ):
        answer = await stage.plan(**changes)
        assert (code(answer), answer.json().get("path")) == (refusal, path)
    as_clinic = await stage.send("/monitorings", {"operation": "monitoring.plan"}, by="clinic")
    assert as_clinic.status_code == 403


async def test_no_commission_without_all_five_kinds(stage: Stage, owner: Owner) -> None:
    of = (await stage.plan()).json()["monitoring_id"]
    for missing in ("ISSUER", "CHAMBER", "MEDICAL_CONTROL", "SANITARY_CONTROL", "LOCAL_HEALTH"):
        answer = await stage.form(of, members(leave_out=missing))
        assert (code(answer), answer.json()["facts"]) == (
            "COMMISSION_INCOMPLETE",
            {"missing": missing},
        )
    stranger = members()
    stranger[2] = stranger[2] | {"bin": "100140000003"}  # the clinic itself
    assert code(await stage.form(of, stranger)) == "COMMISSION_MEMBER"
    twice = [*members(), members()[0]]
    assert code(await stage.form(of, twice)) == "COMMISSION_MEMBER"
    assert code(await stage.notify(of)) == "MONITORING_STATE_WRONG"
    # the database refuses too, whoever writes
    with pytest.raises(asyncpg.CheckViolationError, match="five kinds"):
        await owner.execute(
            "INSERT INTO payments.commission"
            " SELECT $1, $1, 9, evidence_id, verified_at FROM signing.evidence LIMIT 1",
            of,
        )
    assert (await stage.form(of, members())).json()["status"] == "COMMISSION_FORMED"


async def test_a_late_notice_is_refused_and_another_day_needs_a_new_one(
    stage: Stage, owner: Owner
) -> None:
    of = (await stage.plan()).json()["monitoring_id"]
    due = await owner.fetchval("SELECT due_at FROM kernel.term WHERE code = 'd8'")
    assert due.isoformat() == "2026-04-10T18:59:59.999999+00:00"
    await stage.form(of, members())
    for instant in ("2026-04-10T19:00:00Z", "2026-04-13T04:00:00Z"):  # Saturday begins; Monday
        stage.at(instant)
        late = await stage.notify(of)
        assert (code(late), late.json()["facts"]) == ("NOTICE_TOO_LATE", {"last": "2026-04-10"})
    assert code(await stage.start(of)) == "MONITORING_STATE_WRONG"
    move = {
        "operation": "monitoring.reschedule",
        "monitoring_id": of,
        "starts_on": "2026-04-21",
        "ends_on": "2026-04-22",
        "reason": "кеш",
    }
    assert (await stage.send(f"/monitorings/{of}/days", move)).status_code == 200
    assert code(await stage.notify(of)) == "MONITORING_STATE_WRONG"  # it says the day before
    assert (await stage.notify(of, "2026-04-21")).json()["status"] == "NOTIFIED"
    again = move | {"starts_on": "2026-04-24", "ends_on": "2026-04-24", "reason": "тағы"}
    moved = await stage.send(f"/monitorings/{of}/days", again)
    assert moved.json()["status"] == "COMMISSION_FORMED"
    stage.at("2026-04-24T04:00:00Z")
    assert code(await stage.start(of)) == "MONITORING_STATE_WRONG"  # told of another day
    assert (await stage.get(f"/monitorings/{of}", by="clinic")).status_code == 200


async def test_an_unannounced_one_has_its_basis_and_nobody_knows(
    stage: Stage, owner: Owner
) -> None:
    basis = {"unannounced_basis": "321/2020 қағидаларының жағдайы", "basis": "шағым"}
    planned = await stage.plan(
        kind="UNSCHEDULED", starts_on="2026-04-07", ends_on="2026-04-07", **basis
    )
    of = planned.json()["monitoring_id"]
    await stage.form(of, members())
    assert code(await stage.notify(of, "2026-04-07")) == "MONITORING_STATE_WRONG"
    assert (await stage.get("/monitorings", by="clinic")).json()["items"] == []
    stage.at("2026-04-07T04:00:00Z")
    assert (await stage.start(of)).json()["status"] == "IN_PROGRESS"
    shown = (await stage.get(f"/monitorings/{of}", by="clinic")).json()
    assert shown["monitoring"]["unannounced_basis"] == basis["unannounced_basis"]
    assert shown["notify_by"] is None
    assert await owner.fetchval("SELECT count(*) FROM kernel.term WHERE code = 'd8'") == 0


DRAWN = {
    ("PLANNED", "COMMISSION_FORMED"), ("COMMISSION_FORMED", "NOTIFIED"),
    ("NOTIFIED", "COMMISSION_FORMED"), ("NOTIFIED", "IN_PROGRESS"),
    ("IN_PROGRESS", "PROTOCOL_DRAFT"), ("PROTOCOL_DRAFT", "PROTOCOL_SIGNED"),
    ("PROTOCOL_SIGNED", "FOLLOW_UP"), ("PROTOCOL_SIGNED", "CLOSED"), ("FOLLOW_UP", "CLOSED"),
}  # fmt: skip


async def test_the_database_lets_a_monitoring_go_as_it_is_drawn_and_not_otherwise(
    stage: Stage, owner: Owner
) -> None:
    of = await stage.in_progress()
    protocol = (await stage.draft(of, blocks())).json()["protocol_id"]
    await stage.sign(protocol, 0)
    with pytest.raises(asyncpg.CheckViolationError, match="every member signs"):
        await owner.execute(
            "UPDATE payments.monitoring SET status = 'PROTOCOL_SIGNED', signed_at = planned_at"
        )
    went = set()
    for before in MonitoringStatus:
        for after in set(MonitoringStatus) - {before}:
            turn = owner.transaction()
            await turn.start()
            await owner.execute("ALTER TABLE payments.protocol_signature DISABLE TRIGGER USER")
            await owner.execute("ALTER TABLE payments.commission_member DISABLE TRIGGER USER")
            await owner.execute("DELETE FROM payments.protocol_signature")
            await owner.execute("DELETE FROM payments.commission_member")
            await owner.execute("SET LOCAL session_replication_role = replica")
            await owner.execute(
                """
                UPDATE payments.monitoring SET status = $1,
                    commission_id = CASE WHEN $1 <> 'PLANNED' THEN commission_id END,
                    signed_at = CASE WHEN $1 IN ('PROTOCOL_SIGNED', 'FOLLOW_UP', 'CLOSED')
                                THEN planned_at END,
                    closed_at = CASE WHEN $1 = 'CLOSED' THEN planned_at END,
                    close_evidence_id = CASE WHEN $1 = 'CLOSED' THEN evidence_id END
                """,
                before,
            )
            await owner.execute("SET LOCAL session_replication_role = origin")
            try:
                await owner.execute("UPDATE payments.monitoring SET status = $1", after)
                went.add((before.value, after.value))
            except asyncpg.CheckViolationError as e:
                if e.constraint_name != "monitoring_move":
                    went.add((before.value, after.value))
            await turn.rollback()
    assert went == DRAWN


async def test_a_definition_of_a_defect_is_ended_never_changed(stage: Stage, owner: Owner) -> None:
    await stage.set_codes()
    one = CODES[0] | {"title_en": "Otherwise", "valid_from": "2026-05-01"}

    async def put(*rows: dict[str, Any], **more: Any) -> Any:
        command = {"operation": "defect_codes.set", "basis": "№ 2", "rows": list(rows), **more}
        return await stage.send("/defect-codes", command, method="PUT")

    assert code(await put(one, one)) == "DEFECT_CODES_INVALID"
    assert code(await put(CODES[0] | {"valid_from": "2026-04-05"})) == "DEFECT_CODES_INVALID"
    assert code(await put(CODES[0])) == "DEFECT_CODES_INVALID"  # it begins that day already
    assert (await put(one)).json() == {"set": 1}
    listed = (await stage.get("/defect-codes?limit=2", by="clinic")).json()
    assert [(d["code"], d["valid_from"], d["valid_to"]) for d in listed["items"]] == [
        ("1.0", "2026-04-06", "2026-04-30"),
        ("1.0", "2026-05-01", None),
    ]
    rest = (await stage.get(f"/defect-codes?cursor={listed['next']}", by="clinic")).json()
    assert [d["code"] for d in rest["items"]] == ["2.1", "9.0"]
    assert [d["basis"] for d in listed["items"] + rest["items"]] == [BASIS, "№ 2", BASIS, BASIS]
    # a version of the classifier without a code: it ends, and what was found until then stays readable
    gone = {"code": "2.1", "valid_to": "2026-04-30"}
    for ends in ([gone, gone], [gone | {"valid_to": "2026-04-05"}], [gone | {"code": "3.3"}]):
        assert code(await put(ends=ends)) == "DEFECT_CODES_INVALID"
    assert code(await put()) == "DEFECT_CODES_INVALID"
    assert (await put(ends=[gone])).json() == {"set": 1}
    again = gone | {"valid_to": "2026-05-31"}
    assert code(await put(ends=[again])) == "DEFECT_CODES_INVALID"
    stage.at("2026-05-01T04:00:00Z")
    left = (await stage.get("/defect-codes")).json()["items"]
    assert [d["code"] for d in left] == ["1.0", "9.0"]


async def test_members_sign_at_once_and_the_contract_named_is_stopped(
    stage: Stage, owner: Owner
) -> None:
    """R103: all six at one moment, one event; with it payment of the named contract stops (T2)."""
    of = await stage.in_progress()
    text = blocks()
    text["nonconformities"][1]["contract_id"] = str(CONTRACT)
    foreign = blocks()
    foreign["nonconformities"][1]["contract_id"] = str(CLINIC)
    refused = await stage.draft(of, foreign)
    assert (code(refused), refused.json()["path"]) == (
        "PROTOCOL_INVALID",
        "nonconformities[1].contract_id",
    )
    protocol = (await stage.draft(of, text)).json()["protocol_id"]
    for place in range(len(MEMBERS)):  # certificates and sessions beforehand
        stage.key(*[MEMBERS[place][n] for n in (2, 1, 3)])
    answers = await asyncio.gather(*(stage.sign(protocol, place) for place in range(6)))
    assert sorted(a.json()["missing"] for a in answers) == [0, 1, 2, 3, 4, 5]
    told = await owner.fetch("SELECT payload FROM kernel.event WHERE kind = 'ProtocolSigned'")
    assert len(told) == 1
    payload = msgspec.json.decode(told[0]["payload"])
    assert payload["contract_id"] == str(CONTRACT)
    for _ in range(2):
        await take_protocol(stage.resources, payload)
    stopped = (await stage.get("/terminations", by="clinic")).json()["items"]
    assert [(t["ground"], t["effective_from"]) for t in stopped] == [("T2", "2026-04-21")]


async def test_a_monitoring_is_drawn_from_a_sample_whose_seed_waits_for_it(stage: Stage) -> None:
    resources = stage.resources
    asked = await sampling.ask(resources, ISSUER_HEAD, AskSample(FROM, TO))
    sample = str(asked.sample_id)
    assert code(await stage.plan(sample_id=sample)) == "MONITORING_SAMPLE"
    await sampling.draw(resources, asked.sample_id)
    of = (await stage.plan(sample_id=sample)).json()["monitoring_id"]
    http = await stage.http(Role.ISSUER_REVIEWER, ISSUER_BIN, iin(420))
    held = await http.post(f"/api/v1/samples/{sample}/seed-publication")
    assert code(held) == "SAMPLE_SEED_HELD"
    await stage.form(of, members())
    await stage.notify(of)
    shown = (await stage.get(f"/monitorings/{of}", by="clinic")).json()
    assert shown["monitoring"]["sample_id"] is None  # why it was chosen is not told beforehand
    stage.at("2026-04-20T04:00:00Z")
    await stage.start(of)
    http = await stage.http(Role.ISSUER_REVIEWER, ISSUER_BIN, iin(420))
    public = await http.post(f"/api/v1/samples/{sample}/seed-publication")
    assert len(public.json()["seed"]) == 64
