"""What is printed: the picture in the docs is the page the service makes."""

import io
import os
import re

import msgspec
import pytest
from PIL import Image, ImageChops

from backend.registry.extract import paper, words
from backend.registry.extract.model import Ground, Kind
from tests.conftest import ROOT
from tests.registry.extract.sample import DOCUMENT, FILE

PICTURE = ROOT / "docs" / "paper" / "extract.png"
PPI = 110


async def test_the_picture_in_the_docs_is_what_is_printed() -> None:
    """`SAQTAU_DRAW=1 pytest …` draws it anew (fictitious data)."""
    made = await paper.png(FILE, ppi=PPI)
    if os.environ.get("SAQTAU_DRAW"):
        PICTURE.write_bytes(made)
    drawn, kept = Image.open(io.BytesIO(made)), Image.open(PICTURE)
    assert drawn.size == kept.size
    difference = ImageChops.difference(drawn.convert("L"), kept.convert("L")).histogram()
    assert sum(difference[64:]) < 0.001 * sum(difference)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_word_of_the_page_is_in_kazakh_and_russian(kind: Kind) -> None:
    document = msgspec.structs.replace(DOCUMENT, kind=kind)
    page = words.page(document, "0" * 20, FILE.proof)
    printed = msgspec.json.encode({**page, "qr": "", "legal": []}).decode()
    assert re.search("[әғқңөұүһі]", printed)
    # no code of ours is left for a reader to puzzle over
    for code in ("CREDITED", "CONSUMER", "ACCOUNT", "ORDER", "EVENT", "GVFMC", "issuer_head"):
        assert code not in printed, code


def test_a_state_bodys_request_is_named_and_a_long_list_says_it_is_cut() -> None:
    ground = Ground("REQUEST", "ҚР ІІМ", "12-34/567", DOCUMENT.entitlement.on)
    document = msgspec.structs.replace(DOCUMENT, ground=ground, operations_total=900, policy=None)
    page = words.page(document, "0" * 20, FILE.proof)
    assert page["given"][1][1][0].endswith("ҚР ІІМ · № 12-34/567 · 06.04.2026")
    assert page["operations_more"] == (
        "Бұдан бұрын тіркелгені: 897",
        "Зарегистрировано ранее: 897",
    )
    assert page["policy"] is None
