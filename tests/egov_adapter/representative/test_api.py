"""A mother acts for her child: confirmed by the state database, within what it covers, each look noted."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
import respx

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from infra.sandbox import gbd
from infra.sandbox.gbd import Journal, Represents
from tests.egov_adapter.conftest import AIGUL_IIN, BOLAT_IIN, NOBODYS_IIN, iin
from tests.registry.access_record.noted import Noted, noted
from tests.visits.conftest import AIGUL, BOLAT, SAULE, Owner

API = "/api/v1/citizen"
CHILD_IIN = iin("13050460001")
CHILD = SAULE
PAPER = {"number": "АТ-1", "issued_on": "2013-05-20", "issued_by": "АХАТ"}


@pytest.fixture
async def resources(resources: Resources, owner: Owner, citizens: None) -> Resources:
    """The child is known, everybody has a name, and the state database is asked at gbd.test."""
    await owner.execute(
        "INSERT INTO registry.iin_claim VALUES ($1, $2)",
        resources.keyring.lookup("iin", CHILD_IIN),
        CHILD,
    )
    for person, number, name in (
        (AIGUL, AIGUL_IIN, "Айгүл"),
        (BOLAT, BOLAT_IIN, "Болат"),
        (CHILD, CHILD_IIN, "Сәуле"),
    ):
        identity = {
            "iin": number,
            "surname": "Ахметова",
            "name": name,
            "patronymic": None,
            "birth_date": "2013-05-04",
            "address": "А",
            "document_no": "N",
            "phone": None,
        }
        await owner.execute(
            "INSERT INTO registry.identity VALUES ($1, $2, sha256('f'), '2026-04-01T00:00:00Z')",
            person,
            resources.keyring.seal(msgspec.json.encode(identity), UUID(str(person)).bytes),
        )
    config = msgspec.structs.replace(resources.config, gbd_fl_url="http://gbd.test")
    return msgspec.structs.replace(resources, config=config)


@pytest.fixture
async def recorded() -> AsyncIterator[Journal]:
    """The stand-in's journal: Aigul is the mother."""
    journal = Journal(
        representations=[Represents(AIGUL_IIN, CHILD_IIN, "PARENT", "АТ-1"),
                         Represents(AIGUL_IIN, NOBODYS_IIN, "PARENT", "АТ-1")]
    )  # fmt: skip

    async def answer(request: httpx.Request) -> httpx.Response:
        asked = msgspec.json.decode(request.content, type=Represents)
        told = await gbd.check_representation.fn(asked, journal)
        return httpx.Response(told.status_code or 200, json=told.content)

    with respx.mock(assert_all_called=False) as router:
        router.route(host="saqtau.test").pass_through()
        router.post("http://gbd.test/representations/check").mock(side_effect=answer)
        yield journal


def asking(number: str = CHILD_IIN, basis: str = "PARENT") -> dict[str, Any]:
    return {"iin": number, "basis": basis, "document": PAPER, "valid_to": "2040-01-01"}


@pytest.mark.usefixtures("recorded", "clinics")
@pytest.mark.notes("RepresentPerson")
@pytest.mark.notes("ListOwnRepresentations")
@pytest.mark.notes("ListOwnRepresentatives")
async def test_whose_name_was_shown_sees_to_whom(client: Any, owner: Owner) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        made = (await http.post(f"{API}/representations", json=asking())).json()
        for _ in range(2):
            [child] = (await http.get(f"{API}/representations")).json()
            assert child["name"] == "Ахметова Сәуле"
    paper = made["representation_id"]
    to_mother = Noted(CHILD, None, "representative", "REPRESENTATION", paper, ("NAME",))
    for operation, times in (("RepresentPerson", 1), ("ListOwnRepresentations", 2)):
        others = [n for n in await noted(owner, operation) if n.basis != "OWN"]
        assert others == [to_mother] * times, operation
    async with client(Role.INSURED, person_id=CHILD) as http:
        await http.get(f"{API}/representatives")
        looks = (await http.get(f"{API}/looks", headers={"accept-language": "ru"})).json()["items"]
    assert [(k["who"], k["why"], k["what"]) for k in looks if not k["own"]] == [
        ("ваш представитель", "представительство между вами", "фамилия, имя, отчество")
    ] * 3
    to_child = Noted(AIGUL, None, "represented", "REPRESENTATION", paper, ("NAME",))
    listed = [n for n in await noted(owner, "ListOwnRepresentatives") if n.basis != "OWN"]
    assert listed == [to_child]
    async with client(Role.INSURED, person_id=AIGUL) as http:
        looks = (await http.get(f"{API}/looks", headers={"accept-language": "ru"})).json()["items"]
    assert [k["who"] for k in looks if not k["own"]] == ["тот, кого вы представляете"]


@pytest.mark.usefixtures("recorded", "clinics")
async def test_a_mother_sees_her_child_and_the_child_sees_that(
    client: Any, owner: Owner, clock: FixedClock
) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        made = await http.post(f"{API}/representations", json=asking())
        assert made.status_code == 201, made.text
        assert (made.json()["valid_to"], made.json()["name"]) == ("2031-05-03", "Ахметова Сәуле")
        again = await http.post(f"{API}/representations", json=asking())
        assert (again.status_code, again.json()["code"]) == (409, "ALREADY_REPRESENTED")
        one = f"{API}/representations/{made.json()['representation_id']}"
        opened = await http.post(f"{one}/session")
        assert opened.status_code == 201, opened.text
        headers = {"authorization": f"Bearer {opened.json()['token']}"}
        for path in ("visits", "billed", "visits"):
            assert (await http.get(f"{API}/{path}", headers=headers)).status_code == 200
        mine = (await http.get(f"{API}/visits")).status_code
        assert mine == 200, "her own session stays her own"
        given = await http.post(
            f"{API}/consents", json={"purpose": "QR_VISITS", "days": 30}, headers=headers
        )
        assert given.status_code == 201, given.text
        nested = await http.get(f"{API}/representations", headers=headers)
        assert (nested.status_code, nested.json()["code"]) == (403, "NOT_FOR_YOURSELF")
    async with client(Role.INSURED, person_id=CHILD) as http:
        looks = (await http.get(f"{API}/looks", headers={"accept-language": "ru"})).json()["items"]
        noted = [(k["own"], k["who"], k["basis"]) for k in looks if not k["own"]]
        assert noted == [(False, "ваш представитель", "REPRESENTATION")] * len(noted)
        assert len(noted) >= 3, "each look"
        [word] = (await http.get(f"{API}/consents/history")).json()["items"]
        assert (word["purpose"], word["by_representative"]) == ("QR_VISITS", True)
        await http.post(f"{API}/consents/withdrawals", json={"purposes": ["QR_VISITS"]})
        words = (await http.get(f"{API}/consents/history")).json()["items"]
        assert [w["by_representative"] for w in words] == [False, True], "the child's own word"
        [mother] = (await http.get(f"{API}/representatives")).json()
        assert mother["name"] == "Ахметова Айгүл"
        ended = await http.delete(one)
        assert ended.status_code == 204
        assert (await http.get(f"{API}/visits", headers=headers)).status_code == 401
    async with client(Role.INSURED, person_id=AIGUL) as http:
        closed = await http.post(f"{one}/session")
        assert (closed.status_code, closed.json()["code"]) == (404, "REPRESENTATION_NOT_FOUND")
        assert (await http.post(f"{API}/representations", json=asking())).status_code == 201
        sealed = await owner.fetch("SELECT document_sealed FROM egov.representation")
        assert all("АТ-1".encode() not in row["document_sealed"] for row in sealed)


async def test_nobody_acts_for_whom_the_state_does_not_confirm(
    client: Any, recorded: Journal
) -> None:
    async with client(Role.INSURED, person_id=BOLAT) as http:
        foreign = await http.post(f"{API}/representations", json=asking())
    async with client(Role.INSURED, person_id=AIGUL) as http:
        other_basis = await http.post(f"{API}/representations", json=asking(basis="GUARDIAN"))
        unknown = await http.post(f"{API}/representations", json=asking(NOBODYS_IIN))
        answers = {(a.status_code, a.content) for a in (foreign, other_basis, unknown)}
        assert len({s for s, _ in answers}) == 1
        assert {a.json()["code"] for a in (foreign, other_basis, unknown)} == {
            "REPRESENTATION_UNCONFIRMED"
        }
        oneself = await http.post(f"{API}/representations", json=asking(AIGUL_IIN))
        assert (oneself.status_code, oneself.json()["code"]) == (403, "NOT_FOR_YOURSELF")
        recorded.faults.drop = 1
        silent = await http.post(f"{API}/representations", json=asking())
        assert (silent.status_code, silent.json()["code"]) == (503, "SOURCE_UNAVAILABLE")


@pytest.mark.usefixtures("clinics")
async def test_of_age_the_childs_record_is_the_childs_own(
    client: Any, recorded: Journal, clock: FixedClock
) -> None:
    clock.set(datetime(2031, 5, 3, 18, 30, tzinfo=UTC))  # 23:30, the last evening of childhood
    async with client(Role.INSURED, person_id=AIGUL) as http:
        made = await http.post(f"{API}/representations", json=asking())
        one = f"{API}/representations/{made.json()['representation_id']}"
        opened = (await http.post(f"{one}/session")).json()
        assert opened["expires_at"] < "2031-05-03T19:00:00Z"
        clock.advance(timedelta(minutes=31))
        assert (await http.post(f"{one}/session")).status_code == 404
        headers = {"authorization": f"Bearer {opened['token']}"}
        assert (await http.get(f"{API}/visits", headers=headers)).status_code == 401
