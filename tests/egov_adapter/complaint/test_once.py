"""A complaint sent again is one complaint, also where the service died between keeping it and keeping its answer."""

from typing import Any

from backend.kernel.actor import Role
from tests.visits.conftest import AIGUL, BOLAT, Owner

PATH = "/api/v1/citizen/complaints"
BODY = {"kind": "ISSUER", "text": "Анықтама берілмеді"}
KEY = {"idempotency-key": "chat-7-update-41"}


async def die_before_the_answer_is_kept(owner: Owner) -> None:
    """What a SIGKILL leaves: the complaint stands, its key is claimed and has no answer; a minute passes."""
    await owner.execute(
        "UPDATE web.idempotent_answer SET status = NULL, headers = NULL, body = NULL,"
        " started_at = started_at - interval '2 minutes'"
    )


async def test_sent_again_after_a_death_it_is_the_same_complaint(client: Any, owner: Owner) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        first = await http.post(PATH, json=BODY, headers=KEY)
        assert first.status_code == 201, first.text
        await die_before_the_answer_is_kept(owner)
        again = await http.post(PATH, json=BODY, headers=KEY)
        assert (again.status_code, again.json()) == (201, first.json())
        await die_before_the_answer_is_kept(owner)
        other = await http.post(PATH, json=BODY | {"text": "Басқа мәтін"}, headers=KEY)
        assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert await owner.fetchval("SELECT count(*) FROM egov.complaint") == 1
    assert await owner.fetchval("SELECT count(*) FROM kernel.term WHERE code = 'd12'") == 1
    told = "SELECT count(*) FROM kernel.event WHERE kind = 'ComplaintRegistered'"
    assert await owner.fetchval(told) == 1


async def test_two_keys_two_people_or_no_key_are_as_many_complaints(
    client: Any, owner: Owner
) -> None:
    for person, headers in ((AIGUL, KEY), (BOLAT, KEY), (AIGUL, {"idempotency-key": "other"}), (AIGUL, {}), (AIGUL, {})):  # fmt: skip
        async with client(Role.INSURED, person_id=person) as http:
            assert (await http.post(PATH, json=BODY, headers=headers)).status_code == 201
    assert await owner.fetchval("SELECT count(*) FROM egov.complaint") == 5
