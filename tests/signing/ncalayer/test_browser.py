"""The page and its script in a real browser, against NCALayer's stand-in and a phone's."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.kernel.actor import Actor
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.ncalayer import NcaLayer
from tests.signing.login.conftest import CLINIC, OTHER_CLINIC, Issue
from tests.signing.ncalayer.browser import Page

pytestmark = pytest.mark.system


class Submit(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="act.submit",
    tag_field="operation",
):  # fmt: skip
    number: int


async def sign_in(page: Page) -> None:
    await page.click("#login-layer")
    await page.until("!document.getElementById('signed-in').hidden")


async def requests(page: Page, count: int) -> list[SignedRequest]:
    await page.until(f"document.querySelectorAll('#signed a').length === {count}")
    found = await page.run(
        "Array.from(document.querySelectorAll('#signed a')).map((a) => a.dataset.request)"
    )
    return [msgspec.json.decode(one, type=SignedRequest) for one in found]


def files(folder: Path, count: int = 2) -> list[Path]:
    made = [folder / f"№ {number}.json" for number in range(1, count + 1)]
    for number, file in enumerate(made, start=1):
        file.write_bytes(b'{"operation": "act.submit", "number": %d}\n' % number)
    return made


async def require_accepted(resources: Resources, given: list[SignedRequest]) -> None:
    actor = Actor(session_id=uuid7(), roles=frozenset(), bin=CLINIC)
    for number, request in enumerate(given, start=1):
        accepted = await evidence.accept(resources, actor, request, Submit)
        assert accepted.command.number == number


async def test_a_clinic_signs_in_and_signs_files_with_ncalayer(
    page: Page, layer: NcaLayer, resources: Resources, service: str, tmp_path: Path
) -> None:
    assert await page.run("document.documentElement.lang") == "kk"
    await sign_in(page)
    assert CLINIC in await page.run("document.getElementById('who').textContent")
    assert layer.origins == [service]
    await page.click("#sign-layer")
    await page.until_status("NO_FILES")
    await page.choose(*files(tmp_path))
    await page.click("#sign-layer")
    given = await requests(page, 2)
    await require_accepted(resources, given)
    asked = layer.heard[-1]
    assert (asked["format"], len(asked["data"]), asked["locale"]) == ("cms", 2, "kk")
    assert asked["signingParams"] == {
        "decode": True, "encapsulate": False, "digested": False, "tsaProfile": None,
    }  # fmt: skip
    assert asked["signerParams"]["bin"] == CLINIC


async def test_a_clinic_signs_in_and_signs_files_with_a_phone(
    page: Page, phone: Any, resources: Resources, tmp_path: Path
) -> None:
    async def scan() -> None:
        await page.until("!document.getElementById('qr').hidden")
        assert await page.run("document.getElementById('qr-image').naturalWidth") > 50
        text = await page.run("document.getElementById('qr').dataset.text")
        introduction = await phone.scan(text)
        documents = await phone.fetch(introduction)
        await page.until_status("OPENED")
        assert await phone.send(introduction, phone.sign(documents)) == "success"

    await page.click("#login-qr")
    await scan()
    await page.until("!document.getElementById('signed-in').hidden")
    await page.choose(*files(tmp_path))
    await page.click("#sign-qr")
    await scan()
    await require_accepted(resources, await requests(page, 2))
    await page.click("#sign-qr")
    await page.until("!document.getElementById('qr').hidden")
    await page.click("#withdraw")
    await page.until_status("REFUSED")


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        ("cancel", "CANCELLED"),
        ("refuse", "NCALAYER_REFUSED"),
        ("garbage", "NCALAYER_ODD"),
        ("close", "NCALAYER_LOST"),
    ],
)
async def test_what_ncalayer_does_not_sign_is_told_and_can_be_tried_again(
    page: Page, layer: NcaLayer, mood: str, code: str
) -> None:
    layer.moods.append(mood)
    await page.click("#login-layer")
    await page.until_status(code)
    for language in ("ru", "en", "kk"):
        await page.click(f"[data-language={language}]")
        told = await page.run("document.getElementById('status').textContent")
        texts = await page.run("fetch('/sign/texts.json').then((a) => a.json())")
        assert told.startswith(texts[language][code].rstrip("."))
    await sign_in(page)


async def test_without_ncalayer_or_the_right_key(
    page: Page, layer: NcaLayer, service: str, issue: Issue, tmp_path: Path
) -> None:
    await sign_in(page)
    layer.keys = [issue(OTHER_CLINIC, "head")]
    await page.choose(*files(tmp_path))
    await page.click("#sign-layer")
    await page.until_status("CANCELLED")  # no key of this organisation is shown
    await page.go(f"{service}/sign?lang=ru&ncalayer=ws://127.0.0.1:9")
    assert await page.run("document.documentElement.lang") == "ru"
    await page.click("#login-layer")
    await page.until_status("NCALAYER_NOT_RUNNING")


async def test_the_script_for_other_pages(page: Page, layer: NcaLayer, head: KeyPair) -> None:
    await page.run(
        f"window.layer = new SaqtauSign.NcaLayer({{url: '{layer.url}', signMs: 300}});"
        "window.code = (promise) => promise.then(() => 'OK', (e) => e.code); true"
    )
    xml = await page.run("layer.sign({format: 'xml', data: '<a><b>1</b></a>'})")
    assert "<ds:Signature" in xml[0]
    options = "{format: 'cms', data: btoa('{}'), attached: true, tsa: true, role: 'head'}"
    cms = await page.run(f"layer.sign({options})")
    assert len(base64.b64decode(cms[0])) > 3000  # the stamp makes it long
    assert layer.heard[-1]["signingParams"]["tsaProfile"] == {}
    assert "1.2.398.3.3.4.1.2.1" in layer.heard[-1]["signerParams"]["extKeyUsageOids"]
    wrong = "layer.sign({data: btoa('x'), storages: ['AKKaztokenStore']})"
    assert await page.run(f"code({wrong})") == "NCALAYER_REFUSED"
    assert await page.run("code(layer.sign({data: btoa('x'), role: 'finance'}))") == "CANCELLED"
    layer.moods.append("hang")
    assert await page.run("code(layer.sign({data: btoa('x')}))") == "TIMED_OUT"
    assert await page.run("code(layer.sign({data: btoa('x')}))") == "OK"
    armoured = "-----BEGIN CMS-----\\nAAAA\\nBBBB\\n-----END CMS-----\\n"
    bare = f"layer._signed({{status: true, body: {{result: '{armoured}'}}}}, 1)"
    assert await page.run(bare) == ["AAAABBBB"]
    odd = ["[]", "['a', 'b']", "[1]", "{}", "''", "['']"]
    for result in odd:
        script = f"layer._signed({{status: true, body: {{result: {result}}}}}, 1)"
        assert await page.run(f"code(Promise.resolve().then(() => {script}))") == "NCALAYER_ODD"


async def test_where_events_do_not_come_through_the_page_asks(
    page: Page, phone: Any, resources: Resources
) -> None:
    await page.run(
        "window.service = new SaqtauSign.Service('');"
        "service._events = () => Promise.resolve(); window.states = [];"
        "service.offerLogin().then((o) => { window.offered = o;"
        " service.signedInBy(o, (s) => states.push(s.status)).then((s) => window.opened = s); }); true"
    )
    await page.until("window.offered")
    text = await page.run("offered.qr_text")
    introduction = await phone.scan(text)
    await page.until("states.length === 1")
    await phone.send(introduction, phone.sign(await phone.fetch(introduction)))
    await page.until("window.opened")
    assert await page.run("states") == ["OPENED", "SIGNED"]
    assert (await page.run("opened"))["bin"] == CLINIC


async def test_the_page_speaks_to_nobody_else(page: Page) -> None:
    refused = (
        "fetch('http://127.0.0.1:9/x').then(() => 'went out', (e) => 'refused')",
        "new Promise((yes) => { document.addEventListener('securitypolicyviolation',"
        " (e) => yes(e.effectiveDirective)); new Image().src = 'http://127.0.0.1:9/x.png'; })",
    )
    assert await page.run(refused[0]) == "refused"
    assert await page.run(refused[1]) == "img-src"
    await asyncio.sleep(0)
    assert json.dumps(await page.run("Object.keys(localStorage)")) == "[]"
