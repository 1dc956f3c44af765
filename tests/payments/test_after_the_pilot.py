"""The pilot's last midnight: nothing new is placed or issued, and what was begun goes on (M order ¶5, D1)."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from backend.allocation.application import service as applications
from backend.allocation.application.model import LineRequest, SubmitApplication
from backend.allocation.contract import service as contracts
from backend.allocation.decision import residue
from backend.allocation.decision.record import SignDecision
from backend.allocation.decision.residue import AnnounceResidue
from backend.allocation.plan import service as plans
from backend.allocation.plan.errors import AnnouncementNotFound, PilotExpired
from backend.allocation.plan.model import PublishPlan
from backend.egov_adapter.complaint import service as complaints
from backend.egov_adapter.complaint.model import Kind, NewComplaint
from backend.kernel.actor import Actor, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.act.model import ActStatus
from backend.payments.act.service import read
from backend.payments.suspension import service as suspension
from backend.payments.suspension.model import Resume
from backend.registry.order import service as orders
from backend.registry.order.errors import PilotExpired as NoMorePolicies
from backend.registry.order.model import IssuePolicies
from backend.signing.evidence.model import Proof
from tests.payments.conftest import (
    CLINIC,
    CLINIC_BIN,
    CONTRACT,
    HEAD,
    ISSUER_BIN,
    ISSUER_HEAD,
    LINE,
    PEOPLE,
    PLAN,
    Owner,
    accept,
    act,
    cases,
    person,
    present,
    signed,
)

MIDNIGHT = datetime(
    2026, 12, 31, 19, tzinfo=UTC
)  # in Kazakhstan, between 31 December and 1 January
NEXT_PLAN = UUID("01980000-0000-7000-8000-0000000000a7")
SHA = "ab" * 32


def new_things(
    world: Resources, calendar: LegalCalendar, until: str
) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Everything the law lets nobody begin after the pilot, each as its lawful actor begins it."""
    db, clock, now = world.db.allocation, world.clock, world.clock.now()

    def by(command: Any, bin_: str = ISSUER_BIN) -> Any:
        return signed(command, bin_, now)

    proof: Proof = by(PublishPlan(NEXT_PLAN)).proof
    applied = SubmitApplication(announcement_id=CONTRACT, lines=[LineRequest(LINE, 1)])
    return {
        "announcement": lambda: plans.publish(
            db, clock, calendar, ISSUER_HEAD, NEXT_PLAN, by(PublishPlan(NEXT_PLAN)), pilot_valid_to=until
        ),
        "announcement of a residue": lambda: residue.announce(
            db, clock, calendar, ISSUER_HEAD, PLAN, by(AnnounceResidue(PLAN, CONTRACT)),
            pilot_valid_to=until,
        ),
        "application": lambda: applications.submit(
            db, clock, calendar, world.keyring, HEAD, CONTRACT, by(applied, CLINIC_BIN),
            pilot_valid_to=until,
        ),
        "decision": lambda: contracts.sign_decision(
            db, clock, calendar, world.keyring, world.config, ISSUER_HEAD, CONTRACT,
            by(SignDecision(CONTRACT, SHA)),
        ),
        "contract by the issuer": lambda: contracts.sign_as_issuer(
            db, clock, ISSUER_HEAD, {CONTRACT: proof}, "kk", pilot_valid_to=until
        ),
        "contract by the executor": lambda: contracts.sign_as_executor(
            db, clock, HEAD, CONTRACT, proof, "kk", pilot_valid_to=until
        ),
        "policies": lambda: orders.accept(world, ISSUER_HEAD, by(IssuePolicies(2027))),
    }  # fmt: skip


async def test_nothing_new_begins_and_what_was_begun_goes_on(
    world: Resources, clock: FixedClock, calendar: LegalCalendar, owner: Owner
) -> None:
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "INSERT INTO allocation.plan (plan_id, year, version, status, imported_at, imported_by,"
        " approved_at, approval_evidence_id) VALUES ($1, 2027, 1, 'APPROVED', $2, 'x', $2, $3)",
        NEXT_PLAN,
        clock.now(),
        NEXT_PLAN,
    )
    await owner.execute("SET session_replication_role = origin")
    clock.set(MIDNIGHT - timedelta(days=10))
    frozen = await present(world, act("1", cases([PEOPLE, PEOPLE - 1])))  # without QR: suspended
    assert frozen.frozen == "S3"

    clock.set(MIDNIGHT)
    for name, begin in new_things(world, calendar, world.config.pilot_valid_to).items():
        with pytest.raises((PilotExpired, NoMorePolicies)) as refused:
            await begin()
        assert refused.value.actual_code == "PILOT_EXPIRED", name

    # Acts of services of 2026 are presented; a suspension ends by removal of its cause; all are signed.
    late = await present(world, act("2", cases([1], prefix="late")))
    [raised] = await suspension.page(world.db.payments, CLINIC, "ACTIVE", None, 10)
    removed = Resume(raised.suspension_id, SHA, "QR кодтар ілінді")
    resumed = await suspension.resume(world, ISSUER_HEAD, signed(removed, ISSUER_BIN, clock.now()))
    assert resumed.status == "RESUMED"
    for one in (frozen, late):
        await accept(world, one)
        settled = await read.act_with_report(world.db.payments, one.act_id, None)
        assert settled.status is ActStatus.SIGNED_BY_ISSUER
    insured = Actor(UUID(int=9), frozenset({Role.INSURED}), person_id=person(1))
    complaint = await complaints.register(
        world, insured, NewComplaint(Kind.ISSUER, "Декабрьдегі қызмет үшін ақы алынды")
    )
    assert complaint.tracking_number


async def test_the_end_of_the_pilot_is_configured(
    world: Resources, clock: FixedClock, calendar: LegalCalendar
) -> None:
    apply = "application"
    clock.set(MIDNIGHT - timedelta(microseconds=1))
    with pytest.raises(AnnouncementNotFound):  # the last instant is in time
        await new_things(world, calendar, world.config.pilot_valid_to)[apply]()
    clock.set(MIDNIGHT)
    with pytest.raises(AnnouncementNotFound):  # and so is the next, where the pilot is prolonged
        await new_things(world, calendar, "2027-06-30")[apply]()
    longer = msgspec.structs.replace(
        world, config=msgspec.structs.replace(world.config, pilot_valid_to="2027-06-30")
    )
    order = await orders.accept(
        longer, ISSUER_HEAD, signed(IssuePolicies(2027), ISSUER_BIN, MIDNIGHT)
    )
    assert order.status == "ACCEPTED"
