"""Taking requests of the state service, and showing a person what became of them (M §47-51)."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from backend.egov_adapter.state_service import queries, rules
from backend.egov_adapter.state_service.errors import (
    ConsentCodeWrong,
    ConsentUnknown,
    ConsentUsed,
    RequestNotFound,
    RequestRunning,
    ResultNotReady,
)
from backend.egov_adapter.state_service.events import ServiceRequested
from backend.egov_adapter.state_service.model import (
    AskService,
    CertifiedBy,
    ConsentAsked,
    Day,
    Outcome,
    OutcomeFile,
    Request,
    SignedAsk,
    Stage,
)
from backend.kernel import deadlines, events, terms
from backend.kernel.actor import Actor
from backend.kernel.calendar import FIRST_DAY, LAST_DAY, DateOutOfRange
from backend.kernel.clock import legal_midnight
from backend.kernel.db import Db, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.kernel.terms import AfterHours
from backend.registry.consent.model import ConsentProof
from backend.registry.person import service as persons
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.sources.digital_documents import service as digital_documents
from backend.sources.digital_documents.service import Code, Purpose, State, Wanted
from backend.web import paging, problems
from backend.web.limits import Limit, count

TERM: Final = "d11"  # fifteen minutes (M §50, §51)
# Each sends an SMS to the person's own number (FAULTS 12).
CONSENTS_PER_PERSON: Final = Limit("service-consents", 5)
KEPT: Final = timedelta(days=1)  # consents that were not used


async def ask_consent(resources: Resources, person_id: UUID) -> ConsentAsked:
    """Let the digital-documents service ask the person for consent (App.2 row 8(2)).

    Raises InsuredNotFound, TooMany, SourceUnavailable.
    """
    await count(resources, (CONSENTS_PER_PERSON, str(person_id)))
    who = await persons.identity(resources.db.registry, resources.keyring, person_id)
    consent_id, now = uuid7(), resources.clock.now()
    purpose = Purpose(
        *(problems.text("SERVICE_PURPOSE", language, {})[0] for language in ("kk", "ru"))
    )
    wanted = Wanted(consent_id, who.iin, resources.config.issuer_bin, purpose)
    asked = await digital_documents.ask(resources.http, resources.config, wanted)
    # The service's clock may differ from ours: its answer, not ours, says when the time is over.
    until = max(asked.expires_at, now + timedelta(seconds=1))
    await queries.ADD_CONSENT.run(resources.db.egov, consent_id, person_id, now, until)
    return ConsentAsked(consent_id, until)


async def ask(
    resources: Resources, actor: Actor, person_id: UUID, language: str, command: AskService
) -> Request:
    """Take the request of a session opened by one-time password (M §47).

    Raises ConsentUnknown, ConsentCodeWrong, ConsentUsed, RequestRunning, SourceUnavailable.
    """
    await _require_consent(resources, person_id, command.consent_id, command.code)
    async with resources.db.egov.transaction() as tx:
        return await _add(resources, tx, actor, person_id, language, command)


async def ask_signed(
    resources: Resources, actor: Actor, person_id: UUID, language: str, sent: SignedRequest
) -> Request:
    """Take a request signed with the person's own ECP (M §47).

    Raises as `ask`, InsuredNotFound, and as `evidence.accept_own`.
    """
    who = await persons.identity(resources.db.registry, resources.keyring, person_id)
    holder = resources.keyring.lookup("iin", who.iin)
    signed = await evidence.accept_own(resources, actor, holder, sent, SignedAsk)
    command = signed.command
    await _require_consent(resources, person_id, command.consent_id, command.code)
    async with resources.db.egov.transaction() as tx:
        evidence_id = await evidence.store(tx, signed)
        return await _add(resources, tx, actor, person_id, language, command, evidence_id)


async def _require_consent(
    resources: Resources, person_id: UUID, consent_id: UUID | None, code: str | None
) -> None:
    """The consent is the person's own, and its code, where given, is right."""
    if consent_id is None:
        return
    now = resources.clock.now()
    if await queries.CONSENT.one(resources.db.egov, person_id, consent_id, now) is None:
        raise ConsentUnknown(path="consent_id")
    if code is not None:
        given = await digital_documents.answer(
            resources.http, resources.config, Code(consent_id, code)
        )
        if not given.accepted and given.state is not State.CONSENTED:
            raise ConsentCodeWrong(path="code")


async def _add(
    resources: Resources,
    tx: Tx,
    actor: Actor,
    person_id: UUID,
    language: str,
    command: AskService | SignedAsk,
    evidence_id: UUID | None = None,
) -> Request:
    consent_id, proof = command.consent_id, None
    if consent_id is not None:
        proof = ConsentProof.SMS if command.code is None else ConsentProof.OTP
    now, request_id = resources.clock.now(), uuid7()
    certified = CertifiedBy.OTP if evidence_id is None else CertifiedBy.ECP
    begins = terms.accept_request(resources.calendar, now, AfterHours(resources.config.after_hours))
    accepted_at, due_at = (at.astimezone(UTC) for at in (begins.accepted_at, begins.due_at))
    stage = Stage.QUEUED_NEXT_WD if accepted_at > now else Stage.RECEIVED
    added = await queries.ADD.one(
        tx, person_id, request_id, certified, evidence_id, consent_id, language, stage, now,
        accepted_at, due_at, proof,
    )  # fmt: skip
    if added is None:
        running = await queries.RUNNING.one(tx, person_id)
        raise ConsentUsed if running is None else RequestRunning(request_id=str(running))
    await queries.ADD_STAGE.run(tx, uuid7(), request_id, Stage.RECEIVED, None, now)
    if stage is Stage.QUEUED_NEXT_WD:
        await queries.ADD_STAGE.run(tx, uuid7(), request_id, stage, None, now)
    await deadlines.start(tx, TERM, request_id, "issuer", started_at=accepted_at, due_at=due_at)
    fact = ServiceRequested(request_id, certified.value, stage is Stage.QUEUED_NEXT_WD)
    await events.append(tx, fact, by=actor, at=now)
    return Request(request_id, certified, stage, None, now, accepted_at, due_at, None)


# --- what became of it ----------------------------------------------------------------------------


async def own(db: Db, person_id: UUID, cursor: str | None, limit: int) -> paging.Page[Request]:
    """The person's requests, the newest first. Raises BadCursor."""
    rows = await queries.OWN.all(db, person_id, paging.decode_uuid(cursor), limit + 1)
    return paging.page(rows, limit, lambda r: r.request_id)


async def one(db: Db, person_id: UUID, request_id: UUID) -> Request:
    """One of the person's requests. Raises RequestNotFound."""
    found = await queries.ONE.one(db, person_id, request_id)
    if found is None:
        raise RequestNotFound
    return found


async def outcome(resources: Resources, person_id: UUID, request_id: UUID) -> OutcomeFile:
    """The sealed result, or refusal, as it was delivered. Raises RequestNotFound, ResultNotReady."""
    db = resources.db.egov
    request = await one(db, person_id, request_id)
    found = await queries.OUTCOME.one(db, person_id, request_id)
    if found is None:
        raise ResultNotReady(due_at=f"{request.due_at:%Y-%m-%dT%H:%M:%SZ}")
    return OutcomeFile(resources.keyring.open(found.octets, context(request_id)), found.cms)


def document(file: OutcomeFile) -> Outcome:
    """What the octets say."""
    return rules.read(file.octets)


async def days(db: Db, now: datetime, first: date, last: date) -> list[Day]:
    """The record of terms, a row a day of acceptance, both days inclusive (M §50, §52). Raises DateOutOfRange."""
    if not FIRST_DAY <= min(first, last) <= max(first, last) <= LAST_DAY:
        raise DateOutOfRange
    return await queries.DAYS.all(
        db, now, legal_midnight(first), legal_midnight(last + timedelta(days=1))
    )


async def forget_consents(resources: Resources) -> None:
    """The sweep: forget consents whose time is long over."""
    await queries.FORGET_CONSENTS.run(resources.db.egov, resources.clock.now() - KEPT)


def context(request_id: UUID) -> bytes:
    """What the seal of an outcome is bound to."""
    return b"egov.service_request:" + request_id.bytes
