"""When each source of the registry was last heard, and who is late (M §23, §24)."""

import math
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from backend.app.freshness import rules, service
from backend.app.freshness.model import Rhythm, Source, Standing, State
from backend.kernel.actor import Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.resources import Resources
from backend.web import problems
from tests.architecture.house import ROOT

Owner = asyncpg.Connection  # type: ignore[type-arg]
DOC = ROOT / "docs" / "sources.md"
HEAD = """\
# Sources of the registry

The registry is formed from the State Corporation and the fifteen sources of M §23. This is where each of them is in
the house; what officers see of them now is `GET /api/v1/operations/sources`, and what alarms may rest on is the metric
`saqtau_source_late_seconds`. Rhythm: a journal (HOURLY) is late an hour after its last answer, a DAILY exchange at the
end of the next working day; what is asked ON_DEMAND is never late, for unknown never passes. Written by
`SAQTAU_WRITE_DOCS=1 pytest tests/app/freshness`.

| § 23 | source | gives | in the house | rhythm | where | missing |
|---|---|---|---|---|---|---|
"""
SETTINGS = ("permits_url", "dfo_url", "gbd_ul_url", "tax_url", "gbd_fl_url", "crl_url", "sur_url")


def page() -> str:
    rows = []
    for source in rules.SOURCES:
        name, gives = problems.text(f"SOURCE_{source.code.upper()}", "en", {})
        where = ", ".join(f"`{place}`" for place in source.places) or "—"
        rhythm = source.rhythm.value if source.rhythm else "—"
        number = f"({source.number})" if source.number else "preamble"
        cells = (number, name, gives, source.standing.value, rhythm, where, source.missing or "—")
        rows.append(f"| {' | '.join(cells)} |\n")
    return HEAD + "".join(rows)


def test_the_page_says_what_the_table_says() -> None:
    if os.environ.get("SAQTAU_WRITE_DOCS"):
        DOC.write_text(page(), encoding="utf-8")
    assert DOC.read_text(encoding="utf-8") == page(), "SAQTAU_WRITE_DOCS=1 writes it anew"


def test_every_source_of_the_law_stands_once_with_its_place() -> None:
    assert [source.number for source in rules.SOURCES] == list(range(16))
    for source in rules.SOURCES:
        assert all((ROOT / place).is_dir() for place in source.places), source.code
        assert source.setting is None or hasattr(Config(), source.setting)
        assert bool(source.places) == (source.standing is not Standing.ABSENT)
        assert source.missing or source.standing is Standing.CONNECTED


def source(rhythm: Rhythm) -> Source:
    return Source(1, "permits", Standing.CONNECTED, rhythm, ("here",), places=("backend",))


@pytest.mark.parametrize(
    ("rhythm", "answered", "last_in_time"),
    [
        # Friday; Monday is the next working day, and its last instant is in time
        (Rhythm.DAILY, "2026-04-10T05:00Z", "2026-04-13T18:59:59.999999Z"),
        # Tuesday 5 May; 7 May is a day off, 6 May works
        (Rhythm.DAILY, "2026-05-05T05:00Z", "2026-05-06T18:59:59.999999Z"),
        (Rhythm.DAILY, "2026-05-06T05:00Z", "2026-05-08T18:59:59.999999Z"),
        (Rhythm.HOURLY, "2026-04-11T05:00Z", "2026-04-11T06:00Z"),
    ],
)
def test_late_begins_where_the_rhythm_ends(
    calendar: LegalCalendar, rhythm: Rhythm, answered: str, last_in_time: str
) -> None:
    answers = {"here": datetime.fromisoformat(answered)}
    last = datetime.fromisoformat(last_in_time)
    one, config = source(rhythm), Config()
    assert rules.state_of(one, config, calendar, answers, last) == (State.FRESH, None)
    after = last + timedelta(minutes=1)
    assert rules.state_of(one, config, calendar, answers, after) == (State.LATE, 60)


def test_what_has_no_rhythm_is_never_late(calendar: LegalCalendar) -> None:
    now = datetime(2026, 4, 6, tzinfo=UTC)
    config = Config()
    assert rules.state_of(source(Rhythm.DAILY), config, calendar, {}, now)[0] is State.NEVER
    assert rules.state_of(source(Rhythm.ON_DEMAND), config, calendar, {}, now)[0] is State.ON_DEMAND
    unset = msgspec.structs.replace(source(Rhythm.DAILY), setting="permits_url")
    assert rules.state_of(unset, config, calendar, {}, now)[0] is State.NOT_CONFIGURED
    absent = msgspec.structs.replace(source(Rhythm.DAILY), standing=Standing.ABSENT)
    assert rules.state_of(absent, config, calendar, {}, now)[0] is State.ABSENT


HEARD = """
UPDATE registry.state_feed SET answered_at = $1::timestamptz;
INSERT INTO registry.confirmation
VALUES (gen_random_uuid(), 'STATEMENTS', 'CONFIRMED', 2025, $1::timestamptz, $1::timestamptz),
       (gen_random_uuid(), 'LEGAL_ENTITY', 'REFUTED', NULL, $1::timestamptz, $1::timestamptz),
       (gen_random_uuid(), 'LEGAL_ENTITY', 'UNKNOWN', NULL, NULL, $1::timestamptz + interval '1 hour');
INSERT INTO registry.contribution_file
       (file_id, source, name, format, channel, bytes, sha256, status, records, created_at, finished_at)
VALUES (gen_random_uuid(), 'x', 'a', 'csv', 'POSTED', 1, sha256('a'), 'DONE', 0, $1::timestamptz, $1::timestamptz);
INSERT INTO registry.feed_batch (source, feed, batch_id, fingerprint, received_at)
SELECT 'x', feed, gen_random_uuid(), sha256('a'), $1::timestamptz - n * interval '1 hour'
  FROM unnest($2::text[]) AS feed, generate_series(0, 2) AS n;
INSERT INTO allocation.confirmation (application_id, kind, place, status, debt_tiyn, untimely, as_of, asked_at)
VALUES (gen_random_uuid(), 'LICENCE', 0, 'CONFIRMED', NULL, NULL, $1::timestamptz, $1::timestamptz),
       (gen_random_uuid(), 'TAX', 0, 'CONFIRMED', 0, 0, $1::timestamptz, $1::timestamptz),
       (gen_random_uuid(), 'TAX', 0, 'UNKNOWN', NULL, NULL, NULL, $1::timestamptz + interval '1 hour');
WITH run AS (
    INSERT INTO allocation.capacity_run VALUES (gen_random_uuid(), gen_random_uuid(), $1::timestamptz, 'x') RETURNING run_id
)
INSERT INTO allocation.capacity_reading
SELECT run_id, 'SUR', gen_random_uuid(), 'cdc', '75', 'service', 'ABSENT', NULL, NULL FROM run;
INSERT INTO payments.detection_round
       (round_id, ground, day, status, started_at, asked, concluded_at, unknown, found, contracts, passed,
        total_contracts, share_milli, minimum, sha256)
SELECT gen_random_uuid(), ground, '2026-04-03'::date, 'APPLIED', $1::timestamptz, 10, $1::timestamptz, 9, 0, 0, 0, 0, 50, 5, repeat('a', 64)
  FROM unnest(ARRAY['S1', 'S2']) AS ground
UNION ALL
SELECT gen_random_uuid(), ground, '2026-04-04'::date, 'APPLIED', $1::timestamptz, 10, $1::timestamptz + interval '1 hour', 10, 0, 0, 0, 0,
       50, 5, repeat('a', 64)
  FROM unnest(ARRAY['S1', 'S2']) AS ground;
INSERT INTO signing.crl (url, der, fetched_at) VALUES ('http://crl.test/a', 'x', $1::timestamptz);
"""


async def hear(owner: Owner, at: datetime) -> None:
    """Every source but the books of e-invoices was last heard at `at`; what came of silence counts for nothing."""
    await owner.execute("SET session_replication_role = replica")
    for statement in HEARD.split(";\n"):
        if statement.strip():
            given: list[Any] = [at, service.FEEDS]
            await owner.execute(statement, *given[: 2 if "$2" in statement else 1])
    await owner.execute("SET session_replication_role = origin")


async def test_every_channel_is_read_from_the_record_of_its_wing(
    resources: Resources, owner: Owner, clock: FixedClock
) -> None:
    channels = {c for source in rules.SOURCES for c in source.channels} - {"tax.invoices"}
    nobody = await service.answers(resources)
    assert all(nobody.get(channel) is None for channel in channels)
    heard = clock.now() - timedelta(hours=2)
    await hear(owner, heard)
    answers = await service.answers(resources)
    assert {channel: answers[channel] for channel in channels} == dict.fromkeys(channels, heard)


async def test_officers_see_who_is_late_and_a_metric_tells_it(
    resources: Resources, app: Any, client: Any, owner: Owner, clock: FixedClock
) -> None:
    config = msgspec.structs.replace(resources.config, **dict.fromkeys(SETTINGS, "http://x.test"))
    configured = msgspec.structs.replace(resources, config=config)
    app.holder.fill(configured)
    await service.measure(configured)
    assert service.LATE.labels("mis")._value.get() == math.inf
    heard = clock.now() - timedelta(hours=2)
    await hear(owner, heard)
    await service.measure(configured)
    assert service.LATE.labels("mis")._value.get() == 0
    assert service.LATE.labels("gbd_fl")._value.get() == 3600
    async with client(Role.MOH, bin="100140000003") as http:
        answer = await http.get("/api/v1/operations/sources", headers={"accept-language": "ru"})
        shown = {s["code"]: s for s in answer.json()}
    assert len(shown) == 16
    assert {code: s["state"] for code, s in shown.items() if s["late_by_s"]} == {
        "gbd_ul": "LATE",
        "gbd_fl": "LATE",
    }
    assert shown["gbd_fl"]["late_by_s"] == 3600
    assert shown["gbd_fl"]["name"] == "Государственная база данных «Физические лица»"
    assert shown["mis"]["state"] == "FRESH"
    assert shown["cadastre"]["state"] == "ABSENT"
    assert datetime.fromisoformat(shown["permits"]["answered_at"]) == heard
    for role in (Role.EXECUTOR_HEAD, Role.MIS, Role.INTEGRATION):
        async with client(role, bin="100140000003") as http:
            assert (await http.get("/api/v1/operations/sources")).status_code == 403
