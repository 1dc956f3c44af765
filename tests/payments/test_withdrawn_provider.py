"""A provider that withdraws from the agreement begins nothing new; what it contracted runs on (M §2(4))."""

from uuid import UUID

import pytest

from backend.allocation.application import service as applications
from backend.allocation.application.model import LineRequest, SubmitApplication
from backend.allocation.contract import service as contracts
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import legal_date
from backend.kernel.resources import Resources
from backend.payments.act.model import ActStatus
from backend.payments.act.service import read
from backend.registry.account import service as accounts
from backend.registry.account.errors import AgreementWithdrawn
from backend.registry.account.model import SignAgreement, WithdrawAgreement
from tests.payments.conftest import (
    CLINIC_BIN,
    CONTRACT,
    HEAD,
    LINE,
    Owner,
    accept,
    act,
    cases,
    present,
    signed,
)

OFFERED = UUID("01980000-0000-7000-8000-0000000000b7")


async def test_its_contract_is_carried_out_and_no_other_begins(
    world: Resources, calendar: LegalCalendar, owner: Owner
) -> None:
    now, db, until = world.clock.now(), world.db.allocation, world.config.pilot_valid_to
    concluded = signed(SignAgreement(CLINIC_BIN, "1"), CLINIC_BIN, now)
    await accounts.sign_agreement(world, HEAD, concluded)
    presented = await present(world, act("1", cases([1])))
    withdrawn = signed(WithdrawAgreement(CLINIC_BIN, legal_date(now)), CLINIC_BIN, now)
    await accounts.withdraw_agreement(world, HEAD, withdrawn)

    applied = SubmitApplication(announcement_id=OFFERED, lines=[LineRequest(LINE, 1)])
    with pytest.raises(AgreementWithdrawn):
        await applications.submit(
            db, world.clock, calendar, world.keyring, HEAD, OFFERED,
            signed(applied, CLINIC_BIN, now), pilot_valid_to=until,
        )  # fmt: skip
    with pytest.raises(AgreementWithdrawn):
        await contracts.sign_as_executor(
            db, world.clock, HEAD, OFFERED, withdrawn.proof, "kk", pilot_valid_to=until
        )

    later = await present(world, act("2", cases([2], prefix="later")))
    for one in (presented, later):
        await accept(world, one)
        settled = await read.act_with_report(world.db.payments, one.act_id, None)
        assert settled.status is ActStatus.SIGNED_BY_ISSUER
    status = "SELECT status FROM allocation.contract WHERE contract_id = $1"
    assert await owner.fetchval(status, CONTRACT) == "SIGNED"
