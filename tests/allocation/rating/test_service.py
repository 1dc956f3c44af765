"""Imports and computed scores: whole or not at all, the newest in force, the old ones kept."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import msgspec
import pytest

from backend.allocation.rating import computation, reading, service
from backend.allocation.rating.errors import (
    ExecutorNotFound,
    NoIndicators,
    RatingRowsInvalid,
    RowTwice,
    UnknownExecutor,
)
from backend.allocation.rating.model import (
    ComputeRatings,
    FactorKind,
    FactorRow,
    ImportFactors,
    ImportRatings,
    ImportValues,
    ImportValueTable,
    IndicatorDraft,
    RatingRow,
    Scale,
    SetIndicators,
    ValueRow,
)
from backend.allocation.rating.record import Computed
from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from tests.allocation.conftest import HEAD, ISSUER_BIN, Executor, bin_of


def ratings(*rows: RatingRow) -> ImportRatings:
    return ImportRatings("Рейтинг ИЖ", "2025", "хаттама 12", list(rows))


async def test_newest_score_is_in_force_and_nothing_is_overwritten(
    db_allocation: Db, clock: FixedClock, executors: list[Executor], owner: asyncpg.Connection
) -> None:
    bin_ = executors[0].bin
    await service.import_ratings(
        db_allocation, clock, HEAD, ratings(RatingRow(bin_, "cdc", 4549, 1))
    )
    clock.advance(timedelta(days=1))
    await service.import_ratings(db_allocation, clock, HEAD, ratings(RatingRow(bin_, "cdc", 4550)))
    (found,) = await reading.in_force(db_allocation, None, 10)
    assert (found.rating.score_milli, found.group) == (4550, "I")
    assert await owner.fetchval("SELECT count(*) FROM allocation.rating") == 2
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("UPDATE allocation.rating SET score_milli = 5000")


async def test_faulty_row_stops_the_whole_import(
    db_allocation: Db, clock: FixedClock, executors: list[Executor]
) -> None:
    good = RatingRow(executors[0].bin, "cdc", 4000)
    for wrong, error, path in (
        (RatingRow(bin_of(77), "cdc", 1), UnknownExecutor, "rows[1].bin"),
        (good, RowTwice, "rows[1]"),
    ):
        with pytest.raises(error) as refused:
            await service.import_ratings(db_allocation, clock, HEAD, ratings(good, wrong))
        assert refused.value.path == path
    assert await reading.in_force(db_allocation, None, 10) == []


# --- indicators -----------------------------------------------------------------------------------


def draft(code: str, scale: Scale, **given: Any) -> IndicatorDraft:
    return IndicatorDraft(
        **{
            "service_type": "phc",
            "code": code,
            "title_kk": f"{code} көрсеткіші",
            "title_ru": f"Показатель {code}",
            "title_en": f"Indicator {code}",
            "definition": "қалай есептеледі",
            "unit": "%",
            "source_system": "СҚБЖ",
            "formula_ref": "Бұйрық №170",
            "scale": scale,
            "weight": "1",
            "valid_from": date(2026, 1, 1),
            **given,
        }
    )


P1 = draft("P1", Scale.ABOVE, target="80", weight="2")
P2 = draft("P2", Scale.PROPORTION, target="50")
P6 = draft("P6", Scale.INFORMATIONAL, weight="0")


@pytest.fixture
async def defined(db_allocation: Db, clock: FixedClock) -> None:
    await service.set_indicators(db_allocation, clock, HEAD, SetIndicators([P1, P2, P6]))


def values(*rows: ValueRow, period: str = "2025") -> ImportValues:
    return ImportValues("СҚБЖ", period, "Хат 17-2", list(rows))


async def compute(db: Db, clock: FixedClock, period: str = "2025") -> Computed:
    command = ComputeRatings(period, date(2026, 4, 6))
    return await computation.compute(db, clock, HEAD, command)


async def test_scores_are_computed_from_indicators_and_explained(
    db_allocation: Db, clock: FixedClock, executors: list[Executor], defined: None
) -> None:
    a, b, c, _ = (e.bin for e in executors)
    rows = [
        ValueRow(a, "phc", "P1", "81"),
        ValueRow(a, "phc", "P2", "40"),
        ValueRow(b, "phc", "P1", "80"),  # strictly more is wanted
        ValueRow(b, "phc", "P2", None),
        ValueRow(c, "phc", "P2", "10.5"),
    ]
    await service.import_values(db_allocation, clock, HEAD, values(*rows))
    rank = FactorRow(b, FactorKind.ACCREDITATION, 2, "№ 17")
    await service.import_factors(
        db_allocation, clock, HEAD, ImportFactors("АО", "2026", "Куәлік", [rank])
    )
    done = await compute(db_allocation, clock)
    assert (done.indicators, done.executors, done.scores, done.newcomers) == (3, 4, 4, 1)
    found = {v.rating.executor_id: v for v in await reading.in_force(db_allocation, None, 10)}
    told = [
        (r.rating.score_milli, r.group, r.rating.no_history, r.rating.accreditation_rank)
        for r in (found[e.executor_id] for e in executors)
    ]
    # a: 5 x (2 + 0.8) / 3; b: only P1 applies, not met; c: P1 unknown counts as nothing, 5 x 0.21 / 3
    assert told == [
        (4667, "I", False, 0),
        (0, "V", False, 2),
        (350, "V", False, 0),
        (0, "V", True, 0),
    ]
    own = executors[0]
    why = await reading.explained(db_allocation, own.actor, own.executor_id, "phc", "en")
    assert [(p.code, p.state, p.value, p.attained) for p in why.parts] == [
        ("P1", "COUNTED", "81", "1"),
        ("P2", "COUNTED", "40", "0.8"),
        ("P6", "INFORMATIONAL", None, None),
    ]
    assert why.parts[0].explanation == (
        "More than 80 is wanted, the value is 81: met, its part is 1."
    )
    assert why.parts[1].reference == "Хат 17-2"
    ru = await reading.explained(db_allocation, HEAD, own.executor_id, "phc", "ru")
    assert ru.parts[1].explanation == "Цель 50, значение 40: доля 0,8."
    with pytest.raises(ExecutorNotFound):
        await reading.explained(db_allocation, executors[1].actor, own.executor_id, "phc", "kk")


async def test_whose_the_executor_is_changes_no_score(
    db_allocation: Db,
    clock: FixedClock,
    executors: list[Executor],
    defined: None,
    owner: asyncpg.Connection,
) -> None:
    """R60: a state enterprise served by the Treasury, or a partnership with a bank: the same score."""
    rows = [ValueRow(e.bin, "phc", "P2", "33") for e in executors[:2]]
    await service.import_values(db_allocation, clock, HEAD, values(*rows))
    scores = []
    for name, treasury in (("ГКП на ПХВ «Емхана»", True), ("ТОО «Емхана»", False)):
        await owner.execute(
            "UPDATE registry.organisation SET name = $1, requisites = jsonb_set(requisites,"
            " '{0,treasury}', to_jsonb($2::boolean)) WHERE kind = 'EXECUTOR'",
            name,
            treasury,
        )
        await compute(db_allocation, clock)
        clock.advance(timedelta(minutes=1))
        told = await reading.in_force(db_allocation, None, 10)
        scores.append([(v.rating.executor_id, v.rating.score_milli, v.group) for v in told])
    assert scores[0] == scores[1]
    with pytest.raises(msgspec.ValidationError):  # and nobody can send it in
        msgspec.convert({**msgspec.to_builtins(rows[0]), "ownership": "state"}, ValueRow)


async def test_newest_value_counts_and_another_period_does_not(
    db_allocation: Db, clock: FixedClock, executors: list[Executor], defined: None
) -> None:
    bin_ = executors[0].bin
    for value, period in (("10", "2025"), ("25", "2025"), ("50", "2024")):
        clock.advance(timedelta(minutes=1))
        row = ValueRow(bin_, "phc", "P2", value)
        await service.import_values(db_allocation, clock, HEAD, values(row, period=period))
    await compute(db_allocation, clock)
    views = await reading.in_force(db_allocation, None, 10)
    assert max(v.rating.score_milli for v in views) == 833  # 5 x 0.5 / 3: P1 is not known


async def test_faulty_values_are_told_together_and_none_is_kept(
    db_allocation: Db,
    clock: FixedClock,
    executors: list[Executor],
    defined: None,
    owner: asyncpg.Connection,
) -> None:
    bin_ = executors[0].bin
    await service.set_indicators(
        db_allocation, clock, HEAD,
        SetIndicators([draft("PT", Scale.POINTS, max_points="5")]),
    )  # fmt: skip
    rows = [
        ValueRow(bin_, "phc", "P2", "1"),
        ValueRow(bin_of(77), "phc", "P2", "1"),
        ValueRow(bin_, "phc", "P9", "1"),
        ValueRow(bin_, "phc", "PT", "5.000001"),
        ValueRow(bin_, "phc", "P2", "2"),
    ]
    with pytest.raises(RatingRowsInvalid) as refused:
        await service.import_values(db_allocation, clock, HEAD, values(*rows))
    assert [(e.row, e.column, e.code) for e in refused.value.errors] == [
        (2, "bin", "UNKNOWN_EXECUTOR"),
        (3, "code", "RATING_ROW_INDICATOR"),
        (4, "value", "RATING_ROW_POINTS"),
        (5, "", "RATING_ROW_TWICE"),
    ]
    table = ImportValueTable(
        "СҚБЖ", "2025", "Хат", f"bin;service_type;code;value\n{bin_};phc;P2;1,5,0\n"
    )
    with pytest.raises(RatingRowsInvalid) as refused:
        await service.import_value_table(db_allocation, clock, HEAD, table)
    assert [(e.row, e.column) for e in refused.value.errors] == [(1, "value")]
    assert await owner.fetchval("SELECT count(*) FROM allocation.indicator_value") == 0
    good = ImportValueTable(
        "СҚБЖ", "2025", "Хат", f"bin;service_type;code;value\n{bin_};phc;P2;1,5\n{bin_};phc;P1;-\n"
    )
    await service.import_value_table(db_allocation, clock, HEAD, good)
    kept = await owner.fetch("SELECT code, value FROM allocation.indicator_value ORDER BY code")
    assert [(r["code"], r["value"]) for r in kept] == [("P1", None), ("P2", Decimal("1.5"))]


async def test_a_definition_ends_the_one_before_and_never_overlaps(
    db_allocation: Db, clock: FixedClock, executors: list[Executor], defined: None
) -> None:
    later = draft("P2", Scale.AT_LEAST, target="60", valid_from=date(2026, 7, 1))
    await service.set_indicators(db_allocation, clock, HEAD, SetIndicators([later]))
    known = [i for i in await reading.indicators(db_allocation, None, 10) if i.code == "P2"]
    assert [(i.valid_from, i.valid_to) for i in known] == [
        (date(2026, 1, 1), date(2026, 6, 30)),
        (date(2026, 7, 1), None),
    ]
    for day in (date(2026, 7, 1), date(2026, 3, 1)):
        again = draft("P2", Scale.AT_LEAST, target="60", valid_from=day)
        with pytest.raises(RatingRowsInvalid) as refused:
            await service.set_indicators(db_allocation, clock, HEAD, SetIndicators([again]))
        assert refused.value.errors[0].code == "RATING_ROW_OVERLAP"
    with pytest.raises(NoIndicators):
        await computation.compute(
            db_allocation, clock, HEAD, ComputeRatings("2025", date(2025, 12, 31))
        )


async def test_the_profile_shows_every_factor_to_the_executor_and_the_issuer(
    db_allocation: Db, clock: FixedClock, executors: list[Executor], rated: None
) -> None:
    own, other = executors[:2]
    rows = [FactorRow(own.bin, kind, n) for n, kind in enumerate(FactorKind, start=1)]
    command = ImportFactors("Бағалау", "2025", "Хат", rows)
    await service.import_factors(db_allocation, clock, HEAD, command)
    for actor in (own.actor, HEAD):
        found = await reading.profile(db_allocation, actor, own.executor_id)
        assert {f.kind for f in found.factors} == set(FactorKind)
        assert found.ratings[0].rating.score_milli == 4900
        assert (found.capacities[0].capacity, found.capacities[0].as_of) == (1000, clock.now())
    with pytest.raises(ExecutorNotFound):
        await reading.profile(db_allocation, other.actor, own.executor_id)


# --- over HTTP ------------------------------------------------------------------------------------


async def test_everybody_reads_the_table_and_no_person_stands_in_it(
    client: Any, rated: None, executors: list[Executor], owner: asyncpg.Connection
) -> None:
    sole = executors[1].bin
    await owner.execute("UPDATE registry.organisation SET form = 'SOLE' WHERE bin = $1", sole)
    async with client() as guest:
        first = (await guest.get("/api/v1/public/ratings?service_type=cdc&limit=2")).json()
        rest = (await guest.get(f"/api/v1/public/ratings?limit=2&cursor={first['next']}")).json()
        rows = first["items"] + rest["items"]
        assert [(r["rating"]["score_milli"], r["group"]) for r in rows] == [
            (4900, "I"),
            (4700, "I"),
            (3500, "II"),
        ]
        assert (rows[1]["rating"]["bin"], rows[1]["rating"]["name"]) == (None, None)
        assert sole not in str(rows)
        assert (await guest.get("/api/v1/ratings")).status_code == 401
        wrong = await guest.get("/api/v1/public/ratings?cursor=Y2RjIDEgMQ")
        assert (wrong.status_code, wrong.json()["code"]) == (422, "BAD_CURSOR")


async def test_over_http_rows_are_told_in_ones_language_and_roles_are_kept(
    client: Any, executors: list[Executor]
) -> None:
    body = {"rows": [{**msgspec.to_builtins(P1), "valid_from": "2026-01-01", "target": None}]}
    async with client(Role.ISSUER_FINANCE, bin=ISSUER_BIN) as http:
        refused = await http.put("/api/v1/indicators", json=body, headers={"Accept-Language": "ru"})
        assert refused.status_code == 422
        assert refused.json()["errors"] == [
            {
                "row": 1,
                "column": "target",
                "code": "RATING_ROW_TARGET",
                "message": "Эта шкала и цель не подходят друг другу",
            }
        ]
        body["rows"][0]["target"] = "80"
        assert (await http.put("/api/v1/indicators", json=body)).json() == {"set": 1}
        row = {"bin": executors[0].bin, "service_type": "phc", "code": "P1", "value": 81.5}
        origin = {"source_system": "СҚБЖ", "period": "2025", "reference": "Хат", "rows": [row]}
        real = await http.put("/api/v1/indicator-values", json=origin)
        assert (real.status_code, real.json()["path"]) == (422, "rows[0].value")  # no floats
        row["value"] = "81.5"
        assert (await http.put("/api/v1/indicator-values", json=origin)).status_code == 200
        computed = await http.post(
            "/api/v1/ratings/computation", json={"period": "2025", "on": "2026-04-06"}
        )
        assert (computed.status_code, computed.json()["newcomers"]) == (201, 3)
    async with client(Role.EXECUTOR_HEAD, bin=executors[0].bin) as clinic:
        assert (await clinic.put("/api/v1/indicators", json=body)).status_code == 403
        path = f"/api/v1/executors/{executors[0].executor_id}"
        assert (await clinic.get(f"{path}/ratings/phc")).json()["group"] == "I"
        assert (await clinic.get(f"{path}/ratings/cdc")).json()["code"] == "RATING_NOT_FOUND"
        other = f"/api/v1/executors/{executors[1].executor_id}/profile"
        assert (await clinic.get(other)).status_code == 404
    async with client() as guest:
        told = (await guest.get("/api/v1/public/indicators")).json()["items"]
        assert [(i["code"], i["target"], i["scale"]) for i in told] == [("P1", "80", "above")]
