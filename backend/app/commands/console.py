"""How every pure tool reads its input and prints its answer (CONTRACT.md, "the console script").

One JSON document on standard output, exit 0 for yes, 1 for no; exit 2 with `{"code", "detail"}`
on standard error when an argument cannot be read or a file cannot be opened. Never a traceback.
"""

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import Any, NoReturn, TextIO, cast

from backend.kernel import strict_json

INPUT_MAX_BYTES = 256 * 1024 * 1024


def answer(document: Any, *, yes: bool) -> NoReturn:
    """Print the one JSON document and leave: exit 0 for yes, 1 for no, 2 when it cannot be written."""
    try:
        _print(sys.stdout, document)
    except OSError as e:
        _silence(sys.stdout)
        bad_argument(f"cannot write the answer: {e.strerror}", "OUTPUT_UNWRITABLE")
    raise SystemExit(0 if yes else 1)


def refuse(code: str, detail: str, path: str | None = None) -> NoReturn:
    """A refusal: JSON on standard output, exit 1."""
    answer({"code": code, "detail": detail, "path": path}, yes=False)


def bad_argument(detail: str, code: str = "BAD_ARGUMENT") -> NoReturn:
    """An argument that cannot be read: JSON on standard error, exit 2."""
    with contextlib.suppress(OSError):  # nobody is left to be told
        _print(sys.stderr, {"code": code, "detail": detail})
    raise SystemExit(2)


def _print(stream: TextIO | None, document: Any) -> None:
    """One line in UTF-8 whatever the locale says; a reader that has gone away is left in peace.

    Raises OSError when the line cannot be written, also to a stream that was closed (None).
    """
    if stream is None:
        raise OSError(errno.EBADF, "closed")
    line = strict_json.dumps(document) + "\n"
    try:
        stream.buffer.write(line.encode("utf-8", "replace"))
        stream.buffer.flush()
    except BrokenPipeError:
        _silence(stream)


def _silence(stream: TextIO | None) -> None:
    """The interpreter flushes once more at its end and would complain there."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def read_bytes(name: str) -> bytes:
    """The bytes of the file `name`, or of standard input for `-`; exit 2 when it cannot be read."""
    if name == "-" and cast("TextIO | None", sys.stdin) is None:
        bad_argument("cannot read -: standard input is closed", "FILE_UNREADABLE")
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(INPUT_MAX_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(INPUT_MAX_BYTES + 1)
    except (OSError, ValueError) as e:
        reason = e.strerror if isinstance(e, OSError) and e.strerror else "not a file name"
        bad_argument(f"cannot read {name}: {reason}", "FILE_UNREADABLE")
    if len(raw) > INPUT_MAX_BYTES:
        bad_argument(f"{name} is larger than {INPUT_MAX_BYTES} bytes", "FILE_UNREADABLE")
    return raw


def read_json(name: str) -> Any:
    """The parsed JSON of `name`; exit 2 when it is no JSON, a BAD_CASE refusal when it repeats a key."""
    try:
        return strict_json.parse(read_bytes(name))
    except strict_json.NotJson as e:
        bad_argument(f"{name} is not JSON: {e}", "NOT_JSON")
    except strict_json.BadJson as e:
        refuse("BAD_CASE", str(e), e.path)
