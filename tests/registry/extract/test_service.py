"""Who may have which extract, and that its giving is itself an operation."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.extract import service
from backend.registry.extract.errors import ExtractNotFound, NoPolicyToShow
from backend.registry.extract.model import (
    CheckCode,
    Kind,
    OrderExtract,
    RequestExtract,
    TakeExtract,
)
from backend.registry.log import service as log
from backend.registry.log.heads import SIGN_SOON
from backend.registry.log.model import OpClass
from backend.registry.log.verify import verify
from backend.registry.person.errors import InsuredNotFound
from backend.signing.errors import DocumentAlreadyUsed
from tests.registry.access_record.noted import noted
from tests.registry.conftest import ISSUER_BIN, Insure, actor, iin_of, number, signed
from tests.registry.extract.conftest import IIN, Take, file_of, head_over_it

REGISTRAR = actor(number("980540"), Role.REGISTRAR)
ISSUER = actor(ISSUER_BIN, Role.ISSUER_HEAD)


async def operations(resources: Resources, person_id: UUID) -> list[Any]:
    found = await log.of_subject(resources.db.registry, person_id)
    return [o for o in found if o.op_class is OpClass.INFORMATION]


async def test_the_insureds_own_extract_tells_all_and_is_logged(
    resources: Resources, insured: Actor, take: Take, person_id: UUID
) -> None:
    given = await take()
    document = (await file_of(resources, insured, given)).document
    assert document["insured"]["iin"] == IIN
    assert document["account"]["status"] == "OPEN"
    assert document["policy"]["number"] == "2026-0000000001"
    assert document["policy"]["issuer_bin"] == ISSUER_BIN
    assert [o["op_type"] for o in document["operations"]] == ["OPEN"]
    assert set(document["legal"]) == {"kk", "ru", "en"}
    assert document["ground"]["kind"] == "CONSENT"
    (operation,) = await operations(resources, person_id)
    assert (operation.op_type, operation.basis_kind) == ("ACCOUNT_EXTRACT", "SELF")
    assert given.sha256 in operation.content
    assert IIN not in operation.content
    assert (await verify(resources.db.registry)).ok


async def test_the_lists_list(
    resources: Resources, insured: Actor, take: Take, person_id: UUID
) -> None:
    await take(Kind.POLICY)
    listed = await file_of(resources, insured, await take(Kind.INFORMATION_OPERATIONS))
    assert [o["op_type"] for o in listed.document["operations"]] == ["POLICY_EXTRACT"]
    events = await file_of(resources, insured, await take(Kind.POLICY_EVENTS))
    assert events.document["operations"] == []
    assert len(await operations(resources, person_id)) == 3


@pytest.mark.notes("TakeExtract", "GetOwnExtractJson", "GetOwnExtractPdf", "GetOwnExtractSeal")
async def test_each_session_that_reads_its_own_extract_is_noted(
    resources: Resources, insured: Actor, owner: Any, person_id: UUID
) -> None:
    given = await service.take(resources, insured, TakeExtract(Kind.ACCOUNT, consent=True))
    assert [n.person_id for n in await noted(owner, "TakeExtract")] == [person_id]
    for operation in ("GetOwnExtractJson", "GetOwnExtractPdf", "GetOwnExtractSeal"):
        later = msgspec.structs.replace(insured, session_id=uuid4())
        await service.own_row(resources, later, operation, given.extract_id)
        assert [n.person_id for n in await noted(owner, operation)] == [person_id]


@pytest.mark.notes(
    "OrderExtract",
    "RequestExtract",
    "GetOrderedExtractJson",
    "GetOrderedExtractPdf",
    "GetOrderedExtractSeal",
)
async def test_the_issuer_by_order_and_a_state_body_by_request(
    resources: Resources, insured: Actor, take: Take, person_id: UUID, owner: Any
) -> None:
    ordered = signed(OrderExtract(IIN, Kind.POLICY, "12-ө"), resources, ISSUER_BIN)
    by_order = await service.order(resources, ISSUER, ordered)
    asked = RequestExtract(IIN, Kind.ACCOUNT, "ҚР ІІМ", "12-34/567", date(2026, 4, 3))
    by_request = await service.request(resources, REGISTRAR, signed(asked, resources, None))
    kinds = [(o.op_type, o.basis_kind) for o in await operations(resources, person_id)]
    assert kinds == [("POLICY_EXTRACT", "ORDER"), ("ACCOUNT_EXTRACT", "REQUEST")]
    row = await service.ordered_row(
        resources, REGISTRAR, "GetOrderedExtractJson", by_request.extract_id
    )
    ground = (await service.file(resources, row)).document["ground"]
    assert ground == {
        "kind": "REQUEST",
        "body": "ҚР ІІМ",
        "number": "12-34/567",
        "on": "2026-04-03",
    }
    # each to whom it was given, and to nobody else; what is not there looks the same
    for who, extract in (
        (ISSUER, by_request),
        (REGISTRAR, by_order),
        (actor(number("061240"), Role.ISSUER_HEAD), by_order),
    ):
        with pytest.raises(ExtractNotFound):
            await service.ordered_row(resources, who, "x", extract.extract_id)
    with pytest.raises(ExtractNotFound):
        await service.own_row(resources, insured, "x", by_order.extract_id)
    own = await take()
    with pytest.raises(ExtractNotFound):
        await service.ordered_row(resources, ISSUER, "x", own.extract_id)
    # the person sees who looked: the making twice, the reading again once
    seen = await access_records.of_person(resources.db.registry, person_id, None, 50)
    assert [r.basis for r in seen.items if not r.own] == ["REQUEST", "REQUEST", "ORDER"]
    for form in ("Pdf", "Seal"):
        await service.ordered_row(
            resources, ISSUER, f"GetOrderedExtract{form}", by_order.extract_id
        )
    for operation in (
        "OrderExtract",
        "RequestExtract",
        *(f"GetOrderedExtract{form}" for form in ("Json", "Pdf", "Seal")),
    ):
        assert [n.person_id for n in await noted(owner, operation)] == [person_id], operation
    # one signature, one extract
    with pytest.raises(DocumentAlreadyUsed):
        await service.order(resources, ISSUER, ordered)


async def test_who_is_unknown_and_who_has_no_policy(
    resources: Resources, person_id: UUID, insure: Insure
) -> None:
    other = iin_of(12)
    command = OrderExtract(other, Kind.POLICY, "1")
    with pytest.raises(InsuredNotFound):
        await service.order(resources, ISSUER, signed(command, resources, ISSUER_BIN))
    await insure(other)
    with pytest.raises(NoPolicyToShow):
        await service.order(resources, ISSUER, signed(command, resources, ISSUER_BIN))
    account = OrderExtract(other, Kind.ACCOUNT, "1")
    await service.order(resources, ISSUER, signed(account, resources, ISSUER_BIN))


async def test_a_head_comes_soon_where_an_extract_waits(
    resources: Resources, clock: FixedClock, insured: Actor, take: Take
) -> None:
    await head_over_it(resources, clock)
    heads = "SELECT count(*) FROM registry.log_tree_head"
    pool = resources.db.registry.pool
    assert await pool.fetchval(heads) == 0
    given = await take()
    await head_over_it(resources, clock)
    assert await pool.fetchval(heads) == 1
    found = await service.check(resources, CheckCode(given.code.lower()))
    assert (found.proved, found.sha256) == (True, given.sha256)
    for _ in range(5):
        clock.advance(SIGN_SOON)
        await service.hurry(resources)
    assert await pool.fetchval(heads) <= 2
    listed = await service.own(resources, insured, None, 10)
    assert [(g.extract_id, g.proved) for g in listed.items] == [(given.extract_id, True)]
    with pytest.raises(ExtractNotFound):
        await service.check(resources, CheckCode("0" * 20))
