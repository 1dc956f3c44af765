"""Finding organisations, and whether their accounts are open."""

from datetime import datetime
from uuid import UUID

from backend.kernel.actor import Actor
from backend.kernel.db import Executor, Tx
from backend.registry.account import queries
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.registry.account.model import (
    AccountStatus,
    Cabinet,
    Organisation,
    OrganisationKind,
    Readiness,
)
from backend.registry.confirmation import service as confirmation


async def cabinet(where: Executor, actor: Actor) -> Cabinet:
    """The actor's own organisation and its readiness. Raises AccountNotOpen when not registered."""
    organisation = await organisation_by_bin(where, actor.bin or "")
    if organisation is None:
        raise AccountNotOpen
    organisation_id = organisation.organisation_id
    told = await confirmation.of_organisation(where, organisation_id)
    return Cabinet(organisation, await readiness(where, organisation_id), tuple(told))


async def organisation_by_bin(where: Executor, bin_: str) -> Organisation | None:
    """The organisation of that BIN (a sole proprietor: IIN), in whatever status."""
    return await queries.BY_BIN.one(where, bin_)


async def organisations(where: Executor, ids: list[UUID]) -> dict[UUID, Organisation]:
    """The organisations of those ids."""
    return {o.organisation_id: o for o in await queries.BY_IDS.all(where, ids)}


async def readiness(where: Executor, organisation_id: UUID) -> Readiness | None:
    """The five actions of M §6; None for the issuer."""
    return await queries.READINESS.one(where, organisation_id)


async def require(where: Executor, bin_: str) -> Organisation:
    """The registered organisation of that BIN. Raises AccountNotOpen."""
    organisation = await queries.BY_BIN.one(where, bin_)
    if organisation is None:
        raise AccountNotOpen
    return organisation


async def require_open_executor(where: Executor, bin_: str) -> Organisation:
    """The executor of that BIN with an open account. Raises AccountNotOpen, AccountBlocked."""
    organisation = await queries.BY_BIN.one(where, bin_)
    if organisation is None or organisation.kind is not OrganisationKind.EXECUTOR:
        raise AccountNotOpen
    require_open(organisation)
    return organisation


def require_open(organisation: Organisation) -> None:
    """Its account is open. Raises AccountNotOpen, AccountBlocked."""
    if organisation.status is AccountStatus.BLOCKED:
        raise AccountBlocked
    if organisation.status is not AccountStatus.OPEN:
        raise AccountNotOpen


async def executor_ids(where: Executor, bins: list[str]) -> dict[str, UUID]:
    """The executors of those numbers, the closed ones left out."""
    return {o.bin: o.organisation_id for o in await queries.EXECUTOR_IDS.all(where, bins)}


async def mark_qr(tx: Tx, facility_id: UUID, *, at: datetime) -> None:
    """A production facility obtained its QR code (M §6(5)); the visits wing says so."""
    await queries.MARK_QR.run(tx, facility_id, at)


async def unmark_qr(tx: Tx, facility_id: UUID) -> None:
    """The facility's code was withdrawn and none took its place."""
    await queries.UNMARK_QR.run(tx, facility_id)
