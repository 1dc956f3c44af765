"""Complaints: sealed, due in five working days, tracked by a blind number, answered once by the head."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from backend.egov_adapter.complaint import desk, service
from backend.egov_adapter.complaint.errors import (
    AlreadyAnswered,
    AlreadyDisputed,
    BilledNotFound,
    ComplaintIncomplete,
    ComplaintNotFound,
    ConfirmationUnclear,
)
from backend.egov_adapter.complaint.model import (
    AnswerComplaint,
    ComplaintStatus,
    Dispute,
    Ground,
    Kind,
    NewComplaint,
    Outcome,
)
from backend.egov_adapter.record import service as record
from backend.egov_adapter.record.model import BilledState
from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.signing.evidence.model import Proof, Signed
from tests.egov_adapter.billed import CASE, bill
from tests.registry.access_record.noted import noted
from tests.visits.conftest import AIGUL, BOLAT, CLINIC, Owner, citizen

pytestmark = pytest.mark.usefixtures("clinics")
ISSUER_HEAD = Actor(UUID(int=5), frozenset({Role.ISSUER_HEAD}), bin="061211600012")
TEXT = "Меня в этот день в клинике не было, звоните 87010000001."


def signed(resources: Resources, command: AnswerComplaint) -> Signed[AnswerComplaint]:
    """What `evidence.accept` makes of a good signature."""
    document = f"{command.complaint_id}{command.text}".encode()
    proof = Proof(
        operation="complaint.answer",
        document=document,
        signature=b"cms",
        signer=None,
        signer_bin=ISSUER_HEAD.bin,
        signer_roles=("head",),
        certificate_serial="1",
        algorithm="gost2015-512",
        result={},
        verified_at=resources.clock.now(),
    )
    return Signed(command, document, proof)


async def listed(resources: Resources, *, overdue: bool = False) -> Any:
    return await desk.desk(resources, None, None, overdue, None, 10)


async def complain(resources: Resources, person: UUID = AIGUL) -> Any:
    return await service.register(resources, citizen(person), NewComplaint(Kind.ISSUER, TEXT))


async def test_a_complaint_is_due_in_five_working_days(
    resources: Resources, clock: FixedClock, owner: Owner
) -> None:
    clock.set(datetime(2026, 6, 1, 5, 0, tzinfo=UTC))  # domain 3.20
    registered = await complain(resources)
    assert registered.due_on == date(2026, 6, 8)
    term = await owner.fetchrow("SELECT * FROM kernel.term WHERE code = 'd12'")
    assert term is not None
    assert (term["subject"], term["due_at"]) == (
        registered.complaint_id,
        datetime(2026, 6, 8, 18, 59, 59, 999999, tzinfo=UTC),
    )


async def test_the_text_is_sealed_and_no_event_tells_who(
    resources: Resources, owner: Owner
) -> None:
    registered = await complain(resources)
    row = await owner.fetchrow("SELECT * FROM egov.complaint")
    assert row is not None
    assert b"87010000001" not in row["text_sealed"]
    told = await owner.fetchval(
        "SELECT payload FROM kernel.event WHERE kind = 'ComplaintRegistered'"
    )
    assert str(AIGUL) not in told
    assert registered.tracking_number not in told


async def test_tracking_tells_the_state_and_nothing_else(resources: Resources) -> None:
    registered = await complain(resources)
    tracked = await service.track(resources, "10.0.0.1", registered.tracking_number.lower())
    assert set(tracked.__struct_fields__) == {
        "tracking_number",
        "status",
        "registered_at",
        "due_on",
        "answered_at",
    }
    with pytest.raises(ComplaintNotFound):
        await service.track(resources, "10.0.0.1", "0000000000000")


async def test_one_sees_ones_own_complaints_only(resources: Resources) -> None:
    await complain(resources, AIGUL)
    db, keyring = resources.db.egov, resources.keyring
    own = await service.own(db, keyring, citizen(AIGUL), None, 10)
    assert [c.text for c in own.items] == [TEXT]
    assert (await service.own(db, keyring, citizen(BOLAT), None, 10)).items == []


@pytest.mark.notes("ReadComplaint", "AnswerComplaint")
async def test_the_head_answers_once_and_the_term_is_kept(
    resources: Resources, clock: FixedClock, owner: Owner
) -> None:
    registered = await complain(resources)
    db, keyring, complaint_id = resources.db.egov, resources.keyring, registered.complaint_id
    [row] = (await listed(resources)).items
    assert row.complaint_id == complaint_id
    read = await desk.read(resources, ISSUER_HEAD, complaint_id)
    assert (read.text, read.status) == (TEXT, ComplaintStatus.IN_REVIEW)
    clock.advance(timedelta(days=1))
    outcomes = await asyncio.gather(
        *(
            desk.answer(
                resources,
                ISSUER_HEAD,
                complaint_id,
                signed(resources, AnswerComplaint(complaint_id, Outcome.PARTLY, f"Ответ {n}")),
            )
            for n in range(5)
        ),
        return_exceptions=True,
    )
    assert Counter(type(o).__name__ for o in outcomes) == {"DeskComplaint": 1, "AlreadyAnswered": 4}
    [own] = (await service.own(db, keyring, citizen(AIGUL), None, 10)).items
    assert (own.status, own.answered_at) == (ComplaintStatus.PARTLY, clock.now())
    assert own.answer is not None
    assert own.answer.startswith("Ответ ")
    assert await owner.fetchval("SELECT done_at FROM kernel.term") == clock.now()
    assert (
        await owner.fetchval(
            "SELECT count(*) FROM signing.evidence WHERE operation = 'complaint.answer'"
        )
        == 1
    )
    assert (await desk.read(resources, ISSUER_HEAD, complaint_id)).status is ComplaintStatus.PARTLY
    for operation, times in (("ReadComplaint", 2), ("AnswerComplaint", 1)):
        looks = await noted(owner, operation)
        assert [n.person_id for n in looks] == [AIGUL] * times
        assert {(n.role, n.basis, n.basis_id) for n in looks} == {
            ("issuer_head", "COMPLAINT", str(complaint_id))
        }


async def test_an_answer_answers_the_complaint_it_names(resources: Resources) -> None:
    first, second = await complain(resources), await complain(resources)
    command = AnswerComplaint(first.complaint_id, Outcome.DENIED, "Нет")
    with pytest.raises(ComplaintNotFound):
        await desk.answer(resources, ISSUER_HEAD, second.complaint_id, signed(resources, command))
    unknown = uuid4()
    with pytest.raises(ComplaintNotFound):
        await desk.read(resources, ISSUER_HEAD, unknown)
    await desk.answer(resources, ISSUER_HEAD, first.complaint_id, signed(resources, command))
    with pytest.raises(AlreadyAnswered):
        await desk.answer(resources, ISSUER_HEAD, first.complaint_id, signed(resources, command))


async def test_a_service_complaint_names_clinic_and_ground(resources: Resources) -> None:
    aigul = citizen(AIGUL)
    await service.register(
        resources, aigul, NewComplaint(Kind.SERVICE, TEXT, CLINIC, Ground.NO_CONSENT)
    )
    for incomplete in (
        NewComplaint(Kind.SERVICE, TEXT),
        NewComplaint(Kind.SERVICE, TEXT, CLINIC),
        NewComplaint(Kind.SERVICE, TEXT, None, Ground.FREE_CHOICE),
        NewComplaint(Kind.SERVICE, TEXT, uuid4(), Ground.FREE_CHOICE),
        NewComplaint(Kind.ISSUER, TEXT, CLINIC),
    ):
        with pytest.raises(ComplaintIncomplete):
            await service.register(resources, aigul, incomplete)


async def test_a_billed_service_is_seen_and_disputed_once_by_its_person(
    resources: Resources, owner: Owner
) -> None:
    await bill(owner, AIGUL)
    db = resources.db.egov
    [shown] = (await record.billed(db, AIGUL, "ru", None, 10)).items
    assert (shown.case_id, shown.state, shown.dispute) == (CASE, BilledState.CHECKED, None)
    outcomes = await asyncio.gather(
        *(service.dispute(resources, citizen(AIGUL), CASE, Dispute(TEXT)) for _ in range(8)),
        return_exceptions=True,
    )
    assert Counter(type(o).__name__ for o in outcomes) == {"Registered": 1, "AlreadyDisputed": 7}
    [number] = [o.tracking_number for o in outcomes if not isinstance(o, BaseException)]
    assert {o.facts["tracking_number"] for o in outcomes if isinstance(o, AlreadyDisputed)} == {
        number
    }
    [shown] = (await record.billed(db, AIGUL, "kk", None, 10)).items
    assert (shown.dispute, shown.mark) == (number, "DISPUTED")
    with pytest.raises(AlreadyDisputed):
        await service.confirm(resources, citizen(AIGUL), CASE)
    assert (await record.billed(db, BOLAT, "kk", None, 10)).items == []
    for stranger, case in ((BOLAT, CASE), (AIGUL, uuid4())):
        with pytest.raises(BilledNotFound):
            await service.dispute(resources, citizen(stranger), case, Dispute(TEXT))


async def test_a_confirmed_service_complaint_is_told_once_to_whoever_counts_s4(
    resources: Resources, owner: Owner, clock: FixedClock
) -> None:
    clock.set(datetime(2026, 12, 31, 18, 0, tzinfo=UTC))  # 23:00, the last evening of the year

    async def answer(kind: Kind, outcome: Outcome, confirmed: bool | None) -> UUID:
        of_clinic = kind is Kind.SERVICE
        new = NewComplaint(
            kind, TEXT, CLINIC if of_clinic else None, Ground.FREE_CHOICE if of_clinic else None
        )
        registered = await service.register(resources, citizen(AIGUL), new)
        clock.advance(timedelta(days=1))
        command = AnswerComplaint(registered.complaint_id, outcome, "Жауап", confirmed)
        signed_ = signed(resources, command)
        await desk.answer(resources, ISSUER_HEAD, registered.complaint_id, signed_)
        clock.advance(timedelta(days=-1))
        return registered.complaint_id

    counted = [
        await answer(Kind.SERVICE, Outcome.SATISFIED, True),
        await answer(Kind.SERVICE, Outcome.PARTLY, True),
    ]
    await answer(Kind.SERVICE, Outcome.PARTLY, False)
    await answer(Kind.SERVICE, Outcome.DENIED, False)
    await answer(Kind.ISSUER, Outcome.SATISFIED, None)
    for kind, outcome, confirmed in (
        (Kind.SERVICE, Outcome.SATISFIED, None),
        (Kind.SERVICE, Outcome.SATISFIED, False),
        (Kind.SERVICE, Outcome.DENIED, True),
        (Kind.ISSUER, Outcome.SATISFIED, True),
    ):
        with pytest.raises(ConfirmationUnclear):
            await answer(kind, outcome, confirmed)
    told = await owner.fetch(
        "SELECT subject, payload FROM kernel.event WHERE kind = 'ComplaintConfirmed' ORDER BY at"
    )
    assert [row["subject"] for row in told] == counted
    for row in told:
        assert msgspec.json.decode(row["payload"]) == {
            "subject": str(row["subject"]),
            "ground": "FREE_CHOICE",
            "executor_id": str(CLINIC),
            "financial_year": 2026,
        }


async def test_a_billed_service_is_confirmed_by_its_person_once_and_for_all(
    resources: Resources, owner: Owner
) -> None:
    await bill(owner, AIGUL)
    outcomes = await asyncio.gather(
        *(service.confirm(resources, citizen(AIGUL), CASE) for _ in range(8))
    )
    assert {o.case_id for o in outcomes} == {CASE}
    [shown] = (await record.billed(resources.db.egov, AIGUL, "kk", None, 10)).items
    assert (shown.mark, shown.dispute) == ("CONFIRMED", None)
    assert await owner.fetchval("SELECT count(*) FROM payments.act_case_mark") == 1
    with pytest.raises(BilledNotFound):
        await service.confirm(resources, citizen(BOLAT), CASE)


async def test_what_is_paid_already_is_complained_of_all_the_same(
    resources: Resources, owner: Owner
) -> None:
    await bill(owner, AIGUL)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "UPDATE payments.act SET status = 'PAID', signed_at = '2026-04-06Z', paid_at = '2026-04-06Z',"
        " issuer_evidence_id = act_id"
    )
    registered = await service.dispute(resources, citizen(AIGUL), CASE, Dispute(TEXT))
    assert registered.status is ComplaintStatus.REGISTERED
    assert await owner.fetchval("SELECT count(*) FROM payments.act_case_mark") == 0
