"""Extracts over HTTP: the insured's own, the offices' on their grounds, and a check for everybody."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import ISSUER_SIGNERS, Actor, Role, Scope
from backend.kernel.ids import IinInvalid
from backend.kernel.resources import Resources
from backend.registry.extract import paper, rules, service
from backend.registry.extract.errors import ExtractNotFound, NoPolicyToShow
from backend.registry.extract.model import (
    CheckCode,
    Checked,
    Given,
    OrderExtract,
    RequestExtract,
    Row,
    TakeExtract,
)
from backend.registry.person.errors import InsuredNotFound
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.seal.errors import SealMissing
from backend.web import limits
from backend.web.guards import public, requires
from backend.web.limits import Limit
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

CITIZEN = [requires(Role.INSURED, scope=Scope.EXTRACT)]
OFFICES = [requires(ISSUER_SIGNERS, Role.REGISTRAR)]
# A code has 100 bits: nobody guesses one, and nobody needs to check hundreds a minute.
CHECKS_PER_ADDRESS: Final = Limit("extract-checks", 300, timedelta(minutes=1))
_NO_STORE = {"cache-control": "no-store"}
_SIGNED = {"document": "eyJvcGVyYXRpb24iOi…", "signature": "MIIGzgYJKoZIhvcNAQcC…"}
_PROVED = {
    "kind": "ACCOUNT",
    "issued_at": "2026-04-06T04:00:00Z",
    "sha256": "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "leaf_hash": "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "proved": False,
}
_GIVEN = {
    "extract_id": "01980000-0000-7000-8000-000000000021",
    "code": "63CP7HPM9M9F94ZBQGP6",
    **_PROVED,
}
CMS = "application/cms"  # RFC 7193
_PDF = "%PDF-1.7 …"
_FILE = {
    "document": {"kind": "ACCOUNT", "schema": "saqtau-extract-v1"},
    "operation": {"op_type": "ACCOUNT_EXTRACT", "seq": 7},
    "proof": {"type": "promise", "key_number": 1},
}


# --- the insured ----------------------------------------------------------------------------------


@post(
    "/citizen/extracts",
    guards=CITIZEN,
    tags=["registry"],
    **operation(
        "TakeExtract",
        "Take an extract of my own account",
        discloses="own",
        errors=(InsuredNotFound, NoPolicyToShow),
        body={"kind": "ACCOUNT", "consent": True},
        answer=_GIVEN,
    ),
)
async def take(
    data: JSONBody[TakeExtract],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Given:
    """Make one of the four extracts of M §30(2)-(5) about me, on my consent (M §44)."""
    return await service.take(resources, actor, data)


@get(
    "/citizen/extracts",
    guards=CITIZEN,
    tags=["registry"],
    **operation(
        "ListOwnExtracts",
        "Extracts I took",
        discloses="own",
        errors=(BadCursor,),
        answer={"items": [_GIVEN], "next": None},
    ),
)
async def list_own(
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Given]:
    """List the extracts I took, the newest first."""
    return await service.own(resources, actor, cursor, limit)


@get(
    "/citizen/extracts/{extract_id:uuid}/json",
    guards=CITIZEN,
    tags=["registry"],
    **operation(
        "GetOwnExtractJson",
        "My extract as a file of data",
        discloses="own",
        errors=(ExtractNotFound,),
        answer=_FILE,
    ),
)
async def own_json(
    extract_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """Hand out the document with its operation and proof, exactly as it is verified."""
    row = await service.own_row(resources, actor, "GetOwnExtractJson", extract_id)
    return await _json(resources, row)


@get(
    "/citizen/extracts/{extract_id:uuid}/pdf",
    guards=CITIZEN,
    tags=["registry"],
    media_type="application/pdf",
    **operation(
        "GetOwnExtractPdf",
        "My extract on paper",
        discloses="own",
        errors=(ExtractNotFound,),
        answer=_PDF,
    ),
)
async def own_pdf(
    extract_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """Hand out the sealed PDF: Kazakh and Russian, the proof as a QR, the data inside."""
    row = await service.own_row(resources, actor, "GetOwnExtractPdf", extract_id)
    return await _pdf(resources, row)


@get(
    "/citizen/extracts/{extract_id:uuid}/seal",
    guards=CITIZEN,
    tags=["registry"],
    media_type=CMS,
    **operation(
        "GetOwnExtractSeal",
        "The registrar's seal on my extract",
        discloses="own",
        errors=(ExtractNotFound, SealMissing),
        answer="MIIGzgYJKoZIhvcNAQcC…",
    ),
)
async def own_seal(
    extract_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """Hand out a detached CMS by the registrar over the file of data, where its key is set up."""
    row = await service.own_row(resources, actor, "GetOwnExtractSeal", extract_id)
    return await _seal(resources, row)


# --- the issuer and the registrar -----------------------------------------------------------------


@post(
    "/extracts/orders",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["registry"],
    **operation(
        "OrderExtract",
        "Order an extract, as the issuer",
        discloses="person",
        errors=(
            *SIGNING_ERRORS,
            IinInvalid,
            InsuredNotFound,
            NoPolicyToShow,
        ),
        body=_SIGNED,
        answer=_GIVEN,
    ),
)
async def order(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Given:
    """Make an extract about an insured person on the issuer's signed order (M §43)."""
    signed = await evidence.accept(resources, actor, data, OrderExtract)
    return await service.order(resources, actor, signed)


@post(
    "/extracts/requests",
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "RequestExtract",
        "Enter a state body's request for an extract",
        discloses="person",
        errors=(
            *SIGNING_ERRORS,
            IinInvalid,
            InsuredNotFound,
            NoPolicyToShow,
        ),
        body=_SIGNED,
        answer=_GIVEN,
    ),
)
async def request(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Given:
    """Make an extract for an entitled state body, on its written request (M §45)."""
    signed = await evidence.accept(resources, actor, data, RequestExtract)
    return await service.request(resources, actor, signed)


@get(
    "/extracts/{extract_id:uuid}/json",
    guards=OFFICES,
    tags=["registry"],
    **operation(
        "GetOrderedExtractJson",
        "An ordered extract as a file of data",
        discloses="person",
        errors=(ExtractNotFound,),
        answer=_FILE,
    ),
)
async def ordered_json(
    extract_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """Hand out what this office ordered, and no other's."""
    row = await service.ordered_row(resources, actor, "GetOrderedExtractJson", extract_id)
    return await _json(resources, row)


@get(
    "/extracts/{extract_id:uuid}/pdf",
    guards=OFFICES,
    tags=["registry"],
    media_type="application/pdf",
    **operation(
        "GetOrderedExtractPdf",
        "An ordered extract on paper",
        discloses="person",
        errors=(ExtractNotFound,),
        answer=_PDF,
    ),
)
async def ordered_pdf(
    extract_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """Hand out the sealed PDF of what this office ordered."""
    row = await service.ordered_row(resources, actor, "GetOrderedExtractPdf", extract_id)
    return await _pdf(resources, row)


@get(
    "/extracts/{extract_id:uuid}/seal",
    guards=OFFICES,
    tags=["registry"],
    media_type=CMS,
    **operation(
        "GetOrderedExtractSeal",
        "The registrar's seal on an ordered extract",
        discloses="person",
        errors=(ExtractNotFound, SealMissing),
        answer="MIIGzgYJKoZIhvcNAQcC…",
    ),
)
async def ordered_seal(
    extract_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """Hand out a detached CMS by the registrar over the file of data, where its key is set up."""
    row = await service.ordered_row(resources, actor, "GetOrderedExtractSeal", extract_id)
    return await _seal(resources, row)


# --- everybody ------------------------------------------------------------------------------------


@post(
    "/extracts/check",
    status_code=200,
    guards=[public],
    tags=["registry"],
    **operation(
        "CheckExtract",
        "Check an extract by its code",
        discloses="nothing",
        guarded=False,
        errors=(ExtractNotFound,),
        body={"code": "63CP-7HPM-9M9F-94ZB-QGP6"},
        answer=_PROVED,
    ),
)
async def check(
    request: Request[Any, Any, Any],
    data: JSONBody[CheckCode],
    resources: NamedDependency[Resources],
) -> Checked:
    """Tell that an extract of this code was given, when, and its hash: nothing about the person."""
    address = request.client.host if request.client else "unknown"
    await limits.count(resources, (CHECKS_PER_ADDRESS, address))
    return await service.check(resources, data)


async def _json(resources: Resources, row: Row) -> Response[bytes]:
    octets = rules.file_octets(await service.file(resources, row))
    return Response(octets, media_type=MediaType.JSON, headers=_NO_STORE)


async def _pdf(resources: Resources, row: Row) -> Response[bytes]:
    made = await paper.pdf(resources, await service.file(resources, row))
    name = f'inline; filename="saqtau-{row.code}.pdf"'
    return Response(
        made,
        media_type="application/pdf",
        headers={**_NO_STORE, "content-disposition": name},
    )


async def _seal(resources: Resources, row: Row) -> Response[bytes]:
    made = await paper.cms(resources, await service.file(resources, row))
    return Response(made, media_type=CMS, headers=_NO_STORE)
