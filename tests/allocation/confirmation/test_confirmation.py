"""Licences and taxes are asked of their systems and kept with their age; the unknown never passes (D28)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from backend.allocation.application import changing
from backend.allocation.application import service as applications
from backend.allocation.application.errors import ApplicationNotFound, GroundInvalid, NothingChanged
from backend.allocation.application.model import (
    ChangeApplication,
    Contents,
    Ground,
    Licence,
    LicenceKind,
    LineRequest,
    Manual,
    Outcome,
    ReviewApplication,
    SubmitApplication,
)
from backend.allocation.confirmation import service
from backend.allocation.confirmation.errors import (
    EvidenceRefuted,
    EvidenceUnknown,
    ManualEvidenceWrong,
)
from backend.allocation.confirmation.model import Kind
from backend.allocation.purchase_rule import service as purchase_rules
from backend.allocation.purchase_rule.errors import RuleUnknown
from backend.allocation.purchase_rule.model import EnterRule
from backend.kernel import deadlines
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from infra.sandbox.app import create_sandbox
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox
from tests.allocation.conftest import (
    CDC,
    HEAD,
    PILOT_END,
    REVIEWER,
    Executor,
    Publish,
    PublishedPlan,
    Sign,
)

URL = "http://outside.test"
ADDRESS = "Алматы, Абай 1"
FACILITY = UUID("01980000-0000-7000-8000-00000000fa01")


class World(msgspec.Struct):
    """A submitted application with two licences, and outside systems that may be told things."""

    resources: Resources
    sign: Sign
    executor: Executor
    application_id: UUID

    async def told(self, path: str, body: Any) -> None:
        (await self.resources.http.put(f"{URL}/{path}", json=body)).raise_for_status()

    async def licensed(self, **changed: Any) -> None:
        annex = {
            "number": "001", "address": "АЛМАТЫ Абай, 1", "sub_kinds": ["терапия"],
            "status": "VALID", "issued_on": "2020-01-10",
        }  # fmt: skip
        licences = [
            {
                "number": number, "activity": activity, "status": "VALID",
                "issued_on": "2020-01-10", "annexes": [annex | changed],
            }
            for number, activity in (("M-1", "MEDICAL"), ("R-1", "RADIATION"))
        ]  # fmt: skip
        await self.told(
            "permits/control/licences", [{"number": self.executor.bin, "licences": licences}]
        )

    async def ask(self) -> dict[tuple[str, int], tuple[str, str | None]]:
        found = await service.confirm(self.resources, self.application_id)
        return {(c.kind.value, c.place): (c.status.value, c.reason) for c in found}

    async def review(self, **rest: Any) -> Any:
        command = ReviewApplication(self.application_id, Outcome.ACCEPT, **rest)
        if "ground" in rest:
            command = msgspec.structs.replace(command, decision=Outcome.REJECT)
        db, clock = self.resources.db.allocation, self.resources.clock
        signed = self.sign(command, REVIEWER)
        return await applications.review(db, clock, REVIEWER, self.application_id, signed)


@pytest.fixture(scope="module")
def centre() -> Centre:
    return Centre.create(b"evidence", datetime.now(UTC), algorithms=("rsa-sha256",))


@pytest.fixture
async def world(
    resources: Resources,
    centre: Centre,
    clock: FixedClock,
    calendar: LegalCalendar,
    publish: Publish,
    executors: list[Executor],
    sign: Sign,
    owner: Any,
) -> AsyncIterator[World]:
    plan: PublishedPlan = await publish()
    mine = executors[0]
    await owner.execute(
        "INSERT INTO registry.facility (facility_id, organisation_id, name, region, address, latitude,"
        " longitude, photo_outside, photo_inside, accounting_186, design_capacity, production,"
        " digitised_at) VALUES ($1, $2, 'f', '75', 'a', 43.2, 76.9, sha256('o'), sha256('i'),"
        " '{\"a\": 1}', 1, true, '2026-04-01')",
        FACILITY,
        mine.executor_id,
    )
    command = SubmitApplication(
        announcement_id=plan.announcement_id,
        lines=[LineRequest(plan.lines[CDC], 100)],
        licences=[
            Licence(LicenceKind.MEDICAL, "M-1", ADDRESS, FACILITY, ["Терапия"]),
            Licence(LicenceKind.RADIATION, "R-1", ADDRESS, FACILITY),
        ],
    )
    sent = await applications.submit(
        resources.db.allocation, clock, calendar, resources.keyring, mine.actor,
        plan.announcement_id, sign(command, mine.actor), pilot_valid_to=PILOT_END,
    )  # fmt: skip
    sandbox = Sandbox(centre)
    sandbox.set_clock(clock.now())
    config = msgspec.structs.replace(
        resources.config, permits_url=f"{URL}/permits", tax_url=f"{URL}/tax"
    )
    transport = httpx.ASGITransport(app=create_sandbox(sandbox))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport) as http:
        reached = msgspec.structs.replace(resources, config=config, http=http)
        yield World(reached, sign, mine, sent.application_id)


async def test_nothing_is_accepted_before_every_system_has_answered(world: World) -> None:
    with pytest.raises(EvidenceUnknown) as found:
        await world.review()
    assert found.value.path == "licences[0]"
    await world.licensed()
    await world.told("tax/control/mood", {"silent": True})
    assert await world.ask() == {
        ("LICENCE", 0): ("CONFIRMED", None),
        ("LICENCE", 1): ("CONFIRMED", None),
        ("TAX", 0): ("UNKNOWN", None),
    }
    with pytest.raises(EvidenceUnknown) as found:
        await world.review()
    assert found.value.path == "tax_info"
    await world.told("tax/control/mood", {"stale_days": 9})  # a stale record is no answer
    assert (await world.ask())["TAX", 0] == ("UNKNOWN", None)
    await world.told("tax/control/mood", {})
    owes = {"number": world.executor.bin, "debts": [
        {"kind": "TAX", "amount": "1234.50", "since": "2026-02-26"}]}  # fmt: skip
    await world.told("tax/control/payers", [owes])
    assert (await world.ask())["TAX", 0] == ("CONFIRMED", None)
    shown = await applications.application(
        world.resources.db.allocation, world.resources.keyring, HEAD, world.application_id
    )
    tax = next(c for c in shown.confirmations if c.kind is Kind.TAX)
    assert (tax.debt_tiyn, tax.untimely) == (123_450, 0)
    assert tax.as_of is not None
    # a debt rejects nothing by itself: the issuer decides (D37)
    assert (await world.review()).status == "ACCEPTED"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"address": "Алматы, Абай 2"}, "OTHER_ADDRESS"),
        ({"status": "REVOKED", "since": "2026-03-01"}, "OTHER_ADDRESS"),
        ({"sub_kinds": []}, "OTHER_SUB_KINDS"),
    ],
)
async def test_what_a_system_denies_is_not_accepted(
    world: World, changed: dict[str, Any], reason: str
) -> None:
    await world.licensed(**changed)
    assert (await world.ask())["LICENCE", 0] == ("REFUTED", reason)
    with pytest.raises(EvidenceRefuted) as found:
        await world.review()
    assert found.value.path == "licences[0]"
    paper = Manual(0, "12", datetime(2026, 4, 1, tzinfo=UTC).date(), "ДСБ")
    with pytest.raises(ManualEvidenceWrong):
        await world.review(manual=[paper])
    done = await world.review(ground=Ground.G1, text="Лицензия расталмады")
    assert (done.status, done.ground) == ("REJECTED", "G1")


async def test_papers_stand_for_licences_while_their_system_is_silent(world: World) -> None:
    await world.told("permits/control/mood", {"silent": True})
    await world.ask()
    day = datetime(2026, 4, 1, tzinfo=UTC).date()
    one, two = Manual(0, "12", day, "ДСБ"), Manual(1, "13", day, "ДСБ")
    with pytest.raises(EvidenceUnknown):
        await world.review(manual=[one])
    with pytest.raises(ManualEvidenceWrong):
        await world.review(manual=[one, two, Manual(2, "14", day, "ДСБ")])
    assert (await world.review(manual=[one, two])).status == "ACCEPTED"
    # it is asked again later, and what turns out false is the applicant's to enter in a working day (M 31)
    await world.told("permits/control/mood", {})
    await world.licensed()
    clock = world.resources.clock
    assert isinstance(clock, FixedClock)
    clock.set(clock.now() + timedelta(days=1, minutes=1))
    assert await service.confirm_due(world.resources) == 1
    await world.told("permits/control/mood", {"silent": True})
    clock.set(clock.now() + timedelta(days=1, minutes=1))
    assert await service.confirm_due(world.resources) == 1
    assert (await world.ask())["LICENCE", 0] == ("CONFIRMED", None)  # silence takes nothing back
    assert await service.confirm_due(world.resources) == 0  # and is not asked all the time
    await world.told("permits/control/mood", {})
    await world.licensed(address="Алматы, Абай 2")
    assert (await world.ask())["LICENCE", 0] == ("REFUTED", "OTHER_ADDRESS")
    db = world.resources.db.allocation
    late = await deadlines.breached(db, at=clock.now() + timedelta(days=9))
    task = service.task_of(world.application_id, Kind.LICENCE, 0)
    assert task in {t.subject for t in late if t.code == "d10"}


async def test_changed_data_are_entered_by_the_applicant_in_a_working_day(
    world: World, executors: list[Executor], calendar: LegalCalendar, clock: FixedClock
) -> None:
    db = world.resources.db.allocation

    async def enter(who: Executor, changed_on: str = "2026-04-06", **rest: Any) -> Any:
        command = msgspec.convert(
            {"operation": "application.change", "application_id": str(world.application_id),
             "changed_on": changed_on, **rest}, ChangeApplication,
        )  # fmt: skip
        signed = world.sign(command, who.actor)
        return await changing.change(db, clock, calendar, who.actor, world.application_id, signed)

    with pytest.raises(ApplicationNotFound):
        await enter(executors[1])
    made = await enter(world.executor, leases=[{"number": "7", "sha256": "ab" * 32}])
    assert made.no == 1
    clock.set(clock.now() + timedelta(days=2))
    await enter(world.executor)
    late = await deadlines.breached(db, at=clock.now())
    owner = f"organisation:{world.executor.executor_id}"
    assert sum(t.code == "d10" and t.owner == owner for t in late) == 1
    shown = await applications.application(
        db, world.resources.keyring, world.executor.actor, world.application_id
    )
    assert [c.no for c in shown.changes] == [1, 2]
    assert shown.contents.leases == []  # what was sent stays as it was sent
    assert isinstance(shown.changes[0].contents, Contents)
    await world.review(ground=Ground.G1, text="Құжат жоқ")
    with pytest.raises(NothingChanged):
        await enter(world.executor)


async def test_g2_names_a_case_of_the_directory_or_says_it_in_words(world: World) -> None:
    db, clock = world.resources.db.allocation, world.resources.clock
    with pytest.raises(RuleUnknown):
        await world.review(ground=Ground.G2, text="Себебі", rule="37-1(2)-a")
    rule = EnterRule("37-1(2)-a", "Жағдай", "Случай")
    await purchase_rules.enter(db, clock, world.sign(rule, HEAD))
    for wrong in ({"ground": Ground.G1, "text": "Себебі", "rule": rule.code}, {"rule": rule.code}):
        with pytest.raises(GroundInvalid):
            await world.review(**wrong)
    done = await world.review(ground=Ground.G2, text="Себебі", rule=rule.code)
    assert (done.ground, done.ground_rule) == ("G2", rule.code)
    gone = msgspec.structs.replace(rule, retired=True)
    assert await purchase_rules.enter(db, clock, world.sign(gone, HEAD)) == []


async def test_nobody_but_reviewers_asks_and_nobody_but_the_registrar_enters(client: Any) -> None:
    from backend.kernel.actor import Role

    path = f"/api/v1/applications/{uuid4()}/confirmations"
    async with client(Role.ISSUER_REVIEWER, bin=HEAD.bin) as http:
        assert (await http.post(path)).status_code == 404
    for role in (Role.EXECUTOR_HEAD, Role.MOH):
        async with client(role, bin=HEAD.bin) as http:
            assert (await http.post(path)).status_code == 403
    body = {"document": "e30=", "signature": "AAAA"}
    async with client(Role.ISSUER_HEAD, bin=HEAD.bin) as http:
        assert (await http.post("/api/v1/purchase-rules", json=body)).status_code == 403
    async with client() as http:
        assert (await http.get("/api/v1/public/purchase-rules")).json() == []
