"""The event "use of coverage volume" on the accounts of all insured of an act at once (M §13)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from backend.kernel.actor import Actor
from backend.kernel.db import Tx
from backend.payments.act import approval_queries as queries
from backend.payments.act.model import CoverageUse
from backend.registry.log import service as operations
from backend.registry.log.model import BasisKind, NewOperation, OpClass

USED: Final = "COVERAGE_USED"
RETURNED: Final = "COVERAGE_RETURNED"  # the act was cancelled: an operation that answers the first
_CHUNK: Final = 5_000  # operations made and sent at a time: memory does not grow with the act


async def log(tx: Tx, actor: Actor, act_id: UUID, op_type: str, at: datetime) -> None:
    """One operation on the account of each insured for each case of the act, in the order of the cases.

    All accounts are locked first, in one order, so that two acts about the same people queue up.
    """
    await operations.lock(tx, await queries.INSURED.all(tx, act_id))
    after = 0
    while uses := await queries.COVERAGE_USES.all(tx, act_id, after, _CHUNK):
        await operations.append(
            tx, [_operation(use, actor, act_id, op_type, at) for use in uses], locked=True
        )
        after = uses[-1].line_no


def _operation(
    use: CoverageUse, actor: Actor, act_id: UUID, op_type: str, at: datetime
) -> NewOperation:
    return NewOperation(
        subject_id=use.person_id,
        op_class=OpClass.ACCOUNT,
        op_type=op_type,
        at=at,
        actor=actor.label,
        basis_kind=BasisKind.EVENT,
        basis_id=str(act_id),
        content={
            "case_id": str(use.case_id),
            "line_id": str(use.line_id),
            "service_code": use.service_code,
            "service_date": use.service_date.isoformat(),
            "units": use.units,
            "amount_tiyn": use.amount_tiyn,
        },
    )
