"""What every pure tool does when there is nothing to read from, or nowhere to write to (CONTRACT.md)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SAQTAU = f"{sys.executable} -m backend.app.cli"


def shell(line: str) -> subprocess.CompletedProcess[bytes]:
    """Through a shell, which alone can close a stream."""
    return subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize("tool", ["allocate -", "mhi-status -", "ecp verify -"])
def test_a_closed_standard_input_is_a_file_that_cannot_be_read(tool: str) -> None:
    done = shell(f"{SAQTAU} {tool} <&-")
    assert (done.returncode, done.stdout) == (2, b"")
    assert json.loads(done.stderr)["code"] == "FILE_UNREADABLE"


# a full disk, where the system has one to offer
SINKS = [">&-", *([">/dev/full"] if Path("/dev/full").exists() else [])]


@pytest.mark.parametrize("tool", ["id check 061211600012", "calendar add 2026-03-06 5wd"])
@pytest.mark.parametrize("sink", SINKS)
def test_an_answer_that_cannot_be_written_is_told(tool: str, sink: str) -> None:
    done = shell(f"{SAQTAU} {tool} {sink}")
    assert (done.returncode, done.stdout) == (2, b"")
    assert json.loads(done.stderr)["code"] == "OUTPUT_UNWRITABLE"


def test_with_nobody_left_to_tell_the_exit_code_stands() -> None:
    done = shell(f"{SAQTAU} id check 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")


@pytest.mark.parametrize("tool", ["calendar", "ecp", "id", "registry"])
def test_a_tool_without_its_verb_is_a_bad_argument(tool: str) -> None:
    done = shell(f"{SAQTAU} {tool}")
    assert (done.returncode, done.stdout) == (2, b"")
    assert json.loads(done.stderr)["code"] == "BAD_ARGUMENT"


def test_brackets_that_are_never_closed_are_no_json(tmp_path: Path) -> None:
    for text, exit_code in (("[" * 100_000, 2), ("[" * 1000 + "]" * 1000, 1)):
        (tmp_path / "deep").write_text(text)
        assert shell(f"{SAQTAU} allocate {tmp_path}/deep").returncode == exit_code
