"""An organisation opens its own account (M §5, §41); of the issuer that is a global operation (M §27(1))."""

import asyncpg
import msgspec

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.db import violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.account import queries, rules
from backend.registry.account.errors import AlreadyRegistered
from backend.registry.account.events import OrganisationOpened
from backend.registry.account.model import (
    Form,
    Organisation,
    OrganisationData,
    OrganisationKind,
    RegisterOrganisation,
)
from backend.registry.account.service.lookup import require
from backend.registry.confirmation import service as confirmation
from backend.registry.confirmation.model import Kind
from backend.registry.log import service as log
from backend.registry.organisation_version import service as versions
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def register(
    resources: Resources, actor: Actor, signed: Signed[RegisterOrganisation]
) -> Organisation:
    """Open the account of the signer's organisation, by itself (M §5, §41; the issuer: M §27(1)).

    Raises AlreadyRegistered, EntityNotConfirmed when GBD UL denies a legal entity, SourceUnavailable
    while it is silent, and what `rules.require_registrable` does.
    """
    command, now = signed.command, resources.clock.now()
    issuer_bin = resources.config.issuer_bin
    rules.require_registrable(command, actor.bin, issuer_bin)
    kind = OrganisationKind.ISSUER if command.number == issuer_bin else OrganisationKind.EXECUTOR
    legal = kind is OrganisationKind.EXECUTOR and command.form is Form.LEGAL
    answer = None
    if legal:
        answer = await confirmation.confirmed_entity(resources, command.number, command.head.iin)
    organisation_id = uuid7()
    head = resources.keyring.seal(msgspec.json.encode(command.head), organisation_id.bytes)
    async with resources.db.registry.transaction() as tx:
        evidence_id = await evidence.store(tx, signed)
        try:
            await queries.ADD.run(
                tx,
                organisation_id,
                command.number,
                kind,
                command.form,
                command.name,
                command.contacts,
                command.requisites,
                head,
                evidence_id,
                now,
            )
        except asyncpg.UniqueViolationError as e:
            if violated(e) in (queries.BIN_TAKEN, queries.ISSUER_TAKEN):
                raise AlreadyRegistered from None
            raise
        if answer is not None:
            rows = [(organisation_id, None, answer)]
            await confirmation.keep(tx, Kind.LEGAL_ENTITY, rows, at=now)
        data = OrganisationData(command.name, command.head, command.contacts, command.requisites)
        plain = msgspec.json.encode(data)
        mark = await versions.keep(
            tx, resources.keyring, organisation_id, plain, evidence_id, at=now
        )
        content = {
            "before": {"status": "NONE"},
            "after": {"status": "OPEN", "kind": kind, "form": command.form, "data": mark},
        }
        done = rules.operation(kind, actor, organisation_id, True, str(evidence_id), now, content)
        await log.append(tx, [done])
        opened = OrganisationOpened(organisation_id, kind.value, command.form.value)
        await events.append(tx, opened, by=actor, at=now)
        return await require(tx, command.number)
