"""What is large, deep, or many: an answer within two seconds of CPU time, never a crash (issue 3)."""

import base64
import time
from collections.abc import Callable

import pytest

from backend.signing.der import reader, writer
from backend.signing.model import Code
from backend.signing.verify.document import MAX_RAW, verify_document
from backend.signing.verify.judge import Policy
from backend.signing.xml import tree
from infra.sandbox.nca import signed_xml
from infra.sandbox.nca.signed_xml import HOLE

ANSWER_S = 2.0


def nested(depth: int) -> bytes:
    raw = b"\x05\x00"
    for _ in range(depth):
        raw = writer.sequence(raw)
    return raw


def many_signers(one: bytes, count: int) -> bytes:
    """The CMS with its only SignerInfo `count` times."""
    kind, wrapped = reader.read(one, ber=True).children()
    *fields, signers = wrapped.children()[0].children()
    body = signers.children()[0].raw * count
    signers_raw = b"\x31" + writer.sequence(body)[1:]
    return writer.sequence(
        kind.raw,
        writer.explicit(0, writer.sequence(*(field.raw for field in fields), signers_raw)),
    )


def many_signatures(xml: str, count: int) -> str:
    """The document with its only Signature `count` times."""
    start = xml.index("<ds:Signature ")
    end = xml.index("</ds:Signature>") + len("</ds:Signature>")
    return xml[:start] + xml[start:end] * count + xml[end:]


INPUTS: dict[str, tuple[Callable[[], bytes], Code]] = {
    "200 MB of nothing": (lambda: bytes(200_000_000), Code.MALFORMED),
    "as much space as is read": (lambda: b" " * MAX_RAW + b"<", Code.MALFORMED),
    "10,000 nested sequences": (lambda: nested(10_000), Code.MALFORMED),
    "1,000,000 open indefinite lengths": (lambda: b"\x30\x80" * 1_000_000, Code.MALFORMED),
    "PEM without an end": (lambda: b"-----BEGIN CMS-----\n" + b"A" * 20_000_000, Code.MALFORMED),
    "base64 of zeros": (lambda: base64.b64encode(bytes(20_000_000)), Code.MALFORMED),
    "1,000,000 nodes": (lambda: b"<a>" + b"<b/>" * 1_000_000 + b"</a>", Code.MALFORMED),
    "100,000 levels": (lambda: b"<a>" * 100_000, Code.MALFORMED),
    "100,000 attributes": (
        lambda: b"<a " + b" ".join(b'a%d=""' % n for n in range(100_000)) + b"/>",
        Code.MALFORMED,
    ),
    "a thousand million laughs": (
        lambda: (
            b'<!DOCTYPE l [<!ENTITY a "ha">'
            + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
            + b"]><l>&j;</l>"
        ),
        Code.MALFORMED,
    ),
}


@pytest.fixture
def answer(trust, good, now):
    policy = Policy(trust=trust, at=now, revocation=good)

    def timed(raw: bytes) -> Code:
        began = time.thread_time()
        found = verify_document(policy, raw)
        assert time.thread_time() - began < ANSWER_S
        assert found.valid == (found.code is Code.OK)
        return found.code

    return timed


@pytest.mark.parametrize("name", INPUTS)
def test_odd_inputs_are_answered(answer, name) -> None:
    make, code = INPUTS[name]
    assert answer(make()) is code


def test_many_signers_are_answered(answer, head, now) -> None:
    one = head.sign_cms(b"document", detached=False, at=now)
    assert answer(many_signers(one, 64)) is Code.OK
    for count in (65, 10_000):
        assert answer(many_signers(one, count)) is Code.MALFORMED


def test_many_signatures_over_much_are_answered(answer, head) -> None:
    """A document is made canonical once for all its signatures, and so much is digested, no more."""
    nodes = "<b/>" * (tree.MAX_NODES - 2_000)
    xml = signed_xml.enveloped(f"<a>{nodes}{HOLE}</a>", head).decode()
    assert answer(xml.encode()) is Code.OK
    assert answer(many_signatures(xml, 64).encode()) is Code.DIGEST_MISMATCH
    text = signed_xml.enveloped(f"<a>{'x' * 4_000_000}{HOLE}</a>", head).decode()
    assert answer(text.encode()) is Code.OK
    assert answer(many_signatures(text, 17).encode()) is Code.MALFORMED


def test_ids_looked_for_again_and_again(answer, head) -> None:
    nodes = '<b Id="i"/>' * 20_000
    xml = signed_xml.enveloped(f'<a Id="r">{nodes}{HOLE}</a>', head, uri="#r").decode()
    assert answer(many_signatures(xml, 64).encode()) is Code.DIGEST_MISMATCH
