"""Lines of acts as they would stand: who was served where, when, by whom."""

from datetime import date, datetime
from uuid import UUID

import pytest

from backend.kernel.resources import Resources
from tests.payments.conftest import CLINIC, CONTRACT, DAY, FROM, LINE, OTHER_LINE, TARIFF, TO, Owner
from tests.payments.conftest import ISSUER as HOSPITAL  # a second organisation with acts

ALMATY = UUID("01980000-0000-7000-8000-00000000fa01")
NEAR = UUID("01980000-0000-7000-8000-00000000fa02")  # five kilometres away
ASTANA = UUID("01980000-0000-7000-8000-00000000fa03")
PLACES = {ALMATY: (43.25, 76.90), NEAR: (43.25, 76.96), ASTANA: (51.13, 71.43)}
DOCTOR, COLLEAGUE = UUID(int=55), UUID(int=56)


class Lines:
    """Acts of two executors; `add` puts a line into one, with its visit."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.count = 0

    async def prepare(self) -> None:
        await self.owner.execute("SET session_replication_role = replica")
        await self.owner.execute(
            "UPDATE allocation.plan_line SET care_form = 'inpatient' WHERE line_id = $1", OTHER_LINE
        )
        await self.owner.execute(
            "INSERT INTO registry.worker VALUES ($1, $2, sha256('colleague'), 'терапевт', true, $3)",
            COLLEAGUE,
            CLINIC,
            datetime.fromisoformat("2026-03-10T05:00:00Z"),
        )
        await self.owner.executemany(
            """
            INSERT INTO registry.facility (facility_id, organisation_id, name, region, address,
                latitude, longitude, photo_outside, photo_inside, accounting_186, design_capacity,
                production, digitised_at)
            VALUES ($1, $2, $1::uuid::text, '75', 'a', $3, $4, sha256('a'), sha256('b'), '{}', 1, true,
                '2026-03-10T05:00:00Z')
            """,
            [(place, CLINIC, north, east) for place, (north, east) in PLACES.items()],
        )
        for n, executor in enumerate((CLINIC, HOSPITAL), 1):
            await self.act(UUID(int=n), executor)

    async def act(
        self, act_id: UUID, executor: UUID, since: date = FROM, until: date = TO, cases: int = 1
    ) -> None:
        await self.owner.execute(
            """
            INSERT INTO payments.act (act_id, contract_id, executor_id, source, number, period_from,
                period_to, status, seq_no, submitted_at, cases, content_sha256, evidence_id)
            VALUES ($1, $2, $3, 'mhi', $1::uuid::text, $4, $5, 'CHECK_PASSED',
                (SELECT 1 + count(*) FROM payments.act), '2026-04-03T05:00:00Z', $6, sha256('x'), $1)
            """,
            act_id,
            CONTRACT,
            executor,
            since,
            until,
            cases,
        )

    async def add(
        self,
        person: int,
        at: str | None = None,
        *,
        facility: UUID = ALMATY,
        worker: UUID = DOCTOR,
        executor: UUID = CLINIC,
        day: date = DAY,
        stay: str | None = None,
        service: str = "A02.004.000",
    ) -> UUID:
        """A line; `at`: with a visit at that time (Kazakhstan) of its day. Its case id."""
        self.count += 1
        case_id = UUID(int=0x0198_0000_0000_7000_8000_0000_0002_0000 + self.count)
        visit = None
        if at is not None:
            visit = UUID(int=0x0198_0000_0000_7000_8000_0000_0003_0000 + self.count)
            await self.owner.execute(
                """
                INSERT INTO visits.visit (person_id, visit_id, facility_id, executor_id, at,
                    visit_date, grade, code_id)
                VALUES ($1, $2, $3, $4, $5, $6, 'QR_ONLY', $3)
                """,
                UUID(int=person),
                visit,
                facility,
                executor,
                datetime.fromisoformat(f"{day}T{at}:20+05:00"),
                day,
            )
        await self.owner.execute(
            """
            INSERT INTO payments.act_case (person_id, act_id, line_no, case_id, executor_id,
                service_record_id, service_code, line_id, units, amount_tiyn, service_date, episode,
                worker_id, visit_id, grade, errors)
            VALUES ($1, $2, $3, $4, $5, $4::uuid::text, $6, $7, 1, $8, $9, $10, $11, $12, $13, '{}')
            """,
            UUID(int=person),
            UUID(int=1 if executor == CLINIC else 2),
            self.count,
            case_id,
            executor,
            service,
            LINE if stay is None else OTHER_LINE,
            TARIFF,
            day,
            stay or "",
            worker,
            visit,
            "NONE" if visit is None else "QR_ONLY",
        )
        return case_id


@pytest.fixture
async def lines(world: Resources, owner: Owner) -> Lines:
    made = Lines(owner)
    await made.prepare()
    return made
