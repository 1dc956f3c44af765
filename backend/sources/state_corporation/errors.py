"""What can be wrong with a file or with the list of files."""

from backend.kernel.errors import Invalid
from backend.sources.exchange import SourceUnavailable


class FileUnreadable(Invalid):
    """The file is not of its format: nothing of it is taken. `line` names the first such row, 0 none."""

    code = "FILE_UNREADABLE"

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(code=code, line=line)
        self.line = line


class ListNotTrusted(SourceUnavailable):
    """The list of files is not signed by the State Corporation's system: it counts as silent."""
