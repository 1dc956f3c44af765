"""The issuer's own data: registered and changed by global operations (M §27)."""

from datetime import date

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from backend.registry.account import service
from backend.registry.account.model import ChangeOrganisation, Head
from backend.registry.log import service as log
from tests.registry.conftest import ISSUER_BIN, Register, actor, iin_of, signed


async def test_a_new_head_of_the_issuer_is_a_global_operation(
    resources: Resources, register: Register
) -> None:
    issuer = await register(ISSUER_BIN, Role.ISSUER_HEAD)
    head = Head("Жаңабаев", "Ерлан", iin_of(5))
    command = ChangeOrganisation(changed_on=date(2026, 4, 6), head=head)
    me = actor(ISSUER_BIN, Role.ISSUER_HEAD)
    await service.change(resources, me, signed(command, resources, ISSUER_BIN))
    operations = await log.of_subject(resources.db.registry, issuer.organisation_id)
    assert [(o.op_class, o.op_type) for o in operations] == [
        ("GLOBAL", "REGISTER_ISSUER"),
        ("GLOBAL", "CHANGE_ISSUER"),
    ]
    assert "Жаңабаев" not in operations[1].content
