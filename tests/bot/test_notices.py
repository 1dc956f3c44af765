"""Notices in the chat: chosen, told once, in the reader's language, whatever breaks on the way."""

import asyncio
from typing import Any

import pytest

from bot.words import Words
from infra import servers
from tests.bot.conftest import Person, World, listening, opened_world

BILLED = {"topic": "SERVICE_BILLED", "facts": {"count": 2}}
TOPICS = {
    "POLICY_ISSUED": {"valid_from": "2026-04-01", "valid_to": "2026-12-31"},
    "SERVICE_BILLED": {"count": 2},
    "COMPLAINT_ANSWERED": {"number": "7K3M9QX2B4H01", "outcome": "SATISFIED"},
    "STATUS_LAPSING": {"until": "2026-04-30"},
}


def due(world: World, person: Person, language: str = "kk", **notice: Any) -> None:
    """Something to tell this person."""
    notice = notice or BILLED
    world.api.due.append({"chat": str(person.chat_id), "language": language, **notice})


async def reported(world: World, number: int) -> list[str]:
    async with asyncio.timeout(20):
        while len(world.api.reports) < number:
            await asyncio.sleep(0.02)
    return list(world.api.reports.values())


async def told(person: Person, begins: str) -> list[str]:
    return [e.text for e in await person.journal() if e.who == "bot" and begins in e.text]


async def test_every_topic_in_every_language_and_what_it_leads_to(world: World) -> None:
    for language in ("kk", "ru", "en"):
        person, words = world.person(language), Words(language)
        await person.says("/start", "hello")
        for topic, facts in TOPICS.items():
            due(world, person, language, topic=topic, facts=facts)
        await reported(world, 4)
        days = {"from": words.day(_day("2026-04-01")), "to": words.day(_day("2026-12-31"))}
        expected = {
            words("notice-POLICY_ISSUED", **days),
            words("notice-SERVICE_BILLED", count=2),
            words(
                "notice-COMPLAINT_ANSWERED",
                number="7K3M9QX2B4H01",
                status=words("complaint-status-SATISFIED"),
            ),
            words("notice-STATUS_LAPSING", until=words.day(_day("2026-04-30"))),
        }
        entries = [e for e in await person.journal() if e.who == "bot" and e.text in expected]
        assert {e.text for e in entries} == expected
        assert len(entries) == 4
        world.api.reports.clear()
        await person.taps("button-billed", "link-why")  # details only to whoever is linked


async def test_what_is_lost_on_the_way_is_asked_for_again_and_told_once(world: World) -> None:
    person = world.person("ru")
    await person.says("/start", "hello")
    world.api.lose_notices = 3
    due(world, person, "ru")
    assert await reported(world, 1) == ["SENT"]
    assert len(await told(person, "новые услуги")) == 1


async def test_the_service_killed_between_claim_and_report(world: World) -> None:
    person = world.person("kk")
    await person.says("/start", "hello")
    after = len(await person.journal())
    tell, api, chat = world.telegram.tell, world.api, world.telegram.chats[person.chat_id]

    async def down_then_tell() -> None:
        if any("2 жаңа қызмет" in entry.text for entry in chat.journal[after:]):
            api.down = True  # said, not yet reported
        await tell()

    world.telegram.tell = down_then_tell  # type: ignore[method-assign]
    try:
        due(world, person)
        await person.hears("2 жаңа қызмет", after)
    finally:
        world.telegram.tell = tell  # type: ignore[method-assign]
    assert api.reports == {}
    api.down = False
    assert await reported(world, 1) == ["SENT"]
    assert len(await told(person, "2 жаңа қызмет")) == 1


@pytest.mark.parametrize(
    ("code", "outcome", "shown"), [(403, "BLOCKED", 0), (500, "UNSURE", 0), (429, "SENT", 1)]
)
async def test_what_telegram_answers(world: World, code: int, outcome: str, shown: int) -> None:
    person = world.person("en")
    await person.says("/start", "hello")
    await world.control("faults", {"method": "sendMessage", "code": code, "times": 1})
    due(world, person, "en")
    assert await reported(world, 1) == [outcome]
    assert len(await told(person, "new services")) == shown


async def test_choosing_and_quiet_hours_and_leaving(world: World) -> None:
    person = world.person("ru")
    await person.links()
    chat = str(person.chat_id)
    await person.says("/notices", "notices-choose")
    await person.taps(f"⬜️ {person.words.button('topic-SERVICE_BILLED')}", "21:00–09:00")
    kept = world.api.choice[chat]
    assert (kept["topics"], kept["language"]) == (["SERVICE_BILLED"], "ru")
    await person.taps("button-quiet", "23:00–07:00")
    await person.taps("button-quiet", person.words("notices-no-quiet"))
    await person.taps(f"⬜️ {person.words.button('topic-STATUS_LAPSING')}", "✅"[:0])
    assert world.api.choice[chat]["topics"] == ["SERVICE_BILLED", "STATUS_LAPSING"]
    await person.says("/language", "choose-language")
    person.words = Words("en")
    await person.taps("English", "language-chosen")
    assert world.api.choice[chat]["language"] == "en"
    await person.says("/unlink", "unlinked")
    async with asyncio.timeout(20):
        while chat not in world.api.left:
            await asyncio.sleep(0.02)
    assert chat not in world.api.choice


async def test_leaving_while_the_service_is_down_is_heard_later(world: World) -> None:
    person = world.person("kk")
    await person.links()
    world.api.down = True
    await person.says("/unlink", "unlinked")
    world.api.down = False
    async with asyncio.timeout(20):
        while str(person.chat_id) not in world.api.left:
            await asyncio.sleep(0.02)
    assert str(person.chat_id) not in world.api.choice


async def test_guests_are_vouched_for_by_chat(endpoints: servers.Endpoints) -> None:
    async with opened_world(endpoints) as world, listening(world):
        people = [world.person("en") for _ in range(2)]
        for person in people:
            await person.says("/track", "track-ask")
            await person.says("7K3M9QX2B4H01", "track-none")
        assert {str(p.chat_id) for p in people} <= set(world.api.chats)


def _day(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text)
