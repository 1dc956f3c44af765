"""What the rules find among lines, what they leave alone, and the random part drawn again."""

import csv
import hashlib
import io
from typing import Any
from uuid import UUID

import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.sampling import queries, rules, service
from backend.payments.sampling.model import (
    AskSample,
    Item,
    Parameters,
    Sample,
    SampleStatus,
    SetParameters,
)
from tests.conftest import Client
from tests.payments.conftest import (
    CLINIC,
    CLINIC_BIN,
    DAY,
    FROM,
    ISSUER_BIN,
    ISSUER_HEAD,
    TO,
    Owner,
    signed,
)
from tests.payments.sampling.conftest import (
    ASTANA,
    COLLEAGUE,
    HOSPITAL,
    NEAR,
    Lines,
)

DAYS = (DAY, DAY.replace(day=21), DAY.replace(day=22))


async def drawn(resources: Resources) -> Sample:
    asked = await service.ask(resources, ISSUER_HEAD, AskSample(FROM, TO))
    assert asked.status is SampleStatus.WAITING
    await service.draw(resources, asked.sample_id)
    await service.draw(resources, asked.sample_id)  # a job may run twice
    return await service.sample(resources.db.payments, asked.sample_id)


async def found(resources: Resources, sample: Sample) -> dict[UUID, Item]:
    shown = await service.items(
        resources.db.payments, resources.clock, ISSUER_HEAD, sample.sample_id, "en",
        part=None, executor_id=None, after=None, limit=200,
    )  # fmt: skip
    return {item.case_id: item for item in reversed(shown.items)}


def said(item: Item) -> dict[str, str]:
    return {reason.rule.value: reason.text for reason in item.reasons}


async def test_each_rule_finds_what_it_says_and_nothing_else(
    world: Resources, lines: Lines, owner: Owner
) -> None:
    quiet = await lines.add(101, "08:05")
    unseen = await lines.add(102)
    both = [await lines.add(103, "10:31"), await lines.add(104, "10:31", facility=NEAR)]
    crowd = [await lines.add(n, "11:00", worker=COLLEAGUE) for n in (105, 106, 107)]
    pair = [await lines.add(n, "11:30", worker=COLLEAGUE) for n in (108, 109)]
    went = await lines.add(110, "09:00", day=DAYS[1])
    far = await lines.add(110, "10:00", facility=ASTANA, day=DAYS[1])
    home = await lines.add(110, "23:00", day=DAYS[2])
    walked = [await lines.add(111, "12:00"), await lines.add(111, "12:10", facility=NEAR)]
    for day in DAYS:
        last_here = await lines.add(112, "13:00", stay="s", day=day)
        last_there = await lines.add(112, stay="s", day=day, executor=HOSPITAL)
    transfer = await lines.add(113, "13:30", stay="t", day=DAYS[0])
    moved_to = await lines.add(
        113, "14:30", stay="t", day=DAYS[0], executor=HOSPITAL, facility=NEAR
    )
    before = await owner.fetchval(
        "SELECT md5(string_agg(a::text, '' ORDER BY a)) FROM payments.act a"
    )

    sample = await drawn(world)
    assert sample.lines == lines.count
    items = await found(world, sample)
    clean = {quiet, *pair, went, home, *walked, transfer, moved_to}
    assert {case for case, item in items.items() if item.score == 0} == clean
    assert said(items[unseen]) == {"NO_VISIT": "No visit by QR stands beside the service"}
    for case in both:
        assert said(items[case]) == {
            "TWO_PLACES": "One worker received people at 2 facilities in one minute: "
            "20 March 2026, 10:31"
        }
    for case in crowd:
        assert said(items[case])["SAME_MINUTE"].startswith("3 people came to one worker")
    assert said(items[far]) == {
        "TOO_FAR": "After 60 min the person came to a facility 968.2 km away: 21 March 2026, 10:00"
    }
    assert said(items[last_here]) == {
        "TWO_STAYS": "The person was in two inpatient stays at once: 3 days in common"
    }
    assert set(said(items[last_there])) == {"TWO_STAYS", "NO_VISIT"}
    assert items[last_there].score == 800
    assert items[last_there].executor_id == HOSPITAL
    # nothing was refused, held or changed
    assert before == await owner.fetchval(
        "SELECT md5(string_agg(a::text, '' ORDER BY a)) FROM payments.act a"
    )


async def test_who_does_far_more_than_its_peers_stands_out(
    world: Resources, lines: Lines, owner: Owner, clock: FixedClock
) -> None:
    peers = [UUID(int=900 + n) for n in range(6)]
    for n, executor in enumerate(peers):
        await owner.execute(
            """
            INSERT INTO registry.organisation (organisation_id, bin, kind, form, name, status,
                contacts, requisites, head, evidence_id, opened_at, changed_at)
            SELECT $1, $2, 'EXECUTOR', 'LEGAL', $3, 'OPEN', contacts, requisites, head, evidence_id,
                   opened_at, changed_at
              FROM registry.organisation WHERE organisation_id = $4
            """,
            executor,
            f"1003400000{n:02}",
            f"Peer {n}",
            CLINIC,
        )
        # one to two services a person; the last one six
        for k in range(12):
            await lines.add(
                200 + n * 20 + (k // (2 if n % 2 else 1) if n < 5 else k // 6),
                executor=executor,
                worker=UUID(int=7000 + n),
            )
    command = SetParameters(Parameters(no_visit_points=0), "тек салыстыру")
    await service.set_parameters(world, ISSUER_HEAD, signed(command, ISSUER_BIN, clock.now()))
    sample = await drawn(world)
    items = await found(world, sample)
    risky = {item.executor_id for item in items.values() if item.score}
    assert risky == {peers[5]}
    (text,) = {said(item)["OUTLIER"] for item in items.values() if item.score}
    assert text == (
        "6 services a person; the median of such organisations in the region is 1.5 (robust z = 6.1)"
    )
    top = await service.executors(world.db.payments, sample.sample_id, None, 10)
    assert (top[0].executor_id, top[0].lines, top[0].risky_lines) == (peers[5], 12, 12)


async def test_the_random_part_is_drawn_again_from_the_published_seed(
    world: Resources, lines: Lines, owner: Owner, clock: FixedClock
) -> None:
    cases = [await lines.add(n, "08:00" if n % 2 else None) for n in range(300, 340)]
    values = Parameters(random_lines=7, risk_lines=5)
    command = SetParameters(values, "тексеру")
    await service.set_parameters(world, ISSUER_HEAD, signed(command, ISSUER_BIN, clock.now()))
    sample = await drawn(world)
    assert (sample.parameters_no, sample.parameters, sample.seed) == (1, values, None)
    rows = await queries.ITEMS.all(world.db.payments, sample.sample_id, 0, None, None, 100)
    assert [row.part for row in rows] == ["RISK"] * 5 + ["RANDOM"] * 7
    public = await service.publish(world.db.payments, sample.sample_id, clock.now())
    assert public.seed is not None
    seed = bytes.fromhex(public.seed)
    assert hashlib.sha256(seed).hexdigest() == sample.seed_sha256
    at_random = [row.case_id for row in rows if row.part == "RANDOM"]
    assert at_random == rules.drawn_at_random(seed, cases, 7)
    assert (await service.published(world.db.payments, sample.sample_id)).seed == public.seed
    kept = (await service.parameters_before(world.db.payments, None, 10))[0]
    assert (kept.reason, kept.set_by) == ("тексеру", f"issuer_head:{ISSUER_BIN}")


@pytest.mark.notes("ListSampleItems", "FetchSample")
async def test_the_issuer_reads_samples_and_the_insured_see_that_it_did(
    world: Resources, lines: Lines, owner: Owner, client: Client
) -> None:
    await lines.add(102)
    await owner.execute("UPDATE payments.act SET number = '=1+1' WHERE executor_id = $1", CLINIC)
    sample = await drawn(world)
    path = f"/api/v1/samples/{sample.sample_id}"
    async with client(Role.ISSUER_REVIEWER, bin=ISSUER_BIN) as http:
        listed = (await http.get(f"{path}/items", headers={"accept-language": "ru"})).json()
        assert listed["items"][0]["reasons"][0]["text"] == "Рядом с услугой нет посещения по QR"
        assert "person_id" not in str(listed)
        table = (await http.get(f"{path}/file")).content.decode("utf-8-sig")
        assert (await http.get(f"/api/v1/public/samples/{sample.sample_id}")).status_code == 404
    rows = list(csv.reader(io.StringIO(table)))
    assert (len(rows), rows[1][3]) == (3, "'=1+1")  # once by risk, once at random
    notes = await owner.fetch(
        "SELECT operation, person_id FROM registry.access_record ORDER BY record_id"
    )
    assert [tuple(note) for note in notes] == [
        ("ListSampleItems", UUID(int=102)),
        ("FetchSample", UUID(int=102)),
    ]
    for role, bin_ in ((Role.EXECUTOR_HEAD, CLINIC_BIN), (Role.COMMISSION_MEMBER, "100240000001")):
        async with client(role, bin=bin_) as http:
            for wanted in (path, f"{path}/items", f"{path}/file", "/api/v1/sampling-parameters"):
                assert (await http.get(wanted)).status_code == 403


async def test_a_period_is_read_by_its_acts_alone(
    world: Resources, lines: Lines, owner: Owner
) -> None:
    """Years of other acts are not read: their lines are found by act, not looked through."""
    await lines.add(101, "08:00")
    for n in range(10, 60):
        await lines.act(UUID(int=n), CLINIC, FROM.replace(year=2024), TO.replace(year=2024))
    await owner.execute(
        """
        INSERT INTO payments.act_case (person_id, act_id, line_no, case_id, executor_id,
            service_record_id, service_code, line_id, units, amount_tiyn, service_date, episode, grade,
            errors)
        SELECT gen_random_uuid(), ('00000000-0000-0000-0000-' || lpad(to_hex(10 + n % 50), 12, '0'))::uuid,
               n, gen_random_uuid(), $1, n::text, 'A', $2, 1, 1, '2024-03-20', '', 'NONE', '{}'
          FROM generate_series(1, 20000) n
        """,
        CLINIC,
        UUID(int=1),
    )
    await owner.execute("ANALYZE payments.act; ANALYZE payments.act_case")
    arguments = service._arguments(
        msgspec.convert(
            {
                "sample_id": UUID(int=1),
                "period_from": FROM,
                "period_to": TO,
                "region": None,
                "parameters": {},
                "seed": bytes(32),
            },
            service.Waiting,
        )
    )
    plan: list[Any] = await world.db.payments.pool.fetch(f"EXPLAIN {queries.DRAW.sql}", *arguments)
    text = "\n".join(row[0] for row in plan)
    assert "Seq Scan on act_case" not in text, text
    assert "act_case_p00_act_id_line_no_idx" in text, text
