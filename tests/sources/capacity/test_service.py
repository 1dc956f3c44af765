"""Capacities: one sound answer for each question, or none at all."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import respx

from backend.kernel.config import Config
from backend.sources.capacity import service
from backend.sources.capacity.service import Question, System
from backend.sources.exchange import SourceUnavailable

NOW = datetime(2026, 5, 14, 5, tzinfo=UTC)
CONFIG = Config(sur_url="http://sur.test", sumt_url="")
QUESTION = Question("061211600012", "cdc", "75", "service")
SOUND = {
    "number": "061211600012", "service_type": "cdc", "region": "75", "unit": "service",
    "capacity": 1200, "as_of": "2026-04-01T05:00:00Z",
}  # fmt: skip


async def ask(answers: Any, questions: list[Question] | None = None) -> Any:
    with respx.mock() as router:
        route = router.post("http://sur.test/capacities")
        route.mock(return_value=httpx.Response(200, json={"answers": answers}))
        async with httpx.AsyncClient() as http:
            return await service.ask(http, CONFIG, System.SUR, questions or [QUESTION], now=NOW)


async def test_a_record_comes_with_its_age() -> None:
    found = (await ask([SOUND]))[QUESTION]
    assert (found.capacity, found.as_of) == (1200, datetime(2026, 4, 1, 5, tzinfo=UTC))


async def test_no_record_is_an_answer() -> None:
    assert (await ask([{**SOUND, "capacity": None, "as_of": None}]))[QUESTION].capacity is None


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [SOUND, SOUND],
        [SOUND, {**SOUND, "capacity": 1}],
        [{**SOUND, "region": "71"}],
        [{**SOUND, "as_of": None}],
        [{**SOUND, "capacity": None}],
        [{**SOUND, "capacity": -1}],
        [{**SOUND, "capacity": 10**18 + 1}],
        [{**SOUND, "capacity": 1.5}],
        [{**SOUND, "as_of": "2026-04-01T05:00:00"}],  # in which zone?
        [{**SOUND, "as_of": (NOW + timedelta(minutes=6)).isoformat()}],
    ],
)
async def test_an_answer_that_does_not_fit_is_none(answers: Any) -> None:
    with pytest.raises(SourceUnavailable) as refused:
        await ask(answers)
    assert refused.value.facts == {"source": "sur"}


async def test_a_system_that_is_not_connected_is_silent() -> None:
    async with httpx.AsyncClient() as http:
        with pytest.raises(SourceUnavailable):
            await service.ask(http, CONFIG, System.SUMT, [QUESTION], now=NOW)


async def test_many_questions_go_in_portions() -> None:
    questions = [Question(f"{n:012}", "cdc", "75", "service") for n in range(2_500)]
    sizes = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)["questions"]
        sizes.append(len(asked))
        told = [{**q, "capacity": 1, "as_of": "2026-04-01T05:00:00Z"} for q in reversed(asked)]
        return httpx.Response(200, json={"answers": told})

    with respx.mock() as router:
        router.post("http://sur.test/capacities").mock(side_effect=answer)
        async with httpx.AsyncClient() as http:
            found = await service.ask(http, CONFIG, System.SUR, questions, now=NOW)
    assert (len(found), sizes) == (2_500, [1_000, 1_000, 500])
