"""The feeds of the State Corporation over HTTP."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.registry.contribution import service
from backend.registry.contribution.model import ContributionBatch, PrivilegeBatch
from backend.registry.feed.errors import BatchChanged
from backend.registry.feed.model import FeedAnswer
from backend.web.guards import requires
from backend.web.openapi import operation

BATCH = "01980000-0000-7000-8000-000000000031"
ANSWER = {"accepted": 2, "repeated": 0, "refused": []}


@post(
    "/contributions",
    guards=[requires(Role.INTEGRATION)],
    tags=["registry"],
    **operation(
        "ReceiveContributions",
        "Deductions, contributions and refunds",
        discloses="nothing",
        errors=(BatchChanged,),
        body={
            "batch_id": BATCH,
            "receipts": [
                {
                    "iin": "850101300005",
                    "paid_on": "2026-04-02",
                    "period": "2026-03",
                    "kind": "deduction",
                    "amount_tiyn": 900000,
                    "payer_bin": "090440002224",
                    "source_ref": "SC-2026-000001",
                }
            ],
            "refunds": [
                {
                    "source_ref": "SC-2026-000001",
                    "refunded_tiyn": 100000,
                    "refunded_on": "2026-04-05",
                }
            ],
        },
        answer=ANSWER,
    ),
)
async def receive(
    data: JSONBody[ContributionBatch],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> FeedAnswer:
    """Take up to 5,000 receipts and as many refunds; each payment counts once."""
    return await service.receive(resources, actor, data)


@post(
    "/privileges",
    guards=[requires(Role.INTEGRATION)],
    tags=["registry"],
    **operation(
        "ReceivePrivileges",
        "Categories the State pays for",
        discloses="nothing",
        errors=(BatchChanged,),
        body={
            "batch_id": BATCH,
            "privileges": [
                {
                    "iin": "850101300005",
                    "category": "7",
                    "valid_from": "2026-01-01",
                    "valid_to": None,
                }
            ],
        },
        answer=ANSWER,
    ),
)
async def privilege(
    data: JSONBody[PrivilegeBatch],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> FeedAnswer:
    """Take up to 5,000 categories of persons (MHI law art. 26)."""
    return await service.privilege(resources, actor, data)
