"""RFC 9457 problem documents: the one place that knows which refusal is which HTTP status.

Texts are Fluent messages in `web/texts/<language>/<wing>.ftl`, Kazakh the source. A refusal of
the code `WINDOW_CLOSED` is titled by the message `WINDOW_CLOSED` and told what to do by its
attribute `.do`. Nothing internal and nothing personal is ever in a problem.
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, cast
from uuid import uuid4

import asyncpg
import msgspec
import redis.exceptions
from fluent.runtime import FluentBundle, FluentResource
from litestar import MediaType, Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.types import Receive, Scope, Send

from backend.kernel import logs, strict_json
from backend.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from backend.kernel.money import Language
from backend.kernel.tables import RowsInvalid

LANGUAGES: Final[tuple[Language, ...]] = ("kk", "ru", "en")
PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_S = 5
_TEXTS = Path(__file__).parent / "texts"
_STATUS: dict[type[Refusal], int] = {
    Invalid: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooMany: 429,
    Unavailable: 503,
}
# Codes whose HTTP status says more than their family's.
_STATUS_OF_CODE = {
    "TOO_LARGE": 413,
    "MALFORMED_REQUEST": 400,
    "METHOD_NOT_ALLOWED": 405,
    "UNSUPPORTED_ENCODING": 415,
}
log = logs.get("web")


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem document (RFC 9457). Clients branch on `code`; people read `title` and `detail`."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    path: str | None = None
    instance: str | None = None
    facts: dict[str, str | int] | None = None


@cache
def bundle(language: str) -> FluentBundle:
    """The texts of one language."""
    made = FluentBundle([language], use_isolating=False)
    for file in sorted((_TEXTS / language).glob("*.ftl")):
        made.add_resource(FluentResource(file.read_text(encoding="utf-8")))
    return made


def text(code: str, language: str, facts: dict[str, str | int]) -> tuple[str, str]:
    """The title and the advice for `code`; the code itself where a text is missing."""
    texts = bundle(language)
    if not texts.has_message(code):
        return code, code
    message = texts.get_message(code)
    title, _ = texts.format_pattern(message.value, facts) if message.value else (code, [])
    advice = message.attributes.get("do")
    detail = texts.format_pattern(advice, facts)[0] if advice else title
    return cast(str, title), cast(str, detail)


@lru_cache(maxsize=512)
def language_of(accept_language: str | None) -> Language:
    """The best of kk, ru, en for an Accept-Language header; kk without one (RFC 9110 §12.5.4)."""
    wanted: dict[str, tuple[float, int]] = {}
    for position, part in enumerate((accept_language or "")[:200].split(",")):
        tag, _, parameter = part.strip().partition(";")
        found = (-_quality(parameter), position)
        primary = tag.strip().split("-")[0].lower()
        wanted[primary] = min(found, wanted.get(primary, found))
    others = wanted.get("*", (0.0, 0))
    best = min(LANGUAGES, key=lambda language: wanted.get(language, others))
    return best if wanted.get(best, others)[0] < 0 else LANGUAGES[0]


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().lower().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal: its code's own, else its family's."""
    if refusal.actual_code in _STATUS_OF_CODE:
        return _STATUS_OF_CODE[refusal.actual_code]
    for family, status in _STATUS.items():
        if isinstance(refusal, family):
            return status
    return 409


def problem(
    refusal: Refusal, language: str, *, status: int | None = None, instance: str | None = None
) -> Problem:
    """The problem document of a refusal, in one language."""
    code = refusal.actual_code
    title, detail = text(code, language, refusal.facts)
    return Problem(
        type=f"urn:saqtau:problem:{code}",
        title=title,
        status=status or status_of(refusal),
        code=code,
        detail=detail,
        path=refusal.path,
        instance=instance,
        facts=refusal.facts or None,
    )


class RowErrorText(msgspec.Struct, frozen=True):
    """A fault of a row in the caller's language."""

    row: int
    column: str
    code: str
    message: str


class RowsProblem(Problem, frozen=True, omit_defaults=True):
    """The refusal of a table: every faulty row in the extension `errors` (RFC 9457 §3.2)."""

    errors: list[RowErrorText] = msgspec.field(default_factory=list)


def _with_rows(document: Problem, refused: RowsInvalid, language: str) -> RowsProblem:
    shown = [
        RowErrorText(e.row, e.column, e.code, text(e.code, language, {})[0]) for e in refused.errors
    ]
    return RowsProblem(**msgspec.structs.asdict(document), errors=shown)


def _respond(
    request: Request[Any, Any, Any],
    refusal: Refusal,
    status: int | None = None,
    instance: str | None = None,
) -> Response[Any]:
    language = language_of(request.headers.get("accept-language"))
    document = problem(refusal, language, status=status, instance=instance)
    if isinstance(refusal, RowsInvalid):
        document = _with_rows(document, refusal, language)
    headers = {"content-language": language, "vary": "accept-language"}
    if document.status in (429, 503) or refusal.retry_after_s is not None:
        headers["retry-after"] = str(refusal.retry_after_s or RETRY_AFTER_S)
    if document.status == 401:
        headers["www-authenticate"] = 'Bearer realm="saqtau"'
    return Response(
        content=msgspec.json.encode(document),
        status_code=document.status,
        media_type=PROBLEM_JSON,
        headers=headers,
    )


def on_refusal(request: Request[Any, Any, Any], error: Refusal) -> Response[Any]:
    """A refusal of ours."""
    return _respond(request, error)


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the framework refused before a handler ran."""
    if isinstance(error, ValidationException):
        return _respond(request, Invalid(path=_path_of(error)))
    if isinstance(error, NotFoundException):
        return _respond(request, NotFound(code="NO_SUCH_ROUTE"))
    if isinstance(error, MethodNotAllowedException):
        answer = _respond(request, Invalid(code="METHOD_NOT_ALLOWED"))
        answer.headers["allow"] = (error.headers or {}).get("allow", "")
        return answer
    if error.status_code == 413:
        return _respond(request, Invalid(code="TOO_LARGE"))
    if error.status_code >= 500:
        return on_defect(request, error)
    return _respond(request, Invalid(code="MALFORMED_REQUEST"), status=error.status_code)


def _path_of(error: ValidationException) -> str | None:
    """Where the input was wrong, without repeating the value."""
    extra = error.extra
    if isinstance(extra, list) and extra and isinstance(extra[0], dict):
        key, message = extra[0].get("key"), str(extra[0].get("message", ""))
        at = message.partition(" - at `$")[2].rstrip("`")
        if key and at:
            return f"{key}{at}"
        return str(key) if key else None
    return None


def on_bad_json(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A body that is no JSON, repeats a key or nests too deep; 422 for a text nothing can keep."""
    path = error.path if isinstance(error, strict_json.BadJson) else None
    if isinstance(error, strict_json.BadText):
        return _respond(request, Invalid(path=path))
    return _respond(request, Invalid(code="MALFORMED_REQUEST", path=path))


def on_unfit_value(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A value the database cannot hold (a number beyond its type, NUL): the rules let it through.

    The caller is told that the input is wrong, for it is; the missing rule is a defect, and logged.
    """
    log.error("unfit value", route=request.scope.get("path_template"), error=type(error).__name__)
    return _respond(request, Invalid())


def on_store_failure(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The database or Valkey is away, full or gave way to another transaction: come again (FAULTS 5)."""
    log.error("store away", route=request.scope.get("path_template"), error=type(error).__name__)
    return _respond(request, Unavailable(code="STORE_UNAVAILABLE"))


def on_defect(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Our own defect: logged under an id the caller may quote, and nothing of it told."""
    incident = uuid4()
    log.error(
        "defect",
        incident=str(incident),
        route=request.scope.get("path_template", ""),
        error=type(error).__name__,
        exc_info=error,
    )
    return _respond(
        request, Unavailable(code="DEFECT"), status=500, instance=f"urn:uuid:{incident}"
    )


STORE_FAILURES = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
    OSError,  # a socket that is gone, a time-out
)
HANDLERS: dict[Any, Any] = {
    Refusal: on_refusal,
    HTTPException: on_http_exception,
    strict_json.NotJson: on_bad_json,
    strict_json.BadJson: on_bad_json,
    asyncpg.DataError: on_unfit_value,
    **dict.fromkeys(STORE_FAILURES, on_store_failure),
    Exception: on_defect,
}
JSON = MediaType.JSON


async def answer(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request that was refused before its handler, in the same form as after it."""
    request: Request[Any, Any, Any] = Request(scope, receive, send)
    handler = next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)
    response: Response[Any] = handler(request, error)
    await response.to_asgi_response(app=None, request=request)(scope, receive, send)
