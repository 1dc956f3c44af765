"""The state service from the request to the cabinet: what is told, when, and on which grounds it is refused."""

import asyncio
import base64
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from backend.egov_adapter.state_service import serving, words
from backend.egov_adapter.state_service.model import ResultDocument
from backend.kernel import deadlines
from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from backend.signing.model import Code
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_cms
from infra.sandbox import digital_documents, egov
from infra.sandbox.nca.centre import Centre
from tests.conftest import ISSUER_BIN
from tests.egov_adapter.conftest import AIGUL_IIN, BOLAT_IIN
from tests.egov_adapter.state_service.asking import (
    API,
    CONSENTS,
    REQUESTS,
    ask,
    consent,
    ground_of,
    read,
    signed,
)
from tests.egov_adapter.state_service.conftest import Outside
from tests.visits.conftest import AIGUL, BOLAT, Owner

ALMATY = "+05:00"


async def paid(
    owner: Owner, months: list[str], returned: int = 0, payer: str | None = "100140000003"
) -> None:
    for n, month in enumerate(months):
        back = date(2026, 3, 30) if returned and not n else None
        await owner.execute(
            "INSERT INTO registry.contribution VALUES ($1, $2, $3, $4, $5, 1020000, $6, $7, $8, $9)",
            AIGUL, uuid4(), date.fromisoformat(f"{month}-20"), month,
            "deduction" if payer else "contribution", payer, returned if back else 0, back, f"r{month}",
        )  # fmt: skip


async def test_the_result_lies_in_the_cabinet_in_the_form_of_appendix_3(
    client: Any, outside: Outside, owner: Owner, resources: Resources
) -> None:
    await paid(owner, ["2026-02", "2026-03"], returned=5_000)
    async with client(Role.INSURED, person_id=AIGUL) as http:
        request = await ask(http, outside)
        assert (request["stage"], request["due_at"]) == ("RECEIVED", "2026-04-06T04:15:00Z")
        path = f"{REQUESTS}/{request['request_id']}"
        early = await http.get(f"{path}/json")
        assert (early.status_code, early.json()["code"]) == (409, "SERVICE_RESULT_NOT_READY")
        assert await outside.work() == 1
        done = (await http.get(path)).json()
        assert (done["stage"], done["ground"]) == ("DELIVERED", None)
        octets = (await http.get(f"{path}/json")).content
        cms = (await http.get(f"{path}/seal")).content
        pdf = (await http.get(f"{path}/pdf")).content
    [kept] = outside.cabinet()
    assert (kept.message_id, kept.kind) == (request["request_id"], "RESULT")
    assert base64.b64decode(kept.document) == octets
    judged = verify_cms(
        cms, octets, TrustStore.load(resources.config.trust), resources.clock.now(), None,
        revocation_required=False,
    )  # fmt: skip
    assert (judged.code, judged.signers[0].bin) == (Code.OK, ISSUER_BIN)
    assert pdf.startswith(b"%PDF")
    document = json.loads(octets)
    assert document["holder"] == {"full_name": "Ахмет Айгүл", "iin": AIGUL_IIN}
    assert document["consumer"]
    first, second = document["payments"]
    assert first == {
        "paid_on": "2026-02-20", "amount_tiyn": 1020000, "kind": "deduction", "period": "2026-02",
        "payer": "100140000003", "returned_tiyn": 5000, "returned_on": "2026-03-30",
    }  # fmt: skip
    assert (second["returned_tiyn"], second["returned_on"]) == (0, None)
    assert outside.stages() == ["RECEIVED", "IDENTIFIED", "PROCESSED", "DELIVERED"]
    [term] = [t for t in await deadlines.summary(resources.db.egov, at=outside.clock.now()) if t.code == "d11"]  # fmt: skip
    assert (term.kept, term.breached, term.running) == (1, 0, 0)


async def test_the_form_has_eight_columns_and_the_note_in_ones_own_numbers(
    client: Any, outside: Outside, owner: Owner
) -> None:
    await paid(owner, ["2025-05"], payer=None)
    async with client(Role.INSURED, person_id=AIGUL) as http:
        await ask(http, outside)
        await outside.work()
    [kept] = outside.cabinet()
    document = read(kept)
    assert isinstance(document, ResultDocument)
    page = words.page(document)
    assert [len(page["head"]), *map(len, page["rows"])] == [8, 8]
    assert [cell[0] for cell in page["rows"][0]] == [
        "1", "20.05.2025", "10 200,00".replace(" ", "\N{NO-BREAK SPACE}"), "жарна", "05.2025", AIGUL_IIN, "", "",
    ]  # fmt: skip
    assert not document.consumer
    assert page["status"] == ["МӘМС тұтынушысы емес", "не является потребителем ОСМС"]
    months = len(document.owed.months)
    assert document.owed.amount_tiyn == months * 425_000  # 5 % of 85 000 tenge
    assert f"берешегіңіз: {months} ай" in page["owed"][0][0]
    assert "месяц" in page["owed"][0][1]


@pytest.mark.parametrize("payments", [0, 1, 240])
async def test_any_number_of_payments_is_told_whole(
    client: Any, outside: Outside, owner: Owner, payments: int
) -> None:
    months = [f"{2005 + n // 12 + 1:04}-{n % 12 + 1:02}" for n in range(payments)]
    await paid(owner, months)
    async with client(Role.INSURED, person_id=AIGUL) as http:
        request = await ask(http, outside)
        await outside.work()
        pdf = (await http.get(f"{REQUESTS}/{request['request_id']}/pdf")).content
    document = read(outside.cabinet()[0])
    assert isinstance(document, ResultDocument)
    assert [p.period for p in document.payments] == months
    assert pdf.startswith(b"%PDF")
    assert [row[0][0] for row in words.page(document)["rows"]] == [
        str(n + 1) for n in range(payments)
    ]


# --- hours (domain 4.4) ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrived", "accepted", "due"),
    [
        ("2026-04-15T10:00:00", "2026-04-15T10:00:00", "2026-04-15T10:15:00"),
        ("2026-04-15T13:20:00", "2026-04-15T13:20:00", "2026-04-15T13:35:00"),
        ("2026-04-15T17:59:59", "2026-04-15T17:59:59", "2026-04-15T18:14:59"),
        ("2026-04-15T18:00:00", "2026-04-16T08:30:00", "2026-04-16T08:45:00"),
        ("2026-03-20T19:00:00", "2026-03-26T08:30:00", "2026-03-26T08:45:00"),
        ("2026-04-15T07:00:00", "2026-04-15T08:30:00", "2026-04-15T08:45:00"),
        ("2026-08-30T12:00:00", "2026-08-31T08:30:00", "2026-08-31T08:45:00"),
    ],
)
async def test_hours_of_the_issuer(
    client: Any, outside: Outside, arrived: str, accepted: str, due: str
) -> None:
    outside.at(datetime.fromisoformat(arrived + ALMATY).astimezone(UTC))
    async with client(Role.INSURED, person_id=AIGUL) as http:
        request = await ask(http, outside)
    for field, told in (("accepted_at", accepted), ("due_at", due)):
        wanted = datetime.fromisoformat(told + ALMATY)
        assert datetime.fromisoformat(request[field]) == wanted
    assert request["stage"] == ("RECEIVED" if arrived == accepted else "QUEUED_NEXT_WD")


async def test_what_comes_at_night_is_served_when_the_issuer_opens(
    client: Any, outside: Outside
) -> None:
    outside.at(datetime(2026, 4, 15, 16, 0, tzinfo=UTC))  # 21:00
    async with client(Role.INSURED, person_id=AIGUL) as http:
        await ask(http, outside)
        assert await outside.work() == 0
        outside.at(datetime(2026, 4, 16, 3, 29, 59, tzinfo=UTC))
        assert await outside.work() == 0
        outside.at(datetime(2026, 4, 16, 3, 30, tzinfo=UTC))
        assert await outside.work() == 1
    assert len(outside.cabinet()) == 1
    assert outside.stages()[:2] == ["RECEIVED", "QUEUED_NEXT_WD"]


# --- certified by ECP -----------------------------------------------------------------------------


async def test_the_own_ecp_certifies_and_nobody_elses(
    client: Any, outside: Outside, centre: Centre
) -> None:
    now = outside.clock.now()
    own = centre.issue_individual(AIGUL_IIN, "АХМЕТ АЙГҮЛ", now)
    others = [
        centre.issue_individual(BOLAT_IIN, "АХМЕТ БОЛАТ", now),
        centre.issue_legal(AIGUL_IIN, ISSUER_BIN, "АХМЕТ АЙГҮЛ", "ҚОР", "head", now),
    ]
    async with client(Role.INSURED, person_id=AIGUL) as http:
        document = {
            "operation": "state_service.request",
            "consent_id": await consent(http),
            "code": outside.code(),
        }
        async with client(Role.INSURED, person_id=BOLAT) as thief:
            stolen = await thief.post(f"{REQUESTS}/signed", json=signed(others[0], now, **document))
            assert (stolen.status_code, stolen.json()["code"]) == (422, "CONSENT_UNKNOWN")
        for pair in others:
            refused = await http.post(f"{REQUESTS}/signed", json=signed(pair, now, **document))
            assert refused.json()["code"] == "NOT_SIGNER_OF_ORG"
        taken = await http.post(f"{REQUESTS}/signed", json=signed(own, now, **document))
        assert (taken.status_code, taken.json()["certified_by"]) == (202, "ECP"), taken.text
        await outside.work()
    assert outside.cabinet()[0].kind == "RESULT"


# --- once, whatever happens -----------------------------------------------------------------------


async def test_one_request_at_a_time_and_one_request_a_consent(
    client: Any, outside: Outside
) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        consent_id = await consent(http)
        wrong = await http.post(REQUESTS, json={"consent_id": consent_id, "code": "000000"})
        if outside.code() != "000000":
            assert (wrong.status_code, wrong.json()["code"]) == (422, "CONSENT_CODE_WRONG")
        body = {"consent_id": consent_id, "code": outside.code()}
        first = (await http.post(REQUESTS, json=body)).json()
        second = await http.post(REQUESTS, json={"consent_id": None})
        assert (second.status_code, second.json()["code"]) == (409, "SERVICE_REQUEST_RUNNING")
        assert first["request_id"] in second.json()["detail"]
        await outside.work()
        used = await http.post(REQUESTS, json=body)
        assert (used.status_code, used.json()["code"]) == (409, "CONSENT_USED")
    async with client(Role.INSURED, person_id=BOLAT) as http:
        for path in ("", "/json", "/pdf", "/seal"):
            foreign = await http.get(f"{REQUESTS}/{first['request_id']}{path}")
            assert (foreign.status_code, foreign.json()["code"]) == (
                404,
                "SERVICE_REQUEST_NOT_FOUND",
            )
        stolen = await http.post(REQUESTS, json={"consent_id": consent_id})
        assert (stolen.status_code, stolen.json()["code"]) == (422, "CONSENT_UNKNOWN")
        assert (await http.get(REQUESTS)).json()["items"] == []


async def test_a_lost_answer_of_the_cabinet_delivers_once(client: Any, outside: Outside) -> None:
    egov.of(outside.sandbox).mood.drop = 2
    async with client(Role.INSURED, person_id=AIGUL) as http:
        request = await ask(http, outside)
        for _ in range(3):
            await outside.work()
            outside.pass_time(timedelta(seconds=10))
        done = (await http.get(f"{REQUESTS}/{request['request_id']}")).json()
    assert done["stage"] == "DELIVERED"
    assert (len(outside.cabinet()), egov.of(outside.sandbox).received) == (1, 3)
    assert outside.stages().count("DELIVERED") == 1


async def test_silent_sources_decide_nothing_and_lateness_is_told(
    client: Any, outside: Outside, resources: Resources
) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        consent_id = await consent(http)
        body = {"consent_id": consent_id, "code": outside.code()}
        digital_documents.of(outside.sandbox).mood = digital_documents.Mood(silent=True)
        away = await http.post(REQUESTS, json=body)
        assert (away.status_code, away.json()["code"]) == (503, "SOURCE_UNAVAILABLE")
        digital_documents.of(outside.sandbox).mood = digital_documents.Mood()
        request = (await http.post(REQUESTS, json=body)).json()
        egov.of(outside.sandbox).mood.silent = True
        await outside.work()
        outside.pass_time(timedelta(minutes=16))
        await outside.work()
        assert await ground_of(http, outside, request) is None
        egov.of(outside.sandbox).mood.silent = False
        outside.pass_time(timedelta(seconds=10))
        await outside.work()
        done = (await http.get(f"{REQUESTS}/{request['request_id']}")).json()
    assert done["stage"] == "DELIVERED"
    async with client(Role.ISSUER_REVIEWER, bin=ISSUER_BIN) as office:
        path = f"{API}/state-service/days?since=2026-04-06&until=2026-04-06"
        [day] = (await office.get(path)).json()
    assert (day["accepted"], day["delivered"], day["late"]) == (1, 1, 1)
    assert day["slowest_s"] == 16 * 60 + 10


async def test_of_two_workers_at_once_one_result_stands(
    client: Any, outside: Outside, resources: Resources
) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        request = await ask(http, outside)
        payload = {"person_id": str(AIGUL), "request_id": request["request_id"]}
        await asyncio.gather(*(serving.serve(resources, payload) for _ in range(5)))
        octets = (await http.get(f"{REQUESTS}/{request['request_id']}/json")).content
    [kept] = outside.cabinet()
    assert base64.b64decode(kept.document) == octets


# --- the passport (App.2) -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "free"), [("kk", "Тегін"), ("ru", "Бесплатно"), ("en", "Free of charge")]
)
async def test_the_passport_has_nine_rows_and_the_contacts(
    client: Any, language: str, free: str
) -> None:
    async with client() as guest:
        headers = {"accept-language": language}
        passport = (await guest.get(f"{API}/public/state-service", headers=headers)).json()
        pdf = await guest.get(f"{API}/public/state-service/pdf")
    assert [row["no"] for row in passport["rows"]] == list(range(1, 10))
    assert passport["rows"][5]["content"] == free
    for contact in ("fms.kz", "1406", "8-800-080-7777", "1414"):
        assert contact in passport["other"]["content"]
    assert len({passport["name"], *passport["aliases"]}) == 3
    assert pdf.content.startswith(b"%PDF")


async def test_others_do_not_ask_for_a_person(client: Any) -> None:
    for role in (Role.ISSUER_HEAD, Role.EXECUTOR_HEAD, Role.BOT, Role.MIS):
        async with client(role, bin=ISSUER_BIN) as http:
            assert (await http.post(CONSENTS)).status_code == 403
            assert (await http.post(REQUESTS, json={"consent_id": None})).status_code == 403
    async with client(Role.INSURED, person_id=AIGUL) as http:
        path = f"{API}/state-service/days?since=2026-04-06&until=2026-04-06"
        assert (await http.get(path)).status_code == 403
