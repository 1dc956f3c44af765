"""Start a session with the provider; take its signed result, once."""

import msgspec

from backend.kernel.actor import Actor
from backend.kernel.db import Db
from backend.kernel.errors import Invalid
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.consent import service as consents
from backend.registry.consent.model import Purpose
from backend.sources.biometrics import service as provider
from backend.visits.biometrics import queries
from backend.visits.biometrics.errors import CallbackConflict, CallbackUnsigned, SessionUnknown
from backend.visits.biometrics.model import Callback, CallbackTaken, SessionStarted

PROVIDER = "default"
CALLBACK_PATH = "/api/v1/biometrics/callbacks"


async def start(resources: Resources, actor: Actor) -> SessionStarted:
    """Open a session for the asking citizen: kept first, then told to the provider.

    The provider knows the person by a keyed hash only. Raises ConsentWithdrawnByPerson; SourceUnavailable: the
    visit may then be registered without biometrics, at a lower grade (domain 7.1, row 9).
    """
    assert actor.person_id is not None, "guarded: citizens only"
    session_id = uuid7()
    now = resources.clock.now()
    await consents.require(resources.db.visits, actor.person_id, Purpose.BIOMETRICS, now)
    await queries.ADD.run(resources.db.visits, actor.person_id, session_id, PROVIDER, now)
    started = await provider.start(
        resources.http,
        resources.config,
        provider.Start(
            session_id=session_id,
            callback_url=resources.config.public_url.rstrip("/") + CALLBACK_PATH,
            subject=resources.keyring.lookup("biometric-subject", str(actor.person_id)).hex(),
            started_at=now,
        ),
    )
    return SessionStarted(session_id, started.provider_url)


async def take(resources: Resources, timestamp: str, signature: str, body: bytes) -> CallbackTaken:
    """Take a provider's result: only the verified bytes are read, and only the first one counts.

    The same result again changes nothing, another one is refused. Raises CallbackUnsigned (also
    outside the five minutes), Invalid, SessionUnknown, CallbackConflict.
    """
    now = resources.clock.now()
    key = resources.config.biometrics_key
    if not provider.is_authentic(key, timestamp, signature, body, at=now):
        raise CallbackUnsigned
    try:
        result = msgspec.json.decode(body, type=Callback)
    except msgspec.DecodeError:
        raise Invalid from None
    db = resources.db.visits
    evidence = bytes.fromhex(result.evidence_sha256)
    finished = await queries.FINISH.run(
        db,
        result.session_id,
        result.outcome,
        result.liveness,
        result.score_milli,
        evidence,
        now,
    )
    if not finished:
        await _require_same(db, result, evidence)
    return CallbackTaken(result.session_id, repeated=not finished)


async def _require_same(db: Db, result: Callback, evidence: bytes) -> None:
    stored = await queries.FIND.one(db, result.session_id)
    if stored is None:
        raise SessionUnknown
    first = (stored.outcome.value, stored.liveness, stored.score_milli, stored.evidence_sha256)
    if first != (result.outcome, result.liveness, result.score_milli, evidence):
        raise CallbackConflict
