"""Whole conversations, in each language, kept as pages in docs/bot.

SAQTAU_WRITE_TRANSCRIPTS=1 writes the pages anew; without it they must be what the bot says.
"""

import base64
import os
from datetime import date
from pathlib import Path

import pytest

from tests.bot import transcript
from tests.bot.citizens_api import SERVICES
from tests.bot.conftest import Person, World

DOCS = Path(__file__).parents[2] / "docs" / "bot"
ASKS = {
    "kk": {
        "pay": "қалай төлеймін?",
        "extract": "маған үзінді көшірме керек",
        "clinics": "жақын жерде қандай емхана бар?",
        "notices": "хабарлама қосқым келеді",
        "insured": "Мен сақтандырылғанмын ба?",
        "paid": "қанша төлем түсті?",
        "visits": "емханаға қашан барғанмын",
        "billed": "Атыма не жазылды?",
        "why": "Бұл күні емханаға барған жоқпын, қан тапсырмадым.",
        "owe": "қанша қарызым бар",
        "complain": "Шағым жазғым келеді",
        "complaint": "Анықтаманы мерзімінде бермеді, үш рет бардым.",
        "answer": "Төлем алынып тасталды.",
    },
    "ru": {
        "pay": "как заплатить?",
        "extract": "мне нужна выписка",
        "clinics": "где ближайшая поликлиника?",
        "notices": "включить уведомления",
        "insured": "Я застрахован?",
        "paid": "какие взносы за меня заплатили?",
        "visits": "мои визиты",
        "billed": "Что записано на моё имя?",
        "why": "В этот день я не был в поликлинике и кровь не сдавал.",
        "owe": "сколько я должен",
        "complain": "Хочу пожаловаться",
        "complaint": "Справку не выдали в срок, приходил три раза.",
        "answer": "Оплата снята.",
    },
    "en": {
        "pay": "how do I pay?",
        "extract": "I need an extract",
        "clinics": "is there a clinic near me?",
        "notices": "notify me",
        "insured": "Am I insured?",
        "paid": "what was paid for me?",
        "visits": "my visits please",
        "billed": "What was billed in my name?",
        "why": "I was not at the clinic that day and gave no blood.",
        "owe": "how much do I owe",
        "complain": "I want to complain",
        "complaint": "The certificate was not issued in time; I came three times.",
        "answer": "The payment was withdrawn.",
    },
}
PHOTO = base64.b64encode(b"\xff\xd8\xff photograph").decode()
PAGES = {
    "kk": ("Ботпен әңгіме, қазақша", "Айгүл", "Сақтау"),
    "ru": ("Разговор с ботом, по-русски", "Марат", "Сақтау"),
    "en": ("A conversation with the bot, in English", "Aruzhan", "Saqtau"),
}
NOTE = (
    "_Written by `tests/bot/test_conversations.py`: the bot, over HTTP, against the stand-in of "
    "Telegram. ✎ marks a message edited in place, 👆 a pressed button, 🔒 what the bot deleted._"
)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_a_person_asks_everything(world: World, language: str) -> None:
    person = world.person(language)
    words, says = person.words, ASKS[language]

    await person.says("/start", "hello")
    await person.says(says["insured"], "link-why")
    await person.taps("button-link", "link-iin")
    await person.types_in()

    # Linked, the person is led to what was asked at first.
    status = await person.hears(words("status-insured"), 0)
    assert words.day(date(2026, 4, 30)) in status.text

    await person.taps("button-menu", "menu")
    policy = await person.taps("button-policy", "26-0000-0042")
    assert words("policy-cover-mhi") in policy.text
    card = await person.taps("button-card", "card-caption")
    assert card.kind == "photo"
    paid = await person.says(says["paid"], "contributions-title")
    assert words.money(425_000) in paid.text
    visits = await person.says(says["visits"], "visits-title")
    assert words("grade-QR_BIOMETRIC") in visits.text

    billed = await person.says(says["billed"], "billed-title")
    assert words("billed-no-visit") in billed.text
    await person.taps(words.button("button-confirm", number=1), "billed-confirmed")
    dispute = words.button("button-dispute", number=2)
    await person.taps(dispute, f"✋ <b>{SERVICES[language][1]}")
    registered = await person.says(says["why"], "7K3M9QX2B4H01")
    assert words.day(date(2026, 4, 13)) in registered.text
    assert [c["text"] for c in world.api.complaints.values()] == [says["why"]]

    again = await person.says("/billed", "7K3M9QX2B4H01")
    assert again.buttons is not None
    assert len(again.buttons) == 2  # one line left to contest, and the menu

    world.api.insured = False
    debt = await person.says(says["owe"], "status-how-to-pay")
    assert words.money(1_275_000) in debt.text
    world.api.insured = True

    await person.says(says["complain"], "complaint-kind")
    await person.taps("complaint-kind-ISSUER", words("complaint-ask", kind="")[-30:])
    await person.says(says["complaint"], "7K3M9QX2B4H02")
    next(iter(world.api.complaints.values()))["answer"] = says["answer"]
    await person.taps("button-photo", "photo-ask")
    await person.act(person.expected("photo-taken"), photo=PHOTO)
    await person.says("/track", "track-own")
    await person.says("7k3m-9qx2-b4h02", "complaint-status-IN_REVIEW")

    await person.says(says["pay"], "pay")
    await person.says(says["extract"], "extract-ask")
    extract = await person.taps("button-extract-ACCOUNT", "extract-ACCOUNT")
    assert extract.kind == "document"
    await person.says(says["clinics"], "clinics-ask")
    place = {"latitude": 43.2973, "longitude": 68.2518}
    clinics = await person.act(person.expected("clinics-title"), location=place)
    assert words.distance(2_340) in clinics.text
    await person.taps(words.button("button-map", number=1), "43.301")

    await person.says(says["notices"], "notices-choose")
    chosen = f"⬜️ {words.button('topic-SERVICE_BILLED')}"
    await person.taps(chosen, words("notices-quiet", start="21:00", end="09:00"))
    world.api.due.append(
        {
            "chat": str(person.chat_id),
            "language": language,
            "topic": "SERVICE_BILLED",
            "facts": {"count": 2},
        }
    )
    await person.hears(words("notice-SERVICE_BILLED", count=2), 0)
    await person.taps("button-billed", "billed-title")
    await person.says("/help", "1406")
    await person.says("/unlink", "unlinked")
    assert world.api.tokens == set()

    await _keep(person, language)


async def _keep(person: Person, language: str) -> None:
    """Compare with the page, or write it."""
    title, name, bot = PAGES[language]
    page = transcript.render(title, NOTE, name, bot, await person.journal())
    path = DOCS / f"{language}.md"
    if os.environ.get("SAQTAU_WRITE_TRANSCRIPTS"):
        path.write_text(page, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == page, "run with SAQTAU_WRITE_TRANSCRIPTS=1"
