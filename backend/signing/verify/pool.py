"""Verification off the event loop: in worker processes, or in a thread where there are none.

Workers keep what they learn: parsed certificates, chains found good, the revocation lists. A list
travels to each worker once, an OCSP answer with its document.
"""

import asyncio
from datetime import datetime

import msgspec

from backend.kernel.config import Config, Mode
from backend.kernel.processes import Processes, State, available_cores
from backend.signing.model import Code, Role, Verification
from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_cms_under, verify_xml_under
from backend.signing.verify.judge import Policy

MODULE = "backend.signing.verify.worker"
# A verification costs milliseconds, 16 MB of content a tenth of a second; the limit is for what
# nobody foresaw (issue 3: every answer in less than two seconds).
TIMEOUT_S = 10.0


class Job(msgspec.Struct, frozen=True, array_like=True):
    """One document on its way to a worker. `lists` is False where no source of revocation is."""

    raw: bytes
    content: bytes | None
    xml: bool
    trust: str
    at: datetime
    lists: bool
    ocsps: tuple[bytes, ...]
    revocation_required: bool
    require_role: Role | None
    stamps: bool


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """The verification; content that came from the caller does not travel back."""

    verification: Verification
    content_is_given: bool


def processes_for(config: Config) -> Processes | None:
    """The configured workers, not yet started; None when verification runs in a thread."""
    count = config.verify_processes
    if count is None:
        cores = max(1, available_cores() // config.processes)
        count = cores if config.mode is Mode.PRODUCTION else 0
    if not count:
        return None
    return Processes(
        "-m",
        MODULE,
        config.gost_backend,
        count=count,
        waiting_max=config.verify_waiting_max,
        timeout_s=TIMEOUT_S,
    )


async def verify_cms(
    processes: Processes | None,
    cms: bytes,
    content: bytes | None,
    *,
    trust: str,
    at: datetime,
    revocation: RevocationFiles | None,
    require_role: Role | None = None,
    revocation_required: bool = True,
    stamps: bool = True,
) -> Verification:
    """`verify.document.verify_cms` under the trust of that name; the event loop stays free.

    Raises Busy when too many wait and WorkAbandoned when the document is too much for a worker:
    both are "come again" (503), and decide nothing.
    """
    job = _job(cms, content, trust, at, revocation, require_role, revocation_required, stamps)
    return await _verify(processes, job, revocation)


async def verify_xml(
    processes: Processes | None,
    xml: bytes,
    *,
    trust: str,
    at: datetime,
    revocation: RevocationFiles | None,
    require_role: Role | None = None,
    revocation_required: bool = True,
    stamps: bool = True,
) -> Verification:
    """`verify.document.verify_xml_under` in the same way."""
    job = _job(xml, None, trust, at, revocation, require_role, revocation_required, stamps)
    return await _verify(processes, msgspec.structs.replace(job, xml=True), revocation)


def carry_out(job: Job, revocation: RevocationFiles | None) -> Verification:
    """Verify, here and now."""
    policy = Policy(
        trust=TrustStore.load(job.trust),
        at=job.at,
        revocation=revocation,
        revocation_required=job.revocation_required,
        require_role=job.require_role,
        stamps=job.stamps,
    )
    if job.xml:
        return verify_xml_under(policy, job.raw)
    return verify_cms_under(policy, job.raw, job.content)


def _job(
    raw: bytes,
    content: bytes | None,
    trust: str,
    at: datetime,
    revocation: RevocationFiles | None,
    require_role: Role | None,
    revocation_required: bool,
    stamps: bool,
) -> Job:
    return Job(
        raw=raw,
        content=content,
        xml=False,
        trust=trust,
        at=at,
        lists=revocation is not None,
        ocsps=revocation.ocsps if revocation is not None else (),
        revocation_required=revocation_required,
        require_role=require_role,
        stamps=stamps,
    )


async def _verify(
    processes: Processes | None, job: Job, revocation: RevocationFiles | None
) -> Verification:
    if processes is None:
        return await asyncio.to_thread(carry_out, job, revocation)
    state = None
    if revocation is not None:
        key = await _key_of(revocation)
        lists = revocation.lists
        state = State(key, lambda: msgspec.msgpack.encode([one.raw for one in lists]))
    octets = await processes.call(msgspec.msgpack.encode(job), state)
    answer = msgspec.msgpack.decode(octets, type=Answer)
    if not answer.content_is_given:
        return answer.verification
    assert answer.verification.code is Code.OK, "only a valid document has content"
    return msgspec.structs.replace(answer.verification, content=job.content)


async def _key_of(revocation: RevocationFiles) -> bytes:
    """The lists' digest; the first time, with the event loop free: a base list is large."""
    if "lists_key" not in vars(revocation):
        await asyncio.to_thread(getattr, revocation, "lists_key")
    return revocation.lists_key
