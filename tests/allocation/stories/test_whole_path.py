"""From the plan to signed contracts, one story for each thing that may come between (domain 3.2-3.5)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from backend.allocation.application import service as applications
from backend.allocation.application.errors import NotInOrder
from backend.allocation.application.model import Ground, Submitted, WithdrawApplication
from backend.allocation.contract import service as contracts
from backend.allocation.contract import upkeep
from backend.allocation.contract.errors import ContractStateWrong
from backend.allocation.contract.model import ContractRow, LapseContract
from backend.allocation.decision import residue
from backend.allocation.decision import service as decisions
from backend.allocation.decision.model import BaseKind
from backend.allocation.decision.record import Decision
from backend.allocation.decision.residue import AnnounceResidue
from backend.allocation.plan import service as plans
from backend.allocation.plan.errors import LimitsExceeded
from backend.allocation.plan.model import Limits
from backend.allocation.plan_change import service as plan_changes
from backend.allocation.plan_change.model import (
    AnswerChange,
    ApplyChange,
    Outcome,
    SendChange,
    SetUnits,
)
from backend.kernel.actor import Actor, Role
from backend.kernel.clock import legal_date
from backend.kernel.resources import Resources
from tests.allocation.conftest import (
    CDC,
    HEAD,
    PHC,
    PILOT_END,
    Executor,
    Publish,
    PublishedPlan,
    Review,
    Sign,
    SignDecisionOf,
    Submit,
    line,
    proof_of,
)

MOH = Actor(session_id=uuid4(), roles=frozenset({Role.MOH}), bin="123456789012")
Owner = asyncpg.Connection  # type: ignore[type-arg]
pytestmark = pytest.mark.usefixtures("rated")


class Path:
    """The steps of the issuer and of executors, each said in one word."""

    def __init__(
        self,
        resources: Resources,
        sign: Sign,
        review: Review,
        submit: Submit,
        sign_decision: SignDecisionOf,
    ) -> None:
        self.resources, self.sign, self.review, self.submit = resources, sign, review, submit
        self.sign_decision = sign_decision
        self.db, self.clock = resources.db.allocation, resources.clock
        self.calendar = resources.calendar

    def at(self, instant: datetime) -> None:
        """Let the clock show this."""
        self.clock.set(instant)  # type: ignore[attr-defined]

    async def decide(self, announcement_id: UUID) -> Decision:
        return await decisions.decide(self.db, self.clock, self.calendar, HEAD, announcement_id)

    async def contracts(self, decision: Decision) -> list[ContractRow]:
        found = await contracts.of_decision(self.db, decision.decision_id, None, 100, "kk")
        return [summary.contract for summary in found]

    async def issuer_signs(self, decision: Decision) -> list[ContractRow]:
        ids = [row.contract_id for row in await self.contracts(decision)]
        documents = await contracts.contents(self.db, ids)
        operation = contracts.ISSUER_OPERATION
        proofs = {i: proof_of(documents[i], HEAD, operation, self.clock) for i in ids}  # type: ignore[arg-type]
        await contracts.sign_as_issuer(
            self.db, self.clock, HEAD, proofs, "kk", pilot_valid_to=PILOT_END
        )
        return await self.contracts(decision)

    async def executor_signs(self, executor: Executor, row: ContractRow) -> str:
        document = (await contracts.contents(self.db, [row.contract_id]))[row.contract_id]
        proof = proof_of(document, executor.actor, contracts.EXECUTOR_OPERATION, self.clock)  # type: ignore[arg-type]
        signed = await contracts.sign_as_executor(
            self.db,
            self.clock,
            executor.actor,
            row.contract_id,
            proof,
            "kk",
            pilot_valid_to=PILOT_END,
        )
        return signed.contract.status

    async def withdraw(self, executor: Executor, taken: Submitted) -> None:
        command = WithdrawApplication(taken.application_id)
        await applications.withdraw(
            self.db, self.clock, self.calendar, executor.actor, taken.application_id,
            self.sign(command, executor.actor),
        )  # fmt: skip

    async def announce_residue(self, plan: PublishedPlan, after: Decision) -> PublishedPlan:
        posted = await residue.announce(
            self.db, self.clock, self.calendar, HEAD, plan.plan_id,
            self.sign(AnnounceResidue(plan.plan_id, after.decision_id), HEAD), pilot_valid_to=PILOT_END,
        )  # fmt: skip
        rows = await plans.lines(self.db, plan.plan_id, None, 1000)
        ids = {row.code: row.line_id for row in rows}
        return PublishedPlan(plan.plan_id, posted.announcement_id, posted.accepting_until, ids)

    async def change(self, plan: PublishedPlan, ground: int, *edits: Any, **limits: int) -> UUID:
        command = SendChange(plan.plan_id, [ground], "Хаттама № 7", list(edits), **limits)
        sent = await plan_changes.send(
            self.db, self.clock, self.calendar, HEAD, self.sign(command, HEAD)
        )
        return sent.change_id

    async def agree(self, change_id: UUID) -> None:
        command = AnswerChange(change_id, Outcome.AGREED)
        await plan_changes.answer(self.db, self.clock, MOH, change_id, self.sign(command, MOH))

    async def apply(self, change_id: UUID) -> None:
        command = ApplyChange(change_id)
        await plan_changes.apply(self.db, self.clock, HEAD, change_id, self.sign(command, HEAD))


@pytest.fixture
async def path(
    resources: Resources,
    sign: Sign,
    review: Review,
    submit: Submit,
    sign_decision: SignDecisionOf,
) -> Path:
    return Path(resources, sign, review, submit, sign_decision)


def noon(day: date) -> datetime:
    """12:00 of a legal day."""
    return datetime(day.year, day.month, day.day, 7, 0, tzinfo=UTC)


async def due(owner: Owner) -> dict[str, date]:
    rows = await owner.fetch("SELECT code, max(due_at) AS due_at FROM kernel.term GROUP BY code")
    return {row["code"]: legal_date(row["due_at"]) for row in rows}


async def test_with_the_may_holidays_inside(
    path: Path, publish: Publish, executors: list[Executor], owner: Owner
) -> None:
    """Vector C5: announced on Thursday 30 April 2026, five working days end on Tuesday 12 May."""
    path.at(noon(date(2026, 4, 30)))
    plan = await publish()
    assert legal_date(plan.accepting_until) == date(2026, 5, 12)
    path.at(noon(date(2026, 5, 8)))  # the Friday between two holidays
    taken = await path.submit(plan, executors[0], {CDC: 900})
    assert legal_date(taken.review_due_at) == date(2026, 5, 12)  # Monday 11 May is a day off
    await path.review(taken.application_id)
    path.at(noon(date(2026, 5, 13)))
    decision = await path.decide(plan.announcement_id)
    await path.sign_decision(decision)
    ends = await due(owner)
    assert (ends["d4"], ends["d5"]) == (date(2026, 5, 14), date(2026, 5, 14))
    (contract,) = await path.issuer_signs(decision)
    assert await path.executor_signs(executors[0], contract) == "SIGNED"
    late = await owner.fetchval(
        "SELECT count(*) FROM kernel.term WHERE coalesce(done_at, due_at) > due_at"
    )
    assert late == 0


async def test_with_a_change_of_the_plan_inside(
    path: Path, publish: Publish, executors: list[Executor], owner: Owner
) -> None:
    """Sent while applications come in, silent for ten working days, announced as residue."""
    plan = await publish()
    taken = await path.submit(plan, executors[0], {PHC: 10_000})
    await path.review(taken.application_id)
    change_id = await path.change(plan, 3, SetUnits(PHC, 12_000))
    path.at(plan.accepting_until + timedelta(hours=12))
    decision = await path.decide(plan.announcement_id)
    await path.sign_decision(decision)
    (first,) = await path.issuer_signs(decision)
    assert first.number == "2026-GVFMC-000001"
    await path.executor_signs(executors[0], first)

    path.at(noon(date(2026, 4, 21)))  # silence ended on the 20th
    await path.apply(change_id)
    again = await path.announce_residue(plan, decision)
    taken = await path.submit(again, executors[1], {PHC: 5_000})
    await path.review(taken.application_id)
    path.at(again.accepting_until + timedelta(hours=12))
    second = await path.decide(again.announcement_id)
    await path.sign_decision(second)
    (contract,) = await path.issuer_signs(second)
    assert contract.number == "2026-GVFMC-000002"
    units = await owner.fetchval(
        "SELECT units FROM allocation.contract_line WHERE contract_id = $1", contract.contract_id
    )
    assert units == 2_000  # of 12,000 the first has 10,000


async def test_with_a_withdrawal_and_a_rejection_that_come_back(
    path: Path, publish: Publish, executors: list[Executor]
) -> None:
    """Who comes again goes to the end of the queue (M §9-10, D5)."""
    plan = await publish()
    first = await path.submit(plan, executors[0], {CDC: 900})
    second = await path.submit(plan, executors[1], {CDC: 600})
    await path.withdraw(executors[0], first)
    third = await path.submit(plan, executors[0], {CDC: 800})
    await path.review(second.application_id, Ground.G1, "Санитарлық қорытынды жоқ")
    fourth = await path.submit(plan, executors[1], {CDC: 500})
    assert [t.seq_no for t in (first, second, third, fourth)] == [1, 2, 3, 4]
    with pytest.raises(NotInOrder):
        await path.review(fourth.application_id)
    await path.review(third.application_id)
    await path.review(fourth.application_id)
    path.at(plan.accepting_until + timedelta(hours=12))
    decision = await path.decide(plan.announcement_id)
    await path.sign_decision(decision)
    formed = await path.issuer_signs(decision)
    assert [row.executor_bin for row in formed] == [executors[0].bin, executors[1].bin]


async def test_with_a_limit_that_is_broken_twice(
    path: Path, publish: Publish, executors: list[Executor]
) -> None:
    """At approval, and by a lower limit before the signature; the plan is changed, then it goes on."""
    exact = 1_000 * 3_000_000
    lines = [line(PHC, source="gvfmc", service_type="phc", planned_units=1_000,
                  tariff_tiyn=3_000_000, base_kind=BaseKind.APPLICATION, phc_full=True)]  # fmt: skip
    with pytest.raises(LimitsExceeded) as over:
        await publish(lines=lines, limits=Limits(exact - 1, 0))
    assert over.value.facts["over_tiyn"] == 1
    plan = await publish(lines=lines, limits=Limits(exact, 0))
    taken = await path.submit(plan, executors[0], {PHC: 1_000})
    await path.review(taken.application_id)
    path.at(plan.accepting_until + timedelta(hours=12))
    decision = await path.decide(plan.announcement_id)

    more = await path.change(plan, 5, SetUnits(PHC, 1_100), gvfmc_limit=exact - 1)
    await path.agree(more)
    with pytest.raises(LimitsExceeded):
        await path.apply(more)  # a change cannot break the limit either
    more = await path.change(plan, 5, SetUnits(PHC, 1_100), gvfmc_limit=1_100 * 3_000_000)
    await path.agree(more)
    await path.apply(more)
    await path.sign_decision(decision)
    (contract,) = await path.issuer_signs(decision)
    assert contract.amount_tiyn == exact


async def test_with_a_contract_that_is_never_signed(
    path: Path, publish: Publish, executors: list[Executor], owner: Owner
) -> None:
    """A reminder, the head's decision, the volume announced again, somebody else takes it (D7, D21)."""
    plan = await publish()
    taken = await path.submit(plan, executors[0], {PHC: 10_000})
    await path.review(taken.application_id)
    path.at(plan.accepting_until + timedelta(hours=12))
    decision = await path.decide(plan.announcement_id)
    await path.sign_decision(decision)
    (contract,) = await path.issuer_signs(decision)
    path.at(path.clock.now() + timedelta(days=7))
    assert await upkeep.remind(path.db, path.clock, path.calendar) == 1
    command = LapseContract(contract.contract_id, "Орындаушы қол қоймады")
    lapsed = await contracts.lapse(
        path.db, path.clock, HEAD, contract.contract_id, path.sign(command, HEAD), "ru"
    )
    assert lapsed.status_text == "Не заключён"
    with pytest.raises(ContractStateWrong):
        await path.executor_signs(executors[0], contract)  # too late

    again = await path.announce_residue(plan, decision)
    taken = await path.submit(again, executors[1], {PHC: 10_000})
    await path.review(taken.application_id)
    path.at(again.accepting_until + timedelta(hours=12))
    second = await path.decide(again.announcement_id)
    await path.sign_decision(second)
    (other,) = await path.issuer_signs(second)
    assert await path.executor_signs(executors[1], other) == "SIGNED"
    in_force = await owner.fetch("SELECT status FROM allocation.contract ORDER BY number")
    assert [row["status"] for row in in_force] == ["LAPSED", "SIGNED"]
