"""What a photograph must be, and how it is written anew. Pure: octets in, octets out.

A file is what its content says, never its name or media type. The picture is decoded and encoded
again as JPEG: nothing of the file but the picture survives, neither metadata (place, device, date,
names) nor anything hidden behind it. The size is looked at before a pixel is decoded.
"""

import io
import struct
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from backend.registry.photograph.errors import PhotoTooLarge, PhotoTooSmall, PhotoUnreadable
from backend.registry.photograph.model import Picture

# [ENG] bounds: what any telephone makes goes through, what exhausts a server does not.
FILE_MAX_BYTES: Final = 12 * 1024 * 1024
PIXELS_MAX: Final = 64_000_000
SIDE_MIN: Final = 200  # pixels
SIDE_KEPT_MAX: Final = 2_048  # pixels: a larger picture is kept so large
QUALITY: Final = 85
FORMATS: Final = ("JPEG", "PNG", "WEBP")
# Whatever a decoder may say of a file made to break it.
_BROKEN = (
    UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError,
    OverflowError, TypeError, ZeroDivisionError, MemoryError, struct.error, Warning,
)  # fmt: skip


def written_anew(file: bytes) -> Picture:
    """The picture of `file` as a JPEG without metadata, upright, its colours on white.

    Raises PhotoTooLarge, PhotoTooSmall, PhotoUnreadable.
    """
    if len(file) > FILE_MAX_BYTES:
        raise PhotoTooLarge(most=FILE_MAX_BYTES)
    try:
        with Image.open(io.BytesIO(file), formats=FORMATS) as found:
            _require_size(found.width, found.height)
            if getattr(found, "n_frames", 1) != 1:
                raise PhotoUnreadable
            return _encoded(_upright(found))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoTooLarge(most=PIXELS_MAX) from None
    except _BROKEN:
        raise PhotoUnreadable from None


def _require_size(width: int, height: int) -> None:
    if width * height > PIXELS_MAX:
        raise PhotoTooLarge(most=PIXELS_MAX)
    if min(width, height) < SIDE_MIN:
        raise PhotoTooSmall(least=SIDE_MIN)


def _upright(found: Image.Image) -> Image.Image:
    """The decoded pixels, turned as the camera was held, no larger than kept."""
    found.draft("RGB", (SIDE_KEPT_MAX, SIDE_KEPT_MAX))  # a JPEG is decoded at a fitting scale
    found.load()
    small = found.copy()
    small.thumbnail((SIDE_KEPT_MAX, SIDE_KEPT_MAX))
    return ImageOps.exif_transpose(small)


def _encoded(picture: Image.Image) -> Picture:
    """JPEG of the pixels alone; what is transparent is white."""
    if picture.has_transparency_data:
        coloured = picture.convert("RGBA")
        opaque = Image.new("RGB", coloured.size, "white")
        opaque.paste(coloured, mask=coloured.getchannel("A"))
    else:
        opaque = picture.convert("RGB")
    bare = Image.frombytes("RGB", opaque.size, opaque.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Picture(out.getvalue(), bare.width, bare.height)
