"""What goes wrong, and what the person then sees: never silence, never twice, never somebody else's."""

import asyncio
import logging
import socket

import pytest

from bot import app as bot_app
from infra import servers
from tests.bot.citizens_api import CODE, EXECUTOR_ID, IIN, PHONE
from tests.bot.conftest import World, listening, opened_world


async def test_a_replayed_update_has_one_effect(world: World) -> None:
    person = world.person("ru")
    await person.links()
    await person.says("/billed", "billed-title")
    await person.taps(person.words.button("button-dispute", number=1), "Что не так?")
    await person.says("Меня там не было, это ошибка.", "7K3M9QX2B4H01")
    for _ in range(3):
        await world.control("replays", {"update_id": person.update_id})
    await person.says("/help", "1406")

    assert len(world.api.complaints) == 1
    registered = [e for e in await person.journal() if "7K3M9QX2B4H01" in e.text]
    assert len(registered) == 1


async def test_updates_of_a_dead_process_are_taken_over(endpoints: servers.Endpoints) -> None:
    async with opened_world(endpoints) as world:
        person = world.person("en")
        await person.do(text="/help")
        key = f"{world.settings.key_prefix}:seen:{person.update_id}"
        await world.valkey.set(key, "a-process-that-is-gone")
        async with listening(world):
            await person.hears("1406", 0)
        assert [e.who for e in await person.journal()].count("bot") == 1


async def test_the_service_down_while_reading(world: World) -> None:
    person = world.person("kk")
    await person.links()
    world.api.down = True
    answer = await person.says("/status", "down")
    assert answer.buttons is not None

    world.api.down = False
    again = await person.taps("button-again", "status-insured")
    assert again.kind == "edit"  # in the place of the apology


async def test_no_complaint_is_lost_or_doubled_while_the_service_is_down(world: World) -> None:
    person = world.person("kk")
    await person.links()
    await person.says("/complaint", "complaint-kind")
    await person.taps("complaint-kind-ISSUER", "қашан, қайда")
    world.api.down = True
    await person.says("Анықтаманы үш рет сұрадым, берген жоқ.", "draft-kept")
    await person.taps("button-send-again", "draft-kept")
    world.api.down = False
    await person.taps("button-send-again", "7K3M9QX2B4H01")
    assert len(world.api.complaints) == 1
    assert next(iter(world.api.complaints.values()))["text"].startswith("Анықтаманы")


async def test_a_lost_answer_registers_one_complaint(world: World) -> None:
    """The service took it, its answer was lost: sent again, it is the same complaint."""
    person = world.person("ru")
    await person.links()
    await person.says("/complaint", "complaint-kind")
    await person.taps("complaint-kind-ISSUER", "Простых слов достаточно")
    world.api.lose_answers = 1
    await person.says("Справку не выдали в срок.", "draft-kept")
    await person.taps("button-send-again", "7K3M9QX2B4H01")
    assert len(world.api.complaints) == 1


async def test_nothing_listens_where_the_service_should_be(endpoints: servers.Endpoints) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    nowhere = f"http://127.0.0.1:{port}"
    async with opened_world(endpoints, api_url=nowhere) as world, listening(world):
        person = world.person("en")
        await person.says("/track", "track-ask")
        await person.says("7K3M9QX2B4H01", "down")


async def test_an_expired_session_asks_to_link_again_and_goes_on(world: World) -> None:
    person = world.person("kk")
    await person.links()
    world.api.pass_time(whole_session=True)
    await person.says("/visits", "session-over")
    await person.taps("button-link", "link-iin")
    await person.types_in()
    await person.hears(person.words("visits-title"), 0)


async def test_a_token_that_is_over_is_renewed_unseen(world: World) -> None:
    person = world.person("ru")
    await person.links()
    for _ in range(3):
        world.api.pass_time(whole_session=False)
        await person.says("/visits", "visits-title")
    world.api.pass_time(whole_session=False)
    await person.says("/unlink", "unlinked")
    assert world.api.tokens == set(), "signed out with a token that lives"


async def test_a_text_survives_an_expired_session(world: World) -> None:
    person = world.person("en")
    await person.links()
    await person.says("/billed", "billed-title")
    await person.taps(person.words.button("button-dispute", number=1), "What is wrong?")
    world.api.pass_time(whole_session=True)
    await person.says("I was abroad the whole month.", "session-over")
    await person.taps("button-link", "link-iin")
    await person.types_in()
    await person.hears(person.words("link-draft"), 0)
    await person.taps("button-send-again", "7K3M9QX2B4H01")
    assert [c["text"] for c in world.api.complaints.values()] == ["I was abroad the whole month."]


async def test_slips_while_linking(world: World) -> None:
    person = world.person("ru")
    await person.says("/start", "hello")
    await person.taps("button-link", "link-iin")
    await person.says("900101300018", "link-iin-wrong")  # the check digit disagrees
    await person.says("9001 0130 0017", "link-phone")
    stranger = {"phone_number": PHONE, "user_id": 5}
    await person.act(person.expected("link-phone-foreign"), contact=stranger)
    await person.says("12345", "link-phone-wrong")
    await person.says("8 701 000 00 01", "link-code")
    assert world.api.asked == [{"iin": IIN, "phone": PHONE}]
    await person.says("42", "link-code-shape")
    await person.says("111111", "link-code-wrong")
    await person.taps("button-resend-code", "link-code")
    assert len(world.api.asked) == 2
    world.api.frozen = True
    frozen = await person.says(CODE, "15 минут")
    assert frozen.buttons is not None
    world.api.frozen = False
    await person.says(CODE, "link-done")


async def test_numbers_do_not_stay_in_the_chat_nor_in_valkey_nor_in_logs(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = world.person("kk")
    await person.links()
    await person.says("/help", "1406")

    typed = [e for e in await person.journal() if e.who == "person" and e.deleted]
    assert len(typed) == 3
    kept = b""
    async for key in world.valkey.scan_iter(f"{world.settings.key_prefix}:*{person.chat_id}*"):
        assert await world.valkey.ttl(key) > 0
        kept += key + (await world.valkey.get(key))
    assert b"token-" in kept  # the session, and only for an hour
    for secret in (IIN, PHONE, PHONE[2:], CODE):
        assert secret.encode() not in kept
        assert secret not in caplog.text
    assert "token-" not in caplog.text


async def test_an_iin_sent_out_of_the_blue_is_taken_away(world: World) -> None:
    person = world.person("ru")
    await person.says(f"мой иин {IIN}", "iin-in-chat")
    entries = await person.journal()
    assert entries[0].deleted
    assert entries[0].text == ""


async def test_a_flood_is_answered_once(endpoints: servers.Endpoints) -> None:
    async with opened_world(endpoints, pace_updates=5, pace_window_s=60) as world:
        async with listening(world):
            person, other = world.person("en"), world.person("en")
            for _ in range(30):
                await person.do(text="/help")
            await person.hears(person.words("slow-down"), 0)
            await other.says("/help", "1406")
        said = [e.text for e in await person.journal() if e.who == "bot"]
        assert len(said) == 6
        assert said[-1] == person.words("slow-down")


async def test_in_a_group_nothing_is_shown(world: World) -> None:
    person = world.person("en")
    await person.act("@saqtau_bot", text="/status", group=True)
    [said] = [e.text for e in await person.journal() if e.who == "bot"]
    assert "@saqtau_bot" in said
    assert world.api.asked == []


@pytest.mark.parametrize(
    ("code", "expected"), [("ru-RU", "ru"), ("en", "en"), ("kk", "kk"), ("de", "kk"), (None, "kk")]
)
async def test_the_language_is_telegrams_until_one_is_chosen(
    world: World, code: str | None, expected: str
) -> None:
    person = world.person(expected)
    person.code = code
    await person.says("/start", "hello")
    await person.says("/language", "choose-language")
    person.words = type(person.words)("en")
    await person.taps("English", "language-chosen")
    await person.says("/help", "Social Health Insurance Fund")


async def test_telegram_asks_for_patience_and_gets_the_message(world: World) -> None:
    person = world.person("en")
    await world.control("faults", {"method": "sendMessage", "code": 429, "times": 1})
    await person.says("/help", "1406")
    answers = [e for e in await person.journal() if e.who == "bot"]
    assert len(answers) == 1


async def test_a_picture_where_words_are_awaited(world: World) -> None:
    person = world.person("kk")
    await person.links()
    await person.says("/complaint", "complaint-kind")
    await person.taps("complaint-kind-ISSUER", "қашан, қайда")
    place = {"latitude": 43.3, "longitude": 68.2}
    await person.act(person.expected("text-only"), location=place)
    await person.says("қысқа", "text-too-short")
    await person.says("ұзын " * 500, person.words("text-too-long", max=2000))
    await person.taps("button-cancel", "cancelled")
    assert world.api.complaints == {}


async def test_a_complaint_about_the_persons_own_clinic(world: World) -> None:
    person = world.person("ru")
    await person.links()
    await person.says("/complaint", "complaint-kind")
    asked = await person.taps("complaint-kind-NO_CONSENT", "Простых слов достаточно")
    assert "Поликлиника № 2" in asked.text
    await person.says("Анализы взяли, не спросив меня.", "7K3M9QX2B4H01")
    about = next(iter(world.api.complaints.values()))["about"]
    assert (about["kind"], about["ground"]) == ("SERVICE", "NO_CONSENT")
    assert about["executor_id"] == EXECUTOR_ID


async def test_older_pages_and_a_dispute_on_the_second(world: World) -> None:
    person = world.person("en")
    await person.links()
    world.api.many = True
    first = await person.says("/billed", "billed-title")
    assert "Cardiologist" not in first.text
    await person.taps("button-older", "Cardiologist")
    await person.taps(person.words.button("button-dispute", number=1), "✋ <b>Cardiologist")
    await person.says("I never saw a cardiologist.", "7K3M9QX2B4H01")
    assert next(iter(world.api.complaints.values()))["about"].endswith("2")


async def test_two_people_at_once_see_their_own(world: World) -> None:
    people = [world.person(("kk", "ru", "en")[n % 3]) for n in range(6)]
    await asyncio.gather(*(p.links() for p in people))
    assert len(world.api.tokens) == 6
    tokens = set()
    for p in people:
        data = await world.valkey.get(
            f"{world.settings.key_prefix}:fsm:{7_000_000_001}:{p.chat_id}:{p.chat_id}:data"
        )
        tokens.add(data)
    assert len(tokens) == 6


async def test_updates_by_webhook(endpoints: servers.Endpoints) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    changed = {
        "webhook_url": f"http://127.0.0.1:{port}/telegram",
        "webhook_secret": "s" * 40,
        "webhook_port": port,
    }
    async with opened_world(endpoints, **changed) as world:
        task = asyncio.create_task(bot_app.run(world.settings))
        async with world.telegram.changed:
            await world.telegram.changed.wait_for(lambda: world.telegram.webhook["url"])
        person = world.person("ru")
        await person.says("/help", "1406")
        forged = await world.http.post(changed["webhook_url"], json={"update_id": 999}, headers={})
        assert forged.status_code == 401
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
