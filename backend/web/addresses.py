"""The query of an address: only what the operation knows, each once.

A filter misspelt would be passed over in silence and answer everything; of a parameter sent twice two
readers would each take another.
"""

from typing import Any
from urllib.parse import unquote_plus

from litestar import Litestar, Request
from litestar.routes import HTTPRoute

from backend.kernel import strict_json
from backend.kernel.errors import Invalid

_KNOWN, _NEEDED = "query_known", "query_needed"
OPEN_QUERY = {"query_open": True}  # an `opt` of routes whose addresses another system writes


def learn(app: Litestar) -> None:
    """Write beside every operation which parameters its query may hold."""
    for route in app.routes:
        for handler, reads in (
            route.route_handler_map.values() if isinstance(route, HTTPRoute) else ()
        ):
            asked = reads.expected_query_params
            handler.opt[_KNOWN] = frozenset(p.field_alias for p in asked)
            handler.opt[_NEEDED] = sorted(p.field_alias for p in asked if p.is_required)


def require_known(request: Request[Any, Any, Any]) -> None:
    """Refuse a parameter unknown, repeated or missing (Invalid, with its name as the path)."""
    query: bytes = request.scope["query_string"]
    opt = request.route_handler.opt
    if not (query or opt.get(_NEEDED)) or not request.scope["path"].startswith("/api/"):
        return  # pages for people and probes take what links carry
    if opt.keys() & OPEN_QUERY:
        return
    known, seen = opt.get(_KNOWN), set[str]()
    for part in query.split(b"&"):
        name = unquote_plus(part.partition(b"=")[0].decode("latin-1"))
        if not part:
            continue
        if (known is not None and name not in known) or name in seen:
            raise Invalid(path=strict_json.shown(name))
        seen.add(name)
    for name in opt.get(_NEEDED, ()):
        if name not in seen:
            raise Invalid(path=name)
