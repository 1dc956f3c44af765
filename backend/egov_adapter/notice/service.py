"""Notices: chosen by the person, put in the outbox when something happens, told once by the bot.

The bot claims a notice under a number of its own making and reports under the same number: an answer
lost on the way is asked for again and is the same. A bot that dies between the claim and the report
leaves the notice in doubt, and what is in doubt is not told a second time.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backend.egov_adapter.complaint.events import (
    ComplaintAnswered,
    ComplaintForwarded,
    ComplaintTakenUp,
)
from backend.egov_adapter.complaint.model import ComplaintStatus
from backend.egov_adapter.notice import queries, rules
from backend.egov_adapter.notice.errors import CitizenUnproved, NoticeNotClaimed
from backend.egov_adapter.notice.model import (
    Choice,
    Claimed,
    ConnectChat,
    Ending,
    LeaveChat,
    Notice,
    Outcome,
    OwnNotice,
    ReportNotice,
    SpeakInChat,
    State,
)
from backend.kernel import events
from backend.kernel.actor import Actor, Role
from backend.kernel.clock import legal_date
from backend.kernel.db import Db, Tx
from backend.kernel.resources import Resources
from backend.payments.act.events import ActSubmitted
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.consent.events import ConsentWithdrawn
from backend.registry.consent.model import Purpose
from backend.registry.entitlement import service as entitlement
from backend.registry.order.events import PoliciesIssued
from backend.signing.login import service as login
from backend.web import paging

PASSED = "CHECK_PASSED"  # an act that failed its checks bills nobody
_FIRST = UUID(int=0)
_ENDING_AT_ONCE = 1_000
_FIELDS = {
    "POLICY_ISSUED": Field.POLICY,
    "SERVICE_BILLED": Field.SERVICES,
    "COMPLAINT_ANSWERED": Field.COMPLAINT,
    "STATUS_LAPSING": Field.ENTITLEMENT,
}


# --- choosing ------------------------------------------------------------------------------------


async def choice(db: Db, person_id: UUID) -> Choice:
    """What this person chose; nothing, when never asked."""
    row = await queries.CHAT.one(db, person_id)
    if row is None:
        return Choice((), None, None)
    return Choice(row.topics, rules.quiet_of(row.quiet_from, row.quiet_to), row.language)


async def connect(resources: Resources, command: ConnectChat) -> Choice:
    """Keep what a person chose in a chat; no topics: the chat is forgotten. Raises CitizenUnproved."""
    citizen = await login.authenticate(resources, command.token)
    if citizen is None or citizen.person_id is None or citizen.roles != {Role.INSURED}:
        raise CitizenUnproved(path="token")
    if citizen.representation_id is not None:  # a parent's chat is not the child's
        raise CitizenUnproved(path="token")
    person_id, now = citizen.person_id, resources.clock.now()
    chat_hash = _hash(resources, command.chat)
    topics = sorted(command.topics)
    start, end = rules.minutes(command.quiet)
    async with resources.db.egov.transaction() as tx:
        await queries.LET_GO.run(tx, chat_hash, person_id)
        await queries.DROP_UNWANTED.run(tx, person_id, topics)
        if not topics:
            await queries.LEAVE.one(tx, chat_hash)
            return Choice((), None, None)
        sealed = resources.keyring.seal(command.chat.encode(), chat_hash)
        await queries.CONNECT.run(
            tx, chat_hash, person_id, sealed, command.language, topics, start, end, now
        )
        await queries.DUE_ANEW.run(tx, person_id, now, start, end)
    return Choice(tuple(topics), command.quiet, command.language)


async def leave(resources: Resources, command: LeaveChat) -> None:
    """Forget the chat and what waits to be told in it."""
    async with resources.db.egov.transaction() as tx:
        person_id = await queries.LEAVE.one(tx, _hash(resources, command.chat))
        if person_id is not None:
            await queries.DROP_UNWANTED.run(tx, person_id, [])


async def follow_consent(resources: Resources, payload: dict[str, Any]) -> None:
    """The job: the consent to the bot was withdrawn; its chat is forgotten (D43)."""
    withdrawn: ConsentWithdrawn = events.read(ConsentWithdrawn, payload)
    if withdrawn.purpose == Purpose.BOT:
        async with resources.db.egov.transaction() as tx:
            await leave_person(tx, withdrawn.subject)


async def leave_person(tx: Tx, person_id: UUID) -> None:
    """Forget this person's chat, wherever it is, and what waits to be told in it."""
    if await queries.LEAVE_PERSON.one(tx, person_id) is not None:
        await queries.DROP_UNWANTED.run(tx, person_id, [])


async def speak(resources: Resources, command: SpeakInChat) -> None:
    """From now on tell this chat in that language; a chat nobody chose is passed over."""
    await queries.SPEAK.run(resources.db.egov, _hash(resources, command.chat), command.language)


async def own(db: Db, person_id: UUID, cursor: str | None, limit: int) -> paging.Page[OwnNotice]:
    """This person's notices, the newest first. Raises BadCursor."""
    after = paging.decode_uuid(cursor)
    rows = await queries.OF_PERSON.all(db, person_id, after, limit + 1)
    return paging.page(rows, limit, lambda n: n.notice_id)


# --- what is new ---------------------------------------------------------------------------------


async def tell_policies(resources: Resources, payload: dict[str, Any]) -> None:
    """The job: an order issued policies."""
    issued: PoliciesIssued = events.read(PoliciesIssued, payload)
    await queries.POLICIES_ISSUED.run(resources.db.egov, issued.subject, resources.clock.now())


async def tell_billed(resources: Resources, payload: dict[str, Any]) -> None:
    """The job: an act was submitted; the people in it are told if it passed its checks."""
    submitted: ActSubmitted = events.read(ActSubmitted, payload)
    if submitted.status == PASSED:
        await queries.SERVICES_BILLED.run(
            resources.db.egov, submitted.subject, resources.clock.now()
        )


async def tell_answer(resources: Resources, payload: dict[str, Any]) -> None:
    """The job: a complaint was answered."""
    answered: ComplaintAnswered = events.read(ComplaintAnswered, payload)
    await _tell_complaint(resources, answered.subject, answered.outcome, "answered")


async def tell_taken_up(resources: Resources, payload: dict[str, Any]) -> None:
    """The job: a complaint is in review."""
    taken: ComplaintTakenUp = events.read(ComplaintTakenUp, payload)
    await _tell_complaint(resources, taken.subject, ComplaintStatus.IN_REVIEW, "in-review")


async def tell_forwarded(resources: Resources, payload: dict[str, Any]) -> None:
    """The job: a complaint went to the body above."""
    forwarded: ComplaintForwarded = events.read(ComplaintForwarded, payload)
    await _tell_complaint(resources, forwarded.subject, ComplaintStatus.FORWARDED, "forwarded")


async def _tell_complaint(resources: Resources, complaint_id: UUID, status: str, step: str) -> None:
    now = resources.clock.now()
    await queries.COMPLAINT_MOVED.run(resources.db.egov, complaint_id, now, status, step)


async def tell_lapsing(resources: Resources) -> None:
    """The sweep: once a legal day, those whose status ends within LAPSE_DAYS unless something is paid."""
    db, now = resources.db.egov, resources.clock.now()
    today = legal_date(now)
    if legal_date(
        now - timedelta(hours=rules.LAPSE_FROM_HOUR)
    ) < today or await queries.DAY_DONE.get(db, today):
        return
    after = _FIRST
    while found := await queries.ENDING.all(
        db, today, today + timedelta(days=rules.LAPSE_DAYS), after, _ENDING_AT_ONCE
    ):
        lapsing = await _lapsing(db, found)
        await queries.STATUS_LAPSING.run(
            db, [e.person_id for e in lapsing], [e.until for e in lapsing], now
        )
        after = found[-1].person_id
    await queries.FINISH_DAY.run(db, today)


async def _lapsing(db: Db, found: list[Ending]) -> list[Ending]:
    """Without those whom something known already carries on: a month paid ahead, another category."""
    by_day: dict[date, list[Ending]] = {}
    for one in found:
        by_day.setdefault(one.until, []).append(one)
    ending: list[Ending] = []
    for until, those in by_day.items():
        stays = await entitlement.stays(db, [e.person_id for e in those], until)
        ending += [e for e in those if not stays[e.person_id]]
    return ending


# --- telling -------------------------------------------------------------------------------------


async def claim(resources: Resources, actor: Actor, claim_id: UUID) -> Claimed:
    """The next notice for the bot; the same number again gets the same one. Notes who was told."""
    now = resources.clock.now()
    async with resources.db.egov.transaction() as tx:
        row = await queries.CLAIMED.one(tx, claim_id)
        if row is None:
            place = await _next(tx, now)
            if place is None:
                return Claimed(None)
            await queries.CLAIM.run(tx, *place, claim_id, now)
            row = await queries.CLAIMED.one(tx, claim_id)
            assert row is not None, "claimed just now, in this transaction"
            access = Access(actor, "ClaimNotice", Basis.NOTICE, (_FIELDS[row.topic],))
            await access_records.record(tx, access, [row.person_id], at=now)
    if row.state is not State.CLAIMED:
        return Claimed(None)
    chat = resources.keyring.open(row.sealed, row.chat_hash).decode()
    return Claimed(Notice(chat, row.language, row.topic, row.facts))


async def _next(tx: Tx, now: datetime) -> tuple[UUID, UUID] | None:
    """The oldest notice whose reader does not sleep; those that sleep are put off."""
    for _ in range(rules.DEFERRED_MAX):
        place = await queries.NEXT.one(tx, now)
        if place is None:
            return None
        if place.open_at <= now:
            return place.person_id, place.notice_id
        await queries.DEFER.run(tx, place.person_id, place.notice_id, place.open_at)
    return None


async def report(resources: Resources, command: ReportNotice) -> None:
    """What became of a claimed notice; reported twice it is the same. Raises NoticeNotClaimed."""
    async with resources.db.egov.transaction() as tx:
        state = await queries.STATE.one(tx, command.claim_id)
        if command.outcome is Outcome.LATER:
            if state is not None:
                at = resources.clock.now() + timedelta(seconds=command.retry_after_s)
                await queries.DUE_AGAIN.run(tx, command.claim_id, at)
            return
        if state is None:
            raise NoticeNotClaimed
        person_id = await queries.REPORT.one(tx, command.claim_id, command.outcome)
        if person_id is not None and command.outcome is Outcome.BLOCKED:
            await leave_person(tx, person_id)


async def sweep(resources: Resources) -> None:
    """The sweep: claims nobody reported are in doubt; what is old is forgotten."""
    db, now = resources.db.egov, resources.clock.now()
    await queries.DOUBT.run(db, now - rules.CLAIM_LIFE)
    if await queries.FORGET_DAYS.all(db, legal_date(now - rules.KEPT)):
        await queries.FORGET.run(db, now - rules.KEPT)


def _hash(resources: Resources, chat: str) -> bytes:
    return resources.keyring.lookup("telegram-chat", chat)
