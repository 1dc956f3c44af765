"""The result on paper: PDF/A-3 with the sealed data and the issuer's signature attached, and App.2."""

import base64
from datetime import datetime
from typing import Final

from backend.egov_adapter.state_service import rules, words
from backend.egov_adapter.state_service.model import Outcome
from backend.kernel.resources import Resources
from backend.signing.seal import service as seal
from backend.signing.seal.errors import SealMissing
from backend.web import paper

TEMPLATE: Final = "state_service"
PASSPORT: Final = "state_service_passport"


async def pdf(resources: Resources, octets: bytes, cms: bytes) -> bytes:
    """The PDF of those octets, with the issuer's PAdES where it has an RSA key."""
    outcome = rules.read(octets)
    attached = [
        paper.Attachment("document.json", "application/json", octets.decode(), "Деректер / Данные"),
        paper.Attachment(
            "document.json.cms", "application/cms", _pem(cms), "Эмитенттің ЭЦҚ / ЭЦП эмитента"
        ),
    ]
    made = await paper.pdf(
        TEMPLATE, words.page(outcome), at=outcome.issued_at, attachments=attached
    )
    try:
        return await seal.seal_pdf(
            resources.config,
            seal.Owner.ISSUER,
            made,
            outcome.issued_at,
            reason=words.said("SERVICE_FORM", "kk"),
        )
    except SealMissing:
        return made


async def png(outcome: Outcome, *, ppi: float) -> bytes:
    """The first page as a picture."""
    return await paper.png(TEMPLATE, words.page(outcome), at=outcome.issued_at, ppi=ppi)


async def passport(at: datetime) -> bytes:
    """Appendix 2, the service's passport."""
    return await paper.pdf(PASSPORT, words.passport(), at=at)


def _pem(cms: bytes) -> str:
    body = base64.encodebytes(cms).decode()
    return f"-----BEGIN CMS-----\n{body}-----END CMS-----\n"
