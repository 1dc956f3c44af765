"""The brake over a real database: held whole, decided by signature, applied once."""

import asyncio
import base64
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.brake import service as brake
from backend.registry.brake.errors import HoldDecided, HoldNotFound, LimitNeeded
from backend.registry.brake.model import (
    Decide,
    Effect,
    Held,
    HoldStatus,
    Kind,
    Run,
    SetLimit,
    Verdict,
)
from infra.sandbox.nca.centre import Centre
from tests.conftest import MONDAY_MORNING
from tests.registry.conftest import CLINIC_BIN, ISSUER_BIN, actor, iin_of, number, signed

REGISTRAR_BIN = number("040440")
REGISTRAR = actor(REGISTRAR_BIN, Role.REGISTRAR)
STATE = actor("state", Role.INTEGRATION)
PEOPLE = 200
BLOCK_TEN = SetLimit(Kind.BLOCK, "*", 86_400, 100, 10, "тест")  # ten percent, ten always


def run_of(content: bytes = b"iin, iin, iin", run_id: UUID | None = None) -> Run:
    return Run("gbd_fl", "state", run_id or uuid4(), "registry.apply_test", b"s" * 32, content)


@pytest.fixture
async def region(resources: Resources, owner: Any) -> list[UUID]:
    """Two hundred persons of Астана with open accounts, and a brake at ten percent of them."""
    ids = [uuid4() for _ in range(PEOPLE)]
    at = resources.clock.now()
    await owner.execute(
        "INSERT INTO registry.person SELECT id, 'Астана', $2 FROM unnest($1::uuid[]) AS id", ids, at
    )
    await owner.execute(
        "INSERT INTO registry.account SELECT id, 'OPEN', $2, $2, $2 FROM unnest($1::uuid[]) AS id",
        ids,
        at,
    )
    await set_limit(resources, BLOCK_TEN)
    return ids


@pytest.fixture(scope="module")
def centre() -> Centre:
    return Centre.create(b"tests of the brake", MONDAY_MORNING)


@pytest.fixture
async def resources(resources: Resources, centre: Centre, tmp_path: Path) -> Resources:
    """The sandbox centre is trusted."""
    centre.save(tmp_path)
    config = msgspec.structs.replace(resources.config, trust=str(tmp_path / "trust"))
    return msgspec.structs.replace(resources, config=config)


async def set_limit(resources: Resources, command: SetLimit) -> None:
    await brake.set_limit(resources, REGISTRAR, signed(command, resources, REGISTRAR_BIN))


async def ask(resources: Resources, persons: list[UUID], run: Run | None = None) -> UUID | None:
    """What a feed does before it applies; nothing is applied here."""
    async with resources.db.registry.transaction() as tx:
        effects = await brake.effects_of(tx, Kind.BLOCK, persons)
        return await brake.pass_or_hold(
            tx, resources.keyring, STATE, run or run_of(), effects, at=resources.clock.now()
        )


async def decide(
    resources: Resources, verdict: Verdict, *holds: UUID, by: Actor = REGISTRAR
) -> None:
    seen = [await brake.find(resources.db.registry, hold) for hold in holds]
    command = Decide(tuple(Held(h.hold_id, h.sha256) for h in seen), verdict, f"{uuid4()}")
    await brake.decide(resources, by, signed(command, resources, by.bin))


async def test_too_many_at_once_stop_and_few_pass(
    resources: Resources, region: list[UUID], owner: Any
) -> None:
    assert await ask(resources, region[:20]) is None  # exactly ten percent
    hold_id = await ask(resources, region[20:21])
    assert hold_id is not None
    hold = await brake.find(resources.db.registry, hold_id)
    (effect,) = hold.effects
    assert (effect.weight.passed, effect.weight.count, effect.total) == (20, 1, PEOPLE)
    assert (effect.over, hold.status) == (True, HoldStatus.HELD)
    event = await owner.fetchrow(
        "SELECT kind, subject, payload FROM kernel.event WHERE kind = $1", "RunHeld"
    )
    assert event["subject"] == hold_id
    # what passed leaves the window, and the next may pass again
    clock = resources.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=1, seconds=1))
    assert await ask(resources, region[:20]) is None


async def test_a_small_region_is_not_stuck(resources: Resources, region: list[UUID]) -> None:
    await set_limit(resources, msgspec.structs.replace(BLOCK_TEN, share_milli=0, minimum=25))
    assert await ask(resources, region[:25]) is None
    assert await ask(resources, region[25:26]) is not None


async def test_a_region_has_limits_of_its_own(resources: Resources, region: list[UUID]) -> None:
    own = SetLimit(Kind.BLOCK, "Астана", 86_400, 500, 10, "тест")
    await set_limit(resources, own)
    assert await ask(resources, region[:100]) is None
    await set_limit(resources, msgspec.structs.replace(own, share_milli=None))
    assert await ask(resources, region[100:101]) is not None
    with pytest.raises(LimitNeeded):
        await set_limit(resources, msgspec.structs.replace(BLOCK_TEN, share_milli=None))


async def test_two_at_once_do_not_both_pass(resources: Resources, region: list[UUID]) -> None:
    holds = await asyncio.gather(*(ask(resources, region[n : n + 5]) for n in range(0, 60, 5)))
    assert holds.count(None) == 4  # twenty persons of two hundred


async def test_a_released_run_comes_back_whole_and_once(
    resources: Resources, region: list[UUID], owner: Any
) -> None:
    run = run_of(b"whole")
    hold_id = await ask(resources, region, run)
    assert hold_id is not None
    assert await take(resources, hold_id) is None  # nobody decided yet
    sealed = await owner.fetchval("SELECT sealed FROM registry.brake_hold")
    assert b"whole" not in sealed
    await decide(resources, Verdict.RELEASE, hold_id)
    queued = await owner.fetch("SELECT entrypoint, payload FROM jobs.pgqueuer")
    (job,) = [r for r in queued if r["entrypoint"] == run.job]
    assert msgspec.json.decode(job["payload"]) == {"hold_id": str(hold_id), "verdict": "RELEASE"}
    taken = await asyncio.gather(*(take(resources, hold_id) for _ in range(4)))
    assert sorted(map(str, taken)) == ["None", "None", "None", str(b"whole")]
    # it does not count: others still pass up to the limit
    assert await ask(resources, region[:20]) is None


async def test_a_crash_while_applying_leaves_it_released(
    resources: Resources, region: list[UUID]
) -> None:
    hold_id = await ask(resources, region)
    assert hold_id is not None
    await decide(resources, Verdict.RELEASE, hold_id)
    with pytest.raises(ZeroDivisionError):
        async with resources.db.registry.transaction() as tx:
            assert await brake.take(tx, hold_id, at=resources.clock.now())
            raise ZeroDivisionError
    assert await take(resources, hold_id) is not None


async def test_a_discarded_run_is_never_applied(resources: Resources, region: list[UUID]) -> None:
    hold_id = await ask(resources, region)
    assert hold_id is not None
    await decide(resources, Verdict.DISCARD, hold_id)
    assert await take(resources, hold_id) is None
    with pytest.raises(HoldDecided):
        await decide(resources, Verdict.RELEASE, hold_id)


async def test_a_decision_is_about_all_its_runs_or_none(
    resources: Resources, region: list[UUID]
) -> None:
    first, second = await ask(resources, region), await ask(resources, region)
    assert first is not None
    assert second is not None
    await decide(resources, Verdict.RELEASE, first)
    with pytest.raises(HoldDecided):
        await decide(resources, Verdict.DISCARD, second, first)
    hold = await brake.find(resources.db.registry, second)
    assert hold.status is HoldStatus.HELD
    with pytest.raises(HoldNotFound):
        await brake.find(resources.db.registry, uuid4())


async def test_what_is_held_cannot_be_changed(
    resources: Resources, region: list[UUID], owner: Any
) -> None:
    hold_id = await ask(resources, region)
    for change in (
        "content_sha256 = sha256('x')",
        "effects = '[]'",
        "status = 'APPLIED', applied_at = held_at",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await owner.execute(f"UPDATE registry.brake_hold SET {change}")
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("DELETE FROM registry.brake_hold")
    assert (await brake.find(resources.db.registry, hold_id or uuid4())).status == "HELD"


async def test_persons_of_no_known_region_and_executors_are_weighed_too(
    resources: Resources, owner: Any
) -> None:
    stranger = uuid4()
    await owner.execute(
        "INSERT INTO registry.person VALUES ($1, NULL, $2)", stranger, resources.clock.now()
    )
    async with resources.db.registry.transaction() as tx:
        assert await brake.effects_of(tx, Kind.BLOCK, [stranger]) == [Effect(Kind.BLOCK, "", 1)]
        many = [Effect(Kind.BLOCK_EXECUTOR, "", 6), Effect(Kind.CLOSE, "", 51)]
        weighed = await brake.weigh(tx, many, at=resources.clock.now())
    assert [(w.weight.kind, w.total, w.over) for w in weighed] == [
        ("BLOCK_EXECUTOR", 0, True),
        ("CLOSE", 0, True),
    ]


async def take(resources: Resources, hold_id: UUID) -> bytes | None:
    async with resources.db.registry.transaction() as tx:
        taken = await brake.take(tx, hold_id, at=resources.clock.now())
        return None if taken is None else brake.content(resources.keyring, taken)


# --- over HTTP, with real signatures ---------------------------------------------------------------


async def test_over_http_with_the_officers_signature(
    resources: Resources, region: list[UUID], client: Any
) -> None:
    hold_id = await ask(resources, region)
    async with client(Role.REGISTRAR, bin=REGISTRAR_BIN) as http:
        listed = (await http.get("/api/v1/brake/holds", params={"status": "HELD"})).json()
        shown = (await http.get(f"/api/v1/brake/holds/{hold_id}")).json()
        assert listed == {"items": [shown], "next": None}
        assert shown["effects"][0]["weight"]["region"] == "Астана"
        assert (await http.get(f"/api/v1/brake/holds/{uuid4()}")).status_code == 404
        limits = (await http.get("/api/v1/brake/limits")).json()
        assert {
            "kind": "DETACH",
            "region": "*",
            "window_s": 86400,
            "share_milli": 50,
            "minimum": 100,
        } in limits
    for role in (Role.MIS, Role.EXECUTOR_HEAD, Role.INSURED, Role.MOH):
        async with client(role, bin=CLINIC_BIN) as http:
            assert (await http.get("/api/v1/brake/holds")).status_code == 403
            body = {"document": "e30=", "signature": "e30="}
            assert (await http.post("/api/v1/brake/decisions", json=body)).status_code == 403
            assert (await http.post("/api/v1/brake/limits", json=body)).status_code == 403
    async with client(Role.ISSUER_REVIEWER, bin=ISSUER_BIN) as http:
        assert (await http.get("/api/v1/brake/holds")).status_code == 200
        assert (await http.post("/api/v1/brake/decisions", json=body)).status_code == 403


async def test_the_signature_decides(
    resources: Resources, region: list[UUID], client: Any, clock: FixedClock, centre: Centre
) -> None:
    hold_id = await ask(resources, region)
    assert hold_id is not None
    hold = await brake.find(resources.db.registry, hold_id)

    def body(role: str, bin_: str, sha256: str) -> dict[str, str]:
        pair = centre.issue_legal(iin_of(1), bin_, "ОМАРОВ АСАН", "ТІРКЕУШІ", role, clock.now())
        document = msgspec.json.encode(
            Decide((Held(hold_id, sha256),), Verdict.RELEASE, "тексерілді")
        )
        cms = pair.sign_cms(document, at=clock.now())
        return {
            "document": base64.b64encode(document).decode(),
            "signature": base64.b64encode(cms).decode(),
        }

    path = "/api/v1/brake/decisions"
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        refused = await http.post(path, json=body("head", ISSUER_BIN, hold.sha256))
        assert (refused.status_code, refused.json()["code"]) == (403, "HOLD_NOT_YOURS")
    async with client(Role.REGISTRAR, bin=REGISTRAR_BIN) as http:
        for wrong, code in (
            (body("head", ISSUER_BIN, hold.sha256), "NOT_SIGNER_OF_ORG"),
            (body("employee", REGISTRAR_BIN, hold.sha256), "NOT_SIGNER_OF_ORG"),
            (body("head", REGISTRAR_BIN, "00" * 32), "HOLD_DIFFERS"),
        ):
            assert (await http.post(path, json=wrong)).json()["code"] == code
        decided = await http.post(path, json=body("signatory", REGISTRAR_BIN, hold.sha256))
        assert decided.status_code == 201, decided.text
        assert decided.json() == {"holds": [str(hold_id)], "verdict": "RELEASE"}
        again = await http.post(path, json=body("head", REGISTRAR_BIN, hold.sha256))
        assert again.json()["code"] in ("HOLD_DECIDED", "DOCUMENT_ALREADY_USED")
    after = await brake.find(resources.db.registry, hold_id)
    assert (after.status, after.reason) == ("RELEASED", "тексерілді")
    assert after.decided_by == f"registrar:{REGISTRAR_BIN}"
