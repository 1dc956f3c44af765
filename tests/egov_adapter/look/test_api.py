"""A person reads who looked, in three languages; every word there is has its text."""

from typing import Any
from uuid import uuid4

import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.web.openapi import DISCLOSES
from backend.web.problems import LANGUAGES, bundle
from tests.architecture.test_disclosures import is_plain_reading, operations
from tests.registry.access_record.noted import noted
from tests.visits.conftest import AIGUL, BOLAT, CLINIC_BIN

CLERK = Actor(
    uuid4(), frozenset({Role.EXECUTOR_OPERATOR}), bin=CLINIC_BIN, signer=bytes.fromhex("5f" * 32)
)


@pytest.fixture
async def looked(resources: Resources, citizens: None, clinics: None) -> None:
    """A clinic's desk met Aigul; an officer of the Fund handled Bolat's complaint."""
    officer = Actor(uuid4(), frozenset({Role.ISSUER_REVIEWER}), bin="061211600012")
    async with resources.db.visits.transaction() as tx:
        now = resources.clock.now()
        met = Access(CLERK, "RegisterVisitAtDesk", Basis.VISIT, (Field.ACCOUNT,), uuid4())
        await access_records.record(tx, met, [AIGUL], at=now)
        read = Access(officer, "ReadComplaint", Basis.COMPLAINT, (Field.COMPLAINT,), uuid4())
        await access_records.record(tx, read, [BOLAT], at=now)


async def looks(http: Any, language: str = "en", **asked: Any) -> Any:
    answer = await http.get(
        "/api/v1/citizen/looks", params=asked, headers={"accept-language": language}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_one_sees_who_looked_at_ones_own_data_and_at_nobody_elses(
    client: Any, looked: None
) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        (await http.get("/api/v1/citizen/visits")).raise_for_status()
        own, desk = (await looks(http))["items"]
        assert (own["own"], own["who"], own["staff"]) == (True, "you", None)
        assert own["what"] == "your own record"
        assert desk == {
            "look_id": desk["look_id"],
            "at": "2026-04-06T04:00:00Z",
            "own": False,
            "who": f"Емхана {CLINIC_BIN} (clinic's registration desk)",
            "role": "executor_operator",
            "staff": "5f5f5f5f5f5f",
            "basis": "VISIT",
            "why": "registered your visit",
            "fields": ["ACCOUNT"],
            "what": "state of the account",
        }
        page = await looks(http, limit=1)
        assert (await looks(http, limit=1, cursor=page["next"]))["items"] == [desk]
        assert "регистратура клиники" in (await looks(http, "ru"))["items"][1]["who"]
        assert (await looks(http, "kk"))["items"][1]["why"] == "келуіңізді тіркеді"
    async with client(Role.INSURED, person_id=BOLAT) as http:
        assert [i["role"] for i in (await looks(http))["items"]] == ["insured", "issuer_reviewer"]
    async with client(Role.ISSUER_HEAD, bin="061211600012") as http:
        assert (await http.get("/api/v1/citizen/looks")).status_code == 403


async def test_every_reading_of_ones_own_record_notes_the_session_once(
    client: Any, app: Any, owner: Any, looked: None
) -> None:
    """Generated from the routes: a new one that shows the own record and notes nothing fails here."""
    mine = {
        str(handler.operation_id): path
        for path, handler in operations(app)
        if handler.opt[DISCLOSES] == "own" and is_plain_reading(path, handler)
    }
    assert len(mine) >= 9
    for name, path in mine.items():
        async with client(Role.INSURED, person_id=AIGUL) as http:
            for _ in range(2):
                await http.get(path)
        found = await noted(owner, name)
        assert [(n.person_id, n.role, n.basis) for n in found] == [(AIGUL, "insured", "OWN")], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_role_ground_and_field_has_its_word(language: str) -> None:
    words = bundle(language)
    wanted = [f"ROLE_{role.upper()}" for role in Role]
    wanted += [f"BASIS_{basis}" for basis in Basis] + [f"FIELD_{field}" for field in Field]
    assert [w for w in wanted if not words.has_message(f"LOOK_{w}")] == []
