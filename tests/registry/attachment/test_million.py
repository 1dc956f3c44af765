"""A million attachments in no order, one in twenty twice, end as they do in order (issue 4; FAULTS 22).

`.venv/bin/pytest -q -s -m prove tests/registry/attachment/test_million.py` prints the table of docs/proofs/feed.md.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zlib import crc32

import asyncpg
import msgspec
import pytest

from backend.kernel.resources import Resources
from backend.registry.account.model import Organisation
from backend.registry.attachment import service as attachments
from backend.registry.attachment.model import AttachmentBatch, AttachmentEntry
from backend.registry.facility.model import Facility
from backend.registry.feed.model import ROWS_MAX
from backend.registry.log.verify import verify
from backend.registry.person import service as persons
from backend.registry.upload import service as uploads
from backend.registry.upload.model import Format, OpenUpload, Upload, UploadStatus
from tests.registry.attachment.test_attachments import let_pass
from tests.registry.conftest import CLINIC_BIN, MIS, Register, number

DAY = date(2026, 3, 1)
PIECE = 4 << 20
REGIONS = [f"Облыс {n}" for n in range(20)]
BUILDINGS = 200
EXECUTORS = 20
FACTS_OF_ONE = 2  # told of one person: where he was, and where he went or that he left
LEAVES = 10  # one in so many leaves and comes nowhere
SIZES = [pytest.param(3_000, id="3k"), pytest.param(1_000_000, marks=pytest.mark.prove, id="1M")]
AT = datetime(2026, 3, 1, tzinfo=UTC)


class World:
    """People with policies in twenty regions, executors with buildings, and facts about them."""

    def __init__(self, rows: int, executors: list[tuple[str, UUID]], buildings: list[UUID]) -> None:
        self.rows, self.people = rows, rows // FACTS_OF_ONE
        self.executors, self.buildings = executors, buildings

    def iin(self, person: int) -> str:
        return f"{person:012}"

    def row(self, n: int) -> AttachmentEntry:
        """The n-th fact: of one person after another, in the order of the days."""
        person, later = n % self.people, n >= self.people
        building = (person * 7 + later * 11) % BUILDINGS
        if later and person % LEAVES == 0:
            building = person * 7 % BUILDINGS
            return AttachmentEntry(
                self.iin(person), self._bin(building), self._day(n), None, n, detached=True
            )
        return AttachmentEntry(
            self.iin(person), self._bin(building), self._day(n), self.buildings[building], n
        )

    def _bin(self, building: int) -> str:
        return self.executors[building % EXECUTORS][0]

    def _day(self, n: int) -> date:
        return DAY + timedelta(days=n * 30 // self.rows)


@pytest.fixture
async def world(
    request: pytest.FixtureRequest,
    resources: Resources,
    owner: Any,
    register: Register,
    clinic: Organisation,
    facility: Facility,
) -> World:
    executors = [(CLINIC_BIN, clinic.organisation_id)]
    for n in range(1, EXECUTORS):
        bin_ = number(f"{10 + n}0540")
        executors.append((bin_, (await register(bin_)).organisation_id))
    buildings = [uuid4() for _ in range(BUILDINGS)]
    await owner.execute(
        "INSERT INTO registry.facility SELECT (jsonb_populate_record(f, jsonb_build_object("
        "'facility_id', id, 'organisation_id', whose, 'name', id))).*"
        " FROM registry.facility AS f, unnest($1::uuid[], $2::uuid[]) AS new (id, whose)",
        buildings,
        [executors[n % EXECUTORS][1] for n in range(BUILDINGS)],
    )
    made = World(request.param, executors, buildings)
    await _people(resources, owner, made)
    await let_pass(resources)
    return made


async def _people(resources: Resources, owner: Any, world: World) -> None:
    ids: list[UUID] = []
    for start in range(0, world.people, ROWS_MAX):
        iins = [world.iin(n) for n in range(start, min(start + ROWS_MAX, world.people))]
        async with resources.db.registry.transaction() as tx:
            known = await persons.claim(tx, resources.keyring, iins, at=AT)
        ids += [known[iin] for iin in iins]
    await owner.execute("UPDATE registry.account SET signal_mis_at = $1", AT)
    await owner.execute(
        "UPDATE registry.person SET region = new.region"
        " FROM unnest($1::uuid[], $2::text[]) AS new (person_id, region)"
        " WHERE person.person_id = new.person_id",
        ids,
        [REGIONS[n % len(REGIONS)] for n in range(len(ids))],
    )
    await owner.execute(
        "INSERT INTO registry.policy (person_id, policy_id, year, number, status, gvfmc, mhi,"
        " service_list, tariff_set, rule_set, issued_on, valid_from, valid_to, order_id)"
        " SELECT person_id, person_id, 2026, '2026-' || lpad(row_number() OVER ()::text, 10, '0'),"
        " 'CREDITED', true, false, 'GVFMC', '170/2020', '291/2020', '2026-03-06', '2026-03-06',"
        " '2026-12-31', gen_random_uuid() FROM registry.account WHERE person_id > $1",
        UUID(int=1 << 127),
    )
    await owner.execute("ANALYZE registry.person, registry.account, registry.policy")


STATE = (
    "SELECT 'attachments', count(*), sum(hashtextextended(t::text, 0)) FROM registry.attachment AS t",
    "SELECT 'facts', count(*), sum(hashtextextended((person_id, since, seq, source, executor_id,"
    " facility_id)::text, 0)) FROM registry.attachment_fact",
    "SELECT 'policies', count(executor_id), sum(hashtextextended((person_id, executor_id)::text, 0))"
    " FROM registry.policy",
)


async def state(owner: Any) -> list[tuple[Any, ...]]:
    """Everything that must not depend on order: who is attached where, told what, with what policy."""
    return [tuple(await owner.fetchrow(sql)) for sql in STATE]


async def forget(owner: Any) -> None:
    """Back to before the first fact; the log stays, as it must."""
    await owner.execute(
        "SET session_replication_role = replica;"
        "TRUNCATE registry.attachment;"
        "DELETE FROM registry.attachment_fact;"
        "UPDATE registry.policy SET executor_id = NULL;"
        "SET session_replication_role = origin;"
    )
    await owner.execute("VACUUM registry.attachment_fact, registry.policy")


def shuffled(world: World, folder: Path) -> Path:
    """The file: the facts in no order, one in twenty of them twice."""
    lot = random.Random(20261122)
    order = list(range(world.rows)) + lot.choices(range(world.rows), k=world.rows // 20)
    lot.shuffle(order)
    path = folder / "attachments.ndjson"
    with path.open("wb") as out:
        out.writelines(msgspec.json.encode(world.row(n)) + b"\n" for n in order)
    return path


def checksum(path: Path) -> tuple[int, int]:
    """Bytes and CRC-32 of a file."""
    size = total = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            size, total = size + len(piece), crc32(piece, total)
    return size, total


async def upload(resources: Resources, path: Path) -> Upload:
    """Send a file in pieces, as a MIS would."""
    command = OpenUpload(uuid4(), Format.NDJSON, *checksum(path))
    with path.open("rb") as file:
        sent = await uploads.open_upload(resources, MIS, command)
        while sent.received < command.bytes:
            file.seek(sent.received)
            sent = await uploads.receive(
                resources, MIS, sent.upload_id, sent.received, file.read(PIECE)
            )
    return sent


@asynccontextmanager
async def watched() -> AsyncIterator[list[float]]:
    """Resident megabytes of this process, looked at every tenth of a second."""
    seen: list[float] = [resident_mb()]

    async def watch() -> None:
        while True:
            await asyncio.sleep(0.1)
            seen.append(resident_mb())

    watcher = asyncio.create_task(watch())
    yield seen
    watcher.cancel()


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def batches(world: World) -> Iterator[AttachmentBatch]:
    """The facts in order, as many at a time as a batch may hold."""
    for start in range(0, world.rows, ROWS_MAX):
        rows = tuple(world.row(n) for n in range(start, min(start + ROWS_MAX, world.rows)))
        yield AttachmentBatch(uuid4(), rows)


@pytest.mark.parametrize("world", SIZES, indirect=True)
async def test_no_order_and_repeats_end_as_order_does(
    resources: Resources, world: World, owner: Any, tmp_path: Path
) -> None:
    path = shuffled(world, tmp_path)
    began = time.perf_counter()
    async with watched() as resident:
        sent = await upload(resources, path)
        received = time.perf_counter()
        await uploads.run(resources, sent.upload_id)
    applied = time.perf_counter()
    done = await uploads.find(resources.db.registry, MIS, sent.upload_id)
    assert (done.status, done.refused) == (UploadStatus.DONE, 0)
    assert (done.recorded, done.repeated) == (world.rows, world.rows // 20)
    in_no_order = await state(owner)
    leavers = len(range(0, world.people, LEAVES))
    assert in_no_order[0][1] == world.people - leavers
    assert in_no_order[1][1] == world.rows

    again = time.perf_counter()
    twice = await upload(resources, path)
    await uploads.run(resources, twice.upload_id)
    repeated = time.perf_counter()
    assert await state(owner) == in_no_order
    copied = await copy(owner)

    await forget(owner)
    ordered = time.perf_counter()
    for batch in batches(world):
        await attachments.attach(resources, MIS, batch)
    in_order = time.perf_counter()
    assert await state(owner) == in_no_order
    assert (await verify(resources.db.registry)).ok

    rows = world.rows + world.rows // 20
    tell("| rows | step | s | rows/s |", "|---|---|---|---|")
    for step, seconds, count in (
        ("received in pieces of 4 MiB, in no order", received - began, rows),
        ("weighed and applied", applied - received, rows),
        ("the same file again: received, nothing to apply", repeated - again, rows),
        ("in order by batches of 5,000, applied at once", in_order - ordered, world.rows),
        ("plain COPY of the facts into a table of the same shape", copied, world.rows),
    ):
        tell(f"| {count:,} | {step} | {seconds:.1f} | {count / seconds:,.0f} |")
    tell(f"resident: {resident[0]:.0f} MB before, at most {max(resident):.0f} MB")
    tell(f"state: {in_no_order}")
    assert max(resident) - resident[0] < 150


def tell(*lines: str) -> None:
    """For docs/proofs/feed.md."""
    for line in lines:
        print(line)  # noqa: T201


async def copy(owner: "asyncpg.Connection[Any]") -> float:
    """Seconds of a plain COPY of the recorded facts into a table of the same shape."""
    await owner.execute("CREATE TABLE public.plain (LIKE registry.attachment_fact)")
    names = [
        r[0]
        for r in await owner.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'public.plain'::regclass AND attnum > 0"
        )
    ]
    seconds = 0.0
    async with owner.transaction():
        cursor = await owner.cursor("SELECT * FROM registry.attachment_fact")
        while rows := await cursor.fetch(50_000):
            plain = [tuple(r) for r in rows]
            began = time.perf_counter()
            await owner.copy_records_to_table(
                "plain", schema_name="public", records=plain, columns=names
            )
            seconds += time.perf_counter() - began
    return seconds


@pytest.mark.parametrize("world", SIZES, indirect=True)
async def test_a_file_that_detaches_thirty_percent_of_a_region_stops(
    resources: Resources, world: World, owner: Any, tmp_path: Path
) -> None:
    """With the limits as delivered: five percent in a day, above a hundred persons."""
    await owner.execute(
        "UPDATE registry.brake_limit SET share_milli = 50, minimum = $1 WHERE kind = 'DETACH'",
        min(100, world.people // len(REGIONS) // 10),
    )
    path = tmp_path / "all.ndjson"
    with path.open("wb") as out:
        out.writelines(msgspec.json.encode(world.row(n)) + b"\n" for n in range(world.people))
    first = await upload(resources, path)
    await uploads.run(resources, first.upload_id)
    before = await state(owner)
    of_region = range(3, world.people, len(REGIONS))
    leaving = [n for n in of_region if n // len(REGIONS) % 10 < 3]
    path = tmp_path / "leaving.ndjson"
    with path.open("wb") as out:
        for person in leaving:
            was = world.row(person)
            left = AttachmentEntry(
                was.iin, was.executor_bin, DAY + timedelta(days=20), None, 10**9, detached=True
            )
            out.write(msgspec.json.encode(left) + b"\n")
    began = time.perf_counter()
    sent = await upload(resources, path)
    await uploads.run(resources, sent.upload_id)
    held = await uploads.find(resources.db.registry, MIS, sent.upload_id)
    assert (held.status, held.staged) == (UploadStatus.HELD, len(leaving))
    assert await state(owner) == before
    effects = msgspec.json.decode(
        await owner.fetchval("SELECT effects::text FROM registry.brake_hold")
    )
    day = next(e for e in effects if e["weight"]["window_s"] == 86_400)
    assert (day["weight"]["region"], day["over"]) == (REGIONS[3], True)
    assert len(leaving) <= day["weight"]["count"] <= len(leaving) + 1 + len(leaving) // 5_000
    assert await owner.fetchval("SELECT count(*) FROM kernel.event WHERE kind = 'RunHeld'") == 1
    tell(
        f"{len(leaving):,} of {day['total']:,} in one region: held whole after"
        f" {time.perf_counter() - began:.1f} s"
    )
