"""Whose account is blocked is told by SMS, once, in both languages, and not the dead."""

from datetime import timedelta
from uuid import UUID

import msgspec

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.account.model import BasisDocument, Organisation
from backend.registry.restriction.model import Block, BlockGround, Fact, Unblock
from backend.registry.restriction.service import restrict, tell
from infra.sandbox.state import Sandbox
from tests.registry.conftest import CLINIC_BIN, CONTACTS, OTHER_BIN, Insure, actor, iin_of

BASIS = msgspec.convert(
    {"number": "12-34/567", "issued_on": "2026-04-03", "issued_by": "ҚР ІІМ"}, BasisDocument
)
REGISTRAR = actor(OTHER_BIN, Role.REGISTRAR)
LIVING, DEAD, LIFTED = (iin_of(n) for n in (11, 12, 13))


async def test_holders_are_told_once_and_why(
    world: Resources,
    sandbox: Sandbox,
    insure: Insure,
    clinic: Organisation,
    clock: FixedClock,
) -> None:
    await insure(LIVING, phone="+77010000011")
    await insure(DEAD, phone="+77010000012")
    await insure(LIFTED, phone="+77010000013")
    for iin, fact in ((LIVING, Fact.INCAPABLE), (DEAD, Fact.DEATH), (LIFTED, Fact.INCAPABLE)):
        await restrict.block(world, REGISTRAR, Block(BlockGround.B1, BASIS, fact=fact, iin=iin))
    await restrict.unblock(world, REGISTRAR, Unblock(BASIS, iin=LIFTED))
    seized = Block(BlockGround.B3, BASIS, article_98="ескерілді", bin=CLINIC_BIN)
    await restrict.block(world, REGISTRAR, seized)

    silent = msgspec.structs.replace(
        world, config=msgspec.structs.replace(world.config, sms_url="http://gbd.test/nothing")
    )
    assert await tell.tell_due(silent) == 0
    assert await tell.tell_due(world) == 1  # the one the gateway did not take waits a minute
    clock.advance(timedelta(minutes=1))
    assert await tell.tell_due(world) == 1
    clock.advance(timedelta(days=9))
    assert await tell.tell_due(world) == 0
    assert {m["to"] for m in sandbox.sms} == {"+77010000011", CONTACTS.phone}
    for message in sandbox.sms:
        assert "бұғатталды" in message["text"]
        assert "заблокирован" in message["text"]
        assert LIVING not in message["text"]
    assert {UUID(m["message_id"]) for m in sandbox.sms} == {
        r["restriction_id"]
        for r in await world.db.registry.pool.fetch(
            "SELECT restriction_id FROM registry.restriction"
            " WHERE fact IS DISTINCT FROM 'DEATH' AND lifted_at IS NULL"
        )
    }
