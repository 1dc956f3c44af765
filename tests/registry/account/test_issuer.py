"""The issuer's own data: registered and changed by global operations (M §27), each with before and after."""

from datetime import date
from typing import Any

import msgspec

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from backend.registry.account import service
from backend.registry.account.model import (
    BasisDocument,
    ChangeIssuer,
    ChangeOrganisation,
    Head,
    OrganisationData,
)
from backend.registry.log import service as log
from backend.registry.organisation_version import service as versions
from tests.registry.conftest import (
    CLINIC_BIN,
    ISSUER_BIN,
    OTHER_BIN,
    Register,
    actor,
    iin_of,
    signed,
)

TODAY = date(2026, 4, 6)
BASIS = BasisDocument("12-34/567", date(2026, 4, 3), "Қор")


async def test_a_new_head_of_the_issuer_is_a_global_operation(
    resources: Resources, register: Register
) -> None:
    issuer = await register(ISSUER_BIN, Role.ISSUER_HEAD)
    first = Head("Жаңабаев", "Ерлан", iin_of(5))
    command = ChangeOrganisation(changed_on=TODAY, head=first)
    me = actor(ISSUER_BIN, Role.ISSUER_HEAD)
    await service.change(resources, me, signed(command, resources, ISSUER_BIN))
    second = ChangeIssuer(changed_on=TODAY, basis=BASIS, name="Қор", head=Head("Ә", "Б", iin_of(6)))
    registrar = actor(OTHER_BIN, Role.REGISTRAR)
    await service.change_issuer(resources, registrar, signed(second, resources, OTHER_BIN))
    operations = await log.of_subject(resources.db.registry, issuer.organisation_id)
    assert [(o.op_class, o.op_type, o.actor) for o in operations] == [
        ("GLOBAL", "REGISTER_ISSUER", "registrar:automatic"),
        ("GLOBAL", "CHANGE_ISSUER", "registrar:automatic"),
        ("GLOBAL", "CHANGE_ISSUER", f"registrar:{OTHER_BIN}"),
    ]
    assert operations[2].basis_id == BASIS.number
    assert not [o for o in operations if "Жаңабаев" in o.content]
    contents: list[Any] = [msgspec.json.decode(o.content) for o in operations]
    assert contents[1]["after"]["changed"] == ["head"]
    assert contents[2]["before"]["data"] == contents[1]["after"]["data"]
    # what the log names by a mark lies sealed beside it, its head among it
    kept = await versions.find(resources.db.registry, resources.keyring, issuer.organisation_id, 2)
    assert msgspec.json.decode(kept.data, type=OrganisationData).head == first


async def test_a_change_made_in_error_is_reversed_by_one_that_names_it(
    resources: Resources, register: Register, client: Any
) -> None:
    clinic = await register(CLINIC_BIN)
    me = actor(CLINIC_BIN)
    for name in ("Қате", "Дұрыс"):
        command = ChangeOrganisation(changed_on=TODAY, name=name)
        await service.change(resources, me, signed(command, resources, CLINIC_BIN))
    body = {"bin": CLINIC_BIN, "basis": msgspec.to_builtins(BASIS)}
    async with client(Role.REGISTRAR, bin=OTHER_BIN) as http:

        async def correct(seq: int) -> int:
            answer = await http.post("/api/v1/accounts/corrections", json={**body, "seq": seq})
            return int(answer.status_code)

        assert await correct(1) == 409  # an opening is not reversed
        assert await correct(2) == 409  # another change stands on it
        assert [await correct(3), await correct(3)] == [200, 409]
    found = await service.require(resources.db.registry, CLINIC_BIN)
    assert (found.name, found.status) == ("Қате", "OPEN")
    last = (await log.of_subject(resources.db.registry, clinic.organisation_id))[-1]
    content = msgspec.json.decode(last.content)
    assert (last.op_type, content["reverses"]) == ("CHANGE", 3)
    # the same data, though a later version: the fingerprints are equal
    earlier = msgspec.json.decode(
        (await log.of_subject(resources.db.registry, clinic.organisation_id))[1].content
    )
    assert content["after"]["data"]["fingerprint"] == earlier["after"]["data"]["fingerprint"]
