"""The clock on the real database: told once of what is near and what is missed, shown to whom it concerns."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from backend.kernel import deadlines
from backend.kernel.actor import Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock, legal_date
from backend.kernel.resources import Resources
from backend.kernel.terms import deadline
from backend.registry.legal_term import service
from tests.registry.conftest import CLINIC_BIN, ISSUER_BIN, Register


async def start(
    resources: Resources, calendar: LegalCalendar, code: str, owner: str = "issuer"
) -> UUID:
    subject, now = uuid4(), resources.clock.now()
    due_at = deadline(calendar, code, legal_date(now))
    async with resources.db.registry.transaction() as tx:
        await deadlines.start(tx, code, subject, owner, started_at=now, due_at=due_at)
    return subject


async def told(owner: "asyncpg.Connection[asyncpg.Record]") -> list[tuple[str, UUID]]:
    rows = await owner.fetch(
        "SELECT kind, subject FROM kernel.event WHERE kind LIKE 'Term%' ORDER BY event_id"
    )
    return [(row["kind"], row["subject"]) for row in rows]


async def test_a_term_is_told_of_once_when_near_and_once_when_missed(
    resources: Resources,
    clock: FixedClock,
    calendar: LegalCalendar,
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    review = await start(resources, calendar, "d3")  # Monday; due Tuesday
    window = await start(resources, calendar, "d2")  # due on Monday next
    kept = await start(resources, calendar, "d3")
    assert await service.watch(resources) == (0, 0)  # not at its birth
    clock.advance(timedelta(days=1))
    async with resources.db.registry.transaction() as tx:
        await deadlines.fulfil(tx, "d3", [kept], at=clock.now())
    assert await service.watch(resources) == (1, 0)
    assert await service.watch(resources) == (0, 0)
    clock.advance(timedelta(days=1))
    assert await service.watch(resources) == (0, 1)
    clock.advance(timedelta(days=2))  # Friday: the window ends on the next working day
    assert await service.watch(resources) == (1, 0)
    assert await told(owner) == [
        ("TermDueSoon", review),
        ("TermBreached", review),
        ("TermDueSoon", window),
    ]


async def test_many_watchers_at_once_tell_once(
    resources: Resources, clock: FixedClock, calendar: LegalCalendar
) -> None:
    for _ in range(5):
        await start(resources, calendar, "d3")
    clock.advance(timedelta(days=3))
    outcomes = await asyncio.gather(*(service.watch(resources) for _ in range(4)))
    assert sum(missed for _, missed in outcomes) == 5


async def test_an_executor_sees_its_own_terms_and_the_issuer_all(
    client: Any,
    resources: Resources,
    clock: FixedClock,
    calendar: LegalCalendar,
    register: Register,
) -> None:
    executor = await register(CLINIC_BIN)
    own = await start(resources, calendar, "d7", f"organisation:{executor.organisation_id}")
    foreign = await start(resources, calendar, "d7", f"organisation:{uuid4()}")
    common = await start(resources, calendar, "d2", service.EXECUTORS)
    async with client(Role.EXECUTOR_HEAD, bin=CLINIC_BIN) as http:
        shown = (await http.get("/api/v1/terms", headers={"Accept-Language": "en"})).json()
    assert [item["subject"] for item in shown["items"]] == [str(common), str(own)]
    assert shown["items"][1] | {"started_at": "", "due_at": "", "subject": ""} == {
        "code": "d7",
        "subject": "",
        "owner": f"organisation:{executor.organisation_id}",
        "state": "RUNNING",
        "to_do": "remove the cause of the suspension, resume payment",
        "source": "M §16, §17(3)",
        "started_at": "",
        "due_at": "",
        "due_on": "2026-08-06",
        "done_at": None,
    }
    clock.advance(timedelta(days=8))
    async with client(Role.ISSUER_REVIEWER, bin=resources.config.issuer_bin) as http:
        late = (await http.get("/api/v1/terms", params={"status": "BREACHED"})).json()
        assert [item["subject"] for item in late["items"]] == [str(common)]
        both = (await http.get("/api/v1/terms", params={"code": "d7"})).json()
        assert {item["subject"] for item in both["items"]} == {str(own), str(foreign)}
    async with client(Role.INSURED, person_id=uuid4()) as http:
        assert (await http.get("/api/v1/terms")).status_code == 403


async def test_what_if_is_public_and_in_words(client: Any) -> None:
    async with client() as http:
        answer = await http.get(
            "/api/v1/public/terms/what-if",
            params={"event": "announced", "on": "2026-04-10"},
            headers={"Accept-Language": "ru"},
        )
        assert answer.status_code == 200, answer.text
        steps = [(s["code"], s["on"], s["to_do"], s["source"]) for s in answer.json()["steps"]]
        assert steps == [
            ("d2", "2026-04-17", "идёт приём заявок", "M §8"),
            ("d3", "2026-04-20", "рассмотреть заявку", "M §9"),
            ("d4", "2026-04-21", "принять решение о распределении", "M §11"),
            ("d5", "2026-04-22", "сформировать и подписать договоры", "M §12"),
        ]
        today = await http.get("/api/v1/public/terms/what-if", params={"event": "announced"})
        assert today.json()["on"] == "2026-04-06"
        for wrong in ({"event": "lunch"}, {"event": "announced", "on": "2150-01-01"}, {}):
            refused = await http.get("/api/v1/public/terms/what-if", params=wrong)
            assert refused.status_code in {400, 422}, refused.text


@pytest.mark.parametrize("cursor", ["nonsense", "YSBiIGM", "eA"])
async def test_a_strange_cursor_is_refused(client: Any, resources: Resources, cursor: str) -> None:
    async with client(Role.REGISTRAR, bin=ISSUER_BIN) as http:
        refused = await http.get("/api/v1/terms", params={"cursor": cursor})
    assert refused.json()["code"] == "BAD_CURSOR"


async def test_pages_follow_each_other_without_a_gap(
    client: Any, resources: Resources, calendar: LegalCalendar
) -> None:
    now = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)
    subjects = [uuid4() for _ in range(130)]
    async with resources.db.registry.transaction() as tx:
        await deadlines.start_many(
            tx, "d3", subjects, "issuer", started_at=now,
            due_at=deadline(calendar, "d3", date(2026, 4, 6)),
        )  # fmt: skip
    async with client(Role.REGISTRAR, bin=ISSUER_BIN) as http:
        first = (await http.get("/api/v1/terms")).json()
        second = (await http.get("/api/v1/terms", params={"cursor": first["next"]})).json()
    seen = [item["subject"] for item in [*first["items"], *second["items"]]]
    assert seen == sorted(str(s) for s in subjects)
    assert second["next"] is None
