"""Notices over HTTP: the person reads the own ones, the bot keeps what was chosen and tells."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from backend.egov_adapter.notice import service
from backend.egov_adapter.notice.errors import CitizenUnproved, NoticeNotClaimed
from backend.egov_adapter.notice.model import (
    Choice,
    Claimed,
    ClaimNotice,
    ConnectChat,
    LeaveChat,
    OwnNotice,
    ReportNotice,
    SpeakInChat,
)
from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.web.guards import requires
from backend.web.limits import Limit, count
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

BOT = [requires(Role.BOT)]
CHOICES_PER_CHAT: Final = Limit("notice-choices", 120)
_CHOICE = {
    "topics": ["COMPLAINT_ANSWERED", "SERVICE_BILLED"],
    "quiet": {"from": "21:00", "to": "09:00"},
    "language": "kk",
}
_CLAIM = "01980000-0000-7000-8000-00000000000d"


@get(
    "/citizen/notices/choice",
    guards=[requires(Role.INSURED)],
    tags=["egov"],
    **operation(
        "GetOwnNoticeChoice",
        "What I chose to be told of",
        discloses="own",
        answer=_CHOICE,
    ),
)
async def own_choice(
    resources: NamedDependency[Resources], actor: NamedDependency[Actor]
) -> Choice:
    """Tell my topics and quiet hours in the bot's chat."""
    now = resources.clock.now()
    person_id = await access_records.record_own(
        resources.db.egov, actor, "GetOwnNoticeChoice", at=now
    )
    return await service.choice(resources.db.egov, person_id)


@get(
    "/citizen/notices",
    guards=[requires(Role.INSURED)],
    tags=["egov"],
    **operation(
        "ListOwnNotices",
        "What I was told",
        discloses="own",
        errors=(BadCursor,),
        answer={
            "items": [
                {
                    "notice_id": "01980000-0000-7000-8000-00000000000e",
                    "topic": "SERVICE_BILLED",
                    "facts": {"count": 2},
                    "created_at": "2026-04-06T04:00:00Z",
                    "state": "SENT",
                }
            ],
            "next": None,
        },
    ),
)
async def list_own(
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[OwnNotice]:
    """List my notices of the last quarter, the newest first."""
    db, now = resources.db.egov, resources.clock.now()
    person_id = await access_records.record_own(db, actor, "ListOwnNotices", at=now)
    return await service.own(db, person_id, cursor, limit)


@post(
    "/bot/chats",
    status_code=200,
    guards=BOT,
    tags=["egov"],
    **operation(
        "ConnectChat",
        "Keep what a person chose to be told of in a chat",
        discloses="nothing",
        errors=(CitizenUnproved,),
        body={"chat": "700000001", "token": "kV1…", **_CHOICE},
        answer=_CHOICE,
    ),
)
async def connect(data: JSONBody[ConnectChat], resources: NamedDependency[Resources]) -> Choice:
    """Keep topics, quiet hours and language; the bot proves the chat, `token` the person."""
    await count(resources, (CHOICES_PER_CHAT, data.chat))
    return await service.connect(resources, data)


@post(
    "/bot/chats/left",
    status_code=204,
    guards=BOT,
    tags=["egov"],
    **operation(
        "LeaveChat",
        "Tell nothing in a chat any more",
        discloses="nothing",
        body={"chat": "700000001"},
    ),
)
async def leave(data: JSONBody[LeaveChat], resources: NamedDependency[Resources]) -> None:
    """Forget the chat, and what waits to be told in it."""
    await service.leave(resources, data)


@post(
    "/bot/chats/language",
    status_code=204,
    guards=BOT,
    tags=["egov"],
    **operation(
        "SpeakInChat",
        "Tell a chat in another language",
        discloses="nothing",
        body={"chat": "700000001", "language": "kk"},
    ),
)
async def speak(data: JSONBody[SpeakInChat], resources: NamedDependency[Resources]) -> None:
    """Follow the language chosen in the chat."""
    await count(resources, (CHOICES_PER_CHAT, data.chat))
    await service.speak(resources, data)


@post(
    "/bot/notices/claims",
    status_code=200,
    guards=BOT,
    tags=["egov"],
    **operation(
        "ClaimNotice",
        "Take the next notice to be told",
        discloses="person",
        body={"claim_id": _CLAIM},
        answer={
            "notice": {
                "chat": "700000001",
                "language": "kk",
                "topic": "SERVICE_BILLED",
                "facts": {"count": 2},
            }
        },
    ),
)
async def claim(
    data: JSONBody[ClaimNotice],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Claimed:
    """Hand out one notice under the bot's own number; the same number again gets the same notice."""
    return await service.claim(resources, actor, data.claim_id)


@post(
    "/bot/notices/reports",
    status_code=204,
    guards=BOT,
    tags=["egov"],
    **operation(
        "ReportNotice",
        "Say what became of a notice",
        discloses="nothing",
        errors=(NoticeNotClaimed,),
        body={"claim_id": _CLAIM, "outcome": "SENT"},
    ),
)
async def report(data: JSONBody[ReportNotice], resources: NamedDependency[Resources]) -> None:
    """SENT, BLOCKED (the person blocked the bot), UNSURE (not told again), LATER (due again)."""
    await service.report(resources, data)
