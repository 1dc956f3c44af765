"""What a policy holds: the fields of M §36 and the sets its obligation is measured by (M §3(16))."""

from datetime import date

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from backend.registry.order import service as orders
from backend.registry.order.model import IssuePolicies
from backend.registry.person import service as persons
from backend.registry.policy import service
from tests.registry.conftest import (
    CONTACTS,
    ISSUER_BIN,
    Insure,
    Register,
    actor,
    iin_of,
    signed,
)

ASAN = iin_of(11)


async def test_a_policy_has_every_field_the_law_names(
    resources: Resources, register: Register, insure: Insure
) -> None:
    issuer = await register(ISSUER_BIN, Role.ISSUER_HEAD)
    (person_id,) = (await insure(ASAN)).values()
    order = await orders.accept(
        resources,
        actor(ISSUER_BIN, Role.ISSUER_HEAD),
        signed(IssuePolicies(year=2026), resources, ISSUER_BIN),
    )
    await orders.run(resources.db.registry, resources.clock, order.order_id)

    card = await service.card(resources.db.egov, person_id, 2026)
    assert card is not None
    assert (card.issuer_name, card.issuer_bin) == (issuer.name, ISSUER_BIN)
    assert card.issuer_address == CONTACTS.postal_address
    policy = card.policy
    assert policy.number.startswith("2026-")
    assert (policy.issued_on, policy.valid_from) == (date(2026, 4, 6), date(2026, 4, 6))
    assert policy.valid_to == date(2026, 12, 31)
    assert policy.service_list == "GVFMC"
    assert (policy.tariff_set, policy.rule_set) == ("KR DSM-170/2020", "KR DSM-291/2020")
    holder = await persons.identity(resources.db.registry, resources.keyring, person_id)
    assert (holder.surname, holder.patronymic, holder.iin) == ("Сериков", None, ASAN)
    assert holder.name.startswith("Ержан")
    assert (holder.address, holder.document_no) == ("Астана, Сарыарқа 5", "012345678")
