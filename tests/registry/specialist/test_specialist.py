"""The directory of specialities is the registrar's; certificates are a system's facts, in any order."""

from datetime import date
from uuid import uuid4

import pytest

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from backend.registry.feed.errors import BatchChanged
from backend.registry.specialist import service
from backend.registry.specialist.errors import NeedPeriodWrong
from backend.registry.specialist.model import (
    CertificateBatch,
    CertificateEntry,
    EnterNeeds,
    NeedEntry,
)
from tests.conftest import Client
from tests.registry.conftest import actor, iin_of, signed

BIN = "100240000009"
FROM = date(2026, 1, 1)


async def test_everybody_reads_what_the_registrar_entered(
    resources: Resources, client: Client
) -> None:
    wrong = EnterNeeds((NeedEntry("A1", ("x",), FROM, date(2025, 12, 31)),), "негіз")
    with pytest.raises(NeedPeriodWrong) as refused:
        await service.enter_needs(resources, signed(wrong, resources, BIN))
    assert refused.value.path == "$.needs[0].valid_to"
    two = EnterNeeds((NeedEntry("A1", ("b", "a", "b"), FROM), NeedEntry("A2", (), FROM)), "негіз")
    assert (await service.enter_needs(resources, signed(two, resources, BIN))).entered == 2
    path, body = "/api/v1/directories/speciality-needs", {"document": "e30=", "signature": "AAAA"}
    async with client() as http:
        first = (await http.get(path, params={"limit": 1})).json()
        [one] = first["items"]
        assert (one["service_code"], one["specialities"]) == ("A1", ["a", "b"])
        assert (one["basis"], one["valid_to"]) == ("негіз", None)
        [last] = (await http.get(path, params={"cursor": first["next"]})).json()["items"]
        assert (last["service_code"], last["specialities"]) == ("A2", [])
        assert (await http.post(path, json=body)).status_code == 401
    for role in (Role.EXECUTOR_HEAD, Role.ISSUER_HEAD, Role.INTEGRATION):
        async with client(role, bin=BIN) as http:
            assert (await http.post(path, json=body)).status_code == 403
    told = {"number": "KZ-9", "iin": iin_of(9), "speciality": "therapy", "valid_from": "2026-01-01"}
    batch = {"batch_id": str(uuid4()), "certificates": [told]}
    for role, status in ((Role.MIS, 403), (Role.INTEGRATION, 403), (Role.MOH, 201)):
        async with client(role, bin=BIN) as http:
            answer = await http.post("/api/v1/sur/certificates", json=batch)
            assert answer.status_code == status, role


async def test_a_batch_is_taken_once_and_its_bad_rows_are_named(resources: Resources) -> None:
    me = actor(BIN, Role.MOH)
    good = CertificateEntry("KZ-1", iin_of(1), "therapy", FROM)
    rows = (
        good,
        CertificateEntry("KZ-2", "850101300000", "therapy", FROM),
        CertificateEntry("KZ-3", iin_of(2), "therapy", FROM, date(2025, 1, 1)),
    )
    batch = CertificateBatch(uuid4(), rows)
    answer = await service.tell(resources, me, batch)
    assert (answer.accepted, answer.repeated) == (1, 0)
    assert [(r.code, r.path) for r in answer.refused] == [
        ("IIN_INVALID", "$.certificates[1].iin"),
        ("PERIOD_INVALID", "$.certificates[2].valid_to"),
    ]
    assert (await service.tell(resources, me, batch)).repeated == 1
    with pytest.raises(BatchChanged):
        await service.tell(resources, me, CertificateBatch(batch.batch_id, (good,)))
    assert (await service.tell(resources, me, CertificateBatch(uuid4(), (good,)))).repeated == 1
