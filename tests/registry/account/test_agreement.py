"""An executor takes part by its own will: the agreement is withdrawn from, and concluded anew (M §2(4))."""

from datetime import timedelta
from typing import Any

import pytest

from backend.kernel.clock import FixedClock, legal_date
from backend.kernel.resources import Resources
from backend.registry.account import service
from backend.registry.account.errors import (
    AccountNotOpen,
    AgreementNotSigned,
    AgreementWithdrawn,
    ChangeInFuture,
)
from backend.registry.account.model import (
    Cabinet,
    Organisation,
    SignAgreement,
    WithdrawAgreement,
)
from backend.registry.log import service as log
from backend.signing.errors import DocumentAlreadyUsed, NotSignerOfOrg
from tests.registry.conftest import CLINIC_BIN, OTHER_BIN, actor, signed

ME = actor(CLINIC_BIN)


async def conclude(resources: Resources, **named: Any) -> Cabinet:
    command = SignAgreement(CLINIC_BIN, "1", **named)
    return await service.sign_agreement(resources, ME, signed(command, resources, CLINIC_BIN))


async def withdraw(resources: Resources, bin_: str = CLINIC_BIN, days: int = 0) -> Cabinet:
    on = legal_date(resources.clock.now()) + timedelta(days=days)
    command = signed(WithdrawAgreement(bin_, on), resources, CLINIC_BIN)
    return await service.withdraw_agreement(resources, ME, command)


async def test_who_withdraws_is_not_ready_until_it_concludes_anew(
    resources: Resources, clinic: Organisation, clock: FixedClock
) -> None:
    db = resources.db
    with pytest.raises(AgreementNotSigned):
        await withdraw(resources)
    await service.require_taking_part(db.allocation, clinic.organisation_id)
    ready = (await conclude(resources)).readiness
    assert ready
    assert "agreement_signed" not in ready.missing

    with pytest.raises(NotSignerOfOrg):
        await withdraw(resources, OTHER_BIN)
    with pytest.raises(ChangeInFuture):
        await withdraw(resources, days=1)
    cabinet = await withdraw(resources)
    assert cabinet.readiness
    assert "agreement_signed" in cabinet.readiness.missing
    assert (cabinet.organisation.status, cabinet.organisation.agreement_signed_at) == ("OPEN", None)
    with pytest.raises(AgreementWithdrawn):
        await service.require_taking_part(db.allocation, clinic.organisation_id)

    clock.advance(timedelta(days=1))
    with pytest.raises(DocumentAlreadyUsed):  # the paper of the first agreement concludes no second
        await conclude(resources)
    with pytest.raises(AgreementNotSigned):
        await withdraw(resources)
    again = await conclude(resources, concluded_on=legal_date(clock.now()))
    assert again.organisation.agreement_signed_at == clock.now()
    await service.require_taking_part(db.allocation, clinic.organisation_id)
    kept = await log.of_subject(db.registry, clinic.organisation_id)
    assert [o.op_type for o in kept] == ["OPEN", "CHANGE", "CHANGE", "CHANGE"]
    assert '"agreement_signed_at":null' in kept[2].content


async def test_a_stranger_has_nothing_to_withdraw_from(resources: Resources) -> None:
    with pytest.raises(AccountNotOpen):
        await withdraw(resources)
