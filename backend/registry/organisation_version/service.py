"""Keeping and opening versions; the caller holds the organisation's row locked."""

from datetime import datetime
from uuid import UUID

from backend.kernel.db import Executor, Tx
from backend.kernel.sealing import Keyring
from backend.registry.organisation_version import queries
from backend.registry.organisation_version.model import Mark, Version


async def keep(
    tx: Tx, keyring: Keyring, organisation_id: UUID, data: bytes, evidence_id: UUID, *, at: datetime
) -> Mark:
    """Keep `data` as the next version, entered by the signed document `evidence_id`."""
    sealed = keyring.seal(data, organisation_id.bytes)
    version = await queries.ADD.get(tx, organisation_id, sealed, evidence_id, at)
    return _mark(keyring, version, data)


async def last(where: Executor, keyring: Keyring, organisation_id: UUID) -> Mark | None:
    """The version that holds now; None for an organisation registered before versions were kept."""
    found = await queries.LAST.one(where, organisation_id)
    if found is None:
        return None
    return _mark(keyring, found.version, keyring.open(found.sealed, organisation_id.bytes))


async def find(where: Executor, keyring: Keyring, organisation_id: UUID, version: int) -> Version:
    """The data of that version. LookupError when there is none, SealBroken when they were touched."""
    found = await queries.FIND.get(where, organisation_id, version)
    return Version(keyring.open(found.sealed, organisation_id.bytes), found.evidence_id)


def _mark(keyring: Keyring, version: int, data: bytes) -> Mark:
    return Mark(version, keyring.lookup("organisation", data.decode()).hex())
