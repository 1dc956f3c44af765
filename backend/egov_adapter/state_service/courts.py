"""Court acts that bar a person from the service, entered and lifted by the issuer's head (App.2 row 9(3), (4))."""

from uuid import UUID

import msgspec

from backend.egov_adapter.state_service import queries, rules
from backend.egov_adapter.state_service.errors import CourtActNotFound
from backend.egov_adapter.state_service.model import (
    ActNamed,
    CourtActEntered,
    EnterCourtAct,
    LiftCourtAct,
)
from backend.egov_adapter.state_service.serving import act_context
from backend.kernel.actor import Actor
from backend.kernel.ids import require_iin, uuid7
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.person import service as persons
from backend.registry.person.errors import InsuredNotFound
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def enter(
    resources: Resources, actor: Actor, signed: Signed[EnterCourtAct]
) -> CourtActEntered:
    """Bar a person from the service. Raises IinInvalid, CourtActUnsound, InsuredNotFound, DocumentAlreadyUsed."""
    command = signed.command
    require_iin(command.iin, "$.iin")
    rules.require_sound(command)
    await access_records.count_look(resources, actor)
    found = await persons.resolve(resources.db.registry, resources.keyring, [command.iin])
    person_id = found.get(command.iin)
    if person_id is None:
        raise InsuredNotFound(path="$.iin")
    act_id = uuid7()
    named = ActNamed(command.court, command.number, command.decided_on)
    sealed = resources.keyring.seal(msgspec.json.encode(named), act_context(act_id))
    async with resources.db.egov.transaction() as tx:
        evidence_id = await evidence.store(tx, signed)
        await queries.ADD_ACT.run(
            tx, person_id, act_id, command.ground, command.in_force_from, command.in_force_to,
            sealed, evidence_id, resources.clock.now(),
        )  # fmt: skip
    return CourtActEntered(act_id)


async def lift(resources: Resources, act_id: UUID, signed: Signed[LiftCourtAct]) -> CourtActEntered:
    """The act bars nobody any more. Raises CourtActNotFound, DocumentAlreadyUsed."""
    if signed.command.act_id != act_id:
        raise CourtActNotFound(path="$.act_id")
    async with resources.db.egov.transaction() as tx:
        evidence_id = await evidence.store(tx, signed)
        lifted = await queries.LIFT_ACT.one(tx, act_id, resources.clock.now(), evidence_id)
        if lifted is None:
            raise CourtActNotFound
    return CourtActEntered(lifted)
