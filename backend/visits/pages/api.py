"""The page /visits: a clinic watches its visit day. Its way of signing in is /sign's."""

from pathlib import Path

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend.kernel.config import Config, Mode
from backend.kernel.errors import NotFound
from backend.web.guards import public

_FOLDER = Path(__file__).parent
_TYPES = {
    "index.html": "text/html; charset=utf-8",
    "day.css": "text/css; charset=utf-8",
    "day.js": "text/javascript; charset=utf-8",
    "texts.json": "application/json",
}
_FILES = {name: (_FOLDER / name).read_bytes() for name in _TYPES}
_NCALAYER = "wss://127.0.0.1:13579"  # ECP.md §3.1


def _answer(name: str, config: Config) -> Response[bytes]:
    layers = _NCALAYER
    if config.mode is not Mode.PRODUCTION:  # a stand-in
        layers += " ws://127.0.0.1:* wss://127.0.0.1:*"
    return Response(
        _FILES[name],
        media_type=_TYPES[name],
        headers={
            "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
            f"img-src data:; connect-src 'self' {layers}; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cache-control": "no-cache",
        },
    )


@get("/visits", guards=[public], include_in_schema=False)
async def page(config: NamedDependency[Config]) -> Response[bytes]:
    """Give the page."""
    return _answer("index.html", config)


@get("/visits/{name:str}", guards=[public], include_in_schema=False)
async def file(name: FromPath[str], config: NamedDependency[Config]) -> Response[bytes]:
    """Give one of the page's files; there are no others."""
    if name not in _TYPES:
        raise NotFound
    return _answer(name, config)


HANDLERS = [page, file]
