"""A file is taken whole or not at all, each row once; what cannot be taken waits and can be put right."""

import asyncio
import base64
import hashlib
import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.brake.model import Verdict
from backend.registry.contribution_file.errors import (
    FileDiffers,
    FileHashMismatch,
    RepairClosed,
    StillBroken,
)
from backend.registry.contribution_file.model import (
    Discard,
    Fix,
    ImportReport,
    PostFile,
    Repair,
)
from backend.registry.contribution_file.service import apply, read, receive, repair
from backend.registry.person import service as persons
from backend.registry.standing import service as standing
from backend.sources.state_corporation.model import FileFormat, Line
from tests.registry.access_record.noted import noted
from tests.registry.conftest import CLINIC_BIN, MIS_BIN, Insure, actor, iin_of
from tests.sources.state_corporation.files import receipt, refund, reversal, write

Owner = asyncpg.Connection  # type: ignore[type-arg]
CORPORATION = actor(MIS_BIN, Role.INTEGRATION)
OFFICER = actor(CLINIC_BIN, Role.ISSUER_FINANCE)
EMPLOYER = "090440002224"  # of files.receipt
ASAN, AIGUL, NOBODY = iin_of(11), iin_of(12), iin_of(13)
WRONG = ASAN[:11] + str((int(ASAN[11]) + 1) % 10)


def posted(raw: bytes, kind: FileFormat = FileFormat.CSV, name: str | None = None) -> PostFile:
    digest = hashlib.sha256(raw).hexdigest()
    return PostFile(name or f"SC-{digest[:12]}", kind, digest, base64.b64encode(raw).decode())


async def hand_in(
    resources: Resources,
    *lines: Line,
    kind: FileFormat = FileFormat.CSV,
    size: int = apply.SLICE,
    raw: bytes | None = None,
) -> ImportReport:
    raw = raw if raw is not None else write(kind, lines, number=f"SC-{uuid4().hex[:8]}")
    file = await receive.post(resources, CORPORATION, posted(raw, kind))
    await apply.run(resources, file.file_id, size=size)
    return await read.report(resources.db.registry, CORPORATION, file.file_id)


def told(report: ImportReport) -> tuple[str, int, int, int, dict[str, int]]:
    file = report.file
    return (
        file.status.value,
        file.taken,
        file.repeated,
        file.to_repair,
        {f.code.value: f.rows for f in report.faults},
    )


async def kept(owner: Owner) -> list[tuple[Any, ...]]:
    """The payments as they stand, by reference."""
    rows = await owner.fetch(
        "SELECT source_ref, period, kind, amount_tiyn, payer_bin, refunded_tiyn"
        " FROM registry.contribution ORDER BY source_ref"
    )
    return [tuple(row) for row in rows]


async def waiting(resources: Resources) -> list[Repair]:
    return await repair.waiting(
        resources.db.registry, code=None, file_id=None, after=None, limit=100
    )


@pytest.fixture
async def people(insure: Insure) -> dict[str, UUID]:
    return await insure(ASAN, AIGUL)


@pytest.mark.parametrize("kind", list(FileFormat))
async def test_a_file_of_each_format_is_taken(
    resources: Resources, owner: Owner, people: dict[str, UUID], kind: FileFormat
) -> None:
    report = await hand_in(
        resources,
        receipt("A/1", ASAN),
        receipt("A/2", AIGUL, kind="contribution", payer=None, payer_kind="sole_proprietor"),
        receipt("A/3", AIGUL, "2026-02", kind="contribution", payer=AIGUL),
        receipt("A/1", ASAN),
        refund("A/4", "A/1", 300_000),
        receipt("A/5", WRONG),
        receipt("A/6", NOBODY),
        receipt("A/7", ASAN, payer=None),
        receipt("A/8", ASAN, day=date(2026, 4, 7)),
        receipt("A/9", ASAN, "2062-03"),
        receipt("A/1", ASAN, amount_tiyn=1),
        kind=kind,
        size=3,
    )
    assert told(report) == (
        "DONE", 4, 1, 6,
        {
            "IIN_INVALID": 1, "INSURED_NOT_FOUND": 1, "PAYER_INVALID": 1, "DATE_IN_FUTURE": 1,
            "PERIOD_INVALID": 1, "DUPLICATE_RECEIPT": 1,
        },
    )  # fmt: skip
    assert await kept(owner) == [
        ("A/1", "2026-03", "deduction", 900_000, EMPLOYER, 300_000),
        ("A/2", "2026-03", "contribution", 900_000, None, 0),
        ("A/3", "2026-02", "contribution", 900_000, None, 0),
    ]
    for table in ("contribution_stage", "contribution_piece"):
        assert await owner.fetchval(f"SELECT count(*) FROM registry.{table}") == 0


async def test_the_same_file_and_the_same_rows_count_once(
    resources: Resources, owner: Owner, people: dict[str, UUID]
) -> None:
    lines = [
        receipt("B/1", ASAN),
        receipt("B/2", AIGUL),
        refund("B/3", "B/1", 1),
        receipt("B/4", WRONG),
    ]
    raw = write(FileFormat.CSV, lines)
    first = await hand_in(resources, raw=raw)
    again = await hand_in(resources, raw=raw)
    assert again == first
    other = await hand_in(resources, *lines, receipt("B/5", ASAN), kind=FileFormat.CAMT_054)
    assert told(other)[:4] == ("DONE", 1, 3, 1)
    assert len(await waiting(resources)) == 1  # the row at fault waits once
    assert [row[5] for row in await kept(owner)] == [1, 0, 0]
    with pytest.raises(FileDiffers):
        await receive.post(
            resources, CORPORATION, posted(write(FileFormat.CSV, []), name=first.file.name)
        )


@pytest.mark.parametrize(
    "tamper",
    [
        lambda raw: raw.replace(b";3;", b";4;", 1),
        lambda raw: raw.replace(b"T;3", b"T;2"),
        lambda raw: raw.replace(b"9000.00", b"9000.01", 1),
        lambda raw: raw[: raw.rindex(b"P;")] + b"T;2\n",
        lambda raw: raw.replace(b"2026-03;D", b"2026-3;D", 1),
        lambda raw: raw + b"P;\n",
        lambda raw: b"",
    ],
)
async def test_what_is_not_as_announced_leaves_nothing(
    resources: Resources, owner: Owner, people: dict[str, UUID], tamper: Any
) -> None:
    raw = write(FileFormat.CSV, [receipt(f"C/{n}", ASAN) for n in range(3)])
    tampered = tamper(raw) or b"\n"
    assert tampered != raw
    report = await hand_in(resources, raw=tampered)
    assert report.file.status == "REFUSED"
    assert report.file.refused_code
    assert await kept(owner) == []
    assert await waiting(resources) == []
    for table in ("contribution_stage", "contribution_piece"):
        assert await owner.fetchval(f"SELECT count(*) FROM registry.{table}") == 0


async def test_content_and_hash_must_agree(resources: Resources) -> None:
    good = posted(write(FileFormat.CSV, []))
    for content in ("####", base64.b64encode(b"other").decode()):
        bad = PostFile(good.name, good.format, good.sha256, content)
        with pytest.raises(FileHashMismatch):
            await receive.post(resources, CORPORATION, bad)


async def test_taking_back_in_parts_whole_and_before_the_payment(
    resources: Resources, owner: Owner, people: dict[str, UUID]
) -> None:
    early = await hand_in(resources, refund("D/r1", "D/1", 400_000), reversal("D/s2", "D/2"))
    assert told(early)[:4] == ("DONE", 2, 0, 0)
    late = await hand_in(
        resources,
        receipt("D/1", ASAN),
        receipt("D/2", ASAN, "2026-02"),
        receipt("D/3", AIGUL),
        refund("D/r2", "D/1", 500_000),
        refund("D/r3", "D/1", 1),
        reversal("D/s3", "D/3", 899_999),
        refund("D/r4", "D/3", 5, day=date(2026, 4, 5)),
        refund("D/r5", "D/nowhere", 5),
        kind=FileFormat.CAMT_053,
    )
    assert [(row[0], row[5]) for row in await kept(owner)] == [
        ("D/1", 900_000),
        ("D/2", 900_000),
        ("D/3", 0),
    ]
    assert told(late) == (
        "DONE", 5, 0, 3, {"PERIOD_INVALID": 1, "REFUND_TOO_LARGE": 1, "REVERSAL_MISMATCH": 1},
    )  # fmt: skip
    left = await owner.fetch("SELECT ref FROM registry.refund_claim WHERE status = 'WAITING'")
    assert [row[0] for row in left] == ["D/r5"]


async def test_any_order_of_files_and_rows_ends_the_same(
    resources: Resources, owner: Owner, people: dict[str, UUID]
) -> None:
    lines: list[Line] = []
    for n in range(6):
        lines += [
            receipt(f"E/{n}", ASAN if n % 2 else AIGUL, f"2025-{n + 1:02}"),
            refund(f"E/a{n}", f"E/{n}", 450_000),
            refund(f"E/b{n}", f"E/{n}", 450_000 if n < 4 else 450_001),
        ]
    lines += [reversal("E/s", "E/5"), receipt("E/0", AIGUL, "2025-01", amount_tiyn=1)]
    outcomes = set()
    for seed in range(3):
        chance = random.Random(seed)
        for table in (
            "contribution_repair_note", "contribution_repair", "refund_claim", "contribution",
            "receipt_claim", "contribution_file",
        ):  # fmt: skip
            await owner.execute(f"ALTER TABLE registry.{table} DISABLE TRIGGER USER")
            await owner.execute(f"DELETE FROM registry.{table}")
            await owner.execute(f"ALTER TABLE registry.{table} ENABLE TRIGGER USER")
        shuffled = lines[:-1]
        if seed:
            chance.shuffle(shuffled)
        cut = chance.randrange(1, len(shuffled))
        await hand_in(resources, *shuffled[:cut], size=4)
        await hand_in(resources, *shuffled[cut:], lines[-1], lines[3], size=5)
        outcomes.add(
            (
                tuple(await kept(owner)),
                tuple(sorted((r.ref, r.code) for r in await waiting(resources))),
            )
        )
    assert len(outcomes) == 1, outcomes


async def test_a_killed_worker_loses_nothing_and_doubles_nothing(
    resources: Resources, owner: Owner, people: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [receipt(f"F/{n}", ASAN, f"20{18 + n % 8}-{n % 12 + 1:02}") for n in range(60)]
    raw = write(FileFormat.CSV, lines)
    file = await receive.post(resources, CORPORATION, posted(raw))
    for after in (0.02, 0.05, 0.08, 0.12, 0.2):
        running = asyncio.create_task(apply.run(resources, file.file_id, size=3))
        await asyncio.wait({running}, timeout=after)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    await asyncio.gather(*(apply.run(resources, file.file_id, size=3) for _ in range(3)))
    report = await read.report(resources.db.registry, CORPORATION, file.file_id)
    assert told(report) == ("DONE", 60, 0, 0, {})
    assert len(await kept(owner)) == 60


@pytest.mark.notes("GetContributionRepair")
async def test_who_reads_a_row_of_somebody_known_is_noted(
    resources: Resources, owner: Owner, people: dict[str, UUID]
) -> None:
    await hand_in(resources, receipt("G/1", WRONG))
    [row] = await waiting(resources)
    async with resources.db.registry.transaction() as tx:
        known = await persons.claim(tx, resources.keyring, [WRONG], at=resources.clock.now())
    await repair.read(resources, OFFICER, row.repair_id)
    [look] = await noted(owner, "GetContributionRepair")
    assert (look.person_id, look.basis) == (known[WRONG], "DUTY")
    assert look.fields == ("IIN", "CONTRIBUTIONS")


async def test_an_officer_puts_a_row_right(
    resources: Resources, owner: Owner, people: dict[str, UUID]
) -> None:
    await hand_in(resources, receipt("G/1", WRONG), receipt("G/2", WRONG, "2026-02"))
    first, second = await waiting(resources)
    seen = await repair.read(resources, OFFICER, first.repair_id)
    assert (seen.iin, seen.payer, seen.period) == (WRONG, EMPLOYER, "2026-03")
    assert [note.action for note in seen.notes] == ["READ"]
    with pytest.raises(StillBroken):
        await repair.fix(resources, OFFICER, first.repair_id, Fix("?", iin=NOBODY))
    with pytest.raises(StillBroken):
        await repair.fix(resources, OFFICER, first.repair_id, Fix("nothing changed"))
    fixed = await repair.fix(resources, OFFICER, first.repair_id, Fix("letter 12", iin=ASAN))
    assert (fixed.status, fixed.reason, fixed.closed_by) == ("FIXED", "letter 12", OFFICER.label)
    gone = await repair.discard(resources, OFFICER, second.repair_id, Discard("paid by mistake"))
    assert gone.status == "DISCARDED"
    for closed in (first, second):
        with pytest.raises(RepairClosed):
            await repair.fix(resources, OFFICER, closed.repair_id, Fix("again", iin=ASAN))
    assert [row[0] for row in await kept(owner)] == ["G/1"]
    told_of = await owner.fetch("SELECT kind, payload::text FROM kernel.event ORDER BY at")
    kinds = [row[0] for row in told_of]
    assert {"ReceiptRepaired", "ReceiptDiscarded"} <= set(kinds)
    everything = str(told_of) + str(await owner.fetch("SELECT * FROM registry.contribution_repair"))
    assert ASAN not in everything
    assert WRONG not in everything


async def test_who_becomes_known_needs_no_officer(
    resources: Resources, owner: Owner, clock: FixedClock, insure: Insure
) -> None:
    await hand_in(
        resources,
        receipt("H/1", ASAN),
        receipt("H/2", AIGUL, day=date(2026, 4, 8)),
        refund("H/3", "H/1", 100, day=date(2026, 4, 8)),
        receipt("H/4", NOBODY),
    )
    assert len(await waiting(resources)) == 4
    await insure(ASAN, AIGUL)
    assert await repair.heal(resources) == 0  # tried within the hour
    clock.advance(timedelta(days=2))
    assert await repair.heal(resources) == 4
    assert [(r[0], r[5]) for r in await kept(owner)] == [("H/1", 100), ("H/2", 0)]
    assert [r.ref for r in await waiting(resources)] == ["H/4"]
    await insure(NOBODY)
    await hand_in(resources, receipt("H/4", NOBODY))
    assert await waiting(resources) == []  # it came again, right


async def test_a_closed_account_asks_an_officer(
    resources: Resources, owner: Owner, people: dict[str, UUID]
) -> None:
    await owner.execute(
        "UPDATE registry.account SET status = 'CLOSED' WHERE person_id = $1", people[ASAN]
    )
    report = await hand_in(resources, receipt("I/1", ASAN), receipt("I/2", AIGUL))
    assert told(report)[4] == {"ACCOUNT_CLOSED": 1}
    (row,) = await waiting(resources)
    await repair.fix(resources, OFFICER, row.repair_id, Fix("paid late by the employer", iin=ASAN))
    assert [r[0] for r in await kept(owner)] == ["I/1", "I/2"]


async def test_a_file_that_takes_back_too_much_stops_and_asks(
    resources: Resources, owner: Owner, insure: Insure
) -> None:
    await owner.execute(
        "UPDATE registry.brake_limit SET minimum = 2, share_milli = 300 WHERE kind = 'TAKE_BACK'"
    )
    iins = [iin_of(n) for n in range(100, 110)]
    await insure(*iins)
    await hand_in(resources, *(receipt(f"J/{n}", iin) for n, iin in enumerate(iins)))
    few = await hand_in(resources, *(reversal(f"J/f{n}", f"J/{n}") for n in range(3)))
    assert few.file.status == "DONE"
    many = await hand_in(resources, *(reversal(f"J/m{n}", f"J/{n}") for n in range(3, 7)))
    assert many.file.status == "HELD"
    assert sum(row[5] for row in await kept(owner)) == 3 * 900_000
    assert many.file.hold_id is not None
    await owner.execute("ALTER TABLE registry.brake_hold DISABLE TRIGGER USER")
    await owner.execute(
        "ALTER TABLE registry.brake_hold DROP CONSTRAINT IF EXISTS brake_hold_check1"
    )
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "UPDATE registry.brake_hold SET status = 'RELEASED', decided_at = held_at, decided_by = 'x',"
        " evidence_id = hold_id, reason = 'x' WHERE hold_id = $1",
        many.file.hold_id,
    )
    await apply.decided(resources, many.file.hold_id, Verdict.RELEASE)
    await apply.decided(resources, many.file.hold_id, Verdict.RELEASE)
    await apply.run(resources, many.file.file_id)
    assert sum(row[5] for row in await kept(owner)) == 7 * 900_000
    held = await hand_in(resources, *(reversal(f"J/d{n}", f"J/{n}") for n in range(4)))
    assert held.file.status == "HELD"
    assert held.file.hold_id is not None
    await apply.decided(resources, held.file.hold_id, Verdict.DISCARD)
    await apply.run(resources, held.file.file_id)
    report = await read.report(resources.db.registry, CORPORATION, held.file.file_id)
    assert report.file.status == "DISCARDED"
    assert await owner.fetchval("SELECT count(*) FROM registry.contribution_stage") == 0


async def test_what_is_taken_changes_who_is_insured(
    resources: Resources, owner: Owner, people: dict[str, UUID]
) -> None:
    db, clock = resources.db.registry, resources.clock

    async def status(iin: str) -> str | None:
        while await standing.judge_told(db, clock):
            pass
        found = await standing.of_person(db, people[iin])
        return None if found is None else found.status.value

    await hand_in(resources, receipt("K/1", ASAN, "2026-04"))
    assert await status(ASAN) == "CONSUMER"
    await hand_in(resources, refund("K/2", "K/1", 900_000))
    assert await status(ASAN) == "NOT_CONSUMER"
    changed = await owner.fetchrow("SELECT payload FROM kernel.event WHERE kind = 'StatusChanged'")
    assert changed is not None
    assert ASAN not in changed[0]


async def test_officers_repair_and_systems_hand_in(client: Any, people: dict[str, UUID]) -> None:
    body = {
        "name": "SC-1",
        "format": "csv",
        "sha256": hashlib.sha256(raw := write(FileFormat.CSV, [receipt("L/1", WRONG)])).hexdigest(),
        "content": base64.b64encode(raw).decode(),
    }
    for role, status in ((Role.MIS, 403), (Role.ISSUER_FINANCE, 403), (Role.INTEGRATION, 202)):
        async with client(role, bin=MIS_BIN) as http:
            answer = await http.post("/api/v1/contribution-files", json=body)
            assert answer.status_code == status, answer.text
    file_id = answer.json()["file_id"]
    for role, who, status in (
        (Role.INTEGRATION, MIS_BIN, 200),
        (Role.INTEGRATION, CLINIC_BIN, 404),
        (Role.ISSUER_FINANCE, CLINIC_BIN, 200),
        (Role.EXECUTOR_HEAD, CLINIC_BIN, 403),
    ):
        async with client(role, bin=who) as http:
            answer = await http.get(f"/api/v1/contribution-files/{file_id}")
            assert answer.status_code == status, (role, who)
    for role, status in (
        (Role.INTEGRATION, 403),
        (Role.REGISTRAR, 403),
        (Role.INSURED, 403),
        (Role.ISSUER_REVIEWER, 200),
    ):
        async with client(role, bin=CLINIC_BIN) as http:
            assert (await http.get("/api/v1/contribution-repairs")).status_code == status, role
            assert (
                await http.post(
                    f"/api/v1/contribution-repairs/{uuid4()}/discard", json={"reason": "x"}
                )
            ).status_code == (404 if status == 200 else 403)
