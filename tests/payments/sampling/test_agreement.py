"""The statement against the same rules written plainly, over random lines; and how long a million take.

The large run: `.venv/bin/pytest -q -s -m prove tests/payments/sampling/test_agreement.py`; its table is kept in
docs/proofs/sampling.md.
"""

import math
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.sampling import queries, service
from backend.payments.sampling.model import AskSample, Parameters, SetParameters
from tests.payments.conftest import DAY, FROM, ISSUER_BIN, ISSUER_HEAD, LINE, TO, Owner, signed
from tests.payments.sampling.conftest import ALMATY, ASTANA, NEAR, PLACES, Lines

SEEDS = [1, *(pytest.param(n, marks=pytest.mark.prove) for n in range(2, 12))]
SIZES = [pytest.param(5_000, id="5k"), pytest.param(1_000_000, marks=pytest.mark.prove, id="1m")]
WORKERS = [UUID(int=0x7000 + n) for n in range(6)]
EXECUTORS = [UUID(int=0x9000 + n) for n in range(7)]


class Line(NamedTuple):
    case: UUID
    person: int
    executor: UUID
    worker: UUID
    service: str
    day: date
    stay: str | None
    at: datetime | None
    place: UUID
    visit: UUID | None
    admitted: date | None
    away: int | None


def some_lines(seed: int, count: int) -> list[Line]:
    """Few people, workers and minutes, so that everything meets everything."""
    chance = random.Random(seed)
    visits: dict[tuple[int, UUID, date], tuple[UUID, datetime, int | None]] = {}
    lines = []
    for n in range(count):
        person, place = chance.randrange(90), chance.choice([ALMATY, ALMATY, NEAR, ASTANA])
        day = DAY + timedelta(days=chance.randrange(3))
        key, at, visit, away = (person, place, day), None, None, None
        if chance.random() < 0.7:
            if key not in visits:
                minute = chance.randrange(200)
                made = datetime.fromisoformat(f"{day}T04:00:00+00:00") + timedelta(
                    minutes=minute, seconds=chance.randrange(60)
                )
                phone = chance.choice([None, None, 90, 1_500])
                visits[key] = UUID(int=0x5000_0000 + n), made, phone
            visit, at, away = visits[key]
        executor = EXECUTORS[person % 2 if chance.random() < 0.5 else chance.randrange(7)]
        stay = chance.choice(["a", "b"]) if person < 12 else None
        admitted = (
            day - timedelta(days=chance.randrange(3)) if stay and chance.random() < 0.5 else None
        )
        code = chance.choice(["A", "A", "B"]) if executor != EXECUTORS[0] else "A"
        case = UUID(int=0x6000_0000 + n)
        worker = chance.choice(WORKERS)
        lines.append(
            Line(case, person, executor, worker, code, day, stay, at, place, visit, admitted, away)
        )
    return lines


def km(one: UUID, other: UUID) -> float:
    (a, b), (c, d) = ([math.radians(x) for x in PLACES[p]] for p in (one, other))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 12742 * math.asin(min(1.0, math.sqrt(half)))


def grouped(lines: Iterable[Line], key: Any) -> dict[Any, list[Line]]:
    found = defaultdict(list)
    for line in lines:
        found[key(line)].append(line)
    return found


def minute(line: Line) -> Any:
    return line.worker, line.at and line.at.replace(second=0)


def plainly(lines: list[Line], p: Parameters) -> dict[UUID, int]:
    """The score of every line, one rule after another."""
    score = dict.fromkeys((line.case for line in lines), 0)

    def add(rows: Iterable[Line], points: int) -> None:
        for row in rows:
            score[row.case] += points

    add([line for line in lines if line.at is None], p.no_visit_points)
    far_phone = [line for line in lines if line.away and line.away - 20 >= p.phone_away_m]
    add(far_phone, p.phone_away_points)
    for rows in grouped([line for line in lines if line.at], minute).values():
        if len({row.place for row in rows}) > 1:
            add(rows, p.two_places_points)
        if len({row.person for row in rows}) >= p.same_minute_people:
            add(rows, p.same_minute_points)
    stays = grouped([line for line in lines if line.stay], lambda x: (x.person, x.executor, x.stay))
    spans = {
        key: (min(r.admitted or r.day for r in rows), max(r.day for r in rows))
        for key, rows in stays.items()
    }
    for key, (since, until) in spans.items():
        for other, (other_since, other_until) in spans.items():
            days = (min(until, other_until) - max(since, other_since)).days + 1
            if other != key and other[0] == key[0] and days >= p.stay_overlap_days:
                add(stays[key], p.two_stays_points)
                break
    for rows in grouped([line for line in lines if line.at], lambda x: x.person).values():
        went = sorted({(r.at, r.visit, r.place) for r in rows})
        for (left, _, here), (came, visit, there) in pairwise(went):
            assert left is not None
            assert came is not None
            far = km(here, there)
            minutes = (came - left).total_seconds() / 60
            if far >= p.too_far_km and far * 60 > p.too_far_kmh * minutes:
                add([r for r in rows if r.visit == visit], p.too_far_points)
    for rows in grouped(lines, lambda x: (x.service, x.stay is None)).values():
        of = grouped(rows, lambda x: x.executor)
        each = {key: len(own) / len({r.person for r in own}) for key, own in of.items()}
        if len(each) < p.outlier_peers:
            continue
        median = statistics.median(each.values())
        mad = statistics.median(abs(x - median) for x in each.values())
        mean = statistics.fmean(abs(x - median) for x in each.values())
        spread = 1.482602 * mad if mad > 0 else 1.253314 * mean
        for key, value in each.items():
            if value > median and (value - median) / spread >= p.outlier_z_milli / 1000:
                add(of[key], p.outlier_points)
    return score


async def write(lines: Lines, rows: list[Line]) -> None:
    owner = lines.owner
    for n, executor in enumerate(EXECUTORS):
        await lines.act(executor, executor)
        await owner.execute(
            """
            INSERT INTO registry.organisation (organisation_id, bin, kind, form, name, status,
                contacts, requisites, head, evidence_id, opened_at, changed_at)
            SELECT $1, $2, 'EXECUTOR', 'LEGAL', $2, 'OPEN', contacts, requisites, head, evidence_id,
                   opened_at, changed_at
              FROM registry.organisation LIMIT 1
            """,
            executor,
            f"1003400000{n:02}",
        )
    await owner.executemany(
        "INSERT INTO registry.worker VALUES ($1, $2, $3, 'терапевт', true, '2026-03-10Z')",
        [(worker, EXECUTORS[0], worker.bytes * 2) for worker in WORKERS],
    )
    await owner.executemany(
        """
        INSERT INTO visits.visit (person_id, visit_id, facility_id, executor_id, at, visit_date, grade,
            code_id, distance_m, accuracy_m)
        VALUES ($1, $2, $3, $3, $4, $5, 'QR_ONLY', $3, $6::integer, CASE WHEN $6 IS NOT NULL THEN 20 END)
        ON CONFLICT DO NOTHING
        """,
        [(UUID(int=r.person), r.visit, r.place, r.at, r.day, r.away) for r in rows if r.visit],
    )
    other = "(SELECT line_id FROM allocation.plan_line WHERE care_form = 'inpatient')"
    stays = await owner.fetchval(f"SELECT {other}")
    await owner.executemany(
        """
        INSERT INTO payments.act_case (person_id, act_id, line_no, case_id, executor_id,
            service_record_id, service_code, line_id, units, amount_tiyn, service_date, episode,
            worker_id, visit_id, grade, errors, admitted_on)
        VALUES ($1, $2, $3, $4, $2, $4::uuid::text, $5, $6, 1, 1, $7, $8, $9, $10, $11, '{}', $12)
        """,
        [
            (
                UUID(int=r.person), r.executor, n, r.case, r.service, stays if r.stay else LINE,
                r.day, r.stay or "", r.worker, r.visit, "QR_ONLY" if r.visit else "NONE", r.admitted,
            )
            for n, r in enumerate(rows, 1)
        ],
    )  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_statement_scores_as_the_rules_written_plainly(
    seed: int, world: Resources, lines: Lines, clock: FixedClock
) -> None:
    rows = some_lines(seed, 1_500)
    for row in rows:  # a stay is another service to compare by
        assert row.place in PLACES
    rows = [row._replace(service=f"{row.service}s") if row.stay else row for row in rows]
    await write(lines, rows)
    values = Parameters(
        no_visit_points=1, two_places_points=10, two_stays_points=100, same_minute_points=1_000,
        same_minute_people=2, too_far_points=500, outlier_points=50, outlier_z_milli=1_000,
        risk_lines=0, random_lines=2_000, phone_away_points=7,
    )  # fmt: skip
    command = SetParameters(values, "x")
    await service.set_parameters(world, ISSUER_HEAD, signed(command, ISSUER_BIN, clock.now()))
    sample = await service.ask(world, ISSUER_HEAD, AskSample(FROM, TO))
    await service.draw(world, sample.sample_id)
    found = await queries.ITEMS.all(world.db.payments, sample.sample_id, 0, None, None, 5_000)
    assert {row.case_id: row.score for row in found} == plainly(rows, values)
    met = {hit.rule for row in found for hit in row.hits}
    assert len(met) == 7, met  # every rule met something, or nothing would be compared


@pytest.mark.parametrize("size", SIZES)
async def test_a_period_of_a_country_is_drawn_in_one_statement(
    size: int, world: Resources, lines: Lines, owner: Owner
) -> None:
    began = time.perf_counter()
    await _fill(lines, size)
    filled = time.perf_counter() - began
    sample = await service.ask(world, ISSUER_HEAD, AskSample(FROM, TO))
    began = time.perf_counter()
    await owner.fetchval(
        "SELECT sum(length(c.service_code)) FROM payments.act_case c LEFT JOIN visits.visit v"
        " ON v.person_id = c.person_id AND v.visit_id = c.visit_id"
    )
    read = time.perf_counter() - began
    began = time.perf_counter()
    await service.draw(world, sample.sample_id)
    drawn = time.perf_counter() - began
    done = await service.sample(world.db.payments, sample.sample_id)
    rows = await queries.ITEMS.all(world.db.payments, sample.sample_id, 0, None, None, 5_000)
    assert done.lines == size
    assert done.risky_lines is not None
    assert size * 0.4 < done.risky_lines < size
    assert [row.part for row in rows].count("RANDOM") == 100
    print(  # noqa: T201
        f"\n| {size:,} | {filled:.1f} | {read:.2f} | {drawn:.1f} | {size / drawn:,.0f}"
        f" | {done.risky_lines:,} |"
    )


async def _fill(lines: Lines, size: int) -> None:
    """Half of the lines with a visit; acts of 50,000 cases at most; a quarter as many people."""
    owner, acts = lines.owner, max(6, size // 50_000 + 1)
    for n in range(acts):
        await lines.act(UUID(int=0xA000 + n), UUID(int=0xA000 + n), cases=50_000)
        await owner.execute(
            """
            INSERT INTO registry.organisation (organisation_id, bin, kind, form, name, status,
                contacts, requisites, head, evidence_id, opened_at, changed_at)
            SELECT $1, $2, 'EXECUTOR', 'LEGAL', $2, 'OPEN', contacts, requisites, head, evidence_id,
                   opened_at, changed_at
              FROM registry.organisation LIMIT 1
            """,
            UUID(int=0xA000 + n),
            f"1003500000{n:02}",
        )
    await owner.execute(
        """
        CREATE TEMP TABLE given AS
        SELECT n, lpad(to_hex(40960 + n % $2), 32, '0')::uuid AS executor,
               lpad(to_hex(1000000 + n * 7919::bigint % greatest($1::integer / 4, 1)), 32, '0')::uuid
                   AS person,
               ('2026-03-12'::date + (n % 20)::integer) AS day, n % 2 = 0 AS came,
               lpad(to_hex(50000000 + n), 32, '0')::uuid AS id
          FROM generate_series(1, $1::integer) n
        """.replace("$1", str(size)).replace("$2", str(acts))
    )
    await owner.execute(
        """
        INSERT INTO visits.visit (person_id, visit_id, facility_id, executor_id, at, visit_date, grade,
            code_id)
        SELECT person, id, $1, executor, day + interval '4 hours' + n * 7919::bigint % 39989 * interval '1 second',
               day, 'QR_ONLY', $1
          FROM given WHERE came
        ON CONFLICT DO NOTHING
        """,
        ALMATY,
    )
    await owner.execute(
        """
        INSERT INTO registry.worker
        SELECT lpad(to_hex(90000000 + w), 32, '0')::uuid, $1, sha256(w::text::bytea), 'x', true,
               '2026-03-10Z'
          FROM generate_series(0, 999) w
        """,
        UUID(int=0xA000),
    )
    await owner.execute(
        """
        INSERT INTO payments.act_case (person_id, act_id, line_no, case_id, executor_id,
            service_record_id, service_code, line_id, units, amount_tiyn, service_date, episode,
            worker_id, visit_id, grade, errors)
        SELECT g.person, g.executor, g.n, g.id, g.executor, g.n::text, 'A0' || g.n % 30, $1, 1, 100,
               g.day, '', lpad(to_hex(90000000 + g.n / 3 % 997), 32, '0')::uuid, v.visit_id,
               CASE WHEN v.visit_id IS NULL THEN 'NONE' ELSE 'QR_ONLY' END, '{}'
          FROM given g LEFT JOIN visits.visit v ON v.person_id = g.person AND v.visit_id = g.id
        """,
        LINE,
    )
    await owner.execute("ANALYZE payments.act; ANALYZE payments.act_case; ANALYZE visits.visit")
