"""Check-in: once per person, facility and legal day, whatever comes in parallel; evidence is strict."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from backend.kernel.clock import FixedClock, legal_date
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account.errors import AccountNotOpen
from backend.registry.person.errors import InsuredNotFound
from backend.visits.biometrics.errors import BiometricInvalid
from backend.visits.checkin import service
from backend.visits.checkin.errors import DuplicateVisit, WhoIsIt
from backend.visits.checkin.model import CheckIn, DeskVisit, Grade, NewVisit, Visit
from backend.visits.code import service as codes
from backend.visits.code.errors import (
    ExpiredCode,
    ForeignCode,
    ForgedCode,
    RevokedCode,
    UsedCode,
)
from tests.registry.access_record.noted import noted
from tests.visits.conftest import (
    AIGUL,
    BOLAT,
    CLERK,
    CLINIC,
    CLINIC_BIN,
    FACILITY,
    HEAD,
    OTHER_CLERK,
    OTHER_CLINIC,
    OTHER_FACILITY,
    SAULE,
    SECOND_FACILITY,
    Owner,
    citizen,
    iin,
    own_code,
)

pytestmark = pytest.mark.usefixtures("clinics", "citizens")
AIGUL_IIN = iin("90010130001")
NOBODYS_IIN = iin("90010130002")


@pytest.fixture
async def code(resources: Resources) -> str:
    """The code on the clinic's wall."""
    return (await issue(resources, FACILITY)).code


async def issue(resources: Resources, facility_id: UUID) -> Any:
    return await codes.issue(
        resources.db.visits, resources.keyring, resources.clock, HEAD, facility_id
    )


async def finished_session(
    owner: Owner,
    clock: FixedClock,
    person_id: UUID = AIGUL,
    *,
    outcome: str = "MATCH",
    liveness: bool = True,
    age: timedelta = timedelta(0),
) -> UUID:
    """A biometric session that ended `age` ago."""
    session_id = uuid4()
    ended = clock.now() - age
    await owner.execute(
        "INSERT INTO visits.biometric_session VALUES"
        " ($1, $2, 'default', $3, $4, $5, 900, sha256('e'), $3)",
        person_id,
        session_id,
        ended,
        outcome,
        liveness,
    )
    return session_id


async def test_a_citizen_checks_in_with_the_code_on_the_wall(
    db_visits: Db, clock: FixedClock, code: str, owner: Owner
) -> None:
    visit = await service.check_in(db_visits, clock, citizen(AIGUL), CheckIn(code))
    assert (visit.facility_id, visit.executor_id, visit.grade) == (FACILITY, CLINIC, Grade.QR_ONLY)
    told = await owner.fetchrow("SELECT * FROM kernel.event WHERE kind = 'VisitRegistered'")
    assert told is not None
    assert told["subject"] == visit.visit_id
    assert str(AIGUL) not in told["payload"]


async def test_fifty_at_once_make_one_visit_and_the_rest_hear_of_it(
    db_visits: Db, clock: FixedClock, code: str, owner: Owner
) -> None:
    outcomes = await asyncio.gather(
        *(service.check_in(db_visits, clock, citizen(AIGUL), CheckIn(code)) for _ in range(50)),
        return_exceptions=True,
    )
    first = [o.visit_id for o in outcomes if not isinstance(o, BaseException)]
    refused = [o for o in outcomes if isinstance(o, BaseException)]
    assert len(first) == 1
    assert {type(o) for o in refused} == {DuplicateVisit}
    assert {o.facts["first_visit_id"] for o in refused if isinstance(o, DuplicateVisit)} == {
        str(first[0])
    }
    assert await owner.fetchval("SELECT count(*) FROM visits.visit") == 1
    assert (
        await owner.fetchval("SELECT count(*) FROM kernel.event WHERE kind = 'VisitRegistered'")
        == 1
    )


async def test_two_citizens_and_two_facilities_do_not_block_each_other(
    resources: Resources, clock: FixedClock, code: str
) -> None:
    second = (await issue(resources, SECOND_FACILITY)).code
    db = resources.db.visits
    visits = await asyncio.gather(
        *(
            service.check_in(db, clock, citizen(person), CheckIn(text))
            for person in (AIGUL, BOLAT)
            for text in (code, second)
        )
    )
    assert len({v.visit_id for v in visits}) == 4


async def test_the_day_is_the_legal_day(db_visits: Db, clock: FixedClock, code: str) -> None:
    clock.set(datetime(2026, 4, 6, 18, 59, 59, tzinfo=UTC))  # 23:59:59 of 6 April
    late = await service.check_in(db_visits, clock, citizen(AIGUL), CheckIn(code))
    clock.advance(timedelta(seconds=1))
    next_day = await service.check_in(db_visits, clock, citizen(AIGUL), CheckIn(code))
    assert (next_day.visit_date - late.visit_date).days == 1


async def test_forged_foreign_and_revoked_codes_are_refused(
    resources: Resources, db_visits: Db, clock: FixedClock, code: str
) -> None:
    forged = code[:60] + ("A" if code[60] != "A" else "B") + code[61:]
    for text, refusal in (
        (forged, ForgedCode),
        ("https://clinic.kz", ForeignCode),
        (await own_code(resources, AIGUL), ForeignCode),
    ):
        with pytest.raises(refusal):
            await service.check_in(db_visits, clock, citizen(AIGUL), CheckIn(text))
    await issue(resources, FACILITY)
    with pytest.raises(RevokedCode):
        await service.check_in(db_visits, clock, citizen(AIGUL), CheckIn(code))


async def test_without_an_open_account_there_is_no_visit(
    db_visits: Db, clock: FixedClock, code: str
) -> None:
    with pytest.raises(AccountNotOpen):
        await service.check_in(db_visits, clock, citizen(SAULE), CheckIn(code))


async def test_biometrics_raise_the_grade_once(
    resources: Resources, db_visits: Db, clock: FixedClock, code: str, owner: Owner
) -> None:
    session = await finished_session(owner, clock, age=timedelta(minutes=10))
    visit = await service.check_in(db_visits, clock, citizen(AIGUL), CheckIn(code, session))
    assert visit.grade is Grade.QR_BIOMETRIC
    second = (await issue(resources, SECOND_FACILITY)).code
    with pytest.raises(BiometricInvalid):
        await service.check_in(db_visits, clock, citizen(AIGUL), CheckIn(second, session))


@pytest.mark.parametrize(
    "wrong",
    [
        {"person_id": BOLAT},
        {"outcome": "NO_MATCH"},
        {"liveness": False},
        {"age": timedelta(minutes=10, seconds=1)},
    ],
)
async def test_biometrics_must_be_ones_own_alive_and_fresh(
    db_visits: Db, clock: FixedClock, code: str, owner: Owner, wrong: dict[str, Any]
) -> None:
    session = await finished_session(owner, clock, **wrong)
    with pytest.raises(BiometricInvalid):
        await service.check_in(db_visits, clock, citizen(AIGUL), CheckIn(code, session))
    assert await owner.fetchval("SELECT count(*) FROM visits.visit") == 0


@pytest.mark.notes("RegisterVisitAtDesk")
async def test_the_desk_grades_by_what_was_shown(
    resources: Resources, clock: FixedClock, owner: Owner
) -> None:
    await owner.execute(
        "INSERT INTO registry.iin_claim VALUES ($1, $2)",
        resources.keyring.lookup("iin", AIGUL_IIN),
        AIGUL,
    )
    await owner.execute(
        "INSERT INTO registry.attachment VALUES ($1, $2, $3, '2026-04-01')", AIGUL, CLINIC, FACILITY
    )

    async def shown(person_id: UUID = AIGUL) -> str:
        return await own_code(resources, person_id)

    async def desk(**given: Any) -> Grade:
        command = DeskVisit(given.pop("facility_id", FACILITY), **given)
        visit = await service.check_in_at_desk(resources, CLERK, command)
        clock.advance(timedelta(days=1))
        return visit.grade

    document = "ab" * 32
    assert await desk(iin=AIGUL_IIN) is Grade.NONE
    assert await desk(iin=AIGUL_IIN, document_sha256=document) is Grade.NONE
    assert await desk(code=await shown()) is Grade.QR_ONLY
    assert (
        await desk(code=await shown(), iin=AIGUL_IIN, document_sha256=document) is Grade.QR_DOCUMENT
    )
    session = await finished_session(owner, clock)
    assert await desk(code=await shown(), biometric_session_id=session) is Grade.QR_BIOMETRIC
    with pytest.raises(WhoIsIt):
        await desk(code=await shown(BOLAT), iin=AIGUL_IIN)
    with pytest.raises(WhoIsIt):
        await desk()
    with pytest.raises(InsuredNotFound):
        await desk(iin=NOBODYS_IIN)
    with pytest.raises(ForeignCode):
        await desk(iin=AIGUL_IIN, facility_id=OTHER_FACILITY)
    looks = await noted(owner, "RegisterVisitAtDesk")
    assert {(n.person_id, n.organisation, n.basis, n.fields) for n in looks} == {
        (AIGUL, CLINIC_BIN, "VISIT", ("ACCOUNT",))
    }
    met = {str(r[0]) for r in await owner.fetch("SELECT visit_id FROM visits.visit")}
    assert {n.basis_id for n in looks} == met
    assert len(met) == 5


async def test_by_iin_a_desk_knows_its_own_attached_people_alone(
    resources: Resources, owner: Owner
) -> None:
    """Unknown, another clinic's, and without an account: one answer, and nothing noted or written."""
    foreign, absent = AIGUL_IIN, iin("90010130004")
    for number, person_id in ((foreign, BOLAT), (absent, SAULE)):
        await owner.execute(
            "INSERT INTO registry.iin_claim VALUES ($1, $2)",
            resources.keyring.lookup("iin", number),
            person_id,
        )
    await owner.execute(
        "INSERT INTO registry.attachment VALUES ($1, $2, $3, '2026-04-01')",
        BOLAT,
        OTHER_CLINIC,
        OTHER_FACILITY,
    )
    for number in (NOBODYS_IIN, foreign, absent):
        with pytest.raises(InsuredNotFound) as refused:
            await service.check_in_at_desk(resources, CLERK, DeskVisit(FACILITY, iin=number))
        assert (refused.value.path, refused.value.facts) == ("iin", {})
    assert await noted(owner, "RegisterVisitAtDesk") == []
    assert await owner.fetchval("SELECT count(*) FROM visits.visit") == 0


async def test_a_desk_that_searches_for_people_is_stopped_and_told_of(
    resources: Resources, owner: Owner
) -> None:
    search = DeskVisit(FACILITY, iin=NOBODYS_IIN)
    outcomes = await asyncio.gather(
        *(service.check_in_at_desk(resources, CLERK, search) for _ in range(103)),
        return_exceptions=True,
    )
    assert Counter(type(o).__name__ for o in outcomes) == {"InsuredNotFound": 100, "TooMany": 3}
    told = "SELECT subject FROM kernel.event WHERE kind = 'RegistrySearched'"
    assert [r[0] for r in await owner.fetch(told)] == [CLINIC]
    other = DeskVisit(OTHER_FACILITY, iin=NOBODYS_IIN)
    with pytest.raises(InsuredNotFound):  # another clinic's desk goes on
        await service.check_in_at_desk(resources, OTHER_CLERK, other)


async def test_a_personal_code_serves_once_within_a_minute(
    resources: Resources, clock: FixedClock, owner: Owner
) -> None:
    mine = await own_code(resources, AIGUL)
    bolats = await own_code(resources, BOLAT)
    here = DeskVisit(FACILITY, code=mine)
    outcomes = await asyncio.gather(
        *(service.check_in_at_desk(resources, CLERK, here) for _ in range(10)),
        service.check_in_at_desk(resources, CLERK, DeskVisit(FACILITY, code=bolats)),
        return_exceptions=True,
    )
    assert Counter(type(o).__name__ for o in outcomes) == {"Visit": 2, "UsedCode": 9}
    with pytest.raises(UsedCode):
        there = DeskVisit(OTHER_FACILITY, code=mine)
        await service.check_in_at_desk(resources, OTHER_CLERK, there)
    with pytest.raises(UsedCode):
        other_facility = DeskVisit(SECOND_FACILITY, code=mine)
        await service.check_in_at_desk(resources, CLERK, other_facility)
    screenshot = await own_code(resources, AIGUL)
    clock.advance(timedelta(seconds=61))
    with pytest.raises(ExpiredCode):
        late = DeskVisit(SECOND_FACILITY, code=screenshot)
        await service.check_in_at_desk(resources, CLERK, late)


async def test_a_personal_code_crosses_the_hour_of_its_key(
    resources: Resources, clock: FixedClock
) -> None:
    clock.set(datetime(2026, 4, 6, 4, 59, 59, tzinfo=UTC))
    code = await own_code(resources, AIGUL)
    clock.advance(timedelta(seconds=30))
    visit = await service.check_in_at_desk(resources, CLERK, DeskVisit(FACILITY, code=code))
    assert visit.grade is Grade.QR_ONLY


async def test_a_visit_is_never_changed(
    db_visits: Db, clock: FixedClock, code: str, owner: Owner
) -> None:
    await service.check_in(db_visits, clock, citizen(AIGUL), CheckIn(code))
    for change in (
        "UPDATE visits.visit SET grade = 'NONE', code_id = NULL",
        "DELETE FROM visits.visit",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(change)


async def test_a_row_the_database_refuses_fails_alone(resources: Resources, code: str) -> None:
    """Check-ins that come together share a statement; a defect in one is not the others'."""
    db, clock = resources.db.visits, resources.clock
    now = clock.now()
    broken = NewVisit(
        BOLAT, uuid4(), FACILITY, now, legal_date(now), Grade.QR_ONLY, personal_nonce=b"short"
    )
    made = await asyncio.gather(
        service.check_in(db, clock, citizen(AIGUL), CheckIn(code)),
        service._add(db, citizen(BOLAT), broken),
        service.check_in(db, clock, citizen(SAULE), CheckIn(code)),
        service.check_in(db, clock, citizen(BOLAT), CheckIn(code)),
        return_exceptions=True,
    )
    assert [type(m) for m in made] == [
        Visit,
        asyncpg.CheckViolationError,
        AccountNotOpen,
        Visit,
    ]
    told = await db.pool.fetchval("SELECT count(*) FROM visits.visit")
    assert told == 2
