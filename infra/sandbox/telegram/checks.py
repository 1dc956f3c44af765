"""What Telegram refuses in a message: too long, empty, broken HTML, buttons nobody could press."""

import html
import re
from typing import Any

TEXT_MAX = 4096
CAPTION_MAX = 1024
CALLBACK_MAX_BYTES = 64
NOTICE_MAX = 200
_TAG = re.compile(r"<(/?)([a-zA-Z-]*)([^<>]*)(>?)")
_TAGS = frozenset(
    [
        *("b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre"),
        *("blockquote", "span", "tg-spoiler", "tg-emoji"),
    ]
)


class BadRequest(Exception):
    """The Bot API's `400 Bad Request: …` (or another code)."""

    def __init__(self, description: str, code: int = 400, **parameters: int) -> None:
        self.code = code
        self.parameters = parameters
        super().__init__(description)


def plain(text: str, parse_mode: str | None, limit: int = TEXT_MAX) -> str:
    """The text people read, without its HTML. Raises BadRequest as Telegram would."""
    if (parse_mode or "").upper() == "HTML":
        _check_html(text)
        text = html.unescape(_TAG.sub("", text))
    if not text.strip():
        raise BadRequest("Bad Request: message text is empty")
    if len(text) > limit:
        raise BadRequest("Bad Request: message is too long")
    return text


def _check_html(text: str) -> None:
    open_tags: list[str] = []
    for found in _TAG.finditer(text):
        closing, name, rest, end = found.groups()
        if name.lower() not in _TAGS or not end or (rest and not rest.startswith(" ")):
            raise BadRequest(f"Bad Request: can't parse entities: Unsupported start tag {name!r}")
        if not closing:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            raise BadRequest("Bad Request: can't parse entities: Unexpected end tag")
    if open_tags:
        raise BadRequest("Bad Request: can't parse entities: Can't find end tag")


def check_markup(markup: Any) -> None:
    """Inline buttons need a text and exactly one action. Raises BadRequest."""
    if not markup:
        return
    if not isinstance(markup, dict):
        raise BadRequest("Bad Request: object expected as reply markup")
    for button in (b for row in markup.get("inline_keyboard", []) for b in row):
        if not button.get("text", "").strip():
            raise BadRequest("Bad Request: inline keyboard button text is empty")
        data = button.get("callback_data")
        if data is None and not button.get("url"):
            raise BadRequest("Bad Request: inline keyboard button has no action")
        if data is not None and not 1 <= len(data.encode()) <= CALLBACK_MAX_BYTES:
            raise BadRequest("Bad Request: BUTTON_DATA_INVALID")
