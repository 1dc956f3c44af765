"""The answer on paper: the complaint, what was decided and why, and where to go on; what was signed is attached."""

import base64
from typing import Any, Final

import msgspec

from backend.egov_adapter.complaint import words
from backend.egov_adapter.complaint.model import AnswerComplaint, DueStatus, RecordDecision
from backend.kernel.resources import Resources
from backend.registry.person.model import Identity
from backend.signing.evidence.model import Evidence
from backend.web import paper

TEMPLATE: Final = "complaint_answer"


def page(
    one: DueStatus, who: Identity, text: str, command: AnswerComplaint | RecordDecision
) -> dict[str, Any]:
    """What the template prints: strings ready to be read."""
    return words.letter(one, who.full_name, text, command)


async def pdf(
    resources: Resources, one: DueStatus, who: Identity, text: str, proof: Evidence
) -> bytes:
    """The letter of a signed answer, with its document and signature attached."""
    command = msgspec.json.decode(proof.document, type=AnswerComplaint | RecordDecision)
    attached = [
        paper.Attachment(
            "answer.json", "application/json", proof.document.decode(), "Жауап / Ответ"
        ),
        paper.Attachment("answer.json.cms", "application/cms", _pem(proof.signature), "ЭЦҚ / ЭЦП"),
    ]
    made: bytes = await paper.pdf(
        TEMPLATE, page(one, who, text, command), at=one.at, attachments=attached
    )
    return made


def _pem(cms: bytes) -> str:
    body = base64.encodebytes(cms).decode()
    return f"-----BEGIN CMS-----\n{body}-----END CMS-----\n"
