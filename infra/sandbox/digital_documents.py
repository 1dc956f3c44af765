"""The digital-documents service: asks the owner by SMS, hands out the document when he consents.

The owner answers through whoever asked (the code), or to the SMS itself: `/sms/replies` with 1 or 0.
What documents there are is entered by `/control/documents`.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Response, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from infra.sandbox.state import Sandbox

LIFE = timedelta(minutes=3)
TRIES_MAX = 3
SENDER = "1414"  # the state services' short number; a reply to it is free


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An electronic identity document."""

    iin: str
    number: str
    issued_on: str
    valid_to: str


class Purpose(msgspec.Struct, frozen=True):
    """What it is wanted for."""

    kk: str
    ru: str


class Wanted(msgspec.Struct, frozen=True):
    """Whose document, by whom, what for."""

    consent_id: str
    iin: str
    requester_bin: str
    purpose: Purpose


class Answer(msgspec.Struct, frozen=True):
    """The owner's code, through the requester."""

    consent_id: str
    code: str


class Key(msgspec.Struct, frozen=True):
    """Which consent."""

    consent_id: str


class Reply(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """The owner's own reply to the SMS."""

    from_: str
    text: str


class Mood(msgspec.Struct, frozen=True):
    """How the service behaves."""

    silent: bool = False


class Consent(msgspec.Struct):
    """One question to one owner."""

    iin: str
    code: str
    phones: tuple[str, ...]
    expires_at: datetime
    state: str = "PENDING"
    tries: int = 0


class Register(msgspec.Struct):
    """What the service remembers."""

    documents: dict[str, Document] = {}
    consents: dict[str, Consent] = {}
    mood: Mood = Mood()


def of(sandbox: Sandbox) -> Register:
    """The memory, kept with the others'."""
    kept: Register = sandbox.switches.setdefault("digital-documents", Register())
    return kept


def _state(consent: Consent, now: datetime) -> str:
    if consent.state == "PENDING" and now >= consent.expires_at:
        return "EXPIRED"
    return consent.state


@post("/digital-documents/consents", status_code=202)
async def ask(data: JSONBody[Wanted], sandbox: NamedDependency[Sandbox]) -> Response[Any]:
    """Ask the owner by SMS to his own numbers; the same id again is the same question."""
    register = of(sandbox)
    if register.mood.silent:
        return Response({"error": "GATEWAY"}, status_code=504)
    consent = register.consents.get(data.consent_id)
    if consent is None:
        phones = tuple(sorted(sandbox.subscribers.get(data.iin, set())))
        code = f"{secrets.randbelow(10**6):06}"
        consent = Consent(data.iin, code, phones, sandbox.now() + LIFE)
        register.consents[data.consent_id] = consent
        for phone in phones:
            text = (
                f"{data.purpose.kk}: құжатыңызға рұқсат коды {code}. Рұқсат: 1, бас тарту: 0. / "
                f"{data.purpose.ru}: код {code}. Согласие: 1, отказ: 0."
            )
            sandbox.sms.append(
                {"message_id": data.consent_id, "to": phone, "from": SENDER, "text": text}
            )
    return Response(
        {
            "consent_id": data.consent_id,
            "state": _state(consent, sandbox.now()),
            "expires_at": consent.expires_at.isoformat(),
        },
        status_code=202,
    )


@post("/digital-documents/consents/answer", status_code=200)
async def answer(data: JSONBody[Answer], sandbox: NamedDependency[Sandbox]) -> Response[Any]:
    """Take the code; after three wrong ones the question is closed."""
    register, now = of(sandbox), sandbox.now()
    if register.mood.silent:
        return Response({"error": "GATEWAY"}, status_code=504)
    consent = register.consents.get(data.consent_id)
    if consent is None:
        return Response({"error": "NO_CONSENT"}, status_code=404)
    accepted = False
    if _state(consent, now) == "PENDING":
        consent.tries += 1
        accepted = secrets.compare_digest(consent.code, data.code)
        if accepted:
            consent.state = "CONSENTED"
        elif consent.tries >= TRIES_MAX:
            consent.state = "DENIED"
    return Response(
        {"consent_id": data.consent_id, "state": _state(consent, now), "accepted": accepted}
    )


@post("/digital-documents/documents", status_code=200)
async def take(data: JSONBody[Key], sandbox: NamedDependency[Sandbox]) -> Response[Any]:
    """Hand out the document of an owner who consented."""
    register = of(sandbox)
    consent = register.consents.get(data.consent_id)
    if register.mood.silent or consent is None:
        return Response({"error": "GATEWAY"}, status_code=504)
    state = _state(consent, sandbox.now())
    document = register.documents.get(consent.iin) if state == "CONSENTED" else None
    if state == "CONSENTED" and document is None:
        return Response({"error": "NO_DOCUMENT"}, status_code=404)
    return Response(
        {
            "consent_id": data.consent_id,
            "state": state,
            "document": None if document is None else msgspec.to_builtins(document),
        }
    )


@post("/digital-documents/sms/replies", status_code=204)
async def reply(data: JSONBody[Reply], sandbox: NamedDependency[Sandbox]) -> None:
    """The owner replies to the SMS: 1 consents, 0 refuses; it answers the newest open question."""
    now = sandbox.now()
    for consent in reversed(of(sandbox).consents.values()):
        if data.from_ in consent.phones and _state(consent, now) == "PENDING":
            consent.state = {"1": "CONSENTED", "0": "DENIED"}.get(data.text.strip(), "PENDING")
            return


@put("/digital-documents/control/documents", status_code=204)
async def enter(data: JSONBody[list[Document]], sandbox: NamedDependency[Sandbox]) -> None:
    """Enter documents, one a person."""
    of(sandbox).documents.update({one.iin: one for one in data})


@put("/digital-documents/control/mood", status_code=204)
async def set_mood(data: JSONBody[Mood], sandbox: NamedDependency[Sandbox]) -> None:
    """Let the service answer, or not."""
    of(sandbox).mood = data


HANDLERS = [ask, answer, take, reply, enter, set_mood]
