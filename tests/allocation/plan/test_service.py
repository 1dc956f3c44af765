"""The plan from import to the end of its window, on a real database."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.allocation.plan import service
from backend.allocation.plan.errors import (
    DocumentMismatch,
    LimitsExceeded,
    PilotExpired,
    PlanInForce,
    PlanNotFound,
    PlanRowsInvalid,
    PlanStateWrong,
)
from backend.allocation.plan.model import (
    ApprovePlan,
    ImportPlan,
    ImportPlanTable,
    Limits,
    PlanStatus,
    PublishPlan,
)
from backend.kernel import deadlines
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.signing.errors import DocumentAlreadyUsed
from tests.allocation.conftest import HEAD, LINES, PILOT_END, Publish, Sign, line

WIDE = Limits(10**13, 10**13)


async def test_example_of_domain_3_20_window_closes_on_the_fifth_working_day(
    db_allocation: Db, clock: FixedClock, calendar: LegalCalendar, publish: Publish
) -> None:
    clock.set(datetime(2026, 4, 10, 6, tzinfo=UTC))  # Friday
    plan = await publish()
    assert plan.accepting_until == datetime(2026, 4, 17, 18, 59, 59, 999999, tzinfo=UTC)

    clock.set(plan.accepting_until)
    assert await service.close_windows(db_allocation, clock, calendar) == 0
    clock.advance(service.LAST_TURNS)
    assert await service.close_windows(db_allocation, clock, calendar) == 0
    clock.advance(timedelta(microseconds=1))
    assert await service.close_windows(db_allocation, clock, calendar) == 1
    assert await service.close_windows(db_allocation, clock, calendar) == 0

    announcement = await service.announcement(db_allocation, plan.announcement_id)
    assert announcement.status == "CLOSED"
    terms = {t.code: t for t in await deadlines.summary(db_allocation, at=clock.now())}
    assert (terms["d1"].kept, terms["d2"].kept, terms["d4"].running) == (1, 1, 1)


async def test_holiday_inside_the_window_gives_a_later_day(
    clock: FixedClock, publish: Publish
) -> None:
    clock.set(datetime(2026, 5, 4, 6, tzinfo=UTC))  # 7 May and Monday 11 May are days off
    plan = await publish()
    assert plan.accepting_until == datetime(2026, 5, 13, 18, 59, 59, 999999, tzinfo=UTC)


async def test_two_workers_close_a_window_once(
    db_allocation: Db, clock: FixedClock, calendar: LegalCalendar, publish: Publish
) -> None:
    plan = await publish()
    clock.set(plan.accepting_until + timedelta(minutes=2))
    closed = await asyncio.gather(
        *(service.close_windows(db_allocation, clock, calendar) for _ in range(4))
    )
    assert sum(closed) == 1


async def test_plan_above_the_limit_of_one_source_is_not_approved(
    db_allocation: Db, clock: FixedClock, calendar: LegalCalendar, sign: Sign
) -> None:
    limits = Limits(gvfmc=10**13, mhi=3_086_417_499)  # one tiyn short (domain 5.5)
    draft = await service.import_plan(
        db_allocation, clock, HEAD, sign(ImportPlan(2026, limits, LINES), HEAD)
    )
    approval = sign(ApprovePlan(draft.plan_id), HEAD)
    with pytest.raises(LimitsExceeded) as refused:
        await service.approve(db_allocation, clock, calendar, HEAD, draft.plan_id, approval)
    assert refused.value.facts == {"source": "mhi", "limit_tiyn": 3_086_417_499, "over_tiyn": 1}


async def test_steps_of_a_plan_go_one_way_and_each_document_serves_once(
    db_allocation: Db, clock: FixedClock, calendar: LegalCalendar, sign: Sign, publish: Publish
) -> None:
    db = db_allocation
    command = sign(ImportPlan(2027, WIDE, LINES), HEAD)
    draft = await service.import_plan(db, clock, HEAD, command)
    assert (draft.status, draft.version, draft.lines) == (PlanStatus.DRAFT, 1, 3)
    with pytest.raises(DocumentAlreadyUsed):
        await service.import_plan(db, clock, HEAD, command)
    early = sign(PublishPlan(draft.plan_id), HEAD)
    with pytest.raises(PlanStateWrong):
        await service.publish(
            db, clock, calendar, HEAD, draft.plan_id, early, pilot_valid_to=PILOT_END
        )
    with pytest.raises(DocumentMismatch):
        await service.approve(
            db, clock, calendar, HEAD, draft.plan_id, sign(ApprovePlan(HEAD.session_id), HEAD)
        )
    with pytest.raises(PlanNotFound):
        await service.lines(db, draft.plan_id, None, 10, public=True)
    published = await publish()
    assert len(await service.lines(db, published.plan_id, None, 10, public=True)) == 3
    with pytest.raises(PlanInForce):
        await publish([line("other")])


async def test_no_new_placement_after_the_pilot(clock: FixedClock, publish: Publish) -> None:
    clock.set(datetime(2026, 12, 31, 19, 0, tzinfo=UTC))  # 1 January in Kazakhstan
    with pytest.raises(PilotExpired):
        await publish()


HEADER = (
    "code,source,region,service_type,care_form,title_kk,title_ru,unit,planned_units,tariff_tiyn,"
    "base_kind,payment_method\n"
)


async def test_table_becomes_a_draft_with_the_same_sums(
    db_allocation: Db, clock: FixedClock
) -> None:
    rows = "a-1,mhi,75,cdc,ambulatory,КДК,КДП,service,2500,1234567,capacity,per_service\n"
    rows += 'b-1,gvfmc,KZ,emg,emergency,"Жедел, ""103""",Скорая,tiyn,900,,application,global\n'
    for text in (HEADER + rows, "\ufeff" + (HEADER + rows).replace("\n", "\r\n")):
        plan = await service.import_table(
            db_allocation, clock, HEAD, ImportPlanTable(2026, WIDE, text)
        )
        assert (plan.mhi_tiyn, plan.gvfmc_tiyn, plan.status) == (3_086_417_500, 900, "DRAFT")


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("a,mhi,75,cdc,amb,=1+1,КДП,service,1,1,capacity,p", "title_kk", "PLAN_ROW_FORMULA"),
        ("a,mhi,75,cdc,amb,КДК,@x,service,1,1,capacity,p", "title_ru", "PLAN_ROW_FORMULA"),
        ("a,osms,75,cdc,amb,КДК,КДП,service,1,1,capacity,p", "source", "PLAN_ROW_CHOICE"),
        ("a,mhi,75,cdc,amb,КДК,КДП,service,1.0,1,capacity,p", "planned_units", "PLAN_ROW_INTEGER"),
        ("a,mhi,75,cdc,amb,КДК,КДП,service,-1,1,capacity,p", "planned_units", "PLAN_ROW_INTEGER"),
        (
            "a,mhi,75,cdc,amb,КДК,КДП,service,1,,capacity,p",
            "tariff_tiyn",
            "PLAN_ROW_TARIFF_MISSING",
        ),
        ("a,mhi,75,cdc,amb,КДК,КДП,tiyn,1,5,capacity,p", "tariff_tiyn", "PLAN_ROW_TARIFF_EXTRA"),
        (
            "a,mhi,75,cdc,amb,КДК,КДП,service,1000000000000000000,2,capacity,p",
            "planned_units",
            "PLAN_ROW_TOO_LARGE",
        ),
        ("a,mhi,75,cdc,amb,К\x00Д,КДП,service,1,1,capacity,p", "title_kk", "PLAN_ROW_TEXT"),
        ("a,mhi,75,cdc,amb,КДК", "", "PLAN_ROW_CELLS"),
    ],
)
async def test_faulty_row_is_named_and_nothing_is_imported(
    db_allocation: Db, clock: FixedClock, row: str, column: str, code: str
) -> None:
    good = "good,mhi,71,cdc,amb,КДК,КДП,service,1,1,capacity,p\n"
    command = ImportPlanTable(2026, WIDE, HEADER + good + row + "\n")
    with pytest.raises(PlanRowsInvalid) as refused:
        await service.import_table(db_allocation, clock, HEAD, command)
    assert [(e.row, e.column, e.code) for e in refused.value.errors] == [(2, column, code)]
    assert await service.plans(db_allocation, None, 10) == []


async def test_rows_are_explained_in_the_callers_language(client: Any) -> None:
    from backend.kernel.actor import Role

    body = {"year": 2026, "limits": {"gvfmc": 0, "mhi": 10}, "csv": HEADER + "a,b\n"}
    async with client(Role.ISSUER_REVIEWER, bin="061211600012") as http:
        answers = {
            language: await http.post(
                "/api/v1/plans/csv", json=body, headers={"accept-language": language}
            )
            for language in ("kk", "ru", "en")
        }
    assert {a.status_code for a in answers.values()} == {422}
    assert answers["en"].json()["errors"] == [
        {
            "row": 1,
            "column": "",
            "code": "PLAN_ROW_CELLS",
            "message": "The row has more or fewer cells than the header",
        }
    ]
    assert len({a.json()["errors"][0]["message"] for a in answers.values()}) == 3


def test_every_text_is_there_in_every_language() -> None:
    texts = Path(__file__).parents[3] / "backend" / "web" / "texts"
    keys = [
        [
            row.split(" = ")[0]
            for row in (texts / lang / "allocation.ftl").read_text().splitlines()
            if " = " in row
        ]
        for lang in ("kk", "ru", "en")
    ]
    assert keys[0] == keys[1] == keys[2]
