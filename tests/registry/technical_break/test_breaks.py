"""A break from its notice to its end: told to everybody, and nothing in the registry changes meanwhile."""

import base64
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from litestar import Litestar

from backend.kernel import deadlines
from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry import api as registry
from backend.registry.technical_break import service
from backend.registry.technical_break.api import OPEN_IN_A_BREAK, changes
from backend.registry.technical_break.errors import (
    BreakNotDue,
    BreakOverlaps,
    BreakStateWrong,
    BreakTimes,
    BreakUnknown,
    RegistryRests,
)
from backend.registry.technical_break.model import (
    AnnounceBreak,
    BeginBreak,
    BreakKind,
    BreakState,
    CancelBreak,
    EndBreak,
    PutOffEnd,
    TechnicalBreak,
)
from infra.sandbox.nca.centre import Centre
from tests.architecture.test_handlers import handlers
from tests.registry.conftest import ISSUER_BIN, OTHER_BIN, actor, iin_of, signed
from tests.registry.technical_break.test_rules import REASON, at_two

REGISTRAR = actor(OTHER_BIN, Role.REGISTRAR)
STARTS = at_two(date(2026, 4, 16))
BREAKS = "/api/v1/public/technical-breaks"


async def carry_out(resources: Resources, command: Any) -> TechnicalBreak:
    use_case = {
        AnnounceBreak: service.announce,
        BeginBreak: service.begin,
        PutOffEnd: service.put_off,
        EndBreak: service.end,
        CancelBreak: service.cancel,
    }[type(command)]
    done: TechnicalBreak = await use_case(  # type: ignore[operator]
        resources, REGISTRAR, signed(command, resources, OTHER_BIN)
    )
    return done


def announcement(
    starts_at: datetime = STARTS, hours: float = 4, kind: BreakKind = BreakKind.PLANNED
) -> AnnounceBreak:
    return AnnounceBreak(kind, starts_at, starts_at + timedelta(hours=hours), REASON)


async def test_announced_held_put_off_and_ended(
    resources: Resources,
    client: Any,
    clock: FixedClock,
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    announced = await carry_out(resources, announcement())
    break_id = announced.break_id
    async with client() as http:
        (told,) = (await http.get(BREAKS)).json()["items"]
        assert (told["state"], told["starts_at"]) == ("ANNOUNCED", "2026-04-15T21:00:00Z")
        assert told["reason"] == {"kk": REASON.kk, "ru": REASON.ru, "en": REASON.en}
    (term,) = await deadlines.summary(resources.db.registry, at=clock.now())
    assert (term.code, term.kept) == ("d9", 1)

    clock.set(STARTS - timedelta(seconds=1))
    with pytest.raises(BreakNotDue):
        await carry_out(resources, BeginBreak(break_id))
    await service.require_open(resources.db.registry, clock)
    clock.set(STARTS + timedelta(minutes=3))
    await carry_out(resources, BeginBreak(break_id))

    privileges = {"batch_id": str(uuid4()), "privileges": []}
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        refused = await http.post(
            "/api/v1/privileges", json=privileges, headers={"accept-language": "ru"}
        )
        assert (refused.status_code, refused.json()["code"]) == (503, "TECHNICAL_BREAK")
        assert refused.headers["retry-after"] == str(3 * 3600 + 57 * 60)
        assert "до 16.04.2026 06:00 (время Казахстана)" in refused.json()["detail"]
        assert (await http.get("/api/v1/brake/limits")).status_code == 200  # reading goes on
        login = await http.post("/api/v1/login/challenges")
        assert login.status_code == 201  # and so does what is not the registry
        health = (await http.get("/health/ready")).json()
        assert {
            "name": "registry",
            "ok": True,
            "detail": "technical break until 2026-04-16T01:00:00Z",
        } in (health["checks"])

    clock.set(STARTS + timedelta(hours=3))
    later = STARTS + timedelta(hours=6)
    longer = await carry_out(resources, PutOffEnd(break_id, later))
    assert (longer.ends_at, longer.until_at) == (announced.ends_at, later)
    with pytest.raises(RegistryRests) as rests:
        await service.require_open(resources.db.registry, clock)
    assert rests.value.retry_after_s == 3 * 3600
    clock.set(STARTS + timedelta(hours=5))
    ended = await carry_out(resources, EndBreak(break_id))
    assert (ended.state, ended.began_at, ended.ended_at) == (
        BreakState.ENDED,
        STARTS + timedelta(minutes=3),
        STARTS + timedelta(hours=5),
    )
    await service.require_open(resources.db.registry, clock)
    steps = await owner.fetch(
        "SELECT step, actor FROM registry.technical_break_step ORDER BY step_id"
    )
    assert [s["step"] for s in steps] == ["ANNOUNCED", "BEGUN", "PUT_OFF", "ENDED"]
    assert {s["actor"] for s in steps} == {REGISTRAR.label}
    events = await owner.fetch("SELECT kind FROM kernel.event ORDER BY event_id")
    assert [e["kind"] for e in events] == [
        "BreakAnnounced",
        "BreakBegun",
        "BreakPutOff",
        "BreakEnded",
    ]
    for change in ("ends_at = ends_at + interval '1 hour'", "ended_at = NULL"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(f"UPDATE registry.technical_break SET {change}")


async def test_every_command_that_changes_the_registry_rests(
    resources: Resources, client: Any, app: Litestar, clock: FixedClock
) -> None:
    await carry_out(resources, announcement(clock.now(), kind=BreakKind.EMERGENCY))
    named = {h.operation_id for h in registry.HANDLERS}
    assert named >= OPEN_IN_A_BREAK
    wanted = {h.operation_id for h in registry.HANDLERS if changes(h)}  # type: ignore[arg-type]
    rested = set()
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        for path, handler in handlers(app):
            if handler.operation_id not in named or not changes(handler):
                continue
            [method] = set(handler.http_methods) - {"OPTIONS", "HEAD"}
            address = path.replace("{upload_id:uuid}", str(uuid4()))
            answer = await http.request(method, address.replace("{repair_id:uuid}", str(uuid4())))
            assert (answer.status_code, answer.json()["code"]) == (503, "TECHNICAL_BREAK"), path
            rested.add(handler.operation_id)
    assert rested == wanted
    assert len(rested) > 45


async def test_an_emergency_runs_from_its_hour_and_may_be_told_of_afterwards(
    resources: Resources, clock: FixedClock
) -> None:
    now = clock.now()
    past = announcement(now - timedelta(hours=6), 2, BreakKind.EMERGENCY)
    over = await carry_out(resources, past)
    assert (over.state, over.began_at, over.ended_at) == (
        BreakState.ENDED,
        past.starts_at,
        past.ends_at,
    )
    await service.require_open(resources.db.registry, clock)
    began = now - timedelta(minutes=10)
    running = await carry_out(resources, announcement(began, 1, BreakKind.EMERGENCY))
    assert (running.state, running.began_at) == (BreakState.RUNNING, began)
    with pytest.raises(BreakOverlaps):  # the registry is in one break at a time
        await carry_out(resources, announcement(now, 3, BreakKind.EMERGENCY))
    assert await deadlines.summary(resources.db.registry, at=now) == []  # no term binds it


async def test_called_off_or_not_held(resources: Resources, client: Any, clock: FixedClock) -> None:
    first = await carry_out(resources, announcement())
    with pytest.raises(BreakOverlaps):
        await carry_out(resources, announcement(STARTS + timedelta(hours=2)))
    await carry_out(resources, CancelBreak(first.break_id))
    clock.advance(timedelta(seconds=1))
    second = await carry_out(resources, announcement(hours=3))
    for command in (
        CancelBreak(first.break_id),
        BeginBreak(first.break_id),
        EndBreak(second.break_id),
    ):
        with pytest.raises(BreakStateWrong):
            await carry_out(resources, command)
    clock.set(STARTS + timedelta(hours=4))
    with pytest.raises(BreakStateWrong) as missed:
        await carry_out(resources, BeginBreak(second.break_id))
    assert missed.value.facts == {"state": "NOT_HELD"}
    with pytest.raises(BreakUnknown):
        await carry_out(resources, BeginBreak(UUID(int=1)))
    async with client() as http:
        items = (await http.get(BREAKS)).json()["items"]
    assert [i["state"] for i in items] == ["NOT_HELD", "CANCELLED"]


async def test_unsound_times_are_refused(resources: Resources, clock: FixedClock) -> None:
    now = clock.now()
    kind = BreakKind.EMERGENCY
    for unsound in (
        announcement(hours=0),
        announcement(hours=24 * 7 + 1),
        announcement(now + timedelta(days=400)),
        announcement(now - timedelta(days=8), kind=kind),
        announcement(datetime(9999, 12, 31, 23, tzinfo=UTC), 0.5, kind),
        announcement(datetime(1, 1, 1, tzinfo=UTC), kind=kind),
    ):
        with pytest.raises(BreakTimes):
            await carry_out(resources, unsound)
    running = await carry_out(resources, announcement(now, kind=kind))
    for until in (now + timedelta(hours=4), now + timedelta(days=8)):
        with pytest.raises(BreakTimes):
            await carry_out(resources, PutOffEnd(running.break_id, until))
    naive = {
        **msgspec.to_builtins(announcement()),
        "starts_at": "2026-04-16T02:00:00",
    }
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(naive, AnnounceBreak)


@pytest.fixture
def centre(clock: FixedClock) -> Centre:
    return Centre.create(b"tests of breaks", clock.now())


@pytest.fixture
async def trusting(resources: Resources, app: Any, centre: Centre, tmp_path: Path) -> Resources:
    """The application trusts the sandbox centre."""
    centre.save(tmp_path)
    config = msgspec.structs.replace(resources.config, trust=str(tmp_path / "trust"))
    trusting = msgspec.structs.replace(resources, config=config)
    app.holder.fill(trusting)
    return trusting


@pytest.mark.usefixtures("trusting")
async def test_the_registrar_alone_announces_by_the_own_key(
    client: Any, clock: FixedClock, centre: Centre
) -> None:
    document = msgspec.json.encode(announcement())

    def body(bin_: str) -> dict[str, str]:
        pair = centre.issue_legal(iin_of(1), bin_, "ОМАРОВ АСАН", "ТІРКЕУШІ", "head", clock.now())
        cms = pair.sign_cms(document, at=clock.now())
        return {"document": _base64(document), "signature": _base64(cms)}

    for role in (Role.MOH, Role.ISSUER_HEAD, Role.EXECUTOR_HEAD):
        async with client(role, bin=OTHER_BIN) as http:
            for step in ("", "/begin", "/put-off", "/end", "/cancel"):
                refused = await http.post(f"/api/v1/technical-breaks{step}", json=body(OTHER_BIN))
                assert refused.status_code == 403
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:
        path = "/api/v1/technical-breaks"
        foreign = await http.post(path, json=body(ISSUER_BIN))
        assert foreign.json()["code"] == "NOT_SIGNER_OF_ORG"
        posted = await http.post(path, json=body(OTHER_BIN))
        assert posted.status_code == 201, posted.text
        again = await http.post(path, json=body(OTHER_BIN))
        assert again.status_code == 409


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
