"""Signed requests that could not be decided: kept, asked about again, never carried out from here.

The caller was answered 503 and holds his request; he sends it again with the same Idempotency-Key, and
only that can be accepted (docs/adr/0016-undecided-signatures.md). What is kept here is the question: it is asked
again until it is answered, so that the operator sees what waits and how it ended.
"""

import asyncio
import hashlib
from datetime import timedelta

import msgspec

from backend.kernel import logs
from backend.kernel.actor import Actor
from backend.kernel.errors import Unavailable
from backend.kernel.resources import Resources
from backend.signing.evidence import queries
from backend.signing.evidence.model import Waiting
from backend.signing.evidence.verifying import verify
from backend.signing.model import Code

KEPT_FOR = timedelta(days=7)  # as long as an Idempotency-Key is good (web/idempotency)
WAITING_MAX = 200  # of one organisation; more are refused all the same, and not kept
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
AT_ONCE = 10  # in one round of the sweep

log = logs.get("signing.evidence")


class Request(msgspec.Struct, frozen=True, array_like=True):
    """What was sent: the document (None where it lies in the signature) and the CMS."""

    document: bytes | None
    signature: bytes


async def keep(
    resources: Resources, actor: Actor, operation: str, document: bytes | None, cms: bytes
) -> None:
    """Keep what was asked, sealed, and by whom: it is not accepted, so nobody shall read it."""
    now, keyring = resources.clock.now(), resources.keyring
    digest = hashlib.sha256(cms).digest()
    await queries.KEEP_WAITING.run(
        resources.db.signing,
        operation,
        digest,
        keyring.lookup("organisation", actor.bin or str(actor.session_id)),
        keyring.seal(msgspec.msgpack.encode(Request(document, cms)), _context(operation, digest)),
        now,
        now + FIRST_PAUSE,
        WAITING_MAX,
    )


async def ask_again(resources: Resources) -> None:
    """A sweep: decide what can be decided by now, forget what is old."""
    now = resources.clock.now()
    await queries.FORGET_WAITING.run(resources.db.signing, now - KEPT_FOR)
    due = await queries.CLAIM_WAITING.all(
        resources.db.signing, now, FIRST_PAUSE, LONGEST_PAUSE, AT_ONCE
    )
    await asyncio.gather(*(_ask(resources, one) for one in due))


async def _ask(resources: Resources, one: Waiting) -> None:
    context = _context(one.operation, one.signature_sha256)
    request = msgspec.msgpack.decode(resources.keyring.open(one.sealed, context), type=Request)
    try:
        found = await verify(resources, request.signature, request.document)
    except Unavailable:  # no verifier is free
        return
    if found.code is Code.REVOCATION_UNKNOWN:
        return
    now = resources.clock.now()
    await queries.END_WAITING.run(
        resources.db.signing, one.operation, one.signature_sha256, found.code, now
    )
    log.info("decided after all", operation=one.operation, code=found.code, tries=one.tries)


def _context(operation: str, digest: bytes) -> bytes:
    return b"undecided:" + operation.encode() + b":" + digest
