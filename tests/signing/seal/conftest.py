"""A small PDF as ours are, and seals of both organisations in key files."""

from datetime import datetime
from pathlib import Path

import pytest

from infra.sandbox.nca import keyfile
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair

REGISTRAR_BIN, ISSUER_BIN = "980540000397", "061211600012"
PASSWORD = "Қпия сөз 1"


def pdf_of(objects: list[bytes], root: int = 1, extra: bytes = b"") -> bytes:
    """A PDF with a classic table of these objects, numbered from 1."""
    out, places = bytearray(b"%PDF-1.7\n%\xd2\xd2\xd2\xd2\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root %d 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, root, extra, table,
    )  # fmt: skip
    return bytes(out)


TEXT = b"BT /F1 18 Tf 50 700 Td (Saqtau) Tj ET"
PLAIN = [
    b"<</Type/Catalog/Pages 2 0 R/Lang(kk)>>",
    b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
    b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
    b"<</Length %d>>stream\n%b\nendstream" % (len(TEXT), TEXT),
]


@pytest.fixture(scope="session")
def plain_pdf() -> bytes:
    return pdf_of(PLAIN)


def _system(centre: Centre, bin_: str, algorithm: str, now: datetime) -> KeyPair:
    return centre.issue_information_system(bin_, "Қор", "Saqtau", now, algorithm)


@pytest.fixture(scope="session")
def registrar(centre: Centre, now: datetime) -> KeyPair:
    return _system(centre, REGISTRAR_BIN, "gost2015-512", now)


@pytest.fixture(scope="session")
def issuer(centre: Centre, now: datetime) -> KeyPair:
    return _system(centre, ISSUER_BIN, "rsa-sha256", now)


@pytest.fixture(scope="session")
def key_files(
    tmp_path_factory: pytest.TempPathFactory, registrar: KeyPair, issuer: KeyPair
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    files = {}
    for name, pair in (("gost", registrar), ("rsa", issuer)):
        files[name] = folder / f"{name}.p12"
        files[name].write_bytes(keyfile.dump(pair, PASSWORD))
    return files


@pytest.fixture(scope="session")
def trust_folder(centre: Centre, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("centre")
    centre.save(folder)
    return str(folder / "trust")
