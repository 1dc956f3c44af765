"""Structured logs: one JSON object a line, and no personal data in any of them.

Code logs opaque ids only. The last processor is a net below that rule: whatever still looks like
an IIN, a phone or a bearer token is masked before a byte leaves the process.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# 12 digits are an IIN or BIN, 10-15 after a plus a phone (E.164). Digit runs inside longer
# words (hex ids, hashes) are left alone.
_PERSONAL = re.compile(r"(?<![0-9A-Za-z-])(?:\d{12}|\+\d{10,15})(?![0-9A-Za-z])")
_TOKEN = re.compile(r"(?i)bearer\s+[A-Za-z0-9_.~+/-]+=*")
MASK = "***"


def mask(text: str) -> str:
    """`text` without personal numbers, phones and bearer tokens."""
    return _TOKEN.sub("Bearer " + MASK, _PERSONAL.sub(MASK, text))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {k: _masked(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(v) for v in value]
    return value


def _mask_all(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _masked(value) for key, value in event.items()}


def configure(level: str = "INFO") -> None:
    """Send structlog and the standard library's logging, both masked, to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _mask_all,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _mask_all,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "asyncio", "uvicorn.access", "aiogram.event"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger: `log.info("policy issued", policy_id=…)`; opaque ids only."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
