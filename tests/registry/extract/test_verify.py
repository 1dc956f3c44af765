"""An extract verified offline, and what is said of one that was touched."""

from typing import Any

import msgspec
import pytest

from backend.kernel.actor import Actor
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.extract import paper, qr, rules
from backend.registry.extract.model import Proof
from backend.registry.extract.verify import Fault, Refused, check
from tests.registry.extract.conftest import (
    OFFLINE,
    Take,
    file_of,
    head_over_it,
    keys_of,
    octets_of,
)


def fault(raw: bytes, keys: dict[int, bytes]) -> Fault:
    with pytest.raises(Refused) as refused:
        check(raw, keys, OFFLINE)
    return refused.value.fault


async def test_a_promise_holds_then_a_proof(
    resources: Resources, clock: FixedClock, insured: Actor, take: Take
) -> None:
    given = await take()
    keys = await keys_of(resources)
    promised = check(await octets_of(resources, insured, given), keys, OFFLINE)
    assert promised.promised_by is not None
    assert (promised.leaf_index, promised.head) == (None, None)
    await head_over_it(resources, clock)
    proved = check(await octets_of(resources, insured, given), keys, OFFLINE)
    assert (proved.form, proved.head, proved.promised_by) == ("json", 1, None)
    assert proved.leaf_hash == promised.leaf_hash == given.leaf_hash
    assert proved.extract["kind"] == "ACCOUNT"
    # a later head changes nothing: the proof is the same for ever
    first = await octets_of(resources, insured, given)
    await take()
    await head_over_it(resources, clock)
    assert await octets_of(resources, insured, given) == first


@pytest.mark.parametrize("proved", [False, True], ids=["promise", "proof"])
async def test_any_octet_changed_is_refused(
    resources: Resources, clock: FixedClock, insured: Actor, take: Take, proved: bool
) -> None:
    given = await take()
    if proved:
        await head_over_it(resources, clock)
    keys = await keys_of(resources)
    raw = await octets_of(resources, insured, given)
    check(raw, keys, OFFLINE)
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        fault(bytes(changed), keys)
    for other in (raw[:-1], raw + b"\n", b" " + raw, raw.replace(b"{", b"{ ", 1)):
        assert fault(other, keys) is Fault.MALFORMED


async def test_it_is_said_what_was_changed(
    resources: Resources, clock: FixedClock, insured: Actor, take: Take
) -> None:
    given = await take()
    await head_over_it(resources, clock)
    keys = await keys_of(resources)
    raw = await octets_of(resources, insured, given)

    def changed(*path: str, to: object) -> bytes:
        file: dict[str, Any] = msgspec.json.decode(raw)
        inner = file
        for name in path[:-1]:
            inner = inner[name]
        assert inner[path[-1]] != to
        inner[path[-1]] = to
        return rules.canonical(file)

    for found, made in {
        Fault.DOCUMENT_CHANGED: changed("document", "insured", "full_name", to="Басқа Біреу"),
        Fault.OPERATION_CHANGED: changed("operation", "actor", to="registrar:980540000397"),
        Fault.PROOF_CHANGED: changed("proof", "leaf_index", to=0),
        Fault.HEAD_CHANGED: changed("proof", "head", "number", to=9),
        Fault.KEY_UNKNOWN: changed("proof", "head", "key_number", to=9),
    }.items():
        assert fault(made, keys) is found
    assert fault(raw, {}) is Fault.KEY_UNKNOWN
    assert fault(raw, {1: bytes(32)}) is Fault.HEAD_CHANGED
    for raw_file in (b"", b"{}", b"[1]", b"\xff", b"%PDF-1.7", b"SX1:", b"SX1:\xff"):
        fault(raw_file, keys)


async def test_the_pdf_carries_itself_and_is_sealed_whole(
    resources: Resources, clock: FixedClock, insured: Actor, take: Take
) -> None:
    given = await take()
    await head_over_it(resources, clock)
    keys = await keys_of(resources)
    file = await file_of(resources, insured, given)
    pdf = await paper.pdf(resources, file)
    assert pdf == await paper.pdf(resources, file)
    held = check(pdf, keys, OFFLINE)
    assert (held.form, held.leaf_hash, held.sealed_by) == ("pdf", given.leaf_hash, None)
    for place in range(0, len(pdf), 23):
        changed = bytearray(pdf)
        changed[place] ^= 1
        assert fault(bytes(changed), keys) in (
            Fault.PDF_CHANGED,
            Fault.MALFORMED,
            Fault.KEY_UNKNOWN,
        )
    for other in (pdf + b"\n", pdf + b"%", pdf[:-1], pdf + pdf):
        assert fault(other, keys) in (Fault.PDF_CHANGED, Fault.SEAL_INVALID)


async def test_the_qr_holds_without_the_file(
    resources: Resources, clock: FixedClock, insured: Actor, take: Take
) -> None:
    given = await take()
    keys = await keys_of(resources)
    promise = await file_of(resources, insured, given)
    assert check(qr.text(promise.proof).encode(), keys, OFFLINE).promised_by is not None
    await head_over_it(resources, clock)
    proof = (await file_of(resources, insured, given)).proof
    assert isinstance(proof, Proof)
    said = qr.text(proof)
    held = check(said.encode() + b"\n", keys, OFFLINE)
    assert (held.form, held.leaf_hash, held.head) == ("qr", given.leaf_hash, 1)
    for place in range(4, len(said), 7):
        other = said[:place] + ("0" if said[place] != "0" else "1") + said[place + 1 :]
        fault(other.encode(), keys)
