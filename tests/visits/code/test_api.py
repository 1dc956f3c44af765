"""Codes over HTTP: withdrawn, on paper, and their keys changed by the registrar alone."""

import io
import re
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from backend.registry.facility.model import Facility
from backend.visits.code import rules, words
from backend.visits.code.model import StoredCode
from backend.web import paper
from backend.web.paper import qr
from tests.visits.conftest import CLINIC_BIN, FACILITY, OTHER_BIN

pytestmark = pytest.mark.usefixtures("clinics", "citizens")
CODE = f"/api/v1/facilities/{FACILITY}/code"
KEYS = "/api/v1/visits/qr-keys"


async def test_the_poster_is_a_pdf_of_the_own_live_code(client: Any) -> None:
    async with (
        client(Role.EXECUTOR_OPERATOR, bin=CLINIC_BIN) as own,
        client(Role.EXECUTOR_OPERATOR, bin=OTHER_BIN) as other,
    ):
        assert (await own.get(f"{CODE}/poster")).status_code == 404  # no code yet
        await own.post(CODE)
        answer = await own.get(f"{CODE}/poster")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert re.search(rb"/Type/Pages/Count 1/", answer.content)
        assert (await own.get(f"{CODE}/poster")).content == answer.content  # printed again the same
        assert (await other.get(f"{CODE}/poster")).status_code == 404
        assert (await other.delete(CODE)).status_code == 404
        assert (await own.delete(CODE)).status_code == 204
        assert (await own.get(f"{CODE}/poster")).status_code == 404


async def test_the_longest_names_still_make_one_page(resources: Resources) -> None:
    at = resources.clock.now()
    facility = Facility(
        FACILITY, UUID(int=1), "Ұзақ атау " * 30, "75", "Өте ұзақ мекенжай, " * 15, None,
        43.2, 76.9, 100, True, "0" * 64, "1" * 64, at, at, None,
    )  # fmt: skip
    stored = StoredCode(UUID(int=2), FACILITY, "SQ1." + "x" * (rules.CODE_MAX - 4), at)
    made = await paper.pdf(words.POSTER, words.poster(facility, stored, qr.svg(stored.code)), at=at)
    assert re.search(rb"/Type/Pages/Count 1/", made)
    shown = await paper.png(
        words.POSTER, words.poster(facility, stored, qr.svg(stored.code)), at=at, ppi=36
    )
    assert Image.open(io.BytesIO(shown)).size == (298, 421)


async def test_the_registrar_alone_changes_the_key(client: Any) -> None:
    async with client(Role.EXECUTOR_OPERATOR, bin=CLINIC_BIN) as own:
        await own.post(CODE)
        assert (await own.post(KEYS)).status_code == 403
    async with client(Role.REGISTRAR, bin="100340000005") as registrar:
        made = await registrar.post(KEYS)
        assert (made.status_code, made.json()["key_number"]) == (201, 2)
        shown = (await registrar.get("/api/v1/public/qr-keys")).json()
    assert [(k["key_number"], k["retired_at"] is None) for k in shown] == [(1, False), (2, True)]
