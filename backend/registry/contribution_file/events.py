"""Facts about files and their rows; the subject is the file or the row."""

from backend.kernel.events import Event


class ContributionFileApplied(Event, frozen=True):
    """A file was taken whole."""

    taken: int
    repeated: int
    to_repair: int


class ContributionFileRefused(Event, frozen=True):
    """A file is not what was announced; nothing of it was taken."""

    refused_code: str


class ContributionFileDiffers(Event, frozen=True):
    """The list names a file we know under another hash: it was not fetched again."""


class ReceiptRepaired(Event, frozen=True):
    """An officer gave a row its right numbers; it was taken."""

    code: str


class ReceiptDiscarded(Event, frozen=True):
    """An officer gave a row up."""

    code: str
