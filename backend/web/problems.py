"""RFC 9457 problem documents: the one place that knows which refusal is which HTTP status.

Texts are Fluent messages in `web/texts/<language>/<wing>.ftl`, Kazakh the source. A refusal of
the code `WINDOW_CLOSED` is titled by the message `WINDOW_CLOSED` and told what to do by its
attribute `.do`. Nothing internal and nothing personal is ever in a problem.
"""

from functools import cache
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import msgspec
from fluent.runtime import FluentBundle, FluentResource
from litestar import MediaType, Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)

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

LANGUAGES = ("kk", "ru", "en")
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


def language_of(accept_language: str | None) -> str:
    """The best of kk, ru, en for an Accept-Language header; kk without one (RFC 9110 §12.5.4)."""
    wanted: list[tuple[float, int, str]] = []
    for position, part in enumerate((accept_language or "")[:200].split(",")):
        tag, _, parameter = part.strip().partition(";")
        quality = 1.0
        if parameter.strip().startswith("q="):
            try:
                quality = float(parameter.strip()[2:])
            except ValueError:
                quality = 0.0
        primary = tag.split("-")[0].lower()
        if primary in LANGUAGES and quality > 0:
            wanted.append((-quality, position, primary))
    return min(wanted)[2] if wanted else "kk"


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal's family."""
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


def _respond(
    request: Request[Any, Any, Any],
    refusal: Refusal,
    status: int | None = None,
    instance: str | None = None,
) -> Response[Any]:
    language = language_of(request.headers.get("accept-language"))
    document = problem(refusal, language, status=status, instance=instance)
    headers = {"content-language": language}
    if document.status in (429, 503):
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
        return _respond(request, Invalid(code="METHOD_NOT_ALLOWED"), status=405)
    if error.status_code == 413:
        return _respond(request, Invalid(code="TOO_LARGE"), status=413)
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
    """A body that is no JSON, repeats a key or nests too deep."""
    path = error.path if isinstance(error, strict_json.BadJson) else None
    return _respond(request, Invalid(code="MALFORMED_REQUEST", path=path), status=400)


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


HANDLERS: dict[Any, Any] = {
    Refusal: on_refusal,
    HTTPException: on_http_exception,
    strict_json.NotJson: on_bad_json,
    strict_json.BadJson: on_bad_json,
    Exception: on_defect,
}
JSON = MediaType.JSON
