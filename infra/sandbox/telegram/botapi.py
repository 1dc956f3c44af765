"""The Bot API: /telegram/bot<token>/<method>, forms or JSON in, `{"ok": true, "result": …}` out."""

from typing import Any

import msgspec
from litestar import Request, Response, get, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from infra.sandbox.telegram.checks import BadRequest
from infra.sandbox.telegram.methods import METHODS, TOKEN
from infra.sandbox.telegram.state import Json, Telegram


def handlers(state: Telegram) -> list[HTTPRouteHandler]:
    """The one route all methods share."""

    @route("/{bot:str}/{method:str}", http_method=["GET", "POST"], status_code=200)
    async def call_method(
        bot: FromPath[str], method: FromPath[str], request: Request[Any, Any, Any]
    ) -> Response[bytes]:
        """Carry out one method of the Bot API."""
        try:
            result = await _carry_out(state, bot, method, request)
        except BadRequest as e:
            refusal: Json = {"ok": False, "error_code": e.code, "description": str(e)}
            if e.parameters:
                refusal["parameters"] = e.parameters
            return _json(refusal, e.code)
        return _json({"ok": True, "result": result}, 200)

    @get("/file/{bot:str}/photos/{name:str}")
    async def fetch(bot: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        """A file a person sent."""
        raw = state.files.get(name.removesuffix(".jpg"))
        if TOKEN.fullmatch(bot) is None or raw is None:
            return Response(b"", status_code=404)
        return Response(raw, media_type="application/octet-stream")

    return [call_method, fetch]


async def _carry_out(
    state: Telegram, bot: str, method: str, request: Request[Any, Any, Any]
) -> Any:
    if TOKEN.fullmatch(bot) is None:
        raise BadRequest("Unauthorized", 401)
    found = METHODS.get(method.lower())
    if found is None:
        raise BadRequest("Not Found", 404)
    _fail_if_told(state, method)
    return await found(state, await _arguments(request), request)


def _json(body: Json, status: int) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")


def _fail_if_told(state: Telegram, method: str) -> None:
    """A fault ordered through the person's side: 429, 5xx, for the next calls of a method."""
    for fault in state.faults:
        if fault["method"].lower() == method.lower() and fault["times"] > 0:
            fault["times"] -= 1
            code = fault["code"]
            if code == 429:
                raise BadRequest("Too Many Requests: retry after 1", code, retry_after=1)
            raise BadRequest("Internal Server Error", code)


async def _arguments(request: Request[Any, Any, Any]) -> Json:
    """The arguments, however they came; objects inside a form are JSON texts."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    found: Json = dict(request.query_params.items())
    try:
        if kind == "application/json":
            body = await request.json()
            return found | body if isinstance(body, dict) else found
        if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
            found |= dict((await request.form()).items())
        for key in ("reply_markup", "commands", "allowed_updates", "scope", "link_preview_options"):
            if isinstance(found.get(key), str):
                found[key] = msgspec.json.decode(found[key])
    except (msgspec.DecodeError, ValueError):
        raise BadRequest("Bad Request: can't parse the request") from None
    return found
