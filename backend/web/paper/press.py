"""From a template and data to PDF/A-3 or PNG octets, off the event loop, a few at a time."""

import asyncio
import functools
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import typst

_ROOM = Path(__file__).parent
TEMPLATES = _ROOM / "templates"
FONTS = _ROOM / "fonts"
# Typst works in native code without the interpreter's lock; more at once only makes all of them late.
_AT_ONCE = 2
SCREEN_PPI = 144.0


class Attachment(msgspec.Struct, frozen=True):
    """A file carried inside the PDF: PDF/A-3's `AFRelationship` is always `Data`."""

    name: str
    media_type: str
    text: str
    description: str


async def pdf(
    template: str, data: Mapping[str, Any], *, at: datetime, attachments: Sequence[Attachment] = ()
) -> bytes:
    """A tagged PDF/A-3 of `templates/<template>.typ`; the same input gives the same octets.

    `data` is anything msgspec writes as a JSON object: strings ready to be read, nothing to be
    computed. `at` is the document's date, aware. Raises `typst.TypstError` when the template and
    the data do not fit: a defect of ours.
    """
    inputs = _inputs(data, attachments)
    return await _run(template, "pdf", inputs, at, SCREEN_PPI)


async def png(
    template: str, data: Mapping[str, Any], *, at: datetime, ppi: float = SCREEN_PPI
) -> bytes:
    """The first page of the same as a PNG at `ppi` pixels an inch."""
    return await _run(template, "png", _inputs(data, ()), at, ppi)


def _inputs(data: Mapping[str, Any], attachments: Sequence[Attachment]) -> dict[str, str]:
    return {
        "data": msgspec.json.encode(data).decode(),
        "attachments": msgspec.json.encode(attachments).decode(),
    }


async def _run(
    template: str, kind: Literal["pdf", "png"], inputs: dict[str, str], at: datetime, ppi: float
) -> bytes:
    return await asyncio.get_running_loop().run_in_executor(
        _threads(), _compile, template, kind, inputs, at, ppi
    )


def _compile(
    template: str, kind: Literal["pdf", "png"], inputs: dict[str, str], at: datetime, ppi: float
) -> bytes:
    compiler = typst.Compiler(
        input=TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )
    made = compiler.compile(
        format=kind,
        ppi=ppi,
        pdf_standards=["a-3b"] if kind == "pdf" else [],
        timestamp=int(at.timestamp()),
    )
    first = made[0] if isinstance(made, list) else made
    assert first is not None  # bytes are returned where no output file is named
    return first


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


@functools.cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="paper")
