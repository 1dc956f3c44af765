"""The JSON of eGov Mobile's QR signing, exactly (ECP.md §4.2, §4.3), and its links (§4.4). Pure."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from backend.kernel.clock import to_legal
from backend.signing.egov_qr.errors import PackageChanged
from backend.signing.egov_qr.model import (
    AuthType,
    DocumentRow,
    Json,
    Links,
    Name,
    PackageRow,
    SignMethod,
)

VERSION = 1
MARKER = "mgovSign"  # the last part of the address of API 1, by which m.egov.kz knows it (§4.4)
QR_SCHEME = "mobileSign:"
# App stores' numbers of the two apps, as m.egov.kz wants them (§4.4).
_MOBILE = (
    "https://m.egov.kz/mobileSign/?link={}&isi=1476128386&ibi=kz.egov.mobile&apn=kz.mobile.mgov"
)
_BUSINESS = (
    "https://m.egov.kz/businessSign/?link={}"
    "&isi=1597880144&ibi=kz.mobile.mgov.business&apn=kz.mobile.mgov.business"
)


def qr_text(entry: str) -> str:
    """What the QR code holds: the scheme and the address of API 1, without spaces."""
    return f"{QR_SCHEME}{entry}"


def links(entry: str) -> Links:
    """The links for the phone that shows the page; the address of API 1 is encoded whole."""
    encoded = quote(entry, safe="")
    return Links(
        egov_mobile=_MOBILE.format(encoded),
        egov_business=_BUSINESS.format(encoded),
        direct=qr_text(entry),
    )


def expiry(at: datetime) -> str:
    """ISO 8601 with milliseconds and an offset, as the app reads it: 2026-04-06T09:10:00.000+05:00."""
    return to_legal(at).isoformat(timespec="milliseconds")


def introduction(
    package: PackageRow, organisation: Name, bin_: str, *, uri: str, token: str, language: str
) -> Json:
    """API 1: who asks, until when, and where the documents are. `token` is "" unless auth is Token."""
    return {
        "description": getattr(package.description, language),
        "expiry_date": expiry(package.expires_at),
        "organisation": {
            "nameRu": organisation.ru,
            "nameKz": organisation.kk,
            "nameEn": organisation.en,
            "bin": bin_,
        },
        "document": {
            "uri": uri,
            "auth_type": package.auth_type.value,
            "auth_token": token if package.auth_type is AuthType.TOKEN else "",
        },
    }


def documents_to_sign(package: PackageRow, documents: Sequence[DocumentRow]) -> Json:
    """API 2: the documents, each by its method."""
    mixed = package.sign_method is SignMethod.MIX_SIGN
    return {
        "signMethod": package.sign_method.value,
        "version": VERSION,
        "documentsToSign": [_document(d, mixed=mixed) for d in documents],
    }


def _document(document: DocumentRow, *, mixed: bool) -> Json:
    shown: Json = {
        "id": document.number,
        "nameRu": document.name.ru,
        "nameKz": document.name.kk,
        "nameEn": document.name.en,
        "meta": [{"name": m.name, "value": m.value} for m in document.meta],
    }
    if mixed:
        shown["signMethod"] = document.sign_method.value
    if document.sign_method is SignMethod.XML:
        shown["documentXml"] = document.content.decode()
    else:
        data = base64.b64encode(document.content).decode()
        shown["document"] = {"file": {"mime": document.mime, "data": data}}
    return shown


def signed_values(offered: Json, returned: object) -> list[bytes]:
    """The signed values of what the app sent back: signed XML or CMS, in the order of the offer.

    Every other field must be as it was offered (a field that is null counts as absent), every
    document must be there, once, in its place, and its value another than the offered one.
    Raises PackageChanged with the path of the first difference.
    """
    _require_same(_without(offered), _without(returned), "$")
    assert isinstance(returned, dict)  # like `offered`, whose shape it has
    pairs = zip(offered["documentsToSign"], returned["documentsToSign"], strict=True)
    return [_value(one, other, i) for i, (one, other) in enumerate(pairs)]


def _without(package: object) -> object:
    """The package with its signed values taken out: what must not change."""
    if not isinstance(package, dict) or not isinstance(package.get("documentsToSign"), list):
        return package
    return {**package, "documentsToSign": [_hollow(d) for d in package["documentsToSign"]]}


def _hollow(document: object) -> object:
    if not isinstance(document, dict):
        return document
    hollow = dict(document)
    if isinstance(hollow.get("documentXml"), str):
        hollow["documentXml"] = ""
    holder = hollow.get("document")
    if isinstance(holder, dict) and isinstance(holder.get("file"), dict):
        file = holder["file"]
        if isinstance(file.get("data"), str):
            hollow["document"] = {**holder, "file": {**file, "data": ""}}
    return hollow


def _require_same(one: object, other: object, path: str) -> None:
    if isinstance(one, dict) and isinstance(other, dict):
        keys = {k for k, v in one.items() if v is not None}
        keys |= {k for k, v in other.items() if v is not None}
        for key in sorted(keys):
            _require_same(one.get(key), other.get(key), f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            raise PackageChanged(path=path)
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            _require_same(a, b, f"{path}[{i}]")
    elif type(one) is not type(other) or one != other:
        raise PackageChanged(path=path if len(path) < 200 else path[:200])


def _value(offered: Json, returned: Json, index: int) -> bytes:
    path = f"$.documentsToSign[{index}]"
    if "documentXml" in offered:
        xml: str = returned["documentXml"]
        if xml == offered["documentXml"]:
            raise PackageChanged(path=f"{path}.documentXml")
        return xml.encode()
    data: str = returned["document"]["file"]["data"]
    where = f"{path}.document.file.data"
    try:
        cms = base64.b64decode(_bare(data), validate=True)
    except (binascii.Error, ValueError):
        raise PackageChanged(path=where) from None
    if not cms or cms == base64.b64decode(offered["document"]["file"]["data"]):
        raise PackageChanged(path=where)
    return cms


def _bare(text: str) -> str:
    """Base64 without the lines and the armour that some clients wrap a CMS in (ECP.md §3.1)."""
    lines = (line.strip() for line in text.splitlines())
    return "".join("".join(line.split()) for line in lines if not line.startswith("-----"))
