"""The certification centre over HTTP: CRL and OCSP as the national centre offers them (ECP.md 1.6)."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, RawBody

from infra.sandbox.state import Sandbox

_FAMILIES = {"gost.crl": "gost2015-512", "rsa.crl": "rsa-sha256"}


@get("/nca/crl/{family:str}", sync_to_thread=False)
def crl(family: FromPath[str], sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    """The CRL of the issuing centre, as it stands at the stand-ins' instant."""
    algorithm = _FAMILIES.get(family)
    if algorithm is None:
        return Response(b"", status_code=404, media_type="application/octet-stream")
    return Response(sandbox.centre.crl(sandbox.now(), algorithm), media_type="application/pkix-crl")


@post("/nca/ocsp", status_code=200, sync_to_thread=False)
def ocsp(body: RawBody, sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    """Answer an OCSP request (RFC 6960 over HTTP POST)."""
    return Response(
        sandbox.centre.ocsp_response(body, sandbox.now()),
        media_type="application/ocsp-response",
    )


HANDLERS = [crl, ocsp]
