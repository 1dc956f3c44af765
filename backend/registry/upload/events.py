"""Facts about files; the subject is the upload."""

from backend.kernel.events import Event


class UploadApplied(Event, frozen=True):
    """A file is applied to its end."""

    recorded: int
    repeated: int
    refused: int
    changed: int


class UploadCorrupt(Event, frozen=True):
    """A file came with another checksum than announced: nothing of it is applied."""
