"""Let a citizen in: by a one-time password to the own number, or by the own ECP key (M §47).

Whether a person is known, and whether a number is theirs, is found out by a job after the answer:
the answer is the same and costs the same for everyone (FAULTS 14).
"""

import hmac
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.egov_adapter.citizen import limits, queries, rules
from backend.egov_adapter.citizen.errors import (
    LoginUnclear,
    NotACitizen,
    OtpFrozen,
    OtpInvalid,
)
from backend.egov_adapter.citizen.model import (
    AskOtp,
    CitizenLogin,
    CitizenSession,
    OtpAsked,
    OtpContact,
    OtpRow,
    OtpTry,
    RenewSession,
)
from backend.kernel import jobs
from backend.kernel.actor import Actor, Role
from backend.kernel.db import Tx
from backend.kernel.ids import require_iin, uuid7
from backend.kernel.resources import Resources
from backend.registry.consent import service as consents
from backend.registry.consent.errors import ConsentWithdrawnByPerson
from backend.registry.consent.model import ConsentProof, ConsentState, Purpose
from backend.registry.person import service as persons
from backend.registry.person.errors import InsuredNotFound
from backend.signing.login import renewal
from backend.signing.login import service as login
from backend.signing.login.model import SignIn
from backend.sources.bmg import service as bmg
from backend.sources.sms import service as sms
from backend.web import problems
from backend.web.limits import count

SEND_OTP = "egov.send_otp"
_NO_CODE = bytes(32)


async def ask_otp(resources: Resources, address: str, language: str, command: AskOtp) -> OtpAsked:
    """Take note that a password is wanted; a job finds out whether one is sent.

    `address` is where the connection comes from. Raises IinInvalid, PhoneInvalid, TooMany,
    OtpFrozen: each whether or not the person is known.
    """
    iin = require_iin(command.iin, "iin")
    phone = rules.require_phone(command.phone, "phone")
    await count(
        resources,
        (limits.OTP_PER_PHONE, phone),
        (limits.OTP_PER_PERSON, iin),
        (limits.OTP_PER_ADDRESS, address),
    )
    now = resources.clock.now()
    life = rules.otp_life(resources.config)
    otp_id = uuid7()
    subject = _subject(resources, iin, phone)
    sealed = _seal(resources, otp_id, OtpContact(iin, phone))
    async with resources.db.egov.transaction() as tx:
        asked = await queries.ASK.one(tx, subject, otp_id, now, now + life, language, sealed)
        if asked is not None:
            await jobs.enqueue(tx, SEND_OTP, {"otp_id": str(otp_id)})
    if asked is None:
        await _require_thawed(resources, subject)
        raise OtpFrozen(retry_after_s=1)
    return OtpAsked(code_digits=rules.OTP_DIGITS, expires_in_s=int(life.total_seconds()))


async def send_otp(resources: Resources, payload: dict[str, Any]) -> None:
    """The job: send a code when the person exists and the operator says that the number is theirs.

    Run twice it sends one message, by its id. A gateway that does not answer is asked again by the
    queue until the password's life is over. Raises SourceUnavailable.
    """
    db, otp_id = resources.db.egov, UUID(payload["otp_id"])
    row = await queries.TO_SEND.one(db, otp_id, resources.clock.now())
    if row is None:
        return
    contact = _open(resources, row)
    if contact.code is None:
        found = await persons.resolve(resources.db.registry, resources.keyring, [contact.iin])
        person_id = found.get(contact.iin)
        if person_id is None or not await bmg.is_linked(
            resources.http, resources.config, contact.iin, contact.phone
        ):
            await queries.SENT.run(db, otp_id)
            return
        code = rules.new_code()
        await queries.SET_CODE.run(
            db,
            otp_id,
            person_id,
            _code_hash(resources, otp_id, code),
            _seal(resources, otp_id, msgspec.structs.replace(contact, code=code)),
        )
        await send_otp(resources, payload)  # what stands in the row is sent: another may have won
        return
    text, _ = problems.text("OTP_SMS", row.language, {"code": contact.code})
    await sms.send(resources.http, resources.config, sms.Message(otp_id, contact.phone, text))
    await queries.SENT.run(db, otp_id)


async def sign_in(resources: Resources, address: str, command: CitizenLogin) -> CitizenSession:
    """Open a citizen's session. Raises LoginUnclear and as `_by_otp` and `_by_ecp`."""
    by_otp = (command.iin, command.phone, command.code)
    by_ecp = (command.challenge_id, command.signature)
    if None not in by_otp and by_ecp == (None, None):
        return await _by_otp(resources, address, command)
    if None not in by_ecp and by_otp == (None, None, None):
        return await _by_ecp(resources, address, command)
    raise LoginUnclear


async def _by_otp(resources: Resources, address: str, command: CitizenLogin) -> CitizenSession:
    """Raises OtpInvalid, OtpFrozen, TooMany; a try counts before it is judged (FAULTS 11)."""
    iin = require_iin(command.iin or "", "iin")
    phone = rules.require_phone(command.phone or "", "phone")
    await count(resources, (limits.LOGIN_PER_PERSON, iin), (limits.LOGIN_PER_ADDRESS, address))
    now = resources.clock.now()
    subject = _subject(resources, iin, phone)
    session = None
    async with resources.db.egov.transaction() as tx:
        attempt = await queries.TRY.one(tx, subject, now, rules.MAX_TRIES, now + rules.FREEZE)
        if attempt is not None and _is_right(resources, attempt, command.code or ""):
            await queries.USE.run(tx, attempt.otp_id, now)
            assert attempt.person_id is not None, "a code is only ever made for a known person"
            session = await _open_session(resources, tx, attempt.person_id, None, command)
    if session is None:  # the try stays counted
        await _require_thawed(resources, subject)
        raise OtpInvalid
    return session


async def _by_ecp(resources: Resources, address: str, command: CitizenLogin) -> CitizenSession:
    """Raises NotACitizen, InsuredNotFound and as `signing.login.service.prove`."""
    assert command.challenge_id is not None
    assert command.signature is not None
    await count(resources, (limits.ECP_PER_ADDRESS, address))
    signer = await login.prove(resources, SignIn(command.challenge_id, command.signature))
    if signer.bin is not None or signer.iin is None or "individual" not in signer.roles:
        raise NotACitizen
    found = await persons.resolve(resources.db.registry, resources.keyring, [signer.iin])
    person_id = found.get(signer.iin)
    if person_id is None:
        raise InsuredNotFound
    async with resources.db.egov.transaction() as tx:
        return await _open_session(
            resources, tx, person_id, resources.keyring.lookup("iin", signer.iin), command
        )


async def renew(resources: Resources, address: str, command: RenewSession) -> CitizenSession:
    """The next token of a session. Raises RenewalRefused, TooMany."""
    await count(resources, (limits.RENEW_PER_ADDRESS, address))
    life = rules.token_life(resources.config)
    next_ = await renewal.renew(resources, command.renewal, life)
    return CitizenSession(
        next_.token, next_.expires_at, next_.scopes, next_.renewal, next_.renewable_until
    )


def token_until(resources: Resources, now: datetime) -> datetime:
    """When a citizen's token that is made now ends."""
    return now + rules.token_life(resources.config)


async def forget_otps(resources: Resources) -> None:
    """The sweep: forget passwords whose life and freeze are over."""
    horizon = resources.clock.now() - rules.FREEZE
    await queries.FORGET.run(resources.db.egov, horizon)


async def _open_session(
    resources: Resources, tx: Tx, person_id: UUID, signer: bytes | None, command: CitizenLogin
) -> CitizenSession:
    """Raises ConsentWithdrawnByPerson: only to whom the right code or key has proved to be the person."""
    now, purpose = resources.clock.now(), Purpose(command.channel)
    until = token_until(resources, now)
    over = now + rules.session_life(resources.config)
    scopes = rules.scopes_of(command.channel, command.scopes)
    actor = Actor(
        uuid7(),
        frozenset({Role.INSURED}),
        person_id=person_id,
        signer=signer,
        scopes=scopes,
        channel=command.channel,
    )
    stands = await consents.state(tx, person_id, purpose, now)
    if stands is ConsentState.WITHDRAWN and not command.consent:
        raise ConsentWithdrawnByPerson(purpose=purpose.value)
    if stands is not ConsentState.GIVEN:
        await consents.give(
            tx,
            person_id,
            [purpose],
            by=actor,
            proof=ConsentProof.OTP if signer is None else ConsentProof.ECP,
            proof_id=str(actor.session_id),
            at=now,
        )
    token, word = await renewal.start(
        tx, resources.keyring, actor, at=now, until=until, family_until=over
    )
    return CitizenSession(token, until, sorted(scopes), word, over)


async def _require_thawed(resources: Resources, subject: bytes) -> None:
    """Raise OtpFrozen while too many wrong codes stand against this subject."""
    row = await queries.FROZEN.one(resources.db.egov, subject)
    now = resources.clock.now()
    if row is not None and row.frozen_until is not None and row.frozen_until > now:
        raise OtpFrozen(retry_after_s=int((row.frozen_until - now).total_seconds()) + 1)


def _is_right(resources: Resources, attempt: OtpTry, code: str) -> bool:
    given = _code_hash(resources, attempt.otp_id, code)
    return hmac.compare_digest(given, attempt.code_hash or _NO_CODE)


def _subject(resources: Resources, iin: str, phone: str) -> bytes:
    return resources.keyring.lookup("otp-subject", f"{iin}:{phone}")


def _code_hash(resources: Resources, otp_id: UUID, code: str) -> bytes:
    return resources.keyring.lookup("otp-code", f"{otp_id}:{code}")


def _seal(resources: Resources, otp_id: UUID, contact: OtpContact) -> bytes:
    return resources.keyring.seal(msgspec.json.encode(contact), otp_id.bytes)


def _open(resources: Resources, row: OtpRow) -> OtpContact:
    return msgspec.json.decode(
        resources.keyring.open(row.sealed, row.otp_id.bytes), type=OtpContact
    )
