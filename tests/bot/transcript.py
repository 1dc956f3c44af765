"""A chat as a page people can read."""

import html
import re
from collections.abc import Mapping

from infra.sandbox.telegram.state import Entry

_MARKS = (
    (re.compile(r"<b>(.*?)</b>", re.DOTALL), r"**\1**"),
    (re.compile(r"<code>(.*?)</code>", re.DOTALL), r"`\1`"),
)
# What the bot sent beside words.
_SHOWN = {"photo": "🖼\n", "document": "📎\n", "location": "📍 "}


def render(
    title: str,
    note: str,
    person: str,
    bot: str,
    entries: list[Entry],
    pictures: Mapping[str, str] | None = None,
) -> str:
    """Markdown: what the person did in bold, what the bot said in quotes, buttons as they stood.

    `pictures`: files beside the page by the SHA-256 of what was sent, shown where they were.
    """
    parts = [f"# {title}", note]
    for entry in entries:
        if entry.kind == "delete":
            continue
        if entry.who == "person":
            parts.append(_person(person, entry))
        else:
            parts.append(_bot(bot, entry, pictures or {}))
    return "\n\n".join(parts) + "\n"


def _person(name: str, entry: Entry) -> str:
    if entry.kind == "tap":
        return f"**{name}** 👆 `{entry.text}`"
    if entry.deleted:
        return f"**{name}:** 🔒 ~~••••••••~~"
    return f"**{name}:** {entry.text}"


def _bot(name: str, entry: Entry, pictures: Mapping[str, str]) -> str:
    shown = _SHOWN.get(entry.kind, "")
    picture = pictures.get((entry.file or {}).get("sha256", ""))
    text = (f"![]({picture})\n" if picture else shown) + entry.text
    for mark, markdown in _MARKS:
        text = mark.sub(markdown, text)
    lines = html.unescape(text).replace("\N{NO-BREAK SPACE}", " ").split("\n")
    quoted = "\n".join(f"> {line}  ".rstrip() if not line else f"> {line}  " for line in lines)
    rows = [
        " ".join(f"`{b['text']}`" for b in row) for row in entry.buttons or entry.keyboard or []
    ]
    buttons = "".join(f"\n> {row}  " for row in rows)
    sign = " ✎" if entry.kind == "edit" else ""
    return f"**{name}**{sign}\n\n{quoted}" + (f"\n>{buttons}" if buttons else "")
