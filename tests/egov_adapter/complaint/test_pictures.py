"""Pictures of a complaint over HTTP: written anew, the author's and the desk's alone."""

import io
from typing import Any

import pytest
from PIL import Image

from backend.kernel.actor import Role
from tests.visits.conftest import AIGUL, BOLAT, Owner

pytestmark = pytest.mark.usefixtures("clinics")
API = "/api/v1"


def photo(secret: bytes) -> bytes:
    """A PNG that bears more than a picture."""
    out = io.BytesIO()
    Image.effect_noise((640, 480), 90).save(out, "PNG")
    return out.getvalue() + secret


async def test_a_picture_is_written_anew_and_seen_by_its_author_and_the_desk_alone(
    client: Any, owner: Owner
) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        body = {"kind": "ISSUER", "text": "Суретті қараңыз"}
        made = (await http.post(f"{API}/citizen/complaints", json=body)).json()
        pictures = f"{API}/citizen/complaints/{made['complaint_id']}/pictures"
        png = {"content-type": "image/png"}
        secret = b"<?php hidden 51.1N 71.4E"
        sent = photo(secret)
        added = await http.post(pictures, content=sent, headers=png)
        assert added.status_code == 201, added.text
        again = await http.post(pictures, content=sent, headers=png)
        assert again.json() == added.json()
        own = await http.get(f"{pictures}/{added.json()['file_id']}")
        assert own.headers["content-type"] == "image/jpeg"
        assert Image.open(io.BytesIO(own.content)).size == (640, 480)
        assert secret not in own.content
        odd = await http.post(pictures, content=b"%PDF-1.7", headers=png)
        assert (odd.status_code, odd.json()["code"]) == (422, "PHOTO_UNREADABLE")
        [listed] = (await http.get(f"{API}/citizen/complaints")).json()["items"]
        assert listed["files"] == 1
    async with client(Role.INSURED, person_id=BOLAT) as http:
        foreign = await http.post(pictures, content=photo(b""), headers=png)
        assert (foreign.status_code, foreign.json()["code"]) == (404, "COMPLAINT_NOT_FOUND")
        assert (await http.get(f"{pictures}/{added.json()['file_id']}")).status_code == 404
    async with client(Role.ISSUER_REVIEWER, bin="061211600012") as desk:
        read = (await desk.get(f"{API}/complaints/{made['complaint_id']}")).json()
        [file_id] = read["files"]
        shown = await desk.get(f"{API}/complaints/{made['complaint_id']}/pictures/{file_id}")
        assert shown.content == own.content
    sealed = await owner.fetchval("SELECT sealed FROM egov.complaint_file")
    assert own.content not in sealed
