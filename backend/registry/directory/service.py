"""Use cases of the directories."""

from backend.kernel.db import Executor
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.directory import queries, rules
from backend.registry.directory.errors import MisNotConforming
from backend.registry.directory.model import (
    Accounting,
    AccountingField,
    EnterAccountingField,
    EnterMis,
    Mis,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def enter_mis(resources: Resources, signed: Signed[EnterMis]) -> list[Mis]:
    """Enter a system, or how it stands from now on. Raises DocumentAlreadyUsed."""
    command = signed.command
    async with resources.db.registry.transaction() as tx:
        await queries.ADD_MIS.run(
            tx,
            uuid7(),
            command.code,
            command.name,
            command.conforms,
            command.basis,
            await evidence.store(tx, signed),
            resources.clock.now(),
        )
        return await queries.ALL_MIS.all(tx)


async def enter_field(
    resources: Resources, signed: Signed[EnterAccountingField]
) -> list[AccountingField]:
    """Enter a field of 186/2020, or how it stands from now on. Raises DocumentAlreadyUsed."""
    command = signed.command
    async with resources.db.registry.transaction() as tx:
        await queries.ADD_FIELD.run(
            tx,
            uuid7(),
            command.code,
            command.title_kk,
            command.title_ru,
            command.kind,
            command.required,
            command.retired,
            command.basis,
            await evidence.store(tx, signed),
            resources.clock.now(),
        )
        return await queries.FIELDS.all(tx)


async def systems(where: Executor) -> list[Mis]:
    """Every system of the directory, conforming or not any more."""
    return await queries.ALL_MIS.all(where)


async def fields(where: Executor) -> list[AccountingField]:
    """The fields asked of a facility now."""
    return await queries.FIELDS.all(where)


async def require_conforming(where: Executor, code: str) -> None:
    """The system stands in the directory and conforms. Raises MisNotConforming."""
    found = await queries.MIS.one(where, code)
    if found is None or not found.conforms:
        raise MisNotConforming(path="$.mis_code")


async def require_accounting(where: Executor, given: Accounting) -> None:
    """The data are those the directory asks for. Raises AccountingWrong."""
    rules.require_accounting(await queries.FIELDS.all(where), given)
