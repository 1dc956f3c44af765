"""Whole conversations, in each language, kept as pages in docs/bot.

SAQTAU_WRITE_TRANSCRIPTS=1 writes the pages anew; without it they must be what the bot says.
"""

import base64
import hashlib
import os
from datetime import date
from pathlib import Path

import pytest

from bot.words import Words
from tests.bot import transcript
from tests.bot.citizens_api import CARDS, CODE, IIN, PHONE, SERVICES
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
        "speak": "қазақша сөйлейік",
        "unasked": "Келісімімді сұрамай екпе салды, кейін ғана айтты.",
        "leave": "шығу",
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
        "speak": "давай по-русски",
        "unasked": "Поставили прививку, не спросив согласия, сказали только потом.",
        "leave": "выйти",
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
        "speak": "in English, please",
        "unasked": "They gave me a vaccine without asking and told me afterwards.",
        "leave": "sign out",
    },
}
PHOTO_SENT = base64.b64encode(b"\xff\xd8\xff photograph").decode()
OTHER = {"kk": ("ru", "Русский"), "ru": ("kk", "Қазақша"), "en": ("kk", "Қазақша")}
TROUBLES = {
    "kk": ("Ботпен екінші әңгіме: eGov Mobile, хабарламалар, қиын сәттер", "Айгүл", "Сақтау"),
    "ru": ("Второй разговор: eGov Mobile, уведомления, когда что-то не так", "Марат", "Сақтау"),
    "en": ("A second conversation: eGov Mobile, notices, troubles", "Aruzhan", "Saqtau"),
}
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
    await person.act(person.expected("photo-taken"), photo=PHOTO_SENT)
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


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_a_person_meets_with_troubles(world: World, language: str) -> None:
    person = world.person(language)
    words, says = person.words, ASKS[language]

    # Another language, and back in one's own words.
    await person.says("/start", "hello")
    other, name = OTHER[language]
    await person.taps("button-language", "choose-language")
    await person.taps(name, str(Words(other)("language-chosen")))
    await person.says(says["speak"], "language-chosen")

    # In by a signature in eGov Mobile: nothing is typed.
    await person.taps("button-link", "link-iin")
    await person.taps("button-link-qr", "link-qr")
    await person.taps("button-signed", "link-qr-wait")
    after = len(await person.journal())
    world.api.signed = "SIGNED"
    await person.hears(words("link-done"), after)

    await person.says("🤷 ???", "not-understood")
    await person.says(IIN, "iin-in-chat")

    # Notices by choice, outside quiet hours.
    await person.says(says["notices"], "notices-choose")
    for topic in ("POLICY_ISSUED", "SERVICE_BILLED", "COMPLAINT_ANSWERED", "STATUS_LAPSING"):
        label = words.button(f"topic-{topic}")
        await person.taps(f"⬜️ {label}", words("notices-quiet", start="21:00", end="09:00"))
    await person.taps("button-quiet", words("notices-quiet", start="23:00", end="07:00"))
    number = "7K3M9QX2B4HTD"
    for topic, facts, told in (
        ("POLICY_ISSUED", {"valid_from": "2026-04-01", "valid_to": "2026-12-31"}, "26"),
        ("SERVICE_BILLED", {"count": 1}, words("notice-SERVICE_BILLED", count=1)),
        ("SERVICE_BILLED", {"count": 5}, words("notice-SERVICE_BILLED", count=5)),
        ("COMPLAINT_ANSWERED", {"number": number, "outcome": "IN_REVIEW"}, "👀"),
        ("COMPLAINT_ANSWERED", {"number": number, "outcome": "PARTLY"}, "☑️"),
        ("STATUS_LAPSING", {"until": "2026-04-30"}, "⏳"),
    ):
        after = len(await person.journal())
        world.api.due.append(
            {"chat": str(person.chat_id), "language": language, "topic": topic, "facts": facts}
        )
        await person.hears(told, after)
    await person.taps("button-status", "status-insured")
    await person.says("/notices", "notices-choose")
    await person.taps("button-quiet", "notices-no-quiet")
    await person.taps("button-told", "told-title")

    # A complaint about the clinic, its photo with it, while the service is away.
    await person.says("/complaint", "complaint-kind")
    await person.taps("complaint-kind-NO_CONSENT", words("complaint-ask", kind="")[-30:])
    world.api.down = True
    await person.act(person.expected("draft-kept"), text=says["unasked"], photo=PHOTO_SENT)
    world.api.down = False
    after = len(await person.journal())
    await person.taps("button-send-again", "7K3M9QX2B4H01")
    await person.hears(words("photo-taken"), after)
    [complaint] = world.api.complaints.values()
    assert complaint["about"]["ground"] == "NO_CONSENT"

    # The service away at a question.
    world.api.down = True
    await person.says(says["insured"], "down")
    world.api.down = False
    await person.taps("button-again", "status-insured")

    # The hour is over; in by a code, at the second try.
    world.api.pass_time(whole_session=True)
    await person.says("/visits", "session-over")
    await person.taps("button-link", "link-iin")
    await person.says(IIN, "link-phone")
    await person.act(person.expected("link-code"), contact={"phone_number": PHONE})
    await person.says("111111", "link-code-wrong")
    await person.taps("button-resend-code", "link-code")
    after = len(await person.journal())
    await person.says(CODE, "link-done")
    await person.hears(words("visits-title"), after)
    await person.says(says["leave"], "unlinked")

    await _keep(person, language, "-more")


async def _keep(person: Person, language: str, more: str = "") -> None:
    """Compare with the page, or write it."""
    title, name, bot = (TROUBLES if more else PAGES)[language]
    card = f"card-{language}.png"
    pictures = {hashlib.sha256((CARDS / card).read_bytes()).hexdigest(): card}
    page = transcript.render(title, NOTE, name, bot, await person.journal(), pictures)
    path = DOCS / f"{language}{more}.md"
    if os.environ.get("SAQTAU_WRITE_TRANSCRIPTS"):
        path.write_text(page, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == page, "run with SAQTAU_WRITE_TRANSCRIPTS=1"
