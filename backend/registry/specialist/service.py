"""Use cases of specialists: the directory is entered by signature, certificates are told as facts."""

from uuid import UUID

from backend.kernel.actor import Actor
from backend.kernel.db import Executor, Tx
from backend.kernel.ids import NumberKind, check_number, uuid7
from backend.kernel.resources import Resources
from backend.registry.feed import service as feed
from backend.registry.feed.errors import Row
from backend.registry.feed.model import FeedAnswer, RefusedRow
from backend.registry.specialist import queries
from backend.registry.specialist.errors import NeedPeriodWrong
from backend.registry.specialist.model import (
    CertificateBatch,
    CertificateEntry,
    EnterNeeds,
    Need,
    NeedsEntered,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def enter_needs(resources: Resources, signed: Signed[EnterNeeds]) -> NeedsEntered:
    """Enter what services ask of who gives them, all or none. Raises NeedPeriodWrong, DocumentAlreadyUsed."""
    needs = signed.command.needs
    for place, need in enumerate(needs):
        if need.valid_to is not None and need.valid_to < need.valid_from:
            raise NeedPeriodWrong(path=f"$.needs[{place}].valid_to")
    async with resources.db.registry.transaction() as tx:
        await queries.ADD_NEEDS.run(
            tx,
            [uuid7() for _ in needs],
            [need.service_code for need in needs],
            [" ".join(sorted(set(need.specialities))) for need in needs],
            [need.valid_from for need in needs],
            [need.valid_to for need in needs],
            signed.command.basis,
            await evidence.store(tx, signed),
            resources.clock.now(),
        )
    return NeedsEntered(len(needs))


async def needs(where: Executor, after: UUID | None, limit: int) -> list[Need]:
    """Entries of the directory in the order they were made, those behind `after`."""
    return await queries.NEEDS.all(where, after, limit)


async def tell(resources: Resources, actor: Actor, batch: CertificateBatch) -> FeedAnswer:
    """Take certificates of specialists; what holds never depends on what came first. Raises BatchChanged."""
    source = actor.bin or actor.label

    async def take(tx: Tx) -> FeedAnswer:
        taken: list[CertificateEntry] = []
        refused: list[RefusedRow] = []
        for place, entry in enumerate(batch.certificates):
            fault = _fault(entry)
            if fault is None:
                taken.append(entry)
            else:
                code, field = fault
                refused.append(RefusedRow(place, code, f"$.certificates[{place}].{field}"))
        lookup = resources.keyring.lookup
        recorded = await queries.RECORD.run(
            tx,
            [entry.number for entry in taken],
            [entry.seq for entry in taken],
            [lookup("iin", entry.iin) for entry in taken],
            [entry.speciality for entry in taken],
            [entry.valid_from for entry in taken],
            [entry.valid_to for entry in taken],
            [entry.withdrawn for entry in taken],
            source,
            resources.clock.now(),
        )
        return FeedAnswer(recorded, len(taken) - recorded, tuple(refused))

    return await feed.once(resources, actor, "certificates", batch.batch_id, batch, take)


def _fault(entry: CertificateEntry) -> tuple[Row, str] | None:
    check = check_number(entry.iin)
    if not check.valid or check.kind is not NumberKind.IIN:
        return Row.IIN_INVALID, "iin"
    if entry.valid_to is not None and entry.valid_to < entry.valid_from:
        return Row.PERIOD_INVALID, "valid_to"
    return None
