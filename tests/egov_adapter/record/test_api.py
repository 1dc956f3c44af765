"""What a citizen reads over HTTP: one's own, explained, in one's language, and nobody else's."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from tests.conftest import BOTH_WAYS
from tests.egov_adapter.billed import CASE, bill
from tests.egov_adapter.conftest import AIGUL_IIN
from tests.visits.conftest import AIGUL, BOLAT, CLINIC, CLINIC_BIN, FACILITY, Owner

pytestmark = [BOTH_WAYS, pytest.mark.usefixtures("clinics")]
PAGES = ("contributions", "visits", "billed", "complaints")


@pytest.fixture
async def aiguls_year(owner: Owner, clinics: None, resources: Resources) -> None:
    """Aigul is paid for, has a policy and a visit, and is billed for a service."""
    await owner.execute(
        """
        INSERT INTO registry.contribution VALUES
            ($1, $2, '2026-04-02', '2026-03', 'deduction', 1020000, '100140000003', 0, NULL, 'r1'),
            ($1, $3, '2026-04-05', '2026-04', 'deduction', 1030000, '100140000003', 0, NULL, 'r2')
        """,
        AIGUL,
        uuid4(),
        uuid4(),
    )
    await owner.execute(
        """
        INSERT INTO registry.policy VALUES ($1, $2, 2026, '2026-0000000001', 'CREDITED', true, true,
            'GVFMC+MHI', 't', 'r', '2026-04-01', '2026-04-01', '2026-12-31', $3, $2)
        """,
        AIGUL,
        uuid4(),
        CLINIC,
    )
    await owner.execute(
        """
        INSERT INTO visits.visit (person_id, visit_id, facility_id, executor_id, at, visit_date, grade)
        VALUES ($1, $2, $3, $4, '2026-04-03T06:00:00Z', '2026-04-03', 'NONE')
        """,
        AIGUL,
        uuid4(),
        FACILITY,
        CLINIC,
    )
    await bill(owner, AIGUL)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.usefixtures("aiguls_year")
async def test_the_status_is_explained_in_ones_language(client: Any, language: str) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        answer = await http.get("/api/v1/citizen/status", headers={"accept-language": language})
    status = answer.json()
    assert (answer.status_code, status["status"]) == (200, "CONSUMER")
    assert status["basis"] == "PAID_MONTH"
    assert {"kk": "сақтандыр", "ru": "застрахован", "en": "insured"}[language] in status[
        "explanation"
    ]


async def test_who_is_not_insured_hears_what_to_do(client: Any) -> None:
    async with client(Role.INSURED, person_id=BOLAT) as http:
        status = (await http.get("/api/v1/citizen/status")).json()
    assert (status["status"], status["basis"]) == ("NOT_CONSUMER", None)
    assert status["arrears"]["amount_tiyn"] == 12 * 425_000
    assert len(status["explanation"]) > 100


@pytest.mark.usefixtures("aiguls_year")
async def test_everything_about_oneself(client: Any) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        policy = (await http.get("/api/v1/citizen/policy")).json()
        assert (policy["number"], policy["mhi"], policy["status"]) == (
            "2026-0000000001",
            True,
            "CREDITED",
        )
        assert policy["executor"] == f"Емхана {CLINIC_BIN}"
        [last, first] = (await http.get("/api/v1/citizen/contributions")).json()["items"]
        assert (last["period"], first["amount_tiyn"]) == ("2026-04", 1020000)
        [visit] = (await http.get("/api/v1/citizen/visits")).json()["items"]
        assert (visit["facility"], visit["grade"]) == (f"Нысан {FACILITY}", "NONE")
        [billed] = (await http.get("/api/v1/citizen/billed")).json()["items"]
        assert billed == {
            "case_id": str(CASE),
            "service_date": "2026-04-03",
            "service_code": "A02.001.000",
            "service": "Қабылдау",
            "executor": f"Емхана {CLINIC_BIN}",
            "units": 1,
            "amount_tiyn": 234567,
            "state": "CHECKED",
            "grade": "NONE",
            "dispute": None,
            "mark": None,
        }
        disputed = await http.post(
            f"/api/v1/citizen/billed/{CASE}/dispute", json={"text": "Мен болған жоқпын"}
        )
        assert disputed.status_code == 201
        number = disputed.json()["tracking_number"]
        again = await http.post(f"/api/v1/citizen/billed/{CASE}/dispute", json={"text": "Иә"})
        assert (again.status_code, again.json()["code"]) == (409, "ALREADY_DISPUTED")
        assert number in again.json()["detail"]
    async with client() as guest:
        tracked = await guest.get(f"/api/v1/public/complaints/{number}")
        assert tracked.json() == {
            "tracking_number": number,
            "status": "REGISTERED",
            "registered_at": "2026-04-06T04:00:00Z",
            "due_on": "2026-04-13",
            "answered_at": None,
        }


@pytest.mark.usefixtures("aiguls_year")
async def test_nobody_reads_another_persons_record(client: Any) -> None:
    async with client(Role.INSURED, person_id=BOLAT) as bolat:
        assert (await bolat.get("/api/v1/citizen/policy")).json()["code"] == "NO_POLICY"
        for page in PAGES:
            asked = await bolat.get(f"/api/v1/citizen/{page}?person_id={AIGUL}")
            assert (asked.status_code, asked.json()["path"]) == (422, "person_id"), page
            answer = await bolat.get(f"/api/v1/citizen/{page}")
            assert answer.json() == {"items": [], "next": None}, page
        foreign = await bolat.post(f"/api/v1/citizen/billed/{CASE}/dispute", json={"text": "x"})
        absent = await bolat.post(f"/api/v1/citizen/billed/{uuid4()}/dispute", json={"text": "x"})
        assert (foreign.status_code, foreign.content) == (404, absent.content)
    for role in (Role.EXECUTOR_HEAD, Role.ISSUER_HEAD, Role.MIS):
        async with client(role, bin=CLINIC_BIN) as other:
            for path in ("status", "policy", "policy/card", *PAGES):
                assert (await other.get(f"/api/v1/citizen/{path}")).status_code == 403, path
    async with client() as guest:
        for path in ("status", "policy", "policy/card", *PAGES):
            assert (await guest.get(f"/api/v1/citizen/{path}")).status_code == 401, path


async def test_the_desk_is_the_issuers(client: Any) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        complaint = await http.post(
            "/api/v1/citizen/complaints", json={"kind": "ISSUER", "text": "Жауап жоқ"}
        )
        complaint_id = complaint.json()["complaint_id"]
        bad = await http.post("/api/v1/citizen/complaints", json={"kind": "BILLED", "text": "x"})
        assert bad.status_code == 422
    async with client(Role.ISSUER_REVIEWER, bin="061211600012") as desk:
        [row] = (await desk.get("/api/v1/complaints?status=REGISTERED")).json()["items"]
        assert row["complaint_id"] == complaint_id
        assert "text" not in row
        read = (await desk.get(f"/api/v1/complaints/{complaint_id}")).json()
        assert (read["text"], read["status"]) == ("Жауап жоқ", "IN_REVIEW")
        unsigned = {"document": "e30="}
        answer = await desk.post(f"/api/v1/complaints/{complaint_id}/answer", json=unsigned)
        assert answer.status_code == 403  # the head's alone
    async with client(Role.ISSUER_FINANCE, bin="061211600012") as finance:
        assert (await finance.get(f"/api/v1/complaints/{complaint_id}")).status_code == 403
    async with client(Role.EXECUTOR_HEAD, bin=CLINIC_BIN) as clinic:
        assert (await clinic.get("/api/v1/complaints")).status_code == 403


@pytest.mark.parametrize("cursor", ["x", "MjAyNi0wNC0wMg", "MjAyNi8x"])
async def test_cursors_of_others_making_are_refused(client: Any, cursor: str) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        for page in PAGES:
            answer = await http.get(f"/api/v1/citizen/{page}?cursor={cursor}")
            assert answer.json()["code"] == "BAD_CURSOR", page


async def test_the_card_names_its_holder_and_its_issuer(
    client: Any, resources: Resources, owner: Owner, aiguls_year: None
) -> None:
    await owner.execute(
        "UPDATE registry.organisation SET kind = 'ISSUER' WHERE bin = '100240000009'"
    )
    identity = (
        f'{{"iin": "{AIGUL_IIN}", "surname": "Ахметова", "name": "Айгүл", "patronymic": null,'
        ' "birth_date": "1990-01-01", "address": "Алматы", "document_no": "N1", "phone": null}'
    )
    await owner.execute(
        "INSERT INTO registry.identity VALUES ($1, $2, sha256('f'), '2026-04-01T00:00:00Z')",
        AIGUL,
        resources.keyring.seal(identity.encode(), UUID(str(AIGUL)).bytes),
    )
    async with client(Role.INSURED, person_id=AIGUL) as http:
        card = (await http.get("/api/v1/citizen/policy/card")).json()
    assert card["holder"] == {
        "full_name": "Ахметова Айгүл",
        "iin": AIGUL_IIN,
        "address": "Алматы",
        "document_no": "N1",
    }
    assert card["issuer"]["bin"] == "100240000009"
    assert card["policy"]["number"] == "2026-0000000001"
    assert card["registrar"]["name"] == "«Ақпараттық-есептеу орталығы» АҚ"
    assert set(card["registrar"]) == {"name", "bin", "address"}
