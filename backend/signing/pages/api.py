"""The page /sign and the script that other pages may take from it."""

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
    "sign.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "saqtau-sign.js": "text/javascript; charset=utf-8",
    "texts.json": "application/json",
}
_FILES = {name: (_FOLDER / name).read_bytes() for name in _TYPES}
_NCALAYER = "wss://127.0.0.1:13579"  # ECP.md §3.1


def _policy(config: Config) -> str:
    """What the page may load and speak to: ourselves and NCALayer; a stand-in outside production."""
    layers = _NCALAYER
    if config.mode is not Mode.PRODUCTION:
        layers += " ws://127.0.0.1:* wss://127.0.0.1:*"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
        f"connect-src 'self' {layers}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _answer(name: str, config: Config) -> Response[bytes]:
    return Response(
        _FILES[name],
        media_type=_TYPES[name],
        headers={
            "content-security-policy": _policy(config),
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cache-control": "no-cache",
        },
    )


@get("/sign", guards=[public], include_in_schema=False)
async def page(config: NamedDependency[Config]) -> Response[bytes]:
    """Give the page."""
    return _answer("index.html", config)


@get("/sign/{name:str}", guards=[public], include_in_schema=False)
async def file(name: FromPath[str], config: NamedDependency[Config]) -> Response[bytes]:
    """Give one of the page's files; there are no others."""
    if name not in _TYPES:
        raise NotFound
    return _answer(name, config)


HANDLERS = [page, file]
