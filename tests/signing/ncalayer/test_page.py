"""The page's files as the service gives them: without a browser."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.kernel.config import Config, Mode
from backend.signing.pages import api

FILES = ["", "/sign.css", "/page.js", "/saqtau-sign.js", "/texts.json"]
FOLDER = Path(api.__file__).parent


@pytest.mark.parametrize("name", FILES)
async def test_the_page_and_its_files_are_given_to_everybody(client: Any, name: str) -> None:
    async with client() as http:
        answer = await http.get(f"/sign{name}")
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        for odd in ("/sign/api.py", "/sign/..%2fapi.py", "/sign/x"):
            assert (await http.get(odd)).status_code == 404


def test_in_production_the_page_speaks_to_ncalayer_alone() -> None:
    policy = api._policy(Config(mode=Mode.PRODUCTION))
    assert "connect-src 'self' wss://127.0.0.1:13579;" in policy
    assert "ws://127.0.0.1:*" in api._policy(Config(mode=Mode.TEST))


def test_every_text_is_there_in_three_languages_kazakh_first() -> None:
    texts = msgspec.json.decode((FOLDER / "texts.json").read_bytes())
    assert list(texts) == ["kk", "ru", "en"]
    html = (FOLDER / "index.html").read_text()
    script = (FOLDER / "page.js").read_text() + (FOLDER / "saqtau-sign.js").read_text()
    wanted = set(re.findall(r'data-text="(\w+)"', html))
    wanted |= set(re.findall(r'SignError\("([A-Z_]+)"', script))
    wanted |= set(re.findall(r'say\("(\w+)"', script))
    wanted |= {"PENDING", "OPENED", "SIGNED", "REFUSED", "EXPIRED"}
    for language, found in texts.items():
        assert wanted <= set(found), language
        assert all(text.strip() for text in found.values())
        assert set(found) == set(texts["kk"])
    assert '<html lang="kk">' in html
    assert "innerHTML" not in script
    assert "eval(" not in script
