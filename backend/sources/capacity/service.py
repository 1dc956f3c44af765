"""Ask the Resource Management System (SUR) or the Medical Equipment Management System (SUMT).

    POST {sur_url|sumt_url}/capacities
         {"questions": [{"number": "061211600012", "service_type": "cdc", "region": "75",
                         "unit": "service"}, …]}                       (at most 1,000)
    -> 200 {"answers": [{…the question…, "capacity": 1200, "as_of": "2026-04-01T05:00:00Z"}, …]}

One answer for each question, in any order. `capacity` null: the system keeps no such record. `as_of`
says how old the record is. Never inside a transaction.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import httpx
import msgspec

from backend.kernel.config import Config
from backend.kernel.money import AMOUNT_MAX
from backend.sources import exchange
from backend.sources.exchange import SourceUnavailable

QUESTIONS_MAX = 1_000
# A record from the future is no record: clocks may differ by so much.
CLOCKS_DIFFER_MAX = timedelta(minutes=5)


class System(StrEnum):
    """Who keeps capacities."""

    SUR = "SUR"  # resources: beds, rooms, staff
    SUMT = "SUMT"  # medical equipment


class Question(msgspec.Struct, frozen=True):
    """What can this organisation do, of this service, in this region, in this unit, in a year?"""

    number: str
    service_type: str
    region: str
    unit: str


class Answer(msgspec.Struct, frozen=True):
    """What a system says; `capacity` None: it keeps no such record."""

    number: str
    service_type: str
    region: str
    unit: str
    capacity: int | None
    as_of: datetime | None

    @property
    def question(self) -> Question:
        """What this answers."""
        return Question(self.number, self.service_type, self.region, self.unit)


class _Questions(msgspec.Struct, frozen=True):
    questions: Sequence[Question]


class _Answers(msgspec.Struct, frozen=True):
    answers: list[Answer]


def url_of(config: Config, system: System) -> str:
    """Where a system is; empty when it is not connected."""
    return config.sur_url if system is System.SUR else config.sumt_url


async def ask(
    http: httpx.AsyncClient,
    config: Config,
    system: System,
    questions: Sequence[Question],
    *,
    now: datetime,
) -> dict[Question, Answer]:
    """The answer to every question. Raises SourceUnavailable: then none of them is answered."""
    found: dict[Question, Answer] = {}
    for part in _parts(questions):
        told = await exchange.post_json(
            http,
            system.value.lower(),
            url_of(config, system),
            "/capacities",
            _Questions(part),
            _Answers,
            timeout_s=config.source_timeout_s,
        )
        answers = {a.question: a for a in told.answers}
        whole = len(told.answers) == len(answers) == len(part) and answers.keys() == set(part)
        if not whole or not all(_sound(a, now) for a in told.answers):
            raise SourceUnavailable(source=system.value.lower())
        found |= answers
    return found


def _parts(questions: Sequence[Question]) -> Iterator[Sequence[Question]]:
    for start in range(0, len(questions), QUESTIONS_MAX):
        yield questions[start : start + QUESTIONS_MAX]


def _sound(answer: Answer, now: datetime) -> bool:
    """A record has an amount and an age, both possible; no record has neither."""
    if answer.capacity is None or answer.as_of is None:
        return answer.capacity is None and answer.as_of is None
    if answer.as_of.tzinfo is None or answer.as_of > now + CLOCKS_DIFFER_MAX:
        return False
    return 0 <= answer.capacity <= AMOUNT_MAX
