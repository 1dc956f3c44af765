"""The page /visits in a real browser: signed in with a key, the day changes before one's eyes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.visits.checkin import service as checkin
from backend.visits.checkin.model import CheckIn, DeskVisit, Place
from backend.visits.code import service as codes
from infra.sandbox.ncalayer import NcaLayer
from tests.signing.login.conftest import CLINIC as KEY_BIN
from tests.signing.ncalayer import conftest as signing
from tests.signing.ncalayer.browser import Page, chromium
from tests.visits.conftest import (
    AIGUL,
    BOLAT,
    CLINIC,
    FACILITY,
    OFFICE,
    SECOND_FACILITY,
    Owner,
    citizen,
    iin,
)

pytestmark = [pytest.mark.system, pytest.mark.usefixtures("clinics", "citizens")]
anchors, head, issue, nca = signing.anchors, signing.head, signing.issue, signing.nca
config, service, layer = signing.config, signing.service, signing.layer


@pytest.fixture
async def page(
    service: str, layer: NcaLayer, tmp_path: Path, owner: Owner, clinics: None
) -> AsyncIterator[Page]:
    """The page, at a clinic whose head holds a key."""
    await owner.execute(
        "UPDATE registry.organisation SET bin = $2 WHERE organisation_id = $1", CLINIC, KEY_BIN
    )
    for facility_id, name in (
        (FACILITY, "№ 7 қалалық емхана"),
        (SECOND_FACILITY, "Дәрігерлік амбулатория"),
    ):
        await owner.execute(
            "UPDATE registry.facility SET name = $2 WHERE facility_id = $1", facility_id, name
        )
    async with chromium(tmp_path / "profile") as browser:
        tab = await browser.page()
        await tab.go(f"{service}/visits?ncalayer={layer.url}")
        yield tab


def text(selector: str) -> str:
    return f"document.querySelector('{selector}').textContent"


async def test_a_clinic_watches_its_day(
    page: Page, resources: Resources, clock: FixedClock, owner: Owner, tmp_path: Path
) -> None:
    assert await page.run("document.documentElement.lang") == "kk"
    await page.click("#login-layer")
    await page.until("!document.getElementById('day').hidden")
    assert await page.run(text("#visits")) == "0"
    shown = "Array.from(document.getElementById('facility').options).map((o) => o.value)"
    assert set(await page.run(shown)) == {str(FACILITY), str(SECOND_FACILITY)}
    assert str(OFFICE) not in await page.run(shown)
    await page.run(
        f"document.getElementById('facility').value = '{FACILITY}';"
        "document.getElementById('facility').onchange(); true"
    )
    await page.until(text("#where") + " === '№ 7 қалалық емхана'")
    await come(resources, clock, owner)
    await page.until(text("#visits") + " === '3'")
    assert await page.run(text("#date")) == "2026 ж. 6 сәуір"
    assert await page.run(text("#visits-word")) == "келуші"
    assert await page.run(text("#without-qr")) == "1"
    assert await page.run(text("#last")) == "09:00"
    assert await page.run("document.getElementById('warning').hidden") is True
    rows = (
        "Array.from(document.querySelectorAll('#grades tbody tr')).map((r) => [r.cells[0].textContent,"
        " r.cells[2].textContent])"
    )
    assert await page.run(rows) == [
        ["QR және бет-әлпет", "0"],
        ["QR және құжат", "0"],
        ["Тек QR", "2"],
        ["QR-кодсыз", "1"],
    ]
    assert await page.run(f"[{text('#near')}, {text('#far')}, {text('#placeless')}]") == [
        "1",
        "1",
        "1",
    ]
    # docs/visits/day.png was taken here
    await asyncio.to_thread((tmp_path / "day.png").write_bytes, await page.picture())
    for language, word in (("ru", "визита"), ("en", "visits"), ("kk", "келуші")):
        await page.click(f"[data-language={language}]")
        assert await page.run(text("#visits-word")) == word
        assert await page.run("document.documentElement.lang") == language
        left = "Array.from(document.querySelectorAll('[data-text]')).filter((e) => !e.textContent).length"
        assert await page.run(left) == 0
    await require_readable(page)
    assert await page.run("JSON.stringify(Object.keys(localStorage))") == "[]"
    assert (
        await page.run("fetch('http://127.0.0.1:9/x').then(() => 'out', () => 'refused')")
        == "refused"
    )


async def come(resources: Resources, clock: FixedClock, owner: Owner) -> None:
    """Aigul and Bolat by the code on the wall, a third by the desk's word."""
    third = UUID("01980000-0000-7000-8000-0000000000a3")
    number = iin("90010130003")
    await owner.execute(
        "INSERT INTO registry.person VALUES ($1, '75', '2026-04-01T00:00:00Z')", third
    )
    await owner.execute(
        "INSERT INTO registry.account SELECT $1, status, opened_at, signal_visit_at, signal_mis_at"
        " FROM registry.account WHERE person_id = $2",
        third,
        AIGUL,
    )
    await owner.execute(
        "INSERT INTO registry.iin_claim VALUES ($1, $2)",
        resources.keyring.lookup("iin", number),
        third,
    )
    await owner.execute(
        "INSERT INTO registry.attachment VALUES ($1, $2, $3, '2026-04-01')", third, CLINIC, FACILITY
    )
    clerk = clerk_of(KEY_BIN)
    db = resources.db.visits
    code = (await codes.issue(db, resources.keyring, clock, clerk, FACILITY)).code
    for person, place in ((AIGUL, Place(43.2, 76.9, 20)), (BOLAT, Place(51.2, 71.4, 20))):
        await checkin.check_in(db, clock, citizen(person), CheckIn(code, place=place))
    await checkin.check_in_at_desk(resources, clerk, DeskVisit(FACILITY, iin=number))


def clerk_of(bin_: str) -> Actor:
    return Actor(UUID(int=2), frozenset({Role.EXECUTOR_OPERATOR}), bin=bin_)


async def require_readable(page: Page) -> None:
    """What a screen reader needs: one heading, labels, captions, scopes, nothing reached by colour alone."""
    found = await page.run(
        """
        (() => ({
          headings: document.querySelectorAll('h1').length,
          labelled: Array.from(document.querySelectorAll('select, input')).every((e) => e.labels.length),
          captions: Array.from(document.querySelectorAll('table')).every((t) => t.caption && t.caption.textContent),
          scopes: Array.from(document.querySelectorAll('th')).every((t) => t.scope),
          named: Array.from(document.querySelectorAll('button')).every((b) => b.textContent.trim()),
          live: document.getElementById('status').getAttribute('aria-live'),
          wide: document.documentElement.scrollWidth <= window.innerWidth,
        }))()
        """
    )
    assert found == {
        "headings": 1, "labelled": True, "captions": True, "scopes": True, "named": True,
        "live": "polite", "wide": True,
    }  # fmt: skip
