"""One HTTP exchange with an outside system: bounded in time, and unknown never passes (D28).

Whatever goes wrong (no address, no answer, an error status, an answer of another shape) is one
refusal, SOURCE_UNAVAILABLE, with the source's name and nothing of what was sent. Never call it
inside a transaction.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
import msgspec

from backend.kernel import logs
from backend.kernel.errors import Unavailable

T = TypeVar("T")
ANSWER_MAX = 1_000_000  # bytes
# A record from the future is no record: clocks may differ by so much.
CLOCKS_DIFFER_MAX = timedelta(minutes=5)
log = logs.get("sources")


class SourceUnavailable(Unavailable):
    """A source that has to be asked does not answer, or answers nonsense."""

    code = "SOURCE_UNAVAILABLE"


async def post_json(
    http: httpx.AsyncClient,
    source: str,
    base_url: str,
    path: str,
    body: Any,
    answer: type[T],
    *,
    timeout_s: float,
) -> T:
    """POST `body` as JSON to `base_url` + `path` and read the 2xx answer as `answer`.

    Raises SourceUnavailable(source=…) on any failure.
    """
    if not base_url:
        raise _unavailable(source, "NOT_CONFIGURED")
    try:
        response = await http.post(
            base_url.rstrip("/") + path,
            content=msgspec.json.encode(body),
            headers={"content-type": "application/json", "accept": "application/json"},
            timeout=timeout_s,
            follow_redirects=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as e:
        raise _unavailable(source, type(e).__name__) from None
    if not response.is_success:
        raise _unavailable(source, f"HTTP_{response.status_code}")
    if len(response.content) > ANSWER_MAX:
        raise _unavailable(source, "TOO_LARGE")
    try:
        return msgspec.json.decode(response.content, type=answer)
    except msgspec.DecodeError:
        raise _unavailable(source, "BAD_ANSWER") from None


def one_each(
    source: str, asked: Iterable[str], answers: Sequence[T], number_of: Callable[[T], str]
) -> dict[str, T]:
    """The answers by the number they are about: each asked exactly once. Raises SourceUnavailable."""
    found = {number_of(answer): answer for answer in answers}
    if len(found) != len(answers) or found.keys() != set(asked):
        raise _unavailable(source, "BAD_ANSWER")
    return found


def is_fresh(as_of: datetime, now: datetime, kept: timedelta) -> bool:
    """Whether a record made at `as_of` is neither older than `kept` nor of the future."""
    if as_of.tzinfo is None:
        return False
    return now - kept <= as_of <= now + CLOCKS_DIFFER_MAX


def portions(asked: Iterable[str], size: int) -> Iterator[Sequence[str]]:
    """The distinct numbers asked about, `size` at a time."""
    distinct = sorted(set(asked))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]


def _unavailable(source: str, reason: str) -> SourceUnavailable:
    log.warning("source unavailable", source=source, reason=reason)
    return SourceUnavailable(source=source)
