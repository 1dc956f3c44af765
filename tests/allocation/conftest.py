"""The story of an allocation: executors, a published plan, applications, one step after the other."""

import hashlib
import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from backend.allocation.application import service as applications
from backend.allocation.application.model import (
    CoExecutorRequest,
    FormOfCoExecutor,
    Ground,
    LineRequest,
    Outcome,
    Part,
    ReviewApplication,
    SubmitApplication,
    Submitted,
)
from backend.allocation.contract import service as contracts
from backend.allocation.decision import service as decisions
from backend.allocation.decision.model import BaseKind, Unit
from backend.allocation.decision.record import Decision, SignDecision
from backend.allocation.plan import service as plans
from backend.allocation.plan.model import (
    ApprovePlan,
    ImportPlan,
    Limits,
    LineDraft,
    Published,
    PublishPlan,
    Source,
)
from backend.allocation.rating import service as ratings
from backend.allocation.rating.model import (
    CapacityRow,
    ImportCapacities,
    ImportRatings,
    RatingRow,
)
from backend.kernel.actor import Actor, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.kernel.ids import check_digit
from backend.kernel.sealing import Keyring
from backend.signing.evidence.model import Proof, Signed

ISSUER_BIN = "061211600012"
HEAD = Actor(session_id=uuid4(), roles=frozenset({Role.ISSUER_HEAD}), bin=ISSUER_BIN)
REVIEWER = Actor(session_id=uuid4(), roles=frozenset({Role.ISSUER_REVIEWER}), bin=ISSUER_BIN)
PILOT_END = "2026-12-31"
_spaces = itertools.count(1)
Sign = Callable[..., Signed[Any]]


def bin_of(number: int) -> str:
    """A valid synthetic BIN."""
    for serial in range(number * 10, number * 10 + 10):
        eleven = f"200140{serial:05}"
        digit = check_digit(eleven)
        if digit is not None:
            return eleven + str(digit)
    raise AssertionError


def proof_of(document: bytes, actor: Actor, operation: str, clock: FixedClock) -> Proof:
    return Proof(
        operation=operation,
        document=document,
        signature=b"not looked at by services",
        signer=None,
        signer_bin=actor.bin,
        signer_roles=("head",),
        certificate_serial="00",
        algorithm="gost2015-512",
        result={},
        verified_at=clock.now(),
    )


@pytest.fixture
def sign(clock: FixedClock) -> Sign:
    """`sign(command, actor)`: a command as it looks once its signature was verified."""

    def signed(command: Any, actor: Actor) -> Signed[Any]:
        document = msgspec.json.encode(command)
        operation = type(command).__struct_config__.tag
        return Signed(command, document, proof_of(document, actor, operation, clock))

    return signed


async def register(
    owner: "asyncpg.Connection[asyncpg.Record]",
    bin_: str,
    *,
    kind: str = "EXECUTOR",
    form: str = "LEGAL",
    status: str = "OPEN",
    name: str = "",
) -> UUID:
    """An organisation in the registry, without the ceremony of its registration."""
    organisation_id, evidence_id = uuid4(), uuid4()
    at = datetime(2026, 4, 1, tzinfo=UTC)
    document = bin_.encode()
    await owner.execute(
        """
        INSERT INTO signing.evidence (
            evidence_id, operation, document, document_sha256, signature, signer_bin, signer_roles,
            certificate_serial, algorithm, result, verified_at
        ) VALUES ($1, 'organisation.register', $2, $3, '', $4, '{head}', '00', 'x', '{}', $5)
        """,
        evidence_id,
        document,
        hashlib.sha256(document).digest(),
        bin_,
        at,
    )
    await owner.execute(
        """
        INSERT INTO registry.organisation (
            organisation_id, bin, kind, form, name, status, contacts, requisites, head,
            evidence_id, opened_at, changed_at
        ) VALUES ($1, $2, $3, $4, $5, $6, '{"postal_address": "Алматы", "phone": "+77001234567", "email": "a@example.kz"}',
                  '[{"iban": "KZ86125KZT5004100100", "bic": "KKMFKZ2AXXX", "bank": "Банк", "treasury": false}]',
                  '', $7, $8, $8)
        """,
        organisation_id,
        bin_,
        kind,
        form,
        name or f"Клиника {bin_[-4:]}",
        status,
        evidence_id,
        at,
    )
    return organisation_id


class Executor(msgspec.Struct, frozen=True):
    """An executor of the story."""

    executor_id: UUID
    actor: Actor

    @property
    def bin(self) -> str:
        assert self.actor.bin
        return self.actor.bin


@pytest.fixture
async def executors(owner: "asyncpg.Connection[asyncpg.Record]") -> list[Executor]:
    """Four executors with open accounts, and the issuer."""
    await register(owner, ISSUER_BIN, kind="ISSUER", name="Қор")
    found = []
    for number in range(1, 5):
        actor = Actor(session_id=uuid4(), roles=frozenset({Role.EXECUTOR_HEAD}), bin=bin_of(number))
        found.append(Executor(await register(owner, bin_of(number)), actor))
    return found


def line(
    code: str, source: str = "mhi", region: str = "75", service_type: str = "cdc", **rest: Any
) -> LineDraft:
    """A plan line; by default 2500 consultations by capacity (domain 5.5, TV02)."""
    fields: dict[str, Any] = {
        "care_form": "ambulatory",
        "title_kk": "Консультациялық-диагностикалық көмек",
        "title_ru": "Консультативно-диагностическая помощь",
        "unit": Unit.SERVICE,
        "planned_units": 2500,
        "tariff_tiyn": 1_234_567,
        "base_kind": BaseKind.CAPACITY,
        "payment_method": "per_service",
    }
    return LineDraft(
        code=code,
        source=Source(source),
        region=region,
        service_type=service_type,
        **{**fields, **rest},
    )


LINES = [
    line("2026-mhi-75-cdc"),
    line(
        "2026-gvfmc-75-phc",
        source="gvfmc",
        service_type="phc",
        planned_units=10_000,
        tariff_tiyn=3_000_000,
        base_kind=BaseKind.APPLICATION,
        phc_full=True,
    ),
    line(
        "2026-gvfmc-75-emg",
        source="gvfmc",
        service_type="emergency",
        unit=Unit.TIYN,
        planned_units=1_000_000_001,
        tariff_tiyn=None,
        base_kind=BaseKind.APPLICATION,
        payment_method="global_budget",
    ),
]


WIDE = Limits(10**13, 10**13)


class PublishedPlan(msgspec.Struct, frozen=True):
    """A plan whose window is open; line ids by code."""

    plan_id: UUID
    announcement_id: UUID
    accepting_until: datetime
    lines: dict[str, UUID]


Publish = Callable[..., Awaitable[PublishedPlan]]


@pytest.fixture
def publish(db_allocation: Db, clock: FixedClock, calendar: LegalCalendar, sign: Sign) -> Publish:
    """`await publish(lines=…, limits=…)`: import, approve and publish a plan at the present hour."""

    async def published(
        lines: list[LineDraft] = LINES, limits: Limits = WIDE, year: int = 2026
    ) -> PublishedPlan:
        db = db_allocation
        draft = await plans.import_plan(
            db, clock, HEAD, sign(ImportPlan(year, limits, lines), HEAD)
        )
        plan_id = draft.plan_id
        await plans.approve(db, clock, calendar, HEAD, plan_id, sign(ApprovePlan(plan_id), HEAD))
        done: Published = await plans.publish(
            db,
            clock,
            calendar,
            HEAD,
            plan_id,
            sign(PublishPlan(plan_id), HEAD),
            pilot_valid_to=PILOT_END,
        )
        rows = await plans.lines(db, plan_id, None, 1000)
        return PublishedPlan(
            plan_id, done.announcement_id, done.accepting_until, {r.code: r.line_id for r in rows}
        )

    return published


Submit = Callable[..., Awaitable[Submitted]]


@pytest.fixture
def submit(
    db_allocation: Db, clock: FixedClock, calendar: LegalCalendar, keyring: Keyring, sign: Sign
) -> Submit:
    """`await submit(plan, executor, {code: requested})`: one signed application."""

    async def submitted(
        plan: PublishedPlan, executor: Executor, asked: dict[str, int], **rest: Any
    ) -> Submitted:
        command = SubmitApplication(
            announcement_id=plan.announcement_id,
            lines=[LineRequest(plan.lines[code], units) for code, units in asked.items()],
            **rest,
        )
        signed = sign(command, executor.actor)
        # Two applications may say the same; two signed documents are never the same bytes.
        unique = signed.document + b" " * next(_spaces)
        proof = msgspec.structs.replace(signed.proof, document=unique)
        sent = await applications.submit(
            db_allocation,
            clock,
            calendar,
            keyring,
            executor.actor,
            plan.announcement_id,
            Signed(command, unique, proof),
            pilot_valid_to=PILOT_END,
        )
        await borne_out(db_allocation, sent.application_id, clock.now())
        return sent

    return submitted


async def borne_out(db: Db, application_id: UUID, at: datetime) -> None:
    """The tax body and the system of permits have answered, all well."""
    await db.pool.execute(
        """
        INSERT INTO allocation.confirmation (
            application_id, kind, place, status, debt_tiyn, untimely, as_of, asked_at
        )
        SELECT application_id, 'TAX', 0, 'CONFIRMED', 0, 0, $2::timestamptz, $2
          FROM allocation.application WHERE application_id = $1
        UNION ALL
        SELECT application_id, 'LICENCE', place - 1, 'CONFIRMED', NULL, NULL, $2, $2
          FROM allocation.application,
               jsonb_array_elements(contents -> 'licences') WITH ORDINALITY AS x (licence, place)
         WHERE application_id = $1
        """,
        application_id,
        at,
    )


Review = Callable[..., Awaitable[Any]]


@pytest.fixture
def review(db_allocation: Db, clock: FixedClock, sign: Sign) -> Review:
    """`await review(application_id)` accepts; `review(id, Ground.G1, "why")` rejects."""

    async def reviewed(
        application_id: UUID, ground: Ground | None = None, text: str | None = None
    ) -> Any:
        outcome = Outcome.ACCEPT if ground is None else Outcome.REJECT
        command = ReviewApplication(application_id, outcome, ground, text)
        return await applications.review(
            db_allocation, clock, REVIEWER, application_id, sign(command, REVIEWER)
        )

    return reviewed


CDC, PHC, EMG = "2026-mhi-75-cdc", "2026-gvfmc-75-phc", "2026-gvfmc-75-emg"


class Story(msgspec.Struct, frozen=True):
    """Three reviewed applications after the end of the window: example TV02 of domain 5.5."""

    plan: PublishedPlan
    applications: list[UUID]


@pytest.fixture
async def rated(db_allocation: Db, clock: FixedClock, executors: list[Executor]) -> None:
    """Scores of TV02; capacities 1000, 700, 1333; the fourth executor is a newcomer."""
    bins = [e.bin for e in executors]
    scores = [RatingRow(b, "cdc", m) for b, m in zip(bins, (4900, 4700, 3500), strict=False)]
    await ratings.import_ratings(
        db_allocation, clock, HEAD, ImportRatings("Рейтинг ИЖ", "2025", "12", scores)
    )
    rows = [
        CapacityRow(b, "cdc", "75", Unit.SERVICE, c)
        for b, c in zip(bins, (1000, 700, 1333), strict=False)
    ]
    await ratings.import_capacities(
        db_allocation, clock, HEAD, ImportCapacities("РБЖ", "2026", "17", rows)
    )


@pytest.fixture
async def story(
    rated: None,
    publish: Publish,
    submit: Submit,
    review: Review,
    clock: FixedClock,
    executors: list[Executor],
) -> Story:
    """The window is over and every application accepted; nothing is decided."""
    plan = await publish()
    partner = CoExecutorRequest(
        FormOfCoExecutor.LEGAL, bin_of(50), "Емхана", [Part(plan.lines[CDC], 300)]
    )
    taken = [
        await submit(plan, executors[0], {CDC: 2000, PHC: 4000}, co_executors=[partner]),
        await submit(plan, executors[1], {CDC: 2000, EMG: 1_000_000_001}),
        await submit(plan, executors[2], {CDC: 2000}),
    ]
    for application in taken:
        await review(application.application_id)
    clock.set(plan.accepting_until + timedelta(hours=12))
    return Story(plan, [a.application_id for a in taken])


@pytest.fixture
async def decided(
    story: Story, db_allocation: Db, clock: FixedClock, calendar: LegalCalendar
) -> Decision:
    """The computed decision, not signed yet."""
    return await decisions.decide(db_allocation, clock, calendar, HEAD, story.plan.announcement_id)


SignDecisionOf = Callable[..., Awaitable[Decision]]


@pytest.fixture
def sign_decision(
    db_allocation: Db,
    clock: FixedClock,
    calendar: LegalCalendar,
    keyring: Keyring,
    config: Config,
    sign: Sign,
) -> SignDecisionOf:
    """`await sign_decision(decision)`: the head signs its result (or another), contracts are formed."""

    async def signed(decision: Decision, result_sha256: str | None = None) -> Decision:
        command = SignDecision(decision.decision_id, result_sha256 or decision.result_sha256)
        return await contracts.sign_decision(
            db_allocation,
            clock,
            calendar,
            keyring,
            config,
            HEAD,
            decision.decision_id,
            sign(command, HEAD),
        )

    return signed
