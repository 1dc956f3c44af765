"""What becomes of a complaint, shown in the citizen's eGov cabinet: every status, in order, once (M §53).

A status is put down in the transaction that changed it and told by a sweep. The cabinet knows each by its
id, so that an answer lost on the way, or a worker that died, tells nothing twice; a cabinet that is silent
holds nothing up. A signed answer goes as it was signed, with the signature, and as a letter on paper.
"""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.egov_adapter.complaint import letter, queries, words
from backend.egov_adapter.complaint.model import DueStatus
from backend.egov_adapter.complaint.service import context
from backend.kernel import logs
from backend.kernel.clock import legal_date
from backend.kernel.resources import Resources
from backend.registry.consent import service as consents
from backend.registry.consent.model import Purpose
from backend.registry.person import service as persons
from backend.registry.person.errors import InsuredNotFound
from backend.registry.person.model import Identity
from backend.signing.errors import EvidenceBroken
from backend.signing.evidence import service as evidence
from backend.sources.egov import service as egov
from backend.sources.exchange import SourceUnavailable

AT_ONCE: Final = 16
FIRST_PAUSE: Final = timedelta(seconds=10)  # doubled with each failure
LONGEST_PAUSE: Final = timedelta(minutes=10)
DELIVERED: Final = "DELIVERED"
WITHHELD: Final = "WITHHELD"
log = logs.get("egov.complaint")


async def tell_statuses(resources: Resources) -> None:
    """The sweep: statuses the cabinets have not shown yet; it ends at a batch that met with trouble."""
    db = resources.db.egov
    while due := await queries.DUE_STATUSES.all(db, resources.clock.now(), AT_ONCE):
        told = await asyncio.gather(*(_tell(resources, one) for one in due))
        if not all(told):
            return


async def _tell(resources: Resources, one: DueStatus) -> bool:
    """Tell one status; False, and put off, when it could not be told now."""
    db = resources.db.egov
    if await consents.closed(db, one.person_id, Purpose.EGOV, resources.clock.now()):
        await _settle(resources, one, WITHHELD)
        return True
    try:
        message = await _message(resources, one)
        await egov.tell_complaint(resources.http, resources.config, message)
    except (SourceUnavailable, InsuredNotFound, EvidenceBroken) as e:
        log.warning("a complaint's status waits", status_id=str(one.status_id), reason=e.code)
        pause = min(FIRST_PAUSE * 2 ** min(one.tries, 10), LONGEST_PAUSE)
        await queries.PUT_OFF.run(db, one.complaint_id, one.no, resources.clock.now() + pause)
        return False
    await _settle(resources, one, DELIVERED)
    return True


async def _message(resources: Resources, one: DueStatus) -> egov.ComplaintStatus:
    who = await persons.identity(resources.db.registry, resources.keyring, one.person_id)
    kk, ru = words.said(one)
    return egov.ComplaintStatus(
        message_id=one.status_id,
        iin=who.iin,
        number=one.tracking_number,
        no=one.no,
        status=one.status.value,
        at=one.at,
        due_on=legal_date(one.due_at),
        said=egov.Said(kk, ru),
        answer=await _answer(resources, one, who, one.evidence_id) if one.evidence_id else None,
    )


async def _settle(resources: Resources, one: DueStatus, outcome: str) -> None:
    now = resources.clock.now()
    await queries.SETTLE.run(resources.db.egov, one.complaint_id, one.no, now, outcome)


async def _answer(
    resources: Resources, one: DueStatus, who: Identity, evidence_id: UUID
) -> egov.SignedAnswer:
    """The answer byte for byte as it was signed, and the letter. Raises EvidenceBroken."""
    proof = await evidence.find(resources.db.signing, evidence_id)
    assert proof is not None, "a foreign key holds it"
    text = resources.keyring.open(one.text_sealed, context(one.complaint_id, "text")).decode()
    return egov.SignedAnswer(
        document=proof.document,
        seal=proof.signature,
        pdf=await letter.pdf(resources, one, who, text, proof),
    )
