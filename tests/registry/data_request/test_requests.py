"""Whom the registrar asked for data and what came of it: written, free of charge, never changed (M §25)."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock, legal_date
from backend.kernel.ids import BinInvalid
from backend.kernel.resources import Resources
from backend.registry.account.model import BasisDocument
from backend.registry.data_request import service
from backend.registry.data_request.errors import (
    DataRequestAnswered,
    DataRequestDates,
    DataRequestPersonal,
    DataRequestUnknown,
)
from backend.registry.data_request.model import (
    AskForData,
    EnterAnswer,
    Outcome,
    Purpose,
    StoredRequest,
)
from tests.registry.conftest import CLINIC_BIN, OTHER_BIN, actor, iin_of, signed

REGISTRAR = actor(OTHER_BIN, Role.REGISTRAR)
ASKED = "Қосымшада аталған ғимараттардың мекенжайларын нақтылауды сұраймыз"
PAPER = BasisDocument("12-34/567", date(2026, 4, 6), "Астана қаласының әкімдігі")


async def ask(resources: Resources, asked: str = ASKED, body: str = CLINIC_BIN) -> StoredRequest:
    command = AskForData(body, "Астана қаласының әкімдігі", Purpose.CLARIFY, asked)
    return await service.ask(resources, REGISTRAR, signed(command, resources, OTHER_BIN))


async def answer(
    resources: Resources, request_id: UUID, outcome: Outcome, on: date | None = None
) -> StoredRequest:
    day = on or legal_date(resources.clock.now())
    command = EnterAnswer(request_id, outcome, day, PAPER)
    return await service.answer(resources, REGISTRAR, signed(command, resources, OTHER_BIN))


async def test_asked_answered_in_part_and_then_whole(
    resources: Resources, client: Any, clock: FixedClock, owner: "asyncpg.Connection[Any]"
) -> None:
    first, second = await ask(resources), await ask(resources, ASKED + " (2)")
    assert (first.number, second.number) == ("2026-DEREK-00001", "2026-DEREK-00002")
    assert (first.asked_by, first.asked_at) == (REGISTRAR.label, clock.now())
    clock.advance(timedelta(days=7))
    await answer(resources, first.request_id, Outcome.PARTLY)
    async with client(Role.MOH, bin=OTHER_BIN) as http:
        path = "/api/v1/data-requests"
        waiting = (await http.get(path, params={"waiting": True})).json()["items"]
        assert [w["number"] for w in waiting] == [second.number, first.number]
        clock.advance(timedelta(minutes=1))
        done = await answer(resources, first.request_id, Outcome.GIVEN)
        assert [a.outcome for a in done.answers] == ["PARTLY", "GIVEN"]
        assert done.answers[0].paper == PAPER
        waiting = (await http.get(path, params={"waiting": True})).json()["items"]
        assert [w["number"] for w in waiting] == [second.number]
        every = (await http.get(path)).json()["items"]
        assert [len(r["answers"]) for r in every] == [0, 2]
    with pytest.raises(DataRequestAnswered):
        await answer(resources, first.request_id, Outcome.REFUSED)
    for table in ("data_request", "data_request_answer"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(f"DELETE FROM registry.{table}")


async def test_unsound_requests_and_answers_are_refused(
    resources: Resources, clock: FixedClock
) -> None:
    iin = iin_of(5)
    for text in (f"{ASKED} {iin}", f"{ASKED}: {iin[:6]} {iin[6:]}"):
        with pytest.raises(DataRequestPersonal):
            await ask(resources, text)
    with pytest.raises(BinInvalid):
        await ask(resources, body="000000000000")
    with pytest.raises(DataRequestUnknown):
        await answer(resources, UUID(int=7), Outcome.GIVEN)
    asked = await ask(resources)
    today = legal_date(clock.now())
    for day in (today - timedelta(days=1), today + timedelta(days=1)):
        with pytest.raises(DataRequestDates):
            await answer(resources, asked.request_id, Outcome.GIVEN, day)
    priced = {
        **msgspec.to_builtins(AskForData(CLINIC_BIN, "x" * 5, Purpose.UPDATE, ASKED)),
        "fee": 1,
    }
    with pytest.raises(msgspec.ValidationError):  # free of charge: there is nowhere to say a price
        msgspec.convert(priced, AskForData)


async def test_two_officers_at_once_settle_it_once(resources: Resources) -> None:
    asked = await ask(resources)
    both = await asyncio.gather(
        *(answer(resources, asked.request_id, o) for o in (Outcome.GIVEN, Outcome.REFUSED)),
        return_exceptions=True,
    )
    assert sum(isinstance(o, DataRequestAnswered) for o in both) == 1


async def test_the_registrar_asks_and_the_ministry_reads(client: Any) -> None:
    body = {"document": "e30=", "signature": "e30="}
    for role in (Role.MOH, Role.ISSUER_HEAD, Role.EXECUTOR_HEAD):
        async with client(role, bin=OTHER_BIN) as http:
            for path in ("/api/v1/data-requests", "/api/v1/data-requests/answers"):
                assert (await http.post(path, json=body)).status_code == 403
            listed = await http.get("/api/v1/data-requests")
            assert listed.status_code == (200 if role is Role.MOH else 403)
