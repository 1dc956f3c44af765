"""What the registry may ask of the State Corporation: which files lie ready, their bytes, their rows."""

import base64
from collections.abc import Iterator
from typing import Protocol

import httpx
import msgspec

from backend.kernel import strict_json
from backend.kernel.config import Config
from backend.kernel.errors import Refusal
from backend.kernel.resources import Resources
from backend.signing.evidence import service as evidence
from backend.signing.model import Role
from backend.sources.state_corporation import gateway
from backend.sources.state_corporation.camt_format import CamtReader
from backend.sources.state_corporation.csv_format import CsvReader
from backend.sources.state_corporation.errors import ListNotTrusted
from backend.sources.state_corporation.model import FileFormat, FileList, Header, Line, ListedFile


class Reader(Protocol):
    """Reads a file as it comes; `header` is told once it is closed."""

    header: Header | None

    def feed(self, data: bytes) -> Iterator[Line]:
        """The rows that are whole now. Raises FileUnreadable."""

    def close(self) -> None:
        """The file has ended. Raises FileUnreadable."""


def reader(kind: FileFormat) -> Reader:
    """A reader for one file of that format."""
    return CsvReader() if kind is FileFormat.CSV else CamtReader(kind)


async def ready(resources: Resources) -> tuple[ListedFile, ...]:
    """The files that lie ready, as the State Corporation signed it.

    Raises SourceUnavailable, ListNotTrusted when the signature is not its own.
    """
    config = resources.config
    signed = await gateway.get_list(resources.http, config)
    try:
        document = base64.b64decode(signed.document, validate=True)
        cms = base64.b64decode(signed.signature, validate=True)
        signer = evidence.require_one_signer(await evidence.verify(resources, cms, document))
        if (
            signer.bin != config.state_corporation_bin
            or Role.INFORMATION_SYSTEM not in signer.roles
        ):
            raise ListNotTrusted(source=gateway.SOURCE)
        strict_json.parse(document)
        listed = msgspec.json.decode(document, type=FileList).files
    except (ValueError, msgspec.DecodeError, strict_json.NotJson, strict_json.BadJson):
        raise ListNotTrusted(source=gateway.SOURCE) from None
    except Refusal as refused:
        raise ListNotTrusted(source=gateway.SOURCE, reason=refused.actual_code) from None
    if len({file.name for file in listed}) != len(listed):
        raise ListNotTrusted(source=gateway.SOURCE)
    return listed


async def piece(http: httpx.AsyncClient, config: Config, name: str, start: int, size: int) -> bytes:
    """So many bytes of a listed file. Raises SourceUnavailable."""
    return await gateway.get_piece(http, config, name, start, size)
