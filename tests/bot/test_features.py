"""What the bot offers beside the conversations of docs/bot: eGov Mobile, extracts, places, slips."""

import base64

import pytest

from bot.handlers.link_qr import picture
from tests.bot.conftest import World


async def test_linking_by_a_signature_goes_on_by_itself(world: World) -> None:
    person = world.person("kk")
    await person.says("/status", "link-why")
    await person.taps("button-link", "link-iin")
    shown = await person.taps("button-link-qr", "link-qr")
    assert shown.kind == "photo"
    assert shown.buttons is not None
    assert shown.buttons[0][0]["url"].startswith("https://m.egov.kz/mobileSign/")
    await person.taps("button-signed", "link-qr-wait")
    after = len(await person.journal())
    world.api.signed = "SIGNED"
    await person.hears(person.words("status-insured"), after)
    assert len(world.api.tokens) == 1
    assert not [e for e in await person.journal() if e.deleted]  # nothing was typed


@pytest.mark.parametrize("end", ["REFUSED", "EXPIRED"])
async def test_a_signature_that_does_not_come(world: World, end: str) -> None:
    person = world.person("ru")
    await person.says("/start", "hello")
    await person.taps("button-link", "link-iin")
    await person.taps("button-link-qr", "link-qr")
    after = len(await person.journal())
    world.api.signed = end
    await person.hears(person.words("link-qr-over"), after)
    assert world.api.tokens == set()


async def test_the_qr_is_the_text_asked_for() -> None:
    png = picture("mobileSign:https://saqtau.test/api/v1/egov-qr/phone/abc/mgovSign")
    assert png.startswith(b"\x89PNG")


async def test_a_withdrawn_consent_is_asked_for_anew(world: World) -> None:
    person = world.person("en")
    world.api.withdrawn = True
    await person.says("/start", "hello")
    await person.taps("button-link", "link-iin")
    await person.says("900101300017", "link-phone")
    await person.act(person.expected("link-code"), contact={"phone_number": "+77010000001"})
    await person.says("424242", "link-consent")
    assert world.api.tokens == set()
    await person.taps("button-consent", "link-consent-given")
    await person.says("424242", "link-done")


async def test_places_abroad_and_places_out_of_the_blue(world: World) -> None:
    person = world.person("ru")
    abroad = {"latitude": 55.75123456, "longitude": 37.6}
    await person.act(person.expected("clinics-none"), location=abroad)
    assert world.api.places == [{"latitude": 55.751, "longitude": 37.6, "limit": 5}]
    entry = next(e for e in await person.journal() if e.who == "person")
    assert entry.deleted


PHOTO = base64.b64encode(b"\xff\xd8\xff photograph").decode()


async def test_a_photo_with_the_complaint_and_more_after_it(world: World) -> None:
    person = world.person("kk")
    await person.links()
    await person.says("/complaint", "complaint-kind")
    await person.taps("complaint-kind-ISSUER", "қашан, қайда")
    await person.act(person.expected("photo-text-first"), photo=PHOTO)
    text = "Анықтаманы үш рет сұрадым, берген жоқ."
    await person.act(person.expected("photo-taken"), photo=PHOTO, text=text)
    [complaint] = world.api.complaints.values()
    assert complaint["text"] == text
    await person.taps("button-photo", "photo-ask")
    await person.act(person.expected("photo-taken"), photo=PHOTO)
    await person.taps("button-photo", "photo-ask")
    refused = await person.act("too many", photo=PHOTO)
    assert refused.buttons is not None
    complaint_id = "01980000-0000-7000-8000-000000000009"
    assert world.api.photos == [(complaint_id, b"\xff\xd8\xff photograph")] * 2


async def test_a_photo_that_cannot_be_added_loses_no_complaint(world: World) -> None:
    person = world.person("en")
    await person.links()
    await person.says("/complaint", "complaint-kind")
    await person.taps("complaint-kind-ISSUER", "what happened")
    await world.control("faults", {"method": "getFile", "code": 400, "times": 1})
    await person.act("7K3M9QX2B4H01", photo=PHOTO, text="The certificate was not given in time.")
    assert len(world.api.complaints) == 1
    await person.hears(person.words("photo-failed"), 0)
