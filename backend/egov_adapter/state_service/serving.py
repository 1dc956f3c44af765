"""Serving a request from its acceptance to the cabinet, without a person's hand (M §49-52).

Every step may be done again: what is done is found done, the cabinet and the monitoring system know each
thing by its id. A source that is silent decides nothing (D28): the request is looked at again, and when the
fifteen minutes are over its term is breached and it is still served.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.egov_adapter.state_service import paper, queries, rules
from backend.egov_adapter.state_service.events import ServiceGiven
from backend.egov_adapter.state_service.model import (
    ActNamed,
    Ground,
    Holder,
    Outcome,
    Owed,
    RefusalDocument,
    ResultDocument,
    Row,
    Stage,
)
from backend.egov_adapter.state_service.service import TERM, context
from backend.kernel import deadlines, events, jobs
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import legal_date
from backend.kernel.db import Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.consent import service as consents
from backend.registry.consent.model import ConsentProof, Purpose
from backend.registry.entitlement import service as entitlement
from backend.registry.entitlement.model import Status
from backend.registry.person import service as persons
from backend.registry.person.model import Identity
from backend.signing.seal import service as seal
from backend.sources.digital_documents import service as digital_documents
from backend.sources.egov import service as egov
from backend.sources.exchange import SourceUnavailable

JOB: Final = "egov.serve_request"
AT_ONCE: Final = 300  # put to the queue by one sweep: what a worker serves in some seconds
LEASE: Final = timedelta(seconds=60)
LOOK_AGAIN: Final = timedelta(seconds=10)  # for a reply by SMS, or at a source that was silent
TOLD_AT_ONCE: Final = 1_000
CONSENT_LIFE: Final = timedelta(days=1)  # [ENG] of a consent by SMS: it served one request


async def open_due(resources: Resources) -> None:
    """The sweep: what is due now goes to the queue; a request lies there once."""
    now = resources.clock.now()
    async with resources.db.egov.transaction() as tx:
        due = await queries.TAKE_DUE.all(tx, now, now + LEASE, AT_ONCE)
        await jobs.enqueue_many(
            tx,
            [
                (JOB, {"person_id": str(one.person_id), "request_id": str(one.request_id)})
                for one in due
            ],
            dedupe_keys=[f"{JOB}:{one.request_id}" for one in due],
        )


async def serve(resources: Resources, payload: dict[str, Any]) -> None:
    """The job: carry one request as far as it goes now."""
    person_id, request_id = UUID(payload["person_id"]), UUID(payload["request_id"])
    row = await queries.LOAD.one(resources.db.egov, person_id, request_id)
    if row is None or row.accepted_at > resources.clock.now():
        return
    try:
        await _serve(resources, row)
    except SourceUnavailable:
        await _look_again(resources, row)


async def _serve(resources: Resources, row: Row) -> None:
    who = await persons.identity(resources.db.registry, resources.keyring, row.person_id)
    if row.result_sealed is None or row.result_cms is None:
        outcome = await _decide(resources, row, who)
        if outcome is None:
            await _look_again(resources, row)
            return
        octets, cms = await _form(resources, row, outcome)
    else:
        octets = resources.keyring.open(row.result_sealed, context(row.request_id))
        cms = row.result_cms
    await _deliver(resources, row, octets, cms)


async def _look_again(resources: Resources, row: Row) -> None:
    at = resources.clock.now() + LOOK_AGAIN
    await queries.AGAIN.run(resources.db.egov, row.person_id, row.request_id, at)


# --- what the answer is ---------------------------------------------------------------------------


async def _decide(resources: Resources, row: Row, who: Identity) -> Outcome | None:
    """The result, a refusal on one of the five grounds, or None: the consent is still awaited."""
    now = resources.clock.now()
    today = legal_date(now)
    holder = Holder(who.full_name, who.iin)

    def refuse(ground: Ground, act: ActNamed | None = None) -> RefusalDocument:
        return RefusalDocument(
            request_id=row.request_id,
            issued_at=now,
            issuer_bin=resources.config.issuer_bin,
            holder=holder,
            ground=ground,
            act=act,
        )

    if row.consent_id is None:
        return refuse(Ground.F5)
    if row.status is not Stage.IDENTIFIED:
        taken = await digital_documents.take(resources.http, resources.config, row.consent_id)
        if taken.document is None:
            ground = rules.without_consent(taken.state, in_time=now < row.due_at)
            return None if ground is None else refuse(ground)
        status = await egov.check_identity(
            resources.http, resources.config, who.iin, taken.document.number
        )
        against = rules.of_identity(taken.document, who.iin, status, today)
        if against is not None:
            return refuse(against)
        async with resources.db.egov.transaction() as tx:
            if await queries.IDENTIFIED.one(tx, row.person_id, row.request_id) is not None:
                await _stage(tx, row, Stage.IDENTIFIED, None, resources)
                await _record_consent(tx, row, now)
    acts = await queries.ACTS_IN_FORCE.all(resources.db.egov, row.person_id, today)
    barred = rules.of_courts([act.ground for act in acts])
    if barred is not None:
        act = next(one for one in acts if one.ground is barred)
        opened = resources.keyring.open(act.sealed, act_context(act.act_id))
        return refuse(barred, msgspec.json.decode(opened, type=ActNamed))
    return await _result(resources, row, who, holder)


async def _record_consent(tx: Tx, row: Row, at: datetime) -> None:
    """The consent the owner gave by SMS, with its purpose and its end, among the person's own."""
    await consents.give(
        tx,
        row.person_id,
        [Purpose.STATE_SERVICE],
        by=SYSTEM,
        proof=row.consent_proof or ConsentProof.SMS,
        proof_id=str(row.consent_id),
        at=at,
        life=CONSENT_LIFE,
    )


async def _result(resources: Resources, row: Row, who: Identity, holder: Holder) -> ResultDocument:
    """App.3 as of now: what was paid, the status, and what the note comes to in numbers."""
    db, now = resources.db.egov, resources.clock.now()
    today = legal_date(now)
    status = await entitlement.status_of(db, row.person_id, today)
    return ResultDocument(
        request_id=row.request_id,
        issued_at=now,
        issuer_bin=resources.config.issuer_bin,
        holder=holder,
        payments=tuple(await queries.PAYMENTS.all(db, row.person_id, who.iin)),
        on=today,
        consumer=status.status is Status.CONSUMER,
        owed=Owed(status.arrears.months, status.arrears.amount_tiyn),
    )


# --- the document and its way ---------------------------------------------------------------------


async def _form(resources: Resources, row: Row, outcome: Outcome) -> tuple[bytes, bytes]:
    """Seal the document with the issuer's key and keep it; the first one kept holds.

    Raises SealMissing: without its seal the issuer can answer nobody.
    """
    now = resources.clock.now()
    octets = rules.octets(outcome)
    cms = await seal.seal(resources.config, seal.Owner.ISSUER, octets, now)
    ground = outcome.ground if isinstance(outcome, RefusalDocument) else None
    sealed = resources.keyring.seal(octets, context(row.request_id))
    digest = sha256(octets).digest()
    async with resources.db.egov.transaction() as tx:
        kept = await queries.PROCESSED.one(
            tx, row.person_id, row.request_id, ground, sealed, digest, cms
        )
        if kept is not None:
            await _stage(tx, row, Stage.PROCESSED, ground, resources)
            return octets, cms
    known = await queries.LOAD.one(resources.db.egov, row.person_id, row.request_id)
    if known is None or known.result_sealed is None or known.result_cms is None:
        return octets, cms  # another worker has finished it: the cabinet knows the id
    return resources.keyring.open(known.result_sealed, context(row.request_id)), known.result_cms


async def _deliver(resources: Resources, row: Row, octets: bytes, cms: bytes) -> None:
    """Into the cabinet, once by its id; then the term is kept or breached, and the person told."""
    outcome = rules.read(octets)
    final = rules.final_of(outcome)
    await egov.deliver(
        resources.http,
        resources.config,
        egov.Delivery(
            message_id=row.request_id,
            iin=outcome.holder.iin,
            service=rules.SERVICE,
            kind="REFUSAL" if final is Stage.REFUSED else "RESULT",
            document=octets,
            seal=cms,
            pdf=await paper.pdf(resources, octets, cms),
        ),
    )
    now = resources.clock.now()
    ground = outcome.ground if isinstance(outcome, RefusalDocument) else None
    async with resources.db.egov.transaction() as tx:
        if await queries.FINISHED.one(tx, row.person_id, row.request_id, final, now) is None:
            return
        await _stage(tx, row, final, ground, resources)
        await deadlines.fulfil(tx, TERM, [row.request_id], at=now)
        fact = ServiceGiven(row.request_id, ground and ground.value, in_time=now <= row.due_at)
        await events.append(tx, fact, by=SYSTEM, at=now)


async def _stage(
    tx: Tx, row: Row, stage: Stage, ground: Ground | None, resources: Resources
) -> None:
    await queries.ADD_STAGE.run(tx, uuid7(), row.request_id, stage, ground, resources.clock.now())


async def tell_stages(resources: Resources) -> None:
    """The sweep: what the monitoring system has not been told goes to it (M §52), each stage once.

    Silent, it holds nothing back: the stages wait, the service goes on.
    """
    db = resources.db.egov
    while True:
        untold = await queries.UNTOLD.all(db, rules.SERVICE, TOLD_AT_ONCE)
        if not untold:
            return
        try:
            await egov.report(resources.http, resources.config, untold)
        except SourceUnavailable:
            return
        ids = [stage.stage_id for stage in untold]
        await queries.TOLD.run(db, ids, resources.clock.now())
        if len(untold) < TOLD_AT_ONCE:
            return


def act_context(act_id: UUID) -> bytes:
    """What the seal of a court act is bound to."""
    return b"egov.court_act:" + act_id.bytes
