"""The stand-in of Telegram refuses what Telegram refuses: a bot that passes here passes there."""

import asyncio
from typing import Any

import httpx
import pytest

from infra import servers
from tests.bot.conftest import World, opened_world

TOKEN = "bot42:abcdefghij"


@pytest.fixture
async def quiet(endpoints: servers.Endpoints) -> Any:
    """A world without a bot: the test speaks the Bot API itself."""
    async with opened_world(endpoints) as world:
        yield world


async def call(world: World, method: str, token: str = TOKEN, **arguments: Any) -> httpx.Response:
    return await world.http.post(f"/telegram/{token}/{method}", json=arguments)


async def greeted(world: World, text: str = "hi", **more: Any) -> dict[str, Any]:
    """A chat somebody has opened, and the bot's first message in it."""
    await world.person("en").do(text="/start")
    chat_id = max(world.telegram.chats)
    answer = await call(world, "sendMessage", chat_id=chat_id, text=text, **more)
    assert answer.status_code == 200, answer.text
    message: dict[str, Any] = answer.json()["result"]
    return message


async def test_who_the_bot_is(quiet: World) -> None:
    answer = await call(quiet, "getMe")
    assert answer.json()["result"]["id"] == 42
    assert (await call(quiet, "getMe", token="bot-nonsense")).status_code == 401
    assert (await call(quiet, "launchRocket")).status_code == 404


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"text": ""}, "text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "text is empty"),
        ({"text": "x" * 4097}, "too long"),
        ({"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "<h1>x</h1>", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "a < b", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "y"}]]}}, "no action"),
        (
            {
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "y", "callback_data": "z" * 65}]]},
            },
            "BUTTON_DATA_INVALID",
        ),
    ],
)
async def test_messages_telegram_would_not_send(
    quiet: World, arguments: dict[str, Any], why: str
) -> None:
    message = await greeted(quiet)
    answer = await call(quiet, "sendMessage", chat_id=message["chat"]["id"], **arguments)
    assert answer.status_code == 400
    assert answer.json()["ok"] is False
    assert why in answer.json()["description"]


async def test_a_bot_cannot_begin_a_conversation(quiet: World) -> None:
    answer = await call(quiet, "sendMessage", chat_id=5, text="hi")
    assert "chat not found" in answer.json()["description"]


async def test_forms_json_and_files_are_understood(quiet: World) -> None:
    message = await greeted(quiet)
    chat_id = message["chat"]["id"]
    markup = '{"inline_keyboard": [[{"text": "ok", "callback_data": "go:x:"}]]}'
    form = {"chat_id": str(chat_id), "text": "form", "reply_markup": markup}
    sent = await quiet.http.post(f"/telegram/{TOKEN}/sendMessage", data=form)
    assert sent.json()["result"]["reply_markup"]["inline_keyboard"][0][0]["text"] == "ok"
    file = await quiet.http.post(
        f"/telegram/{TOKEN}/sendDocument",
        data={"chat_id": str(chat_id), "document": "attach://one", "caption": "extract"},
        files={"one": ("extract.pdf", b"%PDF-1.7", "application/pdf")},
    )
    assert file.json()["result"]["document"]["file_name"] == "extract.pdf"
    assert file.json()["result"]["document"]["file_size"] == 8


async def test_the_same_again_is_not_an_edit(quiet: World) -> None:
    message = await greeted(quiet)
    place = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
    assert (await call(quiet, "editMessageText", text="ho", **place)).status_code == 200
    again = await call(quiet, "editMessageText", text="ho", **place)
    assert "not modified" in again.json()["description"]


async def test_only_a_shown_button_can_be_pressed(quiet: World) -> None:
    markup = {"inline_keyboard": [[{"text": "ok", "callback_data": "go:x:"}]]}
    message = await greeted(quiet, reply_markup=markup)
    chat_id = message["chat"]["id"]
    missing = await quiet.http.post(
        "/telegram/control/messages", json={"chat_id": chat_id, "button": "no such"}
    )
    assert missing.status_code == 404
    await quiet.control("messages", {"chat_id": chat_id, "button": "ok"})
    updates = (await call(quiet, "getUpdates")).json()["result"]
    query = updates[-1]["callback_query"]
    assert query["data"] == "go:x:"
    first = await call(quiet, "answerCallbackQuery", callback_query_id=query["id"])
    assert first.status_code == 200
    again = await call(quiet, "answerCallbackQuery", callback_query_id=query["id"])
    assert "query is too old" in again.json()["description"]


async def test_updates_come_until_they_are_confirmed(quiet: World) -> None:
    await greeted(quiet)
    first = (await call(quiet, "getUpdates")).json()["result"]
    assert (await call(quiet, "getUpdates")).json()["result"] == first
    after = first[-1]["update_id"] + 1
    assert (await call(quiet, "getUpdates", offset=after)).json()["result"] == []


async def test_a_second_poller_ends_the_first(quiet: World) -> None:
    waiting = asyncio.create_task(call(quiet, "getUpdates", timeout=30))
    async with quiet.telegram.changed:
        await quiet.telegram.changed.wait_for(lambda: quiet.telegram.poll)
    await call(quiet, "getUpdates")
    assert (await waiting).status_code == 409


async def test_a_deleted_message_leaves_nothing(quiet: World) -> None:
    person = quiet.person("en")
    await person.do(text="900101300017")
    answer = await call(quiet, "deleteMessage", chat_id=person.chat_id, message_id=1)
    assert answer.json() == {"ok": True, "result": True}
    journal = await quiet.http.get(f"/telegram/control/chats/{person.chat_id}")
    assert "900101300017" not in journal.text
    assert "900101300017" not in str(quiet.telegram.past)
