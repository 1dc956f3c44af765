"""Use cases of staff."""

from collections.abc import Iterable
from uuid import UUID

from backend.kernel.actor import Actor
from backend.kernel.db import Executor, Tx
from backend.kernel.ids import NumberKind, check_number, uuid7
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.registry.account import service as accounts
from backend.registry.feed import service as feed
from backend.registry.feed.errors import Row
from backend.registry.feed.model import FeedAnswer, RefusedRow
from backend.registry.worker import queries
from backend.registry.worker.model import StaffBatch, StaffEntry, Worker


async def employ(resources: Resources, actor: Actor, batch: StaffBatch) -> FeedAnswer:
    """Take the staff of executors from a MIS; the last row of one worker counts. Raises BatchChanged."""

    async def take(tx: Tx) -> FeedAnswer:
        executors = await accounts.executor_ids(tx, list({e.executor_bin for e in batch.staff}))
        refused: list[RefusedRow] = []
        taken: dict[tuple[UUID, bytes], StaffEntry] = {}
        for index, entry in enumerate(batch.staff):
            check = check_number(entry.iin)
            if not check.valid or check.kind is not NumberKind.IIN:
                refused.append(RefusedRow(index, Row.IIN_INVALID, f"$.staff[{index}].iin"))
            elif entry.executor_bin not in executors:
                path = f"$.staff[{index}].executor_bin"
                refused.append(RefusedRow(index, Row.EXECUTOR_NOT_FOUND, path))
            else:
                iin_hash = resources.keyring.lookup("iin", entry.iin)
                taken[executors[entry.executor_bin], iin_hash] = entry
        changed = await queries.EMPLOY.all(
            tx,
            [uuid7() for _ in taken],
            [executor for executor, _ in taken],
            [iin_hash for _, iin_hash in taken],
            [entry.speciality for entry in taken.values()],
            [entry.active for entry in taken.values()],
            resources.clock.now(),
        )
        repeated = len(batch.staff) - len(refused) - len(changed)
        return FeedAnswer(len(changed), repeated, tuple(refused))

    return await feed.once(resources, actor, "staff", batch.batch_id, batch, take)


async def workers(
    where: Executor, keyring: Keyring, executor_id: UUID, iins: Iterable[str]
) -> dict[str, Worker]:
    """The workers of that executor by IIN, those who left included; strangers are left out."""
    hashes = {keyring.lookup("iin", iin): iin for iin in iins}
    found = await queries.OF_EXECUTOR.all(where, executor_id, list(hashes))
    return {hashes[worker.iin_hash]: worker for worker in found}
