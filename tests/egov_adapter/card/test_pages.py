"""The card as people see it, in each language, kept in docs/bot; the bot's transcripts show it.

SAQTAU_WRITE_TRANSCRIPTS=1 draws the pictures anew; without it they must be what is drawn.
"""

import io
import os
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image, ImageChops, ImageStat

from backend.egov_adapter.card import words
from backend.egov_adapter.record.model import Holder, Issuer, OwnCard, OwnPolicy
from backend.registry.policy.model import Registrar
from backend.web import paper
from backend.web.paper import qr

DOCS = Path(__file__).parents[3] / "docs" / "bot"
AT = datetime(2026, 4, 6, 4, 1, tzinfo=UTC)
CLINIC = {
    "kk": "Түркістан қаласының № 2 емханасы",
    "ru": "Поликлиника № 2 города Туркестан",
    "en": "Turkistan City Clinic No. 2",
}
ISSUER = {
    "kk": "«Әлеуметтік медициналық сақтандыру қоры» КЕАҚ",
    "ru": "НАО «Фонд социального медицинского страхования»",
    "en": "Social Health Insurance Fund",
}
# As long as a citizen's own code is; this one opens nothing.
CODE = "SAQTAU1." + "A9b3" * 32


def drawn_card(language: str) -> OwnCard:
    policy = OwnPolicy(
        UUID(int=1), "26-0000-0042", 2026, "CREDITED", True, True, "", date(2026, 4, 1),
        date(2026, 4, 1), date(2026, 12, 31), UUID(int=2), CLINIC[language],
    )  # fmt: skip
    holder = Holder("Ахметова Айгүл Серікқызы", "900101300017", "", "")
    return OwnCard(policy, holder, Issuer(ISSUER[language], "", ""), Registrar("", "", ""))


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_the_card_is_drawn_as_the_pages_show_it(language: str) -> None:
    page = words.card(drawn_card(language), language, True, date(2026, 4, 30), qr.svg(CODE), AT)
    png = await paper.png(words.TEMPLATE, page, at=AT, ppi=200)
    kept = DOCS / f"card-{language}.png"
    if os.environ.get("SAQTAU_WRITE_TRANSCRIPTS"):
        kept.write_bytes(png)
    with Image.open(io.BytesIO(png)) as now, Image.open(kept) as then:
        assert now.size == then.size
        apart = ImageStat.Stat(ImageChops.difference(now.convert("RGB"), then.convert("RGB")))
    # Edges may be rounded otherwise on another processor; a moved line is far above this.
    assert max(apart.mean) < 0.5, "SAQTAU_WRITE_TRANSCRIPTS=1 draws it anew"
