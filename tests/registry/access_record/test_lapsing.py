"""A page about many people at once: each of it is noted."""

from typing import Any

import pytest

from backend.kernel.actor import Role
from backend.kernel.ids import uuid7
from tests.registry.access_record.noted import noted
from tests.registry.conftest import ISSUER_BIN


@pytest.mark.notes("ListLapsingStatuses")
async def test_whose_lapsing_status_is_listed_is_noted(client: Any, owner: Any) -> None:
    people = [uuid7() for _ in range(5)]
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        """
        INSERT INTO registry.entitlement (person_id, paid, by_himself, prepaid, status, basis, reason,
            since, until, unpaid, self_payer, judged_on)
        SELECT id, repeat('0', 240)::bit(240), repeat('0', 240)::bit(240), repeat('0', 240)::bit(240),
               'CONSUMER', 'CONTINUATION_3M', 'x', '2026-04-01', '2026-04-20', 0, false, '2026-04-01'
          FROM unnest($1::uuid[]) id
        """,
        people,
    )
    await owner.execute("SET session_replication_role = origin")
    async with client(Role.ISSUER_REVIEWER, bin=ISSUER_BIN) as http:
        first = (await http.get("/api/v1/entitlement/lapsing", params={"limit": 3})).json()
        assert len(first["items"]) == 3
    looks = await noted(owner, "ListLapsingStatuses")
    assert sorted(str(n.person_id) for n in looks) == sorted(i["person_id"] for i in first["items"])
    assert {(n.basis, n.fields) for n in looks} == {("DUTY", ("ENTITLEMENT",))}
