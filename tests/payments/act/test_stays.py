"""A night in a hospital is billed once, by whatever executor; a day of moving is no night of both."""

from datetime import date, timedelta

import msgspec
import pytest

from backend.kernel.resources import Resources
from backend.payments.act.model import STAY_MAX_DAYS, ActStatus, ActWithReport, Case
from tests.payments.conftest import DAY, PEOPLE, Owner, act, cases, person, present


def stay(record: str, days: int, *, until: date = DAY, who: int = 1) -> Case:
    """A stay of so many nights that ended on that day."""
    return msgspec.structs.replace(
        cases([who])[0],
        service_record_id=record,
        episode=record,
        service_date=until,
        admitted_on=until - timedelta(days=days),
    )


def codes(found: ActWithReport) -> list[tuple[int, tuple[str, ...]]]:
    return [(line.line_no, line.codes) for line in found.report.lines]


@pytest.mark.parametrize(
    ("second", "wrong"),
    [
        (stay("b", 1), ("STAY_OVERLAPS",)),  # its last night
        (stay("b", 3, until=DAY + timedelta(days=3)), ()),  # admitted where he was discharged
        (stay("b", 2, until=DAY - timedelta(days=5)), ()),
        (stay("b", 2, until=DAY - timedelta(days=4)), ("STAY_OVERLAPS",)),
        (stay("b", 0), ()),  # no night at all
        (stay("b", 5, who=2), ()),  # somebody else
        (stay("b", -1), ("STAY_INVALID",)),
        (stay("b", STAY_MAX_DAYS + 1, who=2), ("STAY_INVALID",)),
    ],
)
async def test_a_night_is_billed_once(
    world: Resources, second: Case, wrong: tuple[str, ...]
) -> None:
    first = await present(world, act("1", [stay("a", 5)]))
    assert first.status is ActStatus.CHECK_PASSED
    for number, lines in (("2", [second]), ("3", [stay("c", 5, who=3), second])):
        found = await present(world, act(number, lines))
        assert codes(found) == ([(len(lines), wrong)] if wrong else [])
        if not wrong:
            break


async def test_within_an_act_the_first_line_keeps_the_night_and_a_failed_act_frees_all(
    world: Resources,
) -> None:
    both = await present(world, act("1", [stay("a", 5), stay("b", 1)]))
    assert codes(both) == [(2, ("STAY_OVERLAPS",))]
    assert (await present(world, act("2", [stay("b", 1)]))).status is ActStatus.CHECK_PASSED


async def test_a_visit_on_any_day_of_the_stay_is_its_evidence(
    world: Resources, owner: Owner
) -> None:
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "UPDATE visits.visit SET visit_date = visit_date - 2, at = at - interval '2 days'"
        " WHERE person_id = $1",
        person(1),
    )
    found = await present(world, act("1", [stay("a", 5), stay("b", 5, who=PEOPLE)]))
    assert (found.cases, found.no_qr) == (2, 1)
    later = await present(world, act("2", [stay("c", 1)]))
    assert codes(later) == [(1, ("STAY_OVERLAPS",))]
