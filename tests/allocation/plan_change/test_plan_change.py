"""Changes of a plan in force: two routes, nothing below what is promised, the money follows."""

import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.allocation.decision import residue
from backend.allocation.decision.record import Decision
from backend.allocation.decision.residue import AnnounceResidue
from backend.allocation.plan import service as plans
from backend.allocation.plan.errors import LimitsExceeded, PlanStateWrong
from backend.allocation.plan.model import ImportPlan, Limits, Source
from backend.allocation.plan_change import rules, service
from backend.allocation.plan_change.errors import (
    ChangeStateWrong,
    LineCommitted,
    LineTwice,
    LineUnknown,
    NotAgreedYet,
    NothingChanges,
    RemarksMissing,
)
from backend.allocation.plan_change.model import (
    AddLine,
    AnswerChange,
    ApplyChange,
    ChangeStatus,
    Edit,
    LineNow,
    Outcome,
    PlanChange,
    ReplaceLine,
    Route,
    SendChange,
    SetUnits,
    WithdrawChange,
)
from backend.app import wings
from backend.app.asgi import create_app
from backend.kernel.actor import Actor, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments import jobs as payments_jobs
from infra.sandbox.nca.centre import Centre
from tests.allocation.conftest import (
    CDC,
    HEAD,
    ISSUER_BIN,
    PHC,
    PILOT_END,
    WIDE,
    Executor,
    Publish,
    PublishedPlan,
    Sign,
    SignDecisionOf,
    line,
)
from tests.conftest import open_session

MOH_BIN = "123456789012"
MOH = Actor(session_id=uuid4(), roles=frozenset({Role.MOH}), bin=MOH_BIN)
Send = Callable[..., Awaitable[PlanChange]]


@pytest.fixture
def send(db_allocation: Db, clock: FixedClock, calendar: LegalCalendar, sign: Sign) -> Send:
    async def sent(
        plan: PublishedPlan, grounds: list[int], *edits: Edit, **limits: Any
    ) -> PlanChange:
        command = SendChange(plan.plan_id, grounds, "Хаттама № 4", list(edits), **limits)
        return await service.send(db_allocation, clock, calendar, HEAD, sign(command, HEAD))

    return sent


@pytest.fixture
def apply(
    db_allocation: Db, clock: FixedClock, sign: Sign
) -> Callable[[PlanChange], Awaitable[PlanChange]]:
    async def applied(change: PlanChange) -> PlanChange:
        signed = sign(ApplyChange(change.change_id), HEAD)
        return await service.apply(db_allocation, clock, HEAD, change.change_id, signed)

    return applied


@pytest.fixture
def answer(
    db_allocation: Db, clock: FixedClock, sign: Sign
) -> Callable[..., Awaitable[PlanChange]]:
    async def answered(
        change: PlanChange, outcome: Outcome, remarks: str | None = None
    ) -> PlanChange:
        command = AnswerChange(change.change_id, outcome, remarks)
        return await service.answer(db_allocation, clock, MOH, change.change_id, sign(command, MOH))

    return answered


async def units(db: Db, plan: PublishedPlan) -> dict[str, int]:
    return {x.code: x.planned_units for x in await plans.lines(db, plan.plan_id, None, 1000)}


@given(st.lists(st.integers(1, 10), min_size=1, max_size=10))
def test_the_stricter_route_of_all_grounds(grounds: list[int]) -> None:
    """P ¶19: 1, 2, 4, 5, 8, 9, 10 need agreement; P ¶20: 3, 6, 7 silence."""
    strict = any(ground in {1, 2, 4, 5, 8, 9, 10} for ground in grounds)
    assert rules.route_of(grounds) is (Route.AGREEMENT if strict else Route.SILENCE)


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 4000))
def test_a_line_is_never_cut_below_what_is_promised(
    committed: int, announced: int, free: int, wanted: int
) -> None:
    held = LineNow(
        uuid4(), "a", Source.MHI, committed + announced + free, 7, 0, committed, announced
    )
    try:
        done = rules.outline({"a": held}, [SetUnits("a", wanted)])
    except LineCommitted:
        assert wanted < committed + announced
    except NothingChanges:
        assert wanted == held.planned_units
    else:
        (change,) = done.changes
        assert change.units_after == wanted >= committed + announced
        assert change.amount_after == wanted * 7


async def test_ten_working_days_of_silence(
    db_allocation: Db,
    publish: Publish,
    clock: FixedClock,
    send: Send,
    apply: Any,
    answer: Any,
    owner: Any,
) -> None:
    plan = await publish()
    change = await send(plan, [7, 3], SetUnits(CDC, 2600))
    assert (change.route, change.grounds) == (Route.SILENCE, [3, 7])
    assert change.silence_ends_at == datetime(2026, 4, 20, 18, 59, 59, 999999, tzinfo=UTC)
    with pytest.raises(NotAgreedYet) as early:
        await apply(change)
    assert early.value.facts["until"].startswith("2026-04-20")
    clock.set(change.silence_ends_at)
    with pytest.raises(NotAgreedYet):
        await apply(change)
    clock.advance(timedelta(microseconds=1))  # the eleventh day
    with pytest.raises(ChangeStateWrong):
        await answer(change, Outcome.REMARKS, "Кеш")  # too late
    assert await service.end_silence(db_allocation, clock) == 1
    assert await service.end_silence(db_allocation, clock) == 0
    done = await apply(change)
    assert done.status is ChangeStatus.APPLIED
    assert (await units(db_allocation, plan))[CDC] == 2600
    assert (await plans.plan_of(db_allocation, plan.plan_id)).status == "AMENDED"
    term = await owner.fetchrow("SELECT due_at, done_at FROM kernel.term WHERE code = 'd16'")
    assert term["done_at"] <= term["due_at"]
    with pytest.raises(ChangeStateWrong):
        await apply(change)


async def test_agreement_has_no_term_and_remarks_stop(
    db_allocation: Db,
    publish: Publish,
    clock: FixedClock,
    send: Send,
    apply: Any,
    answer: Any,
    sign: Sign,
) -> None:
    plan = await publish()
    change = await send(plan, [3, 5], SetUnits(CDC, 2600))
    assert (change.route, change.silence_ends_at) == (Route.AGREEMENT, None)
    clock.advance(timedelta(days=60))
    with pytest.raises(NotAgreedYet):
        await apply(change)
    for outcome, remarks in ((Outcome.AGREED, "сөз"), (Outcome.REMARKS, None)):
        with pytest.raises(RemarksMissing):
            await answer(change, outcome, remarks)
    refused = await answer(change, Outcome.REMARKS, "Негіздеме жоқ")
    assert (refused.status, refused.remarks) == (ChangeStatus.REMARKS, "Негіздеме жоқ")
    with pytest.raises(ChangeStateWrong):
        await apply(change)
    reworked = await send(plan, [5], SetUnits(CDC, 2550))
    assert reworked.no == 2
    await answer(reworked, Outcome.AGREED)
    await apply(reworked)
    assert (await units(db_allocation, plan))[CDC] == 2550
    signed = sign(WithdrawChange(change.change_id), HEAD)
    gone = await service.withdraw(db_allocation, clock, change.change_id, signed)
    assert gone.status is ChangeStatus.WITHDRAWN


async def test_unsound_drafts_are_refused_where_they_stand(
    publish: Publish, send: Send, sign: Sign, db_allocation: Db, clock: FixedClock
) -> None:
    plan = await publish()
    cases: list[tuple[type[Exception], str, tuple[Edit, ...]]] = [
        (LineUnknown, "edits[0].code", (SetUnits("nowhere", 1),)),
        (NothingChanges, "edits[0].planned_units", (SetUnits(CDC, 2500),)),
        (LineTwice, "edits[1]", (SetUnits(CDC, 2600), SetUnits(CDC, 2700))),
        (LineUnknown, "edits[0].line.code", (AddLine(line(CDC)),)),
        (LineUnknown, "edits[0].new_code", (ReplaceLine(CDC, PHC, 5, 1),)),
        # all 2500 are announced and not decided
        (LineCommitted, "edits[1].planned_units", (SetUnits(PHC, 10_001), SetUnits(CDC, 2499))),
    ]
    for refusal, path, edits in cases:
        with pytest.raises(refusal) as found:
            await send(plan, [3], *edits)
        assert found.value.path == path  # type: ignore[attr-defined]
    draft = await plans.import_plan(db_allocation, clock, HEAD, sign(_another_year(), HEAD))
    with pytest.raises(PlanStateWrong):
        await send(PublishedPlan(draft.plan_id, uuid4(), clock.now(), {}), [3], SetUnits(CDC, 1))


def _another_year() -> Any:

    return ImportPlan(2027, WIDE, [line(CDC)])


async def test_limits_hold_also_after_a_change_and_may_come_with_it(
    db_allocation: Db, publish: Publish, send: Send, apply: Any, answer: Any
) -> None:
    exact = 2500 * 1_234_567
    plan = await publish(lines=[line(CDC)], limits=Limits(0, exact))
    over = await send(plan, [5], SetUnits(CDC, 2501))
    await answer(over, Outcome.AGREED)
    with pytest.raises(LimitsExceeded):
        await apply(over)
    assert (await units(db_allocation, plan))[CDC] == 2500  # nothing of it was applied
    funded = await send(plan, [5], SetUnits(CDC, 2501), mhi_limit=exact + 1_234_567)
    await answer(funded, Outcome.AGREED)
    await apply(funded)
    shown = await plans.plan_of(db_allocation, plan.plan_id)
    assert (shown.mhi_tiyn, shown.mhi_limit_tiyn) == (exact + 1_234_567, exact + 1_234_567)


async def test_after_the_decision_only_the_residue_is_free_and_more_may_be_announced(
    resources: Resources,
    story: Any,
    decided: Decision,
    send: Send,
    apply: Any,
    answer: Any,
    owner: Any,
    sign: Sign,
    sign_decision: SignDecisionOf,
    clock: FixedClock,
    calendar: LegalCalendar,
) -> None:
    db, plan = resources.db.allocation, story.plan
    with pytest.raises(LineCommitted):
        await send(plan, [9], SetUnits(PHC, 9_999))  # announced until the decision is signed
    await sign_decision(decided)
    given = {
        row["code"]: int(row["units"])
        for row in await owner.fetch(
            "SELECT l.code, sum(c.units) AS units FROM allocation.contract_line c"
            " JOIN allocation.plan_line l USING (line_id) GROUP BY l.code"
        )
    }
    with pytest.raises(LineCommitted) as found:
        await send(plan, [9], SetUnits(CDC, given[CDC] - 1))
    assert found.value.facts["least"] == given[CDC]
    new = line("2026-mhi-75-htmc", service_type="htmc", planned_units=10)
    change = await send(
        plan,
        [4],
        SetUnits(PHC, 10_500),
        ReplaceLine(CDC, f"{CDC}-2", 2_000_000, 300),
        AddLine(new),
    )
    await answer(change, Outcome.AGREED)
    await payments_jobs.fund_plan(resources, {"subject": str(plan.plan_id)})
    await apply(change)
    after = await units(db, plan)
    assert after.items() >= {CDC: given[CDC], f"{CDC}-2": 300, PHC: 10_500, new.code: 10}.items()

    signed = sign(AnnounceResidue(plan.plan_id, decided.decision_id), HEAD)
    posted = await residue.announce(
        db, clock, calendar, HEAD, plan.plan_id, signed, pilot_valid_to=PILOT_END
    )
    announced = await owner.fetch(
        "SELECT l.code, a.units FROM allocation.announcement_line a"
        " JOIN allocation.plan_line l USING (line_id) WHERE announcement_id = $1",
        posted.announcement_id,
    )
    offered = {row["code"]: row["units"] for row in announced}
    assert offered.items() >= {f"{CDC}-2": 300, PHC: 10_500 - given[PHC], new.code: 10}.items()
    assert CDC not in offered

    wings.subscribe()
    told = {"plan_id": str(plan.plan_id), "subject": str(change.change_id)}
    for _ in range(2):  # delivered twice, done once
        await payments_jobs.change_plan(resources, told)
    balances = {
        r["code"]: (r["balance_tiyn"], r["amount_tiyn"])
        for r in await owner.fetch(
            "SELECT l.code, a.balance_tiyn, l.amount_tiyn FROM allocation.plan_line_now l"
            " JOIN payments.ledger_account a ON a.account = 'plan:' || l.line_id"
        )
    }
    assert len(balances) == 5
    assert all(held == planned for held, planned in balances.values())
    budgets = await owner.fetchval(
        "SELECT sum(balance_tiyn) FROM payments.ledger_account WHERE account LIKE 'budget:%'"
    )
    assert -budgets == sum(planned for _, planned in balances.values())


async def test_the_wrong_people_are_turned_away(
    client: Any, publish: Publish, send: Send, executors: list[Executor]
) -> None:
    change = await send(await publish(), [3], SetUnits(CDC, 2600))
    path = f"/api/v1/plan-changes/{change.change_id}"
    body = {"document": "e30="}
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        assert (await http.post(f"{path}/answer", json=body)).status_code == 403
        shown = (await http.get(path, headers={"Accept-Language": "ru"})).json()
        assert shown["ground_texts"] == [
            "распределение высвободившихся средств; изменение объёмов после сверки и мониторинга"
        ]
        assert shown["edits"][0]["planned_units"] == 2600
        nothing = await http.get(f"/api/v1/plan-changes/{UUID(int=1)}")
        assert nothing.json()["code"] == "PLAN_CHANGE_NOT_FOUND"
    async with client(Role.MOH, bin=ISSUER_BIN) as http:
        assert (await http.post(f"{path}/application", json=body)).status_code == 403
        assert (await http.post("/api/v1/plan-changes", json=body)).status_code == 403
    async with client(Role.EXECUTOR_HEAD, bin=executors[0].bin) as http:
        assert (await http.get(path)).status_code == 403
    async with client() as http:
        public = (await http.get(f"/api/v1/public/plans/{change.plan_id}/changes")).json()
        assert [c["no"] for c in public["items"]] == [1]


async def test_a_draft_with_faulty_lines_names_every_one(
    publish: Publish, clock: FixedClock, tmp_path: Path, resources: Resources
) -> None:
    """Over HTTP with a real signature: the refusal of a table is told the same wherever it is raised."""
    plan = await publish()
    centre = Centre.create(b"plan change", clock.now(), algorithms=("gost2015-512",))
    centre.save(tmp_path)
    trusting = msgspec.structs.replace(resources.config, trust=str(tmp_path / "trust"))
    bare = msgspec.structs.replace(resources, config=trusting)
    key = centre.issue_legal("900101300017", ISSUER_BIN, "БАСШЫ", "ҚОР", "head", clock.now())
    wrong = msgspec.to_builtins(line("2026-mhi-75-new", service_type="new", tariff_tiyn=None))
    raw = msgspec.json.encode(
        {
            "operation": "plan_change.send",
            "plan_id": str(plan.plan_id),
            "grounds": [7],
            "justification": "Хаттама",
            "edits": [{"kind": "ADD", "line": wrong}],
        }
    )
    token = await open_session(bare, Role.ISSUER_HEAD, bin=ISSUER_BIN)
    transport: Any = httpx.ASGITransport(app=create_app(trusting, bare))  # type: ignore[arg-type]
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://saqtau.test",
        headers={"Authorization": f"Bearer {token}", "Accept-Language": "ru"},
    ) as http:
        refused = await http.post(
            "/api/v1/plan-changes",
            json={
                "document": base64.b64encode(raw).decode(),
                "signature": base64.b64encode(key.sign_cms(raw, at=clock.now())).decode(),
            },
        )
    assert (refused.status_code, refused.json()["code"]) == (422, "PLAN_ROWS_INVALID")
    (fault,) = refused.json()["errors"]
    assert (fault["row"], fault["code"]) == (1, "PLAN_ROW_TARIFF_MISSING")
    assert fault["message"]
