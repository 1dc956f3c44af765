"""Operations for the log's stories."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.registry.log import service
from backend.registry.log.model import BasisKind, NewOperation, OpClass

FIRST, SECOND, THIRD = (UUID(int=n << 96) for n in (1, 2, 3))
MANY = [UUID(int=n << 64) for n in range(1, 701)]


def operation(subject: UUID, note: object, clock: FixedClock) -> NewOperation:
    return NewOperation(
        subject_id=subject,
        op_class=OpClass.ACCOUNT,
        op_type="CHANGE",
        at=clock.now(),
        actor="mis:123456789012",
        basis_kind=BasisKind.EVENT,
        basis_id=str(uuid4()),
        content={"before": None, "after": {"note": note}},
    )


Write = Callable[..., Awaitable[None]]


@pytest.fixture
def write(db_registry: Db, clock: FixedClock) -> Write:
    """Logs an operation of each of those subjects, in one transaction."""

    async def of(*subjects: UUID) -> None:
        async with db_registry.transaction() as tx:
            await service.append(
                tx, [operation(s, f"{n} қазақша", clock) for n, s in enumerate(subjects)]
            )

    return of


@pytest.fixture
async def written(write: Write) -> None:
    """Three chains of four, five and one operations."""
    await write(*[FIRST] * 4, *[SECOND] * 5, THIRD)


@pytest.fixture
async def attacker(owner: Any) -> Any:
    """The owner of the database, who switches the triggers off for his session."""
    await owner.execute("SET session_replication_role = replica")
    return owner
