"""Start a session with the first provider that answers; take its signed result, once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.kernel.actor import Actor
from backend.kernel.db import Db
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.consent import service as consents
from backend.registry.consent.model import Purpose
from backend.sources.biometrics import service as hook
from backend.sources.biometrics.model import Result, Start
from backend.sources.exchange import SourceUnavailable
from backend.visits.biometrics import queries
from backend.visits.biometrics.errors import CallbackConflict, SessionOver, SessionUnknown
from backend.visits.biometrics.model import CallbackTaken, Outcome, SessionStarted, SessionState

# [ENG] how long a provider may take; a face compared later proves nothing about the door
SESSION_LIFE: Final = timedelta(minutes=15)


async def start(resources: Resources, actor: Actor) -> SessionStarted:
    """Open a session for the asking citizen at the first provider that answers.

    Each attempt is kept first, then told to the provider, which knows the person by a keyed hash only.
    Raises ConsentWithdrawnByPerson; SourceUnavailable when none answers: the visit may then be
    registered without biometrics, at a lower grade (domain 7.1, row 9).
    """
    assert actor.person_id is not None, "guarded: citizens only"
    now = resources.clock.now()
    await consents.require(resources.db.visits, actor.person_id, Purpose.BIOMETRICS, now)
    silent = SourceUnavailable(source="biometrics")
    for provider in hook.configured(resources.config):
        try:
            return await _start_at(resources, provider, actor.person_id)
        except SourceUnavailable as e:
            silent = e
    raise silent


async def _start_at(
    resources: Resources, provider: hook.Provider, person_id: UUID
) -> SessionStarted:
    session_id, now = uuid7(), resources.clock.now()
    await queries.ADD.run(resources.db.visits, person_id, session_id, provider.name, now)
    started = await provider.start(
        resources.http,
        resources.config,
        Start(
            session_id=session_id,
            callback_url=resources.config.public_url.rstrip("/") + provider.callback_path,
            subject=resources.keyring.lookup("biometric-subject", str(person_id)).hex(),
            started_at=now,
        ),
    )
    return SessionStarted(session_id, started.provider_url)


async def own(db: Db, person_id: UUID, session_id: UUID) -> SessionState:
    """How a session of this person stands. Raises SessionUnknown, also for another's."""
    state = await queries.OWN.one(db, person_id, session_id)
    if state is None:
        raise SessionUnknown
    return state


async def take(
    resources: Resources, provider: str, headers: Mapping[str, str], body: bytes
) -> CallbackTaken:
    """Take a provider's result of a session it was asked for: only the first one counts.

    The same result again changes nothing, another one is refused. Raises CallbackUnsigned (also
    outside the five minutes), Invalid, SessionUnknown (also for another provider's), SessionOver,
    CallbackConflict.
    """
    now = resources.clock.now()
    result = hook.PROVIDERS[provider].read(resources.config, headers, body, at=now)
    db = resources.db.visits
    finished = await queries.FINISH.run(
        db,
        result.session_id,
        result.outcome,
        result.liveness,
        result.score_milli,
        result.evidence_sha256,
        now,
        provider,
        now - SESSION_LIFE,
    )
    if not finished:
        await _require_same(db, provider, result)
    return CallbackTaken(result.session_id, repeated=not finished)


async def _require_same(db: Db, provider: str, result: Result) -> None:
    stored = await queries.FIND.one(db, result.session_id)
    if stored is None or stored.provider != provider:
        raise SessionUnknown
    if stored.outcome is Outcome.PENDING:
        raise SessionOver
    first = (stored.outcome.value, stored.liveness, stored.score_milli, stored.evidence_sha256)
    told = (result.outcome, result.liveness, result.score_milli, result.evidence_sha256)
    if first != told:
        raise CallbackConflict
