"""A worker process of `verify/pool.py`: `python -m backend.signing.verify.worker BACKEND`.

It meets what strangers send, and owns nothing: no secret, no database, no network, and no core dump
to leave a person's data in.
"""

import resource
import signal
import sys

import msgspec

from backend.kernel import processes
from backend.signing.algorithm import backend, gost, selection
from backend.signing.model import Verification
from backend.signing.revocation.files import RevocationFiles
from backend.signing.verify.pool import TIMEOUT_S, Answer, Job, carry_out

_ALONE_S = int(TIMEOUT_S) + 5  # what nobody waits for any more must not run on


class _Desk:
    """What the worker holds between documents."""

    def __init__(self) -> None:
        self._lists = RevocationFiles()

    def keep(self, octets: bytes) -> None:
        """Hold these revocation lists from now on."""
        self._lists = RevocationFiles(msgspec.msgpack.decode(octets, type=list[bytes]))

    def work(self, octets: bytes) -> bytes:
        """Verify one document."""
        signal.alarm(_ALONE_S)
        job = msgspec.msgpack.decode(octets, type=Job)
        lists = self._lists.with_answers(job.ocsps) if job.ocsps else self._lists
        found = carry_out(job, lists if job.lists else None)
        signal.alarm(0)
        return msgspec.msgpack.encode(_answer(found, job.content))


def _answer(found: Verification, content: bytes | None) -> Answer:
    if content is None or found.content != content:
        return Answer(found, content_is_given=False)
    return Answer(msgspec.structs.replace(found, content=None), content_is_given=True)


def warm() -> None:
    """Build what the first document would wait for, and see each algorithm of GOST answer rightly."""
    for family in gost.FAMILIES.values():
        key = gost.PrivateKey.generate(family, b"warm")
        spki, signature = key.spki(), key.sign(b"warm")
        right = backend.verify(spki, family.algorithm, b"warm", signature)
        wrong = backend.verify(spki, family.algorithm, b"cold", signature)
        assert right and not wrong, f"{family.algorithm} does not compute here"  # noqa: PT018


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    selection.settle(sys.argv[1] if len(sys.argv) > 1 else selection.AUTO)
    warm()
    desk = _Desk()
    processes.serve(desk.work, desk.keep)


if __name__ == "__main__":
    main()
