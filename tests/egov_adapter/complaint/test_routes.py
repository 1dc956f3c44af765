"""The routes of M §53: five days of the head, fifteen of the quality body, three to forward or satisfy fully."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
import pytest

from backend.egov_adapter.complaint import desk, service
from backend.egov_adapter.complaint.errors import (
    AlreadyAnswered,
    CannotBeForwarded,
    ComplaintNotFound,
    FileDiffers,
    FileNotFound,
    MustBeForwarded,
    NotForwarded,
    NotTheIssuersAnswer,
    TooManyFiles,
)
from backend.egov_adapter.complaint.model import (
    AnswerComplaint,
    Body,
    ComplaintStatus,
    ForwardComplaint,
    Kind,
    NewComplaint,
    Outcome,
    RecordDecision,
    Route,
)
from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.signing.evidence.model import Signed
from tests.egov_adapter.complaint.test_service import ISSUER_HEAD, TEXT
from tests.foreign.test_foreign_ids import signed_by
from tests.registry.access_record.noted import noted
from tests.visits.conftest import AIGUL, BOLAT, Owner, citizen

pytestmark = pytest.mark.usefixtures("clinics")
SIGNER = Actor(UUID(int=6), frozenset({Role.ISSUER_SIGNER}), bin="061211600012")
MONDAY = datetime(2026, 6, 1, 5, 0, tzinfo=UTC)  # domain 3.20


@pytest.fixture
def lodge(resources: Resources, clock: FixedClock) -> Callable[[Route], Any]:
    """A complaint about the issuer on that route, on Monday 1 June 2026."""
    clock.set(MONDAY)

    async def lodged(route: Route) -> Any:
        new = NewComplaint(Kind.ISSUER, TEXT, route=route)
        return await service.register(resources, citizen(AIGUL), new)

    return lodged


def by(actor: Actor, command: Any, resources: Resources) -> Signed[Any]:
    return signed_by(actor, command, resources.clock.now())


async def terms(owner: Owner) -> dict[str, tuple[str, date, bool]]:
    """The terms of complaints: whose, the last legal day, whether done."""
    rows = await owner.fetch("SELECT code, owner, due_at, done_at FROM kernel.term")
    return {
        r["code"]: (r["owner"], (r["due_at"] + timedelta(hours=5)).date(), bool(r["done_at"]))
        for r in rows
    }


@pytest.mark.parametrize(
    ("route", "code", "whose", "due"),
    [
        (Route.K1, "d12", "issuer", date(2026, 6, 8)),
        (Route.K2, "d13", "quality_body", date(2026, 6, 22)),
        (Route.K3, "d14", "issuer", date(2026, 6, 4)),
    ],
)
async def test_each_route_has_its_term(
    lodge: Any, owner: Owner, route: Route, code: str, whose: str, due: date
) -> None:
    registered = await lodge(route)
    assert registered.due_on == due
    assert await terms(owner) == {code: (whose, due, False)}


def test_the_quality_body_and_the_pre_trial_review_are_about_the_issuer() -> None:
    for route in (Route.K2, Route.K3):
        with pytest.raises(ValueError, match="about the issuer"):
            NewComplaint(Kind.SERVICE, TEXT, UUID(int=1), None, route)


async def test_who_answers_what(lodge: Any, resources: Resources, owner: Owner) -> None:
    async def answer(complaint_id: UUID, outcome: Outcome) -> ComplaintStatus:
        command = AnswerComplaint(complaint_id, outcome, "Жауап")
        signed = by(ISSUER_HEAD, command, resources)
        return (await desk.answer(resources, ISSUER_HEAD, complaint_id, signed)).status

    quality = (await lodge(Route.K2)).complaint_id
    for outcome in Outcome:
        with pytest.raises(NotTheIssuersAnswer):
            await answer(quality, outcome)
    pre_trial = (await lodge(Route.K3)).complaint_id
    for outcome in (Outcome.PARTLY, Outcome.DENIED):
        with pytest.raises(MustBeForwarded):
            await answer(pre_trial, outcome)
    # adopting a decision that satisfies it fully, the issuer need not forward it
    assert await answer(pre_trial, Outcome.SATISFIED) is ComplaintStatus.SATISFIED
    assert (await terms(owner))["d14"] == ("issuer", date(2026, 6, 4), True)


@pytest.mark.notes(
    "GetAdministrativeFile", "ForwardComplaint", "RecordComplaintDecision", "ReadComplaintPicture"
)
async def test_forwarded_with_its_file_in_three_days_and_decided_in_fifteen(
    lodge: Any, resources: Resources, owner: Owner, clock: FixedClock
) -> None:
    complaint_id = (await lodge(Route.K3)).complaint_id
    picture = b"jpeg octets"
    added = await service.add_file(resources, citizen(AIGUL), complaint_id, picture)
    assert await desk.picture(resources, SIGNER, complaint_id, added.file_id) == picture
    clock.advance(timedelta(days=2))
    packed, digest = await desk.administrative_file(resources, SIGNER, complaint_id)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.read("picture-1.jpg") == picture
        assert msgspec.json.decode(archive.read("complaint.json"))["text"] == TEXT
        for part in msgspec.json.decode(archive.read("contents.json")):
            assert sha256(archive.read(part["name"])).hexdigest() == part["sha256"]

    async def forward(file_sha256: str) -> Any:
        command = ForwardComplaint(complaint_id, Body.SUPERIOR_BODY, "12-34/5", file_sha256)
        signed = by(SIGNER, command, resources)
        return await desk.forward(resources, SIGNER, complaint_id, signed)

    decision = RecordDecision(complaint_id, Outcome.PARTLY, "7/1", date(2026, 6, 20), "Шешім")
    with pytest.raises(NotForwarded):
        await desk.record_decision(resources, SIGNER, complaint_id, by(SIGNER, decision, resources))
    with pytest.raises(FileDiffers):
        await forward("ab" * 32)
    assert (await forward(digest)).status is ComplaintStatus.FORWARDED
    assert await terms(owner) == {
        "d14": ("issuer", date(2026, 6, 4), True),
        "d13": ("superior_body", date(2026, 6, 24), False),
    }
    with pytest.raises(CannotBeForwarded):
        await forward(digest)
    with pytest.raises(TooManyFiles):
        await service.add_file(resources, citizen(AIGUL), complaint_id, b"late")
    clock.advance(timedelta(days=17))
    signed = by(SIGNER, decision, resources)
    decided = await desk.record_decision(resources, SIGNER, complaint_id, signed)
    assert (decided.status, decided.decided_by) == (ComplaintStatus.PARTLY, "SUPERIOR_BODY")
    with pytest.raises(AlreadyAnswered):
        await desk.record_decision(resources, SIGNER, complaint_id, signed)
    db, keyring = resources.db.egov, resources.keyring
    [own] = (await service.own(db, keyring, citizen(AIGUL), None, 10)).items
    assert (own.answer, own.decided_by, own.forwarded_to) == (
        "Шешім", "SUPERIOR_BODY", Body.SUPERIOR_BODY,
    )  # fmt: skip
    kinds = await owner.fetch("SELECT kind FROM kernel.event ORDER BY event_id")
    assert [k["kind"] for k in kinds][1:] == [
        "ComplaintForwarded",
        "ComplaintAnswered",
    ]
    for operation in ("GetAdministrativeFile", "ForwardComplaint", "RecordComplaintDecision"):
        [look] = await noted(owner, operation)
        assert (look.person_id, look.role) == (AIGUL, "issuer_signer")
    [look] = await noted(owner, "ReadComplaintPicture")
    assert look.basis == "COMPLAINT"


async def test_pictures_are_the_authors_alone_and_five(lodge: Any, resources: Resources) -> None:
    complaint_id = (await lodge(Route.K1)).complaint_id
    files = [
        await service.add_file(resources, citizen(AIGUL), complaint_id, b"picture %d" % n)
        for n in (1, 2, 3, 4, 5, 5)
    ]
    assert [f.no for f in files] == [1, 2, 3, 4, 5, 5], "the same picture again is the same file"
    with pytest.raises(TooManyFiles):
        await service.add_file(resources, citizen(AIGUL), complaint_id, b"picture 6")
    with pytest.raises(ComplaintNotFound):
        await service.add_file(resources, citizen(BOLAT), complaint_id, b"picture 1")
    first = files[0].file_id
    assert await service.own_file(resources, citizen(AIGUL), complaint_id, first) == b"picture 1"
    with pytest.raises(FileNotFound):
        await service.own_file(resources, citizen(BOLAT), complaint_id, first)
    with pytest.raises(FileNotFound):
        await desk.picture(resources, SIGNER, complaint_id, UUID(int=1))


async def test_the_desk_sees_what_is_late_and_what_ends_today(
    lodge: Any, resources: Resources, clock: FixedClock
) -> None:
    await lodge(Route.K1)
    await lodge(Route.K3)
    clock.set(datetime(2026, 6, 8, 5, 0, tzinfo=UTC))
    counted = {s.route: (s.open, s.overdue, s.due_today) for s in await desk.summary(resources)}
    assert counted == {Route.K1: (1, 0, 1), Route.K3: (1, 1, 0)}
    [late] = (await desk.desk(resources, None, None, True, None, 10)).items
    assert late.route is Route.K3


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_how_to_complain_is_told_with_its_terms_court_and_phone(language: str) -> None:
    told = service.procedure(language)
    assert [(s.route, s.working_days) for s in told.routes] == [
        ("K1", 5),
        ("K2", 15),
        ("K3", 3),
        ("K4", None),
    ]
    assert "1414" in told.phones
    assert "1414" in told.by_phone
    assert all(s.title and s.how for s in told.routes)
