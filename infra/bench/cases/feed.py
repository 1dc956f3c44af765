"""`attachments`: a file of attachments received, weighed and applied, against a plain COPY of its rows.

Every person of the small country is told to be with another clinic than before, in no order and some of
them twice: the dearest there is, for each row is recorded, changes the state and is logged.
"""

import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar, cast
from uuid import UUID, uuid4
from zlib import crc32

import asyncpg
import msgspec

from backend.kernel.actor import Actor, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import SystemClock
from backend.kernel.config import Config, Mode
from backend.kernel.db import Db, open_db
from backend.kernel.resources import Databases, Resources
from backend.kernel.sealing import Keyring
from backend.registry.attachment.model import AttachmentEntry
from backend.registry.feed.model import ROWS_MAX
from backend.registry.person import service as persons
from backend.registry.upload import service as uploads
from backend.registry.upload.model import Format, OpenUpload, UploadStatus
from infra.bench.country import CLINICS, numbered
from infra.bench.model import BenchFailed, Measured
from infra.bench.scene import Scene

PEOPLE = 40_000
FILE_ROWS = 10_000
TWICE = 0.05
PIECE = 1 << 20
SINCE = date(2026, 4, 6)
MIS = Actor(session_id=UUID(int=1), roles=frozenset({Role.MIS}), bin="050340000008")
SECRET = "bench-bench-bench-bench-bench-bench"
COLUMNS = (
    "person_id", "since", "seq", "source", "executor_id", "facility_id", "run_id", "told_at",
)  # fmt: skip

_SEED = """
    SET session_replication_role = replica;
    INSERT INTO registry.organisation (
        organisation_id, bin, kind, form, name, status, contacts, requisites, head, evidence_id,
        opened_at, changed_at
    )
    SELECT lpad(k::text, 32, '0')::uuid, (100140000000 + k)::text, 'EXECUTOR', 'LEGAL',
           'Емхана ' || k, 'OPEN', '{{}}', '[{{}}]', '', lpad('1', 32, '0')::uuid, '2026-04-06',
           '2026-04-06'
      FROM generate_series(0, {clinics} - 1) AS k;
    INSERT INTO registry.facility (
        facility_id, organisation_id, name, region, address, latitude, longitude, photo_outside,
        photo_inside, accounting_186, design_capacity, production, digitised_at
    )
    SELECT lpad(k::text, 32, '0')::uuid, lpad(k::text, 32, '0')::uuid, 'Емхана ' || k, 'ALMATY',
           'Абай ' || k, 43.2, 76.9, sha256('outside'), sha256('inside'), '{{"beds": 10}}', 100, true,
           '2026-04-06'
      FROM generate_series(0, {clinics} - 1) AS k;
    UPDATE registry.brake_limit SET share_milli = 1000, minimum = 1000000000;
    CREATE TABLE public.plain (
        person_id uuid NOT NULL, since date NOT NULL, seq bigint NOT NULL, source text NOT NULL,
        executor_id uuid NOT NULL, facility_id uuid, run_id uuid NOT NULL, told_at timestamptz NOT NULL
    );
"""
_ENTERED = """
    UPDATE registry.account SET signal_mis_at = '2026-04-06';
    UPDATE registry.person SET region = 'ALMATY';
"""


class Attachments:
    """Files of attachments, as often as fit."""

    name: ClassVar[str] = "attachments"
    of: ClassVar[str] = "COPY of the same rows into a plain table of the same shape"
    unit: ClassVar[str] = "rows"
    target: ClassVar[float | None] = None
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._db: Db | None = None
        self._plain: asyncpg.Connection[asyncpg.Record] | None = None
        self._files: Iterator[list[tuple[int, int]]] = iter(())
        self._resources: Resources | None = None
        self._received_s = self._applied_s = 0.0
        self._rows = 0
        self._ids: list[UUID] = []

    async def setup(self, seconds: float) -> None:
        """Seed the country and open what a process has open."""
        url = await self._scene.database_url("attachments")
        keyring = Keyring.from_secret(SECRET)
        self._plain = await asyncpg.connect(url)
        await self._plain.execute(_SEED.format(clinics=CLINICS))
        await self._plain.execute("SET session_replication_role = origin")
        self._db = db = await open_db(url, "saqtau_registry", max_size=2, application="bench")
        self._resources = Resources(
            config=Config(mode=Mode.TEST),
            db=Databases(*[db] * len(Databases.__struct_fields__)),
            clock=SystemClock(),
            calendar=LegalCalendar(),
            keyring=keyring,
            valkey=cast(Any, None),
            http=cast(Any, None),
        )
        await self._people(db, keyring)
        await self._plain.execute(_ENTERED)
        await self._plain.execute("VACUUM ANALYZE")
        self._files = _files()

    async def _people(self, db: Db, keyring: Keyring) -> None:
        """Everybody, as a MIS enters him."""
        at = datetime(2026, 4, 6, tzinfo=UTC)
        for start in range(0, PEOPLE, ROWS_MAX):
            iins = [_iin(n) for n in range(start, start + ROWS_MAX)]
            async with db.transaction() as tx:
                known = await persons.claim(tx, keyring, iins, at=at)
            self._ids += [known[iin] for iin in iins]

    async def ours(self, seconds: float) -> Measured:
        """Receive, weigh and apply files until the time is over."""
        assert self._resources is not None
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds or not done:
            rows = next(self._files)
            raw = b"".join(_line(person, seq) for person, seq in rows)
            await self._take(self._resources, raw)
            done += len(rows)
        return Measured(done=done, elapsed_s=time.perf_counter() - began)

    async def _take(self, resources: Resources, raw: bytes) -> None:
        began = time.perf_counter()
        command = OpenUpload(uuid4(), Format.NDJSON, len(raw), crc32(raw))
        upload = await uploads.open_upload(resources, MIS, command)
        while upload.received < len(raw):
            piece = raw[upload.received : upload.received + PIECE]
            upload = await uploads.receive(resources, MIS, upload.upload_id, upload.received, piece)
        received = time.perf_counter()
        await uploads.run(resources, upload.upload_id)
        upload = await uploads.find(resources.db.registry, MIS, upload.upload_id)
        if upload.status is not UploadStatus.DONE or upload.refused:
            raise BenchFailed(f"attachments: {upload.status}, {upload.refused} rows refused")
        self._received_s += received - began
        self._applied_s += time.perf_counter() - received
        self._rows += upload.recorded + upload.repeated

    async def limit(self, seconds: float) -> Measured:
        """COPY the same rows, built beforehand, and nothing else."""
        assert self._plain is not None
        rows = [_record(self._ids[person], person, seq) for person, seq in next(self._files)]
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds or not done:
            await self._plain.copy_records_to_table(
                "plain", schema_name="public", columns=COLUMNS, records=rows
            )
            done += len(rows)
        elapsed = time.perf_counter() - began
        await self._plain.execute("TRUNCATE public.plain")
        return Measured(done=done, elapsed_s=elapsed)

    async def detail(self, seconds: float) -> dict[str, Any]:
        """What receiving and applying took, and that memory does not grow with the files."""
        assert self._resources is not None
        before = _resident_mb()
        for _ in range(3):
            rows = next(self._files)
            await self._take(self._resources, b"".join(_line(p, s) for p, s in rows))
        return {
            "rows": self._rows,
            "received_per_s": round(self._rows / self._received_s),
            "applied_per_s": round(self._rows / self._applied_s),
            "resident_mb": round(before),
            "resident_mb_grown_by_three_files": round(_resident_mb() - before, 1),
        }

    async def teardown(self) -> None:
        """Close the connections; the database goes with the run."""
        if self._plain is not None:
            await self._plain.close()
        if self._db is not None:
            await self._db.close()
        self._db = self._plain = self._resources = None


def _files() -> Iterator[list[tuple[int, int]]]:
    """Files without end: (person, seq) in no order, one in twenty twice."""
    lot, seq = random.Random(4), 0
    while True:
        seq += 1
        people = list(range(PEOPLE))
        lot.shuffle(people)
        for start in range(0, PEOPLE, FILE_ROWS):
            rows = [(person, seq) for person in people[start : start + FILE_ROWS]]
            rows += lot.choices(rows, k=int(FILE_ROWS * TWICE))
            lot.shuffle(rows)
            yield rows


def _iin(person: int) -> str:
    return f"{person:012}"


def _clinic(person: int, seq: int) -> int:
    return (person + seq) % CLINICS


def _line(person: int, seq: int) -> bytes:
    clinic = _clinic(person, seq)
    entry = AttachmentEntry(_iin(person), str(100140000000 + clinic), SINCE, numbered(clinic), seq)
    return msgspec.json.encode(entry) + b"\n"


def _record(who: UUID, person: int, seq: int) -> tuple[object, ...]:
    clinic = numbered(_clinic(person, seq))
    at = datetime(2026, 4, 6, tzinfo=UTC)
    return who, SINCE, seq, MIS.bin, clinic, clinic, UUID(int=seq), at


def _resident_mb() -> float:
    """Resident memory of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
