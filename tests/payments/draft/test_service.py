"""The portal forms the act from what the MIS recorded; exactly those bytes are signed, and by nobody else."""

import base64
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.act.errors import ContractNotFound
from backend.payments.act.model import ActStatus, Case
from backend.payments.act.service import receive
from backend.payments.draft import service
from backend.payments.draft.errors import DraftClosed, DraftNotFound, NothingToBill
from backend.payments.draft.model import (
    Draft,
    DraftStatus,
    FormDraft,
    RecordBatch,
    ServiceRecord,
    SignDraft,
)
from backend.signing.errors import SignatureInvalid
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.payments.conftest import (
    CLINIC_BIN,
    CONTRACT,
    FROM,
    HEAD,
    OTHER_LINE,
    PEOPLE,
    TO,
    Owner,
    cases,
    iin,
    person,
)
from tests.registry.access_record.noted import noted

MIS = Actor(uuid7(), frozenset({Role.MIS}), bin="123456789021")
FORM = FormDraft(CONTRACT, "2026-03/1", FROM, TO)


@pytest.fixture
def centre(clock: FixedClock, tmp_path: Path) -> Centre:
    made = Centre.create(b"drafts", clock.now(), algorithms=("gost2015-512",))
    made.save(tmp_path)
    return made


@pytest.fixture
def config(config: Config, centre: Centre, tmp_path: Path) -> Config:
    return msgspec.structs.replace(config, trust=str(tmp_path / "trust"))


@pytest.fixture
def head(centre: Centre, clock: FixedClock) -> KeyPair:
    return centre.issue_legal(iin(400), CLINIC_BIN, "БАСШЫ ЕМХАНА", "ЕМХАНА", "head", clock.now())


def record(case: Case, **changes: Any) -> ServiceRecord:
    fields = msgspec.structs.asdict(case) | {"executor_bin": CLINIC_BIN} | changes
    return ServiceRecord(**fields)


async def tell(world: Resources, *records: ServiceRecord) -> tuple[int, int, list[str]]:
    answer = await service.take(world, MIS, RecordBatch(records))
    return answer.accepted, answer.repeated, [r.code for r in answer.refused]


async def sign(world: Resources, head: KeyPair, draft: Draft, content: bytes) -> Any:
    cms = head.sign_cms(content, at=world.clock.now())
    command = SignDraft(base64.b64encode(cms).decode())
    return await service.sign(world, HEAD, draft.draft_id, command)


@pytest.mark.notes("FetchActDraft", "SignActDraft")
async def test_what_the_mis_recorded_is_formed_signed_and_presented(
    world: Resources, head: KeyPair, owner: Owner
) -> None:
    given = cases([1, 2, 3, PEOPLE])
    assert await tell(world, *(record(case) for case in given)) == (4, 0, [])
    draft = await service.form(world, HEAD, FORM)
    assert (draft.status, draft.cases, draft.more) == (DraftStatus.DRAFT, 4, False)
    content = await service.document(world, HEAD, draft.draft_id)
    command = receive.read(content)
    assert sorted(command.cases, key=lambda c: c.service_record_id) == sorted(
        given, key=lambda c: c.service_record_id
    )
    found = await sign(world, head, draft, content)
    assert (found.status, found.cases, found.content_sha256) == (
        ActStatus.CHECK_PASSED,
        4,
        draft.content_sha256,
    )
    kept = await service.find(world.db.payments, HEAD, draft.draft_id)
    assert (kept.status, kept.act_id) == (DraftStatus.SUBMITTED, found.act_id)
    for operation in ("FetchActDraft", "SignActDraft"):
        assert {n.person_id for n in await noted(owner, operation)} == {
            person(n) for n in (1, 2, 3, PEOPLE)
        }
    # what is presented is not formed again, and the draft is signed once
    with pytest.raises(NothingToBill):
        await service.form(world, HEAD, FORM)
    with pytest.raises(DraftClosed):
        await sign(world, head, draft, content)


async def test_only_exactly_those_bytes_are_signed(world: Resources, head: KeyPair) -> None:
    await tell(world, *(record(case) for case in cases([1, 2])))
    draft = await service.form(world, HEAD, FORM)
    content = await service.document(world, HEAD, draft.draft_id)
    with pytest.raises(SignatureInvalid):
        await sign(world, head, draft, content.replace(b'"units":1', b'"units":2', 1))
    assert (await service.find(world.db.payments, HEAD, draft.draft_id)).act_id is None


async def test_records_come_in_any_order_and_the_last_number_holds(world: Resources) -> None:
    [first] = cases([1])
    newer = record(msgspec.structs.replace(first, units=3), seq=5)
    assert await tell(world, newer) == (1, 0, [])
    assert await tell(world, record(first, seq=4)) == (0, 1, [])
    assert await tell(world, newer) == (0, 1, [])
    bad = [
        record(first, service_record_id="x", iin="850101300999"),
        record(first, service_record_id="y", executor_bin="000000000000"),
        record(first, service_record_id="z", service_date=TO.replace(year=2027)),
    ]
    assert await tell(world, *bad) == (
        0, 0, ["IIN_INVALID", "EXECUTOR_NOT_FOUND", "DATE_IN_FUTURE"],
    )  # fmt: skip
    draft = await service.form(world, HEAD, FORM)
    command = receive.read(await service.document(world, HEAD, draft.draft_id))
    assert [case.units for case in command.cases] == [3]
    # another line, or withdrawn by the MIS: nothing of it is billed; a new draft takes the old one's place
    elsewhere = record(cases([2])[0], line_id=OTHER_LINE)
    assert await tell(world, elsewhere, record(cases([3])[0])) == (2, 0, [])
    second = await service.form(world, HEAD, FORM)
    assert second.cases == 2
    old = await service.find(world.db.payments, HEAD, draft.draft_id)
    assert old.status is DraftStatus.REPLACED
    await tell(
        world, record(first, seq=6, withdrawn=True), record(cases([3])[0], seq=1, withdrawn=True)
    )
    with pytest.raises(NothingToBill):
        await service.form(world, HEAD, FORM)


async def test_another_clinic_sees_and_signs_no_draft(
    world: Resources, head: KeyPair, owner: Owner
) -> None:
    await tell(world, record(cases([1])[0]))
    draft = await service.form(world, HEAD, FORM)
    content = await service.document(world, HEAD, draft.draft_id)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("UPDATE payments.act_draft SET executor_id = contract_id")
    await owner.execute("UPDATE allocation.contract SET executor_id = contract_id")
    with pytest.raises(DraftNotFound):
        await service.find(world.db.payments, HEAD, draft.draft_id)
    with pytest.raises(DraftNotFound):
        await service.document(world, HEAD, draft.draft_id)
    with pytest.raises(DraftNotFound):
        await sign(world, head, draft, content)
    with pytest.raises(ContractNotFound):
        await service.form(world, HEAD, FORM)
