"""Request bodies: read whole and bounded; JSON read as RFC 8259 means it, numbers as numbers."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.types import Receive

from backend.kernel import strict_json
from backend.kernel.errors import Invalid


class BodyTooLarge(Invalid):
    """The body is larger than the service reads."""

    code = "TOO_LARGE"


class NotJsonBody(Invalid):
    """The body is not one JSON document in UTF-8, repeats a key or nests too deep."""

    code = "MALFORMED_REQUEST"


class BodyCutOff(NotJsonBody):
    """The caller left before the body ended: half a command is none."""


class EncodedBody(Invalid):
    """The body is compressed; this service reads bodies as they are (RFC 9110 §8.4)."""

    code = "UNSUPPORTED_ENCODING"


def require_plain(headers: Mapping[bytes, bytes]) -> None:
    """Raise EncodedBody when a body is said to be encoded."""
    if headers.get(b"content-encoding", b"identity").strip().lower() not in (b"identity", b""):
        raise EncodedBody(path="Content-Encoding")


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises BodyTooLarge beyond `limit` bytes, BodyCutOff when the caller left."""
    parts: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise BodyCutOff
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise BodyTooLarge
        parts.append(part)
        if not message.get("more_body", False):
            break
    return b"".join(parts)


def replay(body: bytes) -> Receive:
    """A receive channel that gives `body` once."""
    given = False

    async def receive() -> Any:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def require_strict(request: Request[Any, Any, Any]) -> None:
    """Refuse a JSON body that two readers could read differently, or whose types are not exact.

    The framework converts kindly ("1" to 1); money and counts are integers or refused. What
    the handler takes decides, not what the content type claims. Runs after the guards, so that
    who may not ask learns nothing of the input. Raises NotJson, BadJson, Invalid.
    """
    field = request.route_handler.parsed_data_field
    if field is None:
        return
    if getattr(field.kwarg_definition, "media_type", None) not in (None, RequestEncodingType.JSON):
        return
    body = await request.body()
    if not body:
        return  # the framework says that it is missing
    strict_json.parse(body)
    try:
        msgspec.json.decode(body, type=field.annotation)
    except msgspec.ValidationError as e:
        path, _ = strict_json.place(e)
        raise Invalid(path=path.removeprefix("$.")) from None
