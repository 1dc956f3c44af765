"""No personal number, token or password leaves the process, whichever way it is logged."""

import asyncio
import io
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel import logs
from backend.kernel.logs import MASK, mask

IIN = "870101300123"


@pytest.mark.parametrize(
    "text",
    [
        IIN,
        f"person {IIN}.",
        f"iin={IIN}&x=1",
        f"/citizens/{IIN}/policy",
        f'{{"iin": "{IIN}"}}',
        f"IIN{IIN}",
        f"SERIALNUMBER=IIN{IIN},C=KZ",
        f"ЖСН{IIN}",
        f"x-{IIN}",
        f"{IIN}_act",
        "870101 300123",
        "870101-300123",
        "8701 0130 0123",
        "٨٧٠١٠١٣٠٠١٢٣",
    ],
)
def test_an_iin_in_every_form_is_masked(text: str) -> None:
    masked = mask(text)
    assert MASK in masked
    assert not any(part in masked for part in ("300123", "0123", "٣٠٠١٢٣"))


@pytest.mark.parametrize(
    "text",
    [
        "+77011234567",
        "tel:+7 701 123 45 67",
        "+7 (701) 123-45-67",
        "8 (701) 123-45-67",
        "87011234567",
        "77011234567",
        "phone=7011234567;",
        "%2B77011234567",
        "8-701-123-45-67",
        "+998901234567",
    ],
)
def test_a_phone_in_every_form_is_masked(text: str) -> None:
    masked = mask(text)
    assert MASK in masked
    assert not any(part in masked for part in ("4567", "45-67", "45 67"))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.DEF-123_~+/==", "abc.DEF"),
        ("bearer kV1xyz", "kV1xyz"),
        ("postgresql://saqtau:pa55word@db/x", "pa55word"),
        ("redis://:pa55word@db:6379", "pa55word"),
        (
            "https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe",
            "AAHdqTcvCH1",
        ),
        ("token=s3cret&x=1", "s3cret"),
        ('{"password": "s3cret"}', "s3cret"),
        ("'otp': '123456'", "123456"),
        ("x\nDETAIL:  Failing row contains (Иванов, Иван).", "Иванов"),
        ("  DETAIL: Key (phone)=(1) exists.\nnext", "Key"),
    ],
)
def test_secrets_are_masked(text: str, secret: str) -> None:
    assert secret not in mask(text)
    assert MASK in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "01980000-0000-7000-8000-123456789012",
        "sha256 " + "0123456789ab" * 5 + "cdef",
        "2026-04-06T04:00:00.123456Z",
        "page 3 of 41, 12345 rows",
        "1234567890123 tiyn",
        "decision 2026-mhi-75-cdc",
    ],
)
def test_ids_dates_and_counts_are_kept(text: str) -> None:
    assert mask(text) == text


@given(st.from_regex(r"\A[0-9]{12}\Z"), st.sampled_from(["", " ", "=", '"', "/", "ИИН", "IIN:"]))
def test_twelve_digits_never_pass(number: str, before: str) -> None:
    assert number not in mask(f"a{before}{number}{before or '.'}b")


EVERY_WAY = """
import logging, uuid, warnings
from backend.kernel import logs

logs.configure("INFO")
IIN = "870101300123"

class Person:
    def __repr__(self): return f"Person({IIN})"
    __str__ = __repr__

log = logs.get("test")
log.info("plain " + IIN)
log.info("positional %s", IIN)
log.info("fields", note=IIN, nested={IIN: [IIN, {"deep": (IIN, {IIN})}]}, person=Person(), raw=IIN.encode())
log.info("numbers", who=870101300123, amount_tiyn=870101300123, count=7)
log.info("keys", iin="short", phone="x", token="t0ken", surname="Иванов")
try:
    raise ValueError(f"bad {IIN}") from KeyError(Person())
except ValueError as e:
    log.error("caught", exc_info=e)
    logging.getLogger("std").exception("std %s", Person())
logging.getLogger("std").warning("std %s %s", IIN, "+77011234567", extra={"iin": IIN})
logging.getLogger("std").warning({"dict": IIN})
warnings.warn(f"warned {IIN}")
logs.AccessLog()("GET", "/citizens/{who:uuid}", 200, 1.5, "01980000-0000-7000-8000-123456789012")
logs.AccessLog()("G" + IIN, "/a/" + IIN, 404, 1.5, "01980000-0000-7000-8000-123456789012")
log.info("kept", policy_id=uuid.UUID("01980000-0000-7000-8000-123456789012"))
raise RuntimeError(f"the end {IIN} Bearer t0ken")
"""


def test_every_way_of_logging_is_one_masked_json_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EVERY_WAY], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert len(lines) == 14
    for secret in (IIN + '"', f"({IIN})", "77011234567", "t0ken", "Иванов"):
        assert secret not in done.stderr.replace(f'"amount_tiyn": {IIN}', "")
    assert IIN not in done.stderr.replace(f'"amount_tiyn": {IIN}', "")
    by_event = {line["event"]: line for line in lines}
    assert by_event["numbers"]["amount_tiyn"] == int(IIN)
    assert by_event["numbers"]["who"] == MASK
    assert by_event["positional ***"]
    assert "ValueError: bad ***" in by_event["caught"]["exception"]
    assert by_event["kept"]["policy_id"] == "01980000-0000-7000-8000-123456789012"
    assert "RuntimeError: the end *** Bearer ***" in lines[-1]["exception"]
    first, second = (line for line in lines if line["event"] == "request")
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "route": "/citizens/{who:uuid}",
        "status": 200,
        "ms": 1.5,
        "request_id": "01980000-0000-7000-8000-123456789012",
    }
    assert (second["method"], second["route"]) == (f"G{MASK}", f"/a/{MASK}")


class Stream(io.StringIO):
    """Counts what is written to it; nobody reads it any more when it is `gone`."""

    writes, gone = 0, False

    def write(self, text: str) -> int:
        if self.gone:
            raise BrokenPipeError
        self.writes += 1
        return super().write(text)


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stream]:
    kept = logging.getLogger().handlers[:], logging.getLogger().level, sys.excepthook
    monkeypatch.setattr(sys, "stderr", found := Stream())
    logs.configure("INFO")
    yield found
    logging.getLogger().handlers, logging.getLogger().level, sys.excepthook = kept
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def tell(*numbers: int) -> None:
    for n in numbers:
        logs.AccessLog()("GET", "/x", 200, n, "01980000-0000-7000-8000-123456789012")


def told(stream: Stream) -> list[Any]:
    lines = map(json.loads, stream.getvalue().splitlines())
    return [line["ms"] if line["event"] == "request" else line["event"] for line in lines]


async def test_requests_answered_in_one_turn_are_told_in_one_write(stream: Stream) -> None:
    tell(1, 2, 3)
    assert not stream.writes
    await asyncio.sleep(0)
    assert (stream.writes, told(stream)) == (1, [1, 2, 3])
    tell(4)
    await asyncio.sleep(0)
    assert told(stream) == [1, 2, 3, 4]


async def test_any_other_line_comes_after_what_was_before_it(stream: Stream) -> None:
    tell(1)
    logging.getLogger("x").warning("between")
    tell(2)
    await asyncio.sleep(0)
    assert told(stream) == [1, "between", 2]


def test_without_a_loop_a_line_leaves_at_once(stream: Stream) -> None:
    tell(1)
    assert told(stream) == [1]


def test_what_an_ended_loop_left_leaves_with_the_next(stream: Stream) -> None:
    loop = asyncio.new_event_loop()
    loop.call_soon(tell, 1)
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    assert not told(stream)

    async def turn() -> None:
        tell(2)
        await asyncio.sleep(0)

    asyncio.run(turn())
    assert told(stream) == [1, 2]


async def test_lines_of_the_loop_and_of_a_thread_do_not_mix(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_letters(text: str) -> int:
        for letter in text:
            io.StringIO.write(stream, letter)
            os.sched_yield()
        return len(text)

    monkeypatch.setattr(stream, "write", by_letters)
    other = threading.Thread(
        target=lambda: [logging.getLogger("x").warning("thread") for _ in range(50)]
    )
    other.start()
    for n in range(50):
        tell(n)
        await asyncio.sleep(0)
    other.join()
    assert [t for t in told(stream) if t != "thread"] == list(range(50))
    assert told(stream).count("thread") == 50


async def test_when_nobody_reads_the_lines_nobody_is_held_up(stream: Stream) -> None:
    stream.gone = True
    tell(1)
    await asyncio.sleep(0)
    logging.getLogger("x").warning("lost")
    stream.gone = False
    tell(2)
    await asyncio.sleep(0)
    assert told(stream) == [2]


def test_what_is_told_in_the_last_turn_is_told_at_the_end() -> None:
    last = (
        "import asyncio\nfrom backend.kernel import logs\nlogs.configure('INFO')\n"
        "async def main(): logs.AccessLog()('GET', '/x', 200, 1, 'r')\nasyncio.run(main())"
    )
    done = subprocess.run([sys.executable, "-c", last], capture_output=True, text=True, check=False)
    assert json.loads(done.stderr)["event"] == "request"
