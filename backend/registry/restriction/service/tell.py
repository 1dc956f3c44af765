"""Holders are told by SMS that their account is blocked, on what ground and what can be done."""

from datetime import timedelta
from typing import Final

from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.person import service as persons
from backend.registry.restriction import queries
from backend.registry.restriction.model import Notice
from backend.sources.exchange import SourceUnavailable
from backend.sources.sms import service as sms
from backend.web import problems

BATCH: Final = 20  # messages in a row; the next second brings more
TRY_AGAIN: Final = timedelta(minutes=1)


async def tell_due(resources: Resources) -> int:
    """Send the notices that are due; how many. A silent gateway is asked again a minute later.

    The gateway knows a message by the ground's id: told twice is told once.
    """
    if not resources.config.sms_url:
        return 0
    db, now = resources.db.registry, resources.clock.now()
    told = 0
    for notice in await queries.NOTICES.all(db, now, BATCH):
        phone = await _phone(resources, notice)
        if phone is not None:
            message = sms.Message(notice.restriction_id, phone, _text(notice))
            try:
                await sms.send(resources.http, resources.config, message)
            except SourceUnavailable:
                row = (notice.subject_id, notice.restriction_id)
                await queries.PUT_OFF.run(db, *row, now + TRY_AGAIN)
                return told
            told += 1
        await queries.PUT_OFF.run(db, notice.subject_id, notice.restriction_id, None)
    return told


async def _phone(resources: Resources, notice: Notice) -> str | None:
    db = resources.db.registry
    if not notice.person:
        (organisation,) = (await accounts.organisations(db, [notice.subject_id])).values()
        return organisation.contacts.phone
    known = await persons.identities(db, resources.keyring, [notice.subject_id])
    return known[notice.subject_id].phone if notice.subject_id in known else None


def _text(notice: Notice) -> str:
    """In both languages of the state: which one the holder reads is not known."""
    texts = [
        problems.text("ACCOUNT_BLOCKED_SMS", language, {"ground": notice.ground.value})[0]
        for language in ("kk", "ru")
    ]
    return "\n".join(texts)
