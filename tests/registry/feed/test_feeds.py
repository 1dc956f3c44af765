import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.kernel.actor import Role
from backend.kernel.resources import Databases, Resources
from backend.kernel.sealing import SealBroken
from backend.registry.account.model import Organisation
from backend.registry.attachment import service as attachments
from backend.registry.attachment.model import AttachmentBatch
from backend.registry.facility.model import Facility
from backend.registry.feed.errors import BatchChanged
from backend.registry.log import service as log
from backend.registry.log.verify import verify
from backend.registry.person import service as persons
from backend.registry.worker import service as workers
from backend.registry.worker.model import StaffBatch, StaffEntry
from tests.registry.conftest import (
    CLINIC_BIN,
    MIS,
    MIS_BIN,
    OTHER_BIN,
    Insure,
    entry,
    iin_of,
    person_batch,
    seen_batch,
)

ASAN, AIGUL, DANA = iin_of(11), iin_of(12), iin_of(13)


async def status(owner: Any, person_id: UUID) -> str:
    return str(
        await owner.fetchval("SELECT status FROM registry.account WHERE person_id = $1", person_id)
    )


async def test_both_signals_open_the_account_once_in_either_order(
    resources: Resources, owner: Any
) -> None:
    for iin, visit_first in ((ASAN, True), (AIGUL, False)):
        enter = persons.enter(resources, MIS, person_batch(entry(iin)))
        see = persons.see(resources, MIS, seen_batch(iin))
        first, second = (see, enter) if visit_first else (enter, see)
        await first
        known = await persons.resolve(resources.db.registry, resources.keyring, [iin])
        assert await status(owner, known[iin]) == "NONE"
        await second
        assert await status(owner, known[iin]) == "OPEN"
        again = await persons.see(resources, MIS, seen_batch(iin))
        assert (again.accepted, again.repeated) == (0, 1)
        (operation,) = await log.of_subject(resources.db.registry, known[iin])
        assert (operation.op_class, operation.op_type) == ("ACCOUNT", "OPEN")
        assert operation.actor == "registrar:automatic"


async def test_signals_at_the_same_moment_open_each_account_once(
    resources: Resources, owner: Any
) -> None:
    iins = [iin_of(n) for n in range(20, 50)]
    await asyncio.gather(
        persons.enter(resources, MIS, person_batch(*map(entry, iins))),
        persons.see(resources, MIS, seen_batch(*reversed(iins))),
        persons.enter(resources, MIS, person_batch(*map(entry, reversed(iins)))),
        persons.see(resources, MIS, seen_batch(*iins)),
    )
    rows = await owner.fetch(
        "SELECT status, count(*) FROM registry.account JOIN registry.operation"
        " ON subject_id = person_id GROUP BY 1"
    )
    assert [tuple(r) for r in rows] == [("OPEN", 30)]


async def test_a_batch_is_taken_once(resources: Resources) -> None:
    batch = person_batch(entry(ASAN), entry(AIGUL))
    first = await persons.enter(resources, MIS, batch)
    again = await persons.enter(resources, MIS, batch)
    assert (first.accepted, first.repeated) == (2, 0)
    assert (again.accepted, again.repeated) == (0, 2)
    other = msgspec.structs.replace(batch, persons=batch.persons[:1])
    with pytest.raises(BatchChanged):
        await persons.enter(resources, MIS, other)


async def test_refused_rows_name_their_place_and_the_rest_is_taken(resources: Resources) -> None:
    batch = person_batch(
        entry(ASAN),
        entry(ASAN) | {"iin": "850101300001"},
        entry(AIGUL, birth_date="1990-01-01"),
        entry(DANA),
    )
    answer = await persons.enter(resources, MIS, batch)
    assert answer.accepted == 2
    assert [(r.index, r.code, r.path) for r in answer.refused] == [
        (1, "IIN_INVALID", "$.persons[1].iin"),
        (2, "BIRTH_DATE_MISMATCH", "$.persons[2].birth_date"),
    ]
    again = await persons.enter(resources, MIS, batch)
    assert (again.accepted, again.repeated, again.refused) == (0, 2, answer.refused)
    tomorrow = await persons.see(resources, MIS, seen_batch(ASAN, on=date(2026, 4, 7)))
    assert [r.code for r in tomorrow.refused] == ["DATE_IN_FUTURE"]


@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 4), st.sampled_from("AB")), min_size=1, max_size=6),
        min_size=1,
        max_size=4,
    ),
    repeats=st.lists(st.integers(0, 3), max_size=4),
)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_repeating_batches_changes_nothing(
    resources: Resources,
    owner: Any,
    batches: list[list[tuple[int, str]]],
    repeats: list[int],
) -> None:
    """Whatever is sent, sending any batch again leaves persons, identities and log as they were."""
    sent = [
        person_batch(*(entry(iin_of(100 + n), address=address) for n, address in rows))
        for rows in batches
    ]
    for batch in sent:
        await persons.enter(resources, MIS, batch)
    before = await _everything(owner)
    for n in repeats:
        answer = await persons.enter(resources, MIS, sent[n % len(sent)])
        assert answer.accepted == 0
    assert await _everything(owner) == before


async def _everything(owner: Any) -> list[Any]:
    return [
        await owner.fetch(f"SELECT * FROM registry.{table} ORDER BY 1, 2")
        for table in ("person", "identity", "account", "operation")
    ]


async def test_new_data_of_a_known_person_are_an_operation(
    resources: Resources, insure: Insure
) -> None:
    (person_id,) = (await insure(ASAN)).values()
    moved = person_batch(entry(ASAN, address="Алматы, Абай 1", region="Алматы"))
    assert (await persons.enter(resources, MIS, moved)).accepted == 1
    known = await persons.identity(resources.db.registry, resources.keyring, person_id)
    assert (known.iin, known.address) == (ASAN, "Алматы, Абай 1")
    operations = await log.of_subject(resources.db.registry, person_id)
    assert [o.op_type for o in operations] == ["OPEN", "CHANGE"]
    assert "Абай" not in operations[1].content


async def test_identities_are_for_the_registry_alone(databases: Databases, insure: Insure) -> None:
    await insure(ASAN)
    others = (databases.signing, databases.visits, databases.allocation)
    for db in (*others, databases.payments, databases.egov):
        for table in ("person.identity", "person.iin_claim", "person.identity_p00"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await db.pool.fetch(f"SELECT 1 FROM {table}")


async def test_stored_identities_are_sealed_and_bound_to_their_row(
    resources: Resources, owner: Any, insure: Insure
) -> None:
    ids = await insure(ASAN, AIGUL)
    rows = await owner.fetch("SELECT person_id, sealed FROM registry.identity")
    assert all(ASAN.encode() not in r["sealed"] for r in rows)
    dump = str(await owner.fetch("SELECT * FROM registry.iin_claim"))
    assert ASAN not in dump
    await owner.execute(
        "UPDATE registry.identity SET sealed = $1 WHERE person_id = $2",
        next(r["sealed"] for r in rows if r["person_id"] == ids[AIGUL]),
        ids[ASAN],
    )
    with pytest.raises(SealBroken):
        await persons.identity(resources.db.registry, resources.keyring, ids[ASAN])


def attachment_batch(*rows: tuple[str, str, UUID, str]) -> AttachmentBatch:
    names = ("iin", "executor_bin", "facility_id", "since")
    return msgspec.convert(
        {
            "batch_id": uuid4(),
            "attachments": [dict(zip(names, row, strict=True)) for row in rows],
        },
        AttachmentBatch,
    )


async def test_the_last_attachment_holds(
    resources: Resources, insure: Insure, clinic: Organisation, facility: Facility
) -> None:
    (person_id,) = (await insure(ASAN)).values()
    here = facility.facility_id
    batch = attachment_batch(
        (ASAN, CLINIC_BIN, here, "2026-03-01"), (ASAN, CLINIC_BIN, here, "2026-04-01")
    )
    answer = await attachments.attach(resources, MIS, batch)
    assert (answer.accepted, answer.repeated, answer.changed) == (2, 0, 1)
    older = attachment_batch((ASAN, CLINIC_BIN, here, "2026-02-01"))
    late = await attachments.attach(resources, MIS, older)
    assert (late.accepted, late.changed) == (1, 0)
    held = await attachments.of_person(resources.db.registry, person_id)
    assert held is not None
    assert (held.executor_id, held.since) == (clinic.organisation_id, date(2026, 4, 1))


async def test_attachments_that_cannot_be(
    resources: Resources, insure: Insure, facility: Facility
) -> None:
    await insure(ASAN)
    here = facility.facility_id
    answer = await attachments.attach(
        resources,
        MIS,
        attachment_batch(
            (AIGUL, CLINIC_BIN, here, "2026-04-01"),
            (ASAN, OTHER_BIN, here, "2026-04-01"),
            (ASAN, CLINIC_BIN, uuid4(), "2026-04-01"),
            (ASAN, CLINIC_BIN, here, "2026-04-07"),
        ),
    )
    assert [r.code for r in answer.refused] == [
        "INSURED_NOT_FOUND",
        "EXECUTOR_NOT_FOUND",
        "FACILITY_NOT_FOUND",
        "DATE_IN_FUTURE",
    ]


async def test_staff_are_found_by_number_and_leave(
    resources: Resources, clinic: Organisation
) -> None:
    batch = StaffBatch(
        uuid4(),
        (StaffEntry(CLINIC_BIN, ASAN, "therapist"), StaffEntry(OTHER_BIN, ASAN, "surgeon")),
    )
    answer = await workers.employ(resources, MIS, batch)
    assert (answer.accepted, [r.code for r in answer.refused]) == (1, ["EXECUTOR_NOT_FOUND"])
    left = StaffBatch(uuid4(), (StaffEntry(CLINIC_BIN, ASAN, "therapist", active=False),))
    await workers.employ(resources, MIS, left)
    found = await workers.workers(
        resources.db.payments, resources.keyring, clinic.organisation_id, [ASAN, AIGUL]
    )
    assert list(found) == [ASAN]
    assert not found[ASAN].active


async def test_over_http(client: Any, resources: Resources) -> None:
    body = {"batch_id": str(uuid4()), "persons": [entry(ASAN) | {"birth_date": _born(ASAN)}]}
    async with client(Role.MIS, bin=MIS_BIN) as http:
        answer = await http.post("/api/v1/mis/persons", json=body)
        assert answer.status_code == 201, answer.text
        assert answer.json() == {"accepted": 1, "repeated": 0, "refused": []}
        unknown = await http.post("/api/v1/mis/persons", json={**body, "extra": 1})
        assert unknown.status_code in (400, 422)
        many = {"batch_id": str(uuid4()), "persons": body["persons"] * 5_001}
        assert (await http.post("/api/v1/mis/persons", json=many)).status_code == 422
        changed = {**body, "persons": [body["persons"][0] | {"name": "Басқа"}]}
        refused = await http.post("/api/v1/mis/persons", json=changed)
        assert (refused.status_code, refused.json()["code"]) == (409, "BATCH_CHANGED")
        assert ASAN not in refused.text
    async with client(Role.EXECUTOR_SYSTEM, bin=CLINIC_BIN) as http:
        assert (await http.post("/api/v1/mis/persons", json=body)).status_code == 403
    assert (await verify(resources.db.registry)).ok


def _born(iin: str) -> str:
    return str(entry(iin)["birth_date"])
