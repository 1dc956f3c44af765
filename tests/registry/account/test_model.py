"""What a registration must hold before anybody looks at it (M §5)."""

from typing import Any

import msgspec
import pytest

from backend.registry.account.model import RegisterOrganisation
from tests.registry.conftest import CLINIC_BIN, registration

WHOLE: dict[str, Any] = msgspec.to_builtins(registration(CLINIC_BIN))


def test_a_whole_registration_is_read() -> None:
    assert msgspec.convert(WHOLE, RegisterOrganisation) == registration(CLINIC_BIN)


@pytest.mark.parametrize("field", ["form", "number", "name", "head", "contacts", "requisites"])
def test_no_field_may_be_missing(field: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({k: v for k, v in WHOLE.items() if k != field}, RegisterOrganisation)


@pytest.mark.parametrize(
    "changed",
    [
        {"phone": "8 701 000 00 01"},
        {"phone": ""},
        {"email": "clinic"},
        {"email": "a b@c.kz"},
        {"postal_address": ""},
        {"postal_address": " "},
        {"postal_address": None},
        {"telegram": "@clinic"},
    ],
)
def test_contacts_are_an_address_a_phone_and_an_email(changed: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        contacts = {**WHOLE["contacts"], **changed}
        msgspec.convert({**WHOLE, "contacts": contacts}, RegisterOrganisation)


def test_an_account_in_a_bank_or_in_the_treasury_at_least_one() -> None:
    account = WHOLE["requisites"][0]
    both = {**WHOLE, "requisites": [account, {**account, "treasury": True}]}
    assert [r.treasury for r in msgspec.convert(both, RegisterOrganisation).requisites] == [
        False,
        True,
    ]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**WHOLE, "requisites": []}, RegisterOrganisation)
