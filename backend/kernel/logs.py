"""Structured logs: one JSON object a line, and no personal data in any of them.

Code logs opaque ids only. The last processor is a net below that rule: whatever still looks like
an IIN, a phone, a token or a password is masked before a byte leaves the process.
"""

import asyncio
import logging
import re
import sys
import time
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, TextIO

import msgspec
import structlog

MASK = "***"

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\bbearer\s+[A-Za-z0-9_.~+/-]+=*"), f"Bearer {MASK}"),
    # the password in an address such as a database URL
    (re.compile(r"(://[^\s:/@]*:)[^\s/@]+@"), rf"\1{MASK}@"),
    # a Telegram bot's token, which stands in the address of every call of its API
    (re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,}"), MASK),
    (
        re.compile(
            r"(?i)\b(token|password|secret|otp|api_?key)(['\"]?\s*[=:]\s*['\"]?)[^\s'\",;&}]+"
        ),
        rf"\1\2{MASK}",
    ),
    # PostgreSQL quotes the row it refused
    (re.compile(r"(?m)^(\s*(?:DETAIL|CONTEXT):).*$"), rf"\1 {MASK}"),
)
# Ids of ours are kept: a UUID, a run of hex as long as a hash. Then 12 digits (IIN, BIN), together or
# in groups; a phone with its plus; a Kazakh mobile number as people write it.
_NUMBERS = re.compile(
    r"""
    (?P<id>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}
         | (?<![0-9A-Za-z])(?=\d{0,15}[a-fA-F])[0-9a-fA-F]{16,}(?![0-9A-Za-z]))
    | (?<!\d)(?:\d[ \u00a0-]?){11}\d(?!\d)
    | \+\d(?:[\s().-]{0,2}\d){9,14}(?!\d)
    | (?<!\d)(?:[78][\s(-]{0,2})?7\d{2}[\s)-]{0,2}\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)
    """,
    re.VERBOSE,
)
# Values under these keys are personal or secret whatever they look like.
_NEVER = frozenset(
    {
        "address", "authorization", "document_no", "full_name", "iin", "otp", "password",
        "patronymic", "phone", "secret", "signature", "surname", "token",
    }
)  # fmt: skip
# A number under such a key is money, time or a size, not a person's.
_UNITS = ("_tiyn", "_ms", "_s", "_ns", "_bytes", "_at", "count")
_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
_PERSONAL_INT = range(10**9, 10**12)  # phones and IINs; an IIN may begin with zeros


def mask(text: str) -> str:
    """`text` without personal numbers, phones, tokens and passwords."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return _NUMBERS.sub(lambda found: found[0] if found["id"] else MASK, text)


def _masked(value: Any, key: str = "") -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if key.lower() in _NEVER:
        return MASK
    if isinstance(value, int):
        return MASK if value in _PERSONAL_INT and not key.endswith(_UNITS) else value
    if isinstance(value, dict):
        return {mask(str(k)): _masked(v, str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(v, key) for v in value]
    return mask(value if isinstance(value, str) else str(value))


def _mask_all(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask every value but the record itself, which structlog keeps under keys with an underscore."""
    return {k: v if k.startswith("_") else _masked(v, k) for k, v in event.items()}


class _Out(logging.StreamHandler[TextIO]):
    """Where lines leave. Those of requests answered in one turn of the loop leave together, in one write.

    A process that is killed loses those of its last turn, though who asked may have been answered.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        assert self.lock is not None
        self._lock = self.lock  # the handler's own, which `handle` and `flush` take too
        self._kept: list[str] = []
        self._turn: asyncio.AbstractEventLoop | None = None  # at its end they leave

    def keep(self, line: str) -> None:
        """One line, ready to leave, from the loop's thread; without a loop it leaves at once."""
        with self._lock:
            self._kept.append(line)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
            return
        if self._turn is not loop:
            self._turn = loop
            loop.call_soon(self._end_turn)

    def _end_turn(self) -> None:
        self._turn = None
        self.flush()

    def emit(self, record: logging.LogRecord) -> None:
        """Any other line, after those that came before it."""
        self._leave()
        super().emit(record)

    def flush(self) -> None:
        """All that is kept leaves."""
        self._leave()
        with suppress(OSError):  # nobody reads: that must not hold up who answers people
            super().flush()

    def _leave(self) -> None:
        with self._lock, suppress(OSError):
            lines, self._kept = self._kept, []
            if lines:
                self.stream.write("\n".join([*lines, ""]))


def _out() -> _Out | None:
    """That of `configure`; None where nobody has configured anything."""
    return next((h for h in logging.getLogger().handlers if isinstance(h, _Out)), None)


_word = lru_cache(maxsize=4096)(mask)  # for words of which there are few


class AccessLog:
    """One line for each request: a fixed set of fields, so that it costs a tenth of any other line.

    The words among them are masked, once for each; the rest are numbers and an id of ours.
    """

    def __init__(self) -> None:
        self._log = logging.getLogger("access")

    def __call__(self, method: str, route: str, status: int, ms: float, request_id: str) -> None:
        """Tell of one request; `route` is the template, never the path."""
        out = _out()
        if out is None or not self._log.isEnabledFor(logging.INFO):
            return
        line = {
            "event": "request",
            "level": "info",
            "method": _word(method),
            "route": _word(route),
            "status": status,
            "ms": ms,
            "request_id": request_id,
            "timestamp": _now(),
        }
        out.keep(msgspec.json.encode(line).decode())


def _now() -> str:
    """As the other lines have it; day and second are put into letters once a second."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return f"{_second(seconds)}.{rest // 1_000:06d}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def configure(level: str = "INFO") -> None:
    """Send structlog and the standard library's logging, both masked, to standard error.

    Warnings and the exception that ends the process go the same way.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        _stamp,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _mask_all,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    # no line tells of these, and each costs a look-up
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = _Out(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    sys.excepthook = _last_words
    for noisy in ("httpx", "httpcore", "asyncio", "uvicorn.access", "aiogram.event"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _last_words(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    logging.getLogger("crash").critical("the process ends", exc_info=(kind, error, at))


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger: `log.info("policy issued", policy_id=…)`; opaque ids only."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
