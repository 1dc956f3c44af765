"""What the centre issued: serial numbers, in memory and, once it has a folder, in a file shared by processes.

Several processes hold one saved centre: the demo issues keys, the sandbox answers for them. Each appends what
it issues, a line for each; who is asked for a number it does not know reads what was appended since.
"""

import os
from pathlib import Path

FILE = "issued.txt"


class Ledger:
    """The serial numbers of one centre."""

    def __init__(self) -> None:
        self._known: set[int] = set()
        self._file: Path | None = None
        self._read = 0  # octets of the file that were taken in

    def add(self, serial: int) -> None:
        """Note a number; in the file by one write, so that lines of two processes do not mix."""
        self._known.add(serial)
        if self._file is not None:
            self._append([serial])

    def __contains__(self, serial: int) -> bool:
        if serial not in self._known:
            self._take_in()
        return serial in self._known

    def keep_in(self, folder: Path) -> None:
        """Share what is and will be known with whoever holds the centre of that folder."""
        self._file, self._read = folder / FILE, 0
        mine, self._known = self._known, set()
        self._take_in()
        new = sorted(mine - self._known)
        self._known |= mine
        self._append(new)

    def _append(self, serials: list[int]) -> None:
        assert self._file is not None, "asked once there is a file"
        lines = "".join(f"{serial:x}\n" for serial in serials).encode()
        place = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(place, lines)
        finally:
            os.close(place)

    def _take_in(self) -> None:
        """Read the whole lines that were appended since."""
        if self._file is None or not self._file.exists():
            return
        with self._file.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        self._known.update(int(line, 16) for line in whole.split())
