"""Files kept outside the database, each under the SHA-256 of its own bytes.

A file is written aside, brought to the disk and put in place in one step: under its name there is
all of it or nothing. The same bytes are one file, whoever keeps them; a file is never changed. What
is read is hashed again, so that a file touched by somebody is not given out.
"""

import hashlib
import os
import tempfile
from pathlib import Path


class ObjectMissing(LookupError):
    """There is no file of this hash, or its bytes are not those it is named by."""


class ObjectStore:
    """A folder of files by hash, in 256 folders of their first octet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> bytes:
        """Keep `content`; its SHA-256. Raises OSError. Not for the event loop."""
        digest = hashlib.sha256(content).digest()
        place = self._place(digest)
        if place.exists():
            return digest
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".new-", delete=False) as draft:
            try:
                draft.write(content)
                draft.flush()
                os.fsync(draft.fileno())
                Path(draft.name).replace(place)
            except BaseException:
                Path(draft.name).unlink(missing_ok=True)
                raise
        _to_disk(place.parent)
        return digest

    def get(self, digest: bytes) -> bytes:
        """The bytes of that SHA-256. Raises ObjectMissing. Not for the event loop."""
        try:
            content = self._place(digest).read_bytes()
        except OSError as e:
            raise ObjectMissing(digest.hex()) from e
        if hashlib.sha256(content).digest() != digest:
            raise ObjectMissing(digest.hex())
        return content

    def _place(self, digest: bytes) -> Path:
        name = digest.hex()
        return self.folder / name[:2] / name[2:]


def _to_disk(folder: Path) -> None:
    """The name of a new file outlives a power failure too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
