"""The decision on a real database: once, replayable, within limits, refused rather than edited."""

import asyncio
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from backend.allocation.decision import case as cases
from backend.allocation.decision import publication, service
from backend.allocation.decision.record import Decision, RefuseDecision
from backend.allocation.decision.refusals import (
    AlreadyDecided,
    ApplicationsWaiting,
    DecisionNotFound,
    DecisionStateWrong,
    LineUncomputable,
    WindowOpen,
)
from backend.allocation.rating import service as ratings
from backend.allocation.rating.model import ImportRatings, RatingRow
from backend.kernel import deadlines
from backend.kernel.actor import Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from tests.allocation.conftest import (
    CDC,
    EMG,
    HEAD,
    ISSUER_BIN,
    PHC,
    REVIEWER,
    Executor,
    Publish,
    Review,
    Sign,
    Story,
    Submit,
    line,
)


async def test_example_of_domain_5_5_is_stored_with_its_way(
    db_allocation: Db, decided: Decision, owner: asyncpg.Connection
) -> None:
    shares = await publication.shares(db_allocation, HEAD, "ru", decided.decision_id, None, 100)
    got = [
        (s.seq_no, s.min, s.max, s.allocated, s.amount_tiyn) for s in shares if s.line_code == CDC
    ]
    assert got == [
        (1, 800, 950, 922, 1_138_270_774),
        (2, 560, 665, 645, 796_295_715),
        (3, 933, 1133, 933, 1_151_851_011),
    ]
    assert "группа I." in shares[0].explanation
    by_line = {s.line_code: s for s in shares if s.line_code != CDC}
    assert by_line[PHC].allocated == 4000  # by attached population in full (D25)
    assert by_line[PHC].no_history
    assert by_line[EMG].group == "V"  # a newcomer: score 0, 25 % of the request (D17)
    assert by_line[EMG].allocated == 250_000_000
    carried = await owner.fetchval("SELECT allocated FROM allocation.share_part")
    assert carried == 138  # CONTRACT, `saqtau allocate`
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("UPDATE allocation.share SET allocated = 1")


async def test_four_officers_at_once_decide_once(
    db_allocation: Db, clock: FixedClock, calendar: LegalCalendar, story: Story
) -> None:
    outcomes = await asyncio.gather(
        *(
            service.decide(db_allocation, clock, calendar, REVIEWER, story.plan.announcement_id)
            for _ in range(4)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(o, AlreadyDecided) for o in outcomes) == 3
    assert sum(isinstance(o, Decision) for o in outcomes) == 1


async def test_anyone_replays_the_bundle_byte_for_byte(
    db_allocation: Db, decided: Decision, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    content = await publication.published(db_allocation, HEAD, decided.decision_id)
    assert hashlib.sha256(content).hexdigest() == decided.result_sha256
    record = msgspec.json.decode(content)
    stored = {
        (r["code"], str(r["application_id"])): r["allocated"]
        for r in await owner.fetch(
            "SELECT code, application_id, allocated FROM allocation.share"
            " JOIN allocation.plan_line USING (line_id)"
        )
    }
    inputs = []
    for entry in record["lines"]:
        case = cases.read_case(entry["case"])
        inputs.append(cases.canonical(case))
        answer = cases.decide(entry["case"])
        assert msgspec.json.encode(answer) == msgspec.json.encode(entry["result"])
        for share in answer["shares"]:
            assert stored.pop((answer["line_id"], share["id"])) == share["allocated"]
    assert not stored
    together = hashlib.sha256(b"[" + b",".join(inputs) + b"]").hexdigest()
    assert together == record["input_sha256"] == decided.input_sha256

    file = tmp_path / "case.json"
    file.write_bytes(msgspec.json.encode(record["lines"][-1]["case"]))
    command = [sys.executable, "-m", "backend.app.cli", "allocate", str(file)]
    printed = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, check=True, timeout=60
    )
    assert json.loads(printed.stdout) == record["lines"][-1]["result"]


async def test_bundle_tells_nobody_before_the_signature_and_no_iin_ever(
    db_allocation: Db, decided: Decision, executors: list[Executor]
) -> None:
    for actor in (None, executors[0].actor):
        with pytest.raises(DecisionNotFound):
            await publication.published(db_allocation, actor, decided.decision_id)
    with pytest.raises(DecisionNotFound):
        await service.decision(db_allocation, executors[0].actor, decided.decision_id)


async def test_number_of_a_sole_proprietor_is_not_published(
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    story: Story,
    executors: list[Executor],
    owner: asyncpg.Connection,
) -> None:
    await owner.execute(
        "UPDATE registry.organisation SET form = 'SOLE' WHERE bin = $1", executors[0].bin
    )
    decision = await service.decide(
        db_allocation, clock, calendar, HEAD, story.plan.announcement_id
    )
    content = await publication.published(db_allocation, HEAD, decision.decision_id)
    assert executors[0].bin.encode() not in content
    assert executors[1].bin.encode() in content


async def test_nothing_is_decided_too_early(
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    rated: None,
    publish: Publish,
    submit: Submit,
    review: Review,
    executors: list[Executor],
) -> None:
    plan = await publish()
    taken = await submit(plan, executors[0], {CDC: 1000})

    async def decide() -> Decision:
        return await service.decide(db_allocation, clock, calendar, HEAD, plan.announcement_id)

    clock.set(plan.accepting_until)
    with pytest.raises(WindowOpen):
        await decide()
    clock.advance(plan.accepting_until - plan.accepting_until.replace(hour=0))
    with pytest.raises(ApplicationsWaiting) as refused:
        await decide()
    assert refused.value.facts == {"next": 1}
    await review(taken.application_id)
    assert (await decide()).status == "CALCULATED"


async def test_unknown_capacity_stops_the_decision_and_names_the_line(
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    rated: None,
    publish: Publish,
    submit: Submit,
    review: Review,
    executors: list[Executor],
) -> None:
    plan = await publish()
    newcomer = await submit(plan, executors[3], {CDC: 10})
    await review(newcomer.application_id)
    clock.set(plan.accepting_until.replace(day=plan.accepting_until.day + 1))
    with pytest.raises(LineUncomputable) as refused:
        await service.decide(db_allocation, clock, calendar, HEAD, plan.announcement_id)
    assert refused.value.actual_code == "MISSING_CAPACITY"
    assert refused.value.facts["line"] == CDC


async def test_without_accepted_applications_the_announcement_has_failed(
    db_allocation: Db, clock: FixedClock, calendar: LegalCalendar, publish: Publish
) -> None:
    plan = await publish([line("only")])
    clock.set(plan.accepting_until.replace(day=plan.accepting_until.day + 1))
    decision = await service.decide(db_allocation, clock, calendar, HEAD, plan.announcement_id)
    assert (decision.status, decision.shares, decision.residue_tiyn) == ("FAILED", 0, 3_086_417_500)
    terms = {t.code: t for t in await deadlines.summary(db_allocation, at=clock.now())}
    assert terms["d4"].kept == 1


async def test_refused_decision_is_computed_anew_from_changed_data(
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    story: Story,
    decided: Decision,
    sign: Sign,
    executors: list[Executor],
) -> None:
    async def refuse() -> Decision:
        command = sign(RefuseDecision(decided.decision_id, "Рейтинг ескірген"), HEAD)
        return await service.refuse(db_allocation, clock, HEAD, decided.decision_id, command)

    assert (await refuse()).status == "ANNULLED"
    with pytest.raises(DecisionStateWrong):
        await refuse()
    again = await service.decide(db_allocation, clock, calendar, HEAD, story.plan.announcement_id)
    assert again.result_sha256 == decided.result_sha256  # the same inputs, the same bytes
    command = sign(RefuseDecision(again.decision_id, "Рейтинг ескірген"), HEAD)
    await service.refuse(db_allocation, clock, HEAD, again.decision_id, command)
    rows = [RatingRow(executors[0].bin, "cdc", 500)]
    await ratings.import_ratings(
        db_allocation, clock, HEAD, ImportRatings("Рейтинг ИЖ", "2026", "13", rows)
    )
    changed = await service.decide(db_allocation, clock, calendar, HEAD, story.plan.announcement_id)
    assert changed.input_sha256 != decided.input_sha256


async def test_http_shows_executors_their_own_shares_only(
    client: Any, decided: Decision, executors: list[Executor], owner: asyncpg.Connection
) -> None:
    path = f"/api/v1/decisions/{decided.decision_id}"
    async with client() as guest, client(Role.EXECUTOR_HEAD, bin=executors[0].bin) as clinic:
        assert (await guest.get(f"{path}/bundle")).status_code == 404
        assert (await clinic.get(f"{path}/shares")).json()["code"] == "DECISION_NOT_FOUND"
    async with client(Role.ISSUER_REVIEWER, bin=ISSUER_BIN) as http:
        first = (await http.get(f"{path}/shares?limit=2")).json()
        rest = (await http.get(f"{path}/shares?limit=50&cursor={first['next']}")).json()
        assert [s["seq_no"] for s in first["items"] + rest["items"]] == [1, 1, 2, 2, 3]
        bundle = await http.get(f"{path}/bundle")
        assert hashlib.sha256(bundle.content).hexdigest() == decided.result_sha256
        twice = await http.post(f"/api/v1/announcements/{decided.announcement_id}/decision")
        assert (twice.status_code, twice.json()["code"]) == (409, "ALREADY_DECIDED")
