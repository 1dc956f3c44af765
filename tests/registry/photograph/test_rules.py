"""A photograph is what its content says, comes out without its metadata, and breaks nothing."""

import io
import random
import struct
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from backend.kernel.errors import Refusal
from backend.registry.photograph import rules
from tests.registry.conftest import picture

SECRET = b"51.169400 N, Canon of A. Omarov"


def with_metadata() -> bytes:
    """A JPEG with EXIF (place, owner, turned by 90 degrees), a comment and a tail behind its end."""
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright: to be turned by 90 degrees
    exif[0x013B] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "navy").save(out, "JPEG", exif=exif, comment=SECRET)
    return out.getvalue() + SECRET


def test_nothing_but_the_picture_survives() -> None:
    file = with_metadata()
    assert file.count(SECRET) == 3
    made = rules.written_anew(file)
    assert SECRET not in made.jpeg
    assert (made.width, made.height) == (300, 400)  # turned as it was held
    with Image.open(io.BytesIO(made.jpeg)) as found:
        assert (found.format, found.size) == ("JPEG", (300, 400))
        assert not found.getexif()
        assert not found.info.get("comment")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_three_kinds_are_taken_and_kept_as_one(kind: str) -> None:
    made = rules.written_anew(picture(kind=kind))
    assert made.jpeg.startswith(b"\xff\xd8\xff")
    assert rules.written_anew(made.jpeg).width == made.width


def test_what_is_transparent_is_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (300, 300), (255, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(rules.written_anew(out.getvalue()).jpeg)) as found:
        assert found.getpixel((5, 5)) == (255, 255, 255)


def test_a_large_picture_is_kept_smaller() -> None:
    made = rules.written_anew(picture(size=(5000, 2500), kind="JPEG"))
    assert (made.width, made.height) == (2048, 1024)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred octets that would be gigabytes of pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(100_000)))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (300, 300)).save(out, "GIF")
    return out.getvalue()


def film() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (300, 300), c) for c in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "PHOTO_UNREADABLE"),
        (b"<svg onload='alert(1)'/>", "PHOTO_UNREADABLE"),
        (b"%PDF-1.7", "PHOTO_UNREADABLE"),
        (gif(), "PHOTO_UNREADABLE"),
        (film(), "PHOTO_UNREADABLE"),
        (picture(kind="JPEG")[:600], "PHOTO_UNREADABLE"),
        (picture(size=(199, 400)), "PHOTO_TOO_SMALL"),
        (bomb(50_000, 50_000), "PHOTO_TOO_LARGE"),
        (bomb(9_000, 9_000), "PHOTO_TOO_LARGE"),
        (bomb(2**31 - 1, 1), "PHOTO_TOO_LARGE"),
        (bytes(rules.FILE_MAX_BYTES + 1), "PHOTO_TOO_LARGE"),
    ],
)
def test_what_is_no_photograph_is_refused_at_once(file: bytes, code: str) -> None:
    begun = time.process_time()
    with pytest.raises(Refusal) as refused:
        rules.written_anew(file)
    assert refused.value.actual_code == code
    assert time.process_time() - begun < 1


SEEDS = [picture(kind=kind) for kind in ("JPEG", "PNG", "WEBP")]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2), st.integers(0, 2**32))
def test_mangled_files_are_pictures_or_refused(which: int, seed: int) -> None:
    chance, file = random.Random(seed), bytearray(SEEDS[which])
    for _ in range(chance.randint(1, 12)):
        file[chance.randrange(len(file))] = chance.randrange(256)
    try:
        made = rules.written_anew(bytes(file[: chance.randint(1, len(file))]))
    except Refusal:
        return
    assert made.jpeg.startswith(b"\xff\xd8\xff")
