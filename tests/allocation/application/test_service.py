"""Applications: in the window, in order, one live one per line; on a real database."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from backend.allocation.application import service
from backend.allocation.application.errors import (
    ApplicationNotFound,
    ApplicationReviewed,
    ApplicationWithdrawn,
    CoExecutorInvalid,
    GroundInvalid,
    LineTwice,
    LiveApplicationExists,
    NotInOrder,
    UnknownFacility,
    UnknownLine,
    WindowClosed,
)
from backend.allocation.application.model import (
    CoExecutorRequest,
    FormOfCoExecutor,
    Ground,
    Licence,
    LicenceKind,
    LineRequest,
    Part,
    SubmitApplication,
    WithdrawApplication,
)
from backend.allocation.plan.errors import AnnouncementNotFound
from backend.kernel import deadlines
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.ids import IinInvalid
from backend.kernel.sealing import Keyring
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.signing.errors import DocumentMalformed
from backend.signing.evidence import service as evidence
from tests.allocation.conftest import (
    HEAD,
    PILOT_END,
    Executor,
    Publish,
    PublishedPlan,
    Review,
    Sign,
    Submit,
    bin_of,
)

CDC = "2026-mhi-75-cdc"
PHC = "2026-gvfmc-75-phc"


@pytest.fixture
async def plan(publish: Publish) -> PublishedPlan:
    return await publish()


async def test_last_instant_of_the_window_is_in_time_and_the_next_is_late(
    clock: FixedClock, plan: PublishedPlan, executors: list[Executor], submit: Submit
) -> None:
    clock.set(plan.accepting_until)
    taken = await submit(plan, executors[0], {CDC: 1000})
    assert (taken.seq_no, taken.submitted_at) == (1, plan.accepting_until)
    clock.advance(timedelta(microseconds=1))
    with pytest.raises(WindowClosed):
        await submit(plan, executors[1], {CDC: 1000})


async def test_review_is_due_one_working_day_after_the_submission(
    clock: FixedClock, plan: PublishedPlan, executors: list[Executor], submit: Submit
) -> None:
    clock.set(datetime(2026, 4, 10, 12, tzinfo=UTC))  # a Friday: due on Monday
    taken = await submit(plan, executors[0], {CDC: 1000})
    assert taken.review_due_at == datetime(2026, 4, 13, 18, 59, 59, 999999, tzinfo=UTC)


async def test_parallel_submissions_are_numbered_without_gaps(
    db_allocation: Db,
    plan: PublishedPlan,
    owner: asyncpg.Connection,
    submit: Submit,
    executors: list[Executor],
) -> None:
    codes = [{CDC: 1}, {PHC: 2}, {"2026-gvfmc-75-emg": 3}]
    done = await asyncio.gather(
        *(submit(plan, e, asked) for asked in codes for e in executors),
        *(submit(plan, e, {CDC: 9}) for e in executors),  # a second one for the same line
        return_exceptions=True,
    )
    taken = sorted(d.seq_no for d in done if not isinstance(d, BaseException))
    refused = [d for d in done if isinstance(d, BaseException)]
    assert taken == list(range(1, 13))
    assert [type(r) for r in refused] == [LiveApplicationExists] * 4
    queue = await service.queue(db_allocation, plan.announcement_id, None, 100)
    assert [a.seq_no for a in queue] == taken
    assert [a.submitted_at for a in queue] == sorted(a.submitted_at for a in queue)
    events = await owner.fetchval(
        "SELECT count(*) FROM kernel.event WHERE kind = 'ApplicationSubmitted'"
    )
    assert events == 12


async def test_clock_that_jumps_back_does_not_turn_the_order(
    clock: FixedClock, plan: PublishedPlan, executors: list[Executor], submit: Submit
) -> None:
    clock.advance(timedelta(hours=2))
    first = await submit(plan, executors[0], {CDC: 1})
    clock.advance(timedelta(hours=-1))
    second = await submit(plan, executors[1], {CDC: 1})
    assert (second.seq_no, second.submitted_at) == (2, first.submitted_at)


async def test_withdrawn_application_goes_to_the_end_when_submitted_again(
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    plan: PublishedPlan,
    executors: list[Executor],
    submit: Submit,
    sign: Sign,
) -> None:
    first, other = executors[0], executors[1]
    taken = await submit(plan, first, {CDC: 1000})
    await submit(plan, other, {CDC: 700})
    with pytest.raises(LiveApplicationExists):
        await submit(plan, first, {CDC: 900})

    async def withdraw(executor: Executor) -> object:
        command = sign(WithdrawApplication(taken.application_id), executor.actor)
        return await service.withdraw(
            db_allocation, clock, calendar, executor.actor, taken.application_id, command
        )

    with pytest.raises(ApplicationNotFound):  # another executor's
        await withdraw(other)
    await withdraw(first)
    with pytest.raises(ApplicationWithdrawn):
        await withdraw(first)
    again = await submit(plan, first, {CDC: 900})
    assert again.seq_no == 3
    clock.set(plan.accepting_until + timedelta(seconds=1))
    command = sign(WithdrawApplication(again.application_id), first.actor)
    with pytest.raises(WindowClosed):
        await service.withdraw(
            db_allocation, clock, calendar, first.actor, again.application_id, command
        )


async def test_review_keeps_the_order_and_needs_a_ground_to_reject(
    db_allocation: Db,
    clock: FixedClock,
    plan: PublishedPlan,
    executors: list[Executor],
    submit: Submit,
    review: Review,
) -> None:
    first, second, third = [await submit(plan, e, {CDC: 1000}) for e in executors[:3]]
    with pytest.raises(NotInOrder) as refused:
        await review(second.application_id)
    assert refused.value.facts == {"next": 1}
    with pytest.raises(GroundInvalid):
        await review(first.application_id, Ground.G1, None)
    assert (await review(first.application_id)).status == "ACCEPTED"
    with pytest.raises(ApplicationReviewed):
        await review(first.application_id, Ground.G1, "Лицензия жоқ")
    rejected = await review(second.application_id, Ground.G1, "Лицензия жоқ")
    assert (rejected.status, rejected.ground, rejected.ground_text) == (
        "REJECTED", "G1", "Лицензия жоқ",
    )  # fmt: skip
    again = await submit(plan, executors[1], {CDC: 500})  # D5: inside the window
    with pytest.raises(NotInOrder):
        await review(again.application_id)
    await review(third.application_id)
    await review(again.application_id)
    kept = {t.code: t for t in await deadlines.summary(db_allocation, at=clock.now())}["d3"]
    assert (kept.kept, kept.running) == (4, 0)


async def test_foreign_and_absent_applications_look_alike(
    db_allocation: Db,
    keyring: Keyring,
    plan: PublishedPlan,
    executors: list[Executor],
    submit: Submit,
) -> None:
    taken = await submit(plan, executors[0], {CDC: 1000})
    for application_id in (taken.application_id, uuid4()):
        with pytest.raises(ApplicationNotFound):
            await service.application(db_allocation, keyring, executors[1].actor, application_id)
    own = await service.application(
        db_allocation, keyring, executors[0].actor, taken.application_id
    )
    assert [(line.code, line.requested) for line in own.lines] == [(CDC, 1000)]
    assert "readiness:agreement_signed" in own.summary.warnings
    assert "contents:licences" in own.summary.warnings


async def test_only_open_accounts_apply(
    plan: PublishedPlan, executors: list[Executor], submit: Submit, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "UPDATE registry.organisation SET status = 'BLOCKED' WHERE bin = $1", executors[0].bin
    )
    with pytest.raises(AccountBlocked):
        await submit(plan, executors[0], {CDC: 1})
    actor = msgspec.structs.replace(executors[0].actor, bin=bin_of(99))
    with pytest.raises(AccountNotOpen):
        await submit(plan, Executor(uuid4(), actor), {CDC: 1})


async def test_co_executors_are_kept_and_persons_among_them_sealed(
    db_allocation: Db,
    keyring: Keyring,
    plan: PublishedPlan,
    executors: list[Executor],
    submit: Submit,
    owner: asyncpg.Connection,
) -> None:
    line_id = plan.lines[CDC]
    person = CoExecutorRequest(
        FormOfCoExecutor.SOLE, "900101300017", "Серікұлы Нұрлан", [Part(line_id, 20)]
    )
    clinic = CoExecutorRequest(FormOfCoExecutor.LEGAL, bin_of(50), "Емхана", [Part(line_id, 30)])
    with pytest.raises(IinInvalid):
        broken = msgspec.structs.replace(person, number="900101300018")
        await submit(plan, executors[0], {CDC: 100}, co_executors=[broken])
    for wrong in ([clinic, clinic], [msgspec.structs.replace(clinic, parts=[Part(line_id, 101)])]):
        with pytest.raises(CoExecutorInvalid):
            await submit(plan, executors[0], {CDC: 100}, co_executors=wrong)
    number = _valid_iin()
    person = msgspec.structs.replace(person, number=number)
    taken = await submit(plan, executors[0], {CDC: 100}, co_executors=[clinic, person])
    seen = await service.application(db_allocation, keyring, HEAD, taken.application_id)
    assert [(c.number, c.name, c.parts[0].requested) for c in seen.co_executors] == [
        (bin_of(50), "Емхана", 30),
        (number, "Серікұлы Нұрлан", 20),
    ]
    stored = await owner.fetch("SELECT * FROM allocation.application_co_executor")
    assert number not in str(stored)
    assert "Нұрлан" not in str(stored)


def _valid_iin() -> str:
    from backend.kernel.ids import check_digit

    return next(
        eleven + str(digit)
        for serial in range(100)
        if (digit := check_digit(eleven := f"90010130{serial:03}")) is not None
    )


async def test_only_announced_lines_and_own_facilities(
    plan: PublishedPlan,
    executors: list[Executor],
    submit: Submit,
    sign: Sign,
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    keyring: Keyring,
) -> None:
    actor = executors[0].actor

    async def post(announcement_id: object, line_ids: list[object]) -> None:
        command = SubmitApplication(
            announcement_id=announcement_id,  # type: ignore[arg-type]
            lines=[LineRequest(i, 1) for i in line_ids],  # type: ignore[arg-type]
        )
        await service.submit(
            db_allocation, clock, calendar, keyring, actor, announcement_id,  # type: ignore[arg-type]
            sign(command, actor), pilot_valid_to=PILOT_END,
        )  # fmt: skip

    with pytest.raises(UnknownLine):
        await post(plan.announcement_id, [plan.lines[CDC], uuid4()])
    with pytest.raises(LineTwice):
        await post(plan.announcement_id, [plan.lines[CDC], plan.lines[CDC]])
    with pytest.raises(AnnouncementNotFound):
        await post(uuid4(), [plan.lines[CDC]])
    licence = Licence(LicenceKind.MEDICAL, "ЛП-1", "Алматы, Абай 1", uuid4())
    with pytest.raises(UnknownFacility):
        await submit(plan, executors[0], {CDC: 1}, licences=[licence])


def test_undertaking_about_paid_care_is_refused_as_unknown() -> None:
    document = (
        b'{"operation":"application.submit","announcement_id":"%s","lines":[{"line_id":"%s",'
        b'"requested":1}],"paid_care_undertaking":true}'
    ) % (str(uuid4()).encode(), str(uuid4()).encode())
    with pytest.raises(DocumentMalformed):
        evidence.decode(document, SubmitApplication)
