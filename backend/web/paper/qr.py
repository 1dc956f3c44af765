"""QR codes as SVG, for pages and for paper."""

import io
from typing import Literal

import segno

_QUIET = 4  # modules of white around a code (ISO/IEC 18004)


def svg(text: str, *, error: Literal["l", "m", "q", "h"] = "m", border: int = _QUIET) -> str:
    """The picture of `text`; `error` is how much of it may be lost, the largest the size allows."""
    out = io.BytesIO()
    segno.make(text, error=error, micro=False).save(
        out, kind="svg", scale=4, border=border, xmldecl=False, nl=False, unit=None
    )
    return out.getvalue().decode()
