"""Paper: the same input the same octets, data is never markup, every letter of three languages has a shape."""

import asyncio
import io
import re
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageFont

from backend.web import paper
from backend.web.paper.press import FONTS

AT = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)
KAZAKH = "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ"
SIGNS = "₸№«»—–…×≥≤→✓\u00a0\u202f0123456789"
SQUARE = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'><path d='M0 0h1v1H0z'/></svg>"


def poster(facility: str = "№ 7 қалалық емхана") -> dict[str, object]:
    return {
        "title": "QR",
        "issuer": "Қор",
        "calls": [{"language": "kk", "text": "Қабылдауға келдіңіз бе?"}],
        "svg": SQUARE,
        "alt": "QR",
        "facility": facility,
        "address": "Түркістан",
        "steps": [["Кодты сканерлеңіз", "Отсканируйте код"]],
        "foot": "2026",
    }


async def test_the_same_input_gives_the_same_octets_also_in_parallel() -> None:
    made = await asyncio.gather(*(paper.pdf("poster", poster(), at=AT) for _ in range(6)))
    assert len(set(made)) == 1
    assert made[0].startswith(b"%PDF-1.7")


async def test_the_archive_profile_carries_what_is_attached() -> None:
    attachment = paper.Attachment("extract.json", "application/json", '{"ә": 1}', "the data")
    made = await paper.pdf("poster", poster(), at=AT, attachments=[attachment])
    assert b"pdfaid:part" in made
    assert b"(extract.json)" in made
    assert '{"ә": 1}'.encode() in _streams(made)


def _streams(document: bytes) -> list[bytes]:
    return [
        zlib.decompress(raw) if b"FlateDecode" in head else raw
        for head, raw in re.findall(rb"<<([^\n]*)>>\nstream\n(.*?)\nendstream", document, re.DOTALL)
    ]


@pytest.mark.parametrize("text", ["#panic()", "$x^2$", '"]; #read("saqtau.typ")', "*bold* _no_ \\"])
async def test_data_is_never_markup(text: str) -> None:
    assert (await paper.pdf("poster", poster(text), at=AT)).startswith(b"%PDF")


async def test_a_picture_is_a_page_at_the_resolution_asked_for() -> None:
    picture = Image.open(io.BytesIO(await paper.png("poster", poster(), at=AT, ppi=72)))
    assert picture.size == (595, 842)  # A4 in points


@pytest.mark.parametrize("font", sorted(FONTS.glob("*.otf")), ids=lambda path: path.stem)
def test_every_letter_has_a_shape(font: Path) -> None:
    face = ImageFont.truetype(font, 40)
    nothing = bytes(face.getmask("\ufdd0"))
    letters = KAZAKH + KAZAKH.lower() + SIGNS.strip()
    assert not [x for x in letters if bytes(face.getmask(x)) == nothing and not x.isspace()]
