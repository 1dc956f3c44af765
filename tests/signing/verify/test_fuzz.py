"""Every reader meets structures that are nearly right: elements lost, doubled, swapped, retagged.

A seeded sample runs always; `make prove` runs many (SAQTAU_SEED, SAQTAU_FUZZ_INPUTS).
"""

import os
import random
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import pytest

from backend.signing.der import reader, writer
from backend.signing.der.reader import Element, Malformed
from backend.signing.model import Code
from backend.signing.revocation import crl, ocsp
from backend.signing.revocation.files import RevocationFiles
from backend.signing.trust import path
from backend.signing.trust.store import TrustStore, read_certificates
from backend.signing.verify.document import verify_document
from backend.signing.verify.judge import Policy
from infra.sandbox.nca import status
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import co_sign

SCRAPS = [bytes.fromhex(t) for t in (
    "0500", "3000", "020100", "3100", "0400", "06012a", "a000", "030100", "24800000", "170d",
)]  # fmt: skip


class Mangler:
    """Re-encodes a structure, now and then not quite as it was."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def mangle(self, element: Element) -> bytes:
        if element.tag & 0x20:
            return self._constructed(element)
        body = element.content
        if element.tag == reader.OCTET_STRING and body[:1] in (b"\x30", b"\x04"):
            with suppress(Malformed):
                body = self.mangle(reader.read(body))
        if self.chance.random() < 0.01:
            body = self.chance.choice(
                [b"", body[: self.chance.randrange(len(body) + 1)], self.chance.randbytes(9)]
            )
        return writer.tlv(element.tag, body)

    def _constructed(self, element: Element) -> bytes:
        parts = [self.mangle(child) for child in element.children()]
        if parts and self.chance.random() < 0.02:
            place = self.chance.randrange(len(parts))
            changes: list[Callable[[], object]] = [
                lambda: parts.pop(place),
                lambda: parts.insert(place, parts[place]),
                lambda: parts.__setitem__(place, self.chance.choice(SCRAPS)),
                lambda: self.chance.shuffle(parts),
                parts.clear,
            ]
            self.chance.choice(changes)()
        tag = element.tag
        if self.chance.random() < 0.004:
            tag = self.chance.randrange(8) << 5 | self.chance.randrange(30)
        return writer.tlv(tag, b"".join(parts))


def fuzz(seed: int, inputs: int, now: datetime) -> None:
    """Feed mangled structures to every reader: they answer, or say Malformed where that is theirs."""
    centre = Centre.create(b"fuzz", now)
    trust = TrustStore("fuzz", centre.anchors())
    head = centre.issue_legal("900101300017", "061211600012", "А Б", "Т", "head", now)
    citizen = centre.issue_individual("900101300017", "А Б", now, "rsa-sha256")
    centre.revoke(citizen, now)
    found = path.build(head.certificate, [], trust, now)
    assert found is not None
    issuer = found.issuer
    policy = Policy(trust=trust, at=now, revocation=RevocationFiles([centre.crl(now)]))
    cms = co_sign(b"doc", [head, citizen], detached=False, at=now, stamp=centre.stamper(now))
    request = status.request(issuer.subject, issuer.spki, head.serial, b"nonce")

    def list_reader(raw: bytes) -> None:
        files = RevocationFiles([raw])
        files.status(citizen.certificate, issuer, now)
        with suppress(Malformed):
            crl.status(files.lists, citizen.certificate, now)

    def answer_reader(raw: bytes) -> None:
        for answer in RevocationFiles([], [raw]).answers:
            answer.signed_for(issuer)
            ocsp.status([answer], head.certificate, issuer, now)

    def document_reader(raw: bytes) -> None:
        answer = verify_document(policy, raw)
        assert isinstance(answer.code, Code)
        assert not answer.valid or answer.content == b"doc"

    readers: list[tuple[bytes, Callable[[bytes], object]]] = [
        (cms, document_reader),
        (centre.crl(now, "rsa-sha256"), list_reader),
        (centre.ocsp_response(request, now), answer_reader),
        (head.certificate_der, read_certificates),
    ]
    mangler = Mangler(seed)
    for number in range(inputs):
        raw, read = readers[number % len(readers)]
        read(mangler.mangle(reader.read(raw)))


def test_a_sample_of_mangled_structures(now: datetime) -> None:
    fuzz(20260302, 300, now)


@pytest.mark.prove
def test_mangled_structures(now: datetime, record_property) -> None:
    seed = int(os.environ.get("SAQTAU_SEED") or secrets.randbits(32))
    inputs = int(os.environ.get("SAQTAU_FUZZ_INPUTS") or 200_000)
    record_property("seed", seed)
    record_property("inputs", inputs)
    fuzz(seed, inputs, now)
