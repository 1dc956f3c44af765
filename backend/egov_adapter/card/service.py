"""Make the card. The code on it is the citizen's own of the visits wing: once, within a minute, one clinic."""

from typing import Literal
from uuid import UUID

from backend.egov_adapter.card import words
from backend.egov_adapter.card.model import MadeCard
from backend.egov_adapter.record import service as record
from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.resources import Resources
from backend.registry.consent.errors import ConsentWithdrawnByPerson
from backend.registry.entitlement import service as entitlement
from backend.registry.entitlement.model import Status
from backend.visits.code import service as codes
from backend.web import paper

PPI = 320.0  # a phone's screen


async def make(
    resources: Resources, actor: Actor, person_id: UUID, language: str, kind: Literal["png", "pdf"]
) -> MadeCard:
    """The card of this year's policy. Raises NoPolicy, InsuredNotFound.

    A representative's card, and that of a person who withdrew consent to QR visits (D43), bears no code.
    """
    now = resources.clock.now()
    own = await record.card(resources, person_id)
    found = await entitlement.status_of(resources.db.egov, person_id, legal_date(now))
    svg, until = None, None
    if actor.representation_id is None:
        try:
            code = await codes.personal(
                resources.db.egov, resources.keyring, resources.clock, actor
            )
            svg, until = code.svg, code.expires_at
        except ConsentWithdrawnByPerson:
            pass  # the card says that it has no code, and why
    insured = found.status is Status.CONSUMER
    page = words.card(own, language, insured, found.until, svg, until)
    if kind == "png":
        return MadeCard(await paper.png(words.TEMPLATE, page, at=now, ppi=PPI), until)
    return MadeCard(await paper.pdf(words.TEMPLATE, page, at=now), until)
