"""What everybody may see of the log: heads, keys and proofs (RFC 9162 §5), hashes and nothing else."""

from datetime import timedelta
from typing import Annotated, Any, Final

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.log import heads, tree
from backend.registry.log.errors import HashUnreadable, HeadUnknown, LeafUnknown, TreeSizeUnknown
from backend.registry.log.model import Consistency, Inclusion, LogKey, SignedHead
from backend.web import limits
from backend.web.guards import public
from backend.web.limits import Limit
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

# Behind one address may stand a monitor that keeps every head, or a ministry's gateway.
PER_ADDRESS: Final = Limit("log-address", 600, timedelta(minutes=1))
TreeSize = Annotated[int, QueryParameter(ge=0, le=1 << 62)]
# The same question has the same answer for ever; the newest head is the newest for a minute at least.
_FOREVER = {"cache-control": "public, max-age=31536000, immutable"}
_MINUTE = {"cache-control": "public, max-age=60"}
_HEAD = {
    "number": 412,
    "tree_size": 61234,
    "root": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "at": "2026-04-06T04:00:00Z",
    "previous": "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    "key_number": 1,
    "signature": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo…",
}


async def _count(request: Request[Any, Any, Any], resources: Resources) -> None:
    address = request.client.host if request.client else "unknown"
    await limits.count(resources, (PER_ADDRESS, address))


def _hash(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        raise HashUnreadable(path="hash") from None
    if len(found) != 32 or found.hex() != text:
        raise HashUnreadable(path="hash")
    return found


@get(
    "/registry/log/heads",
    guards=[public],
    tags=["registry"],
    response_headers=_MINUTE,
    **operation(
        "ListLogHeads",
        "Signed heads of the operation log",
        discloses="nothing",
        guarded=False,
        errors=(BadCursor,),
        answer={"items": [_HEAD], "next": None},
    ),
)
async def list_heads(
    request: Request[Any, Any, Any],
    db: NamedDependency[Db],
    resources: NamedDependency[Resources],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[SignedHead]:
    """List the heads from the first on; whoever keeps them holds us to what the log was."""
    await _count(request, resources)
    return await heads.listed(db, cursor, limit)


@get(
    "/registry/log/heads/latest",
    guards=[public],
    tags=["registry"],
    response_headers=_MINUTE,
    **operation(
        "GetLatestLogHead",
        "The newest signed head",
        discloses="nothing",
        guarded=False,
        errors=(HeadUnknown,),
        answer=_HEAD,
    ),
)
async def latest_head(
    request: Request[Any, Any, Any],
    db: NamedDependency[Db],
    resources: NamedDependency[Resources],
) -> SignedHead:
    """Tell the length and root of the log, signed; a head is signed every hour at least."""
    await _count(request, resources)
    return await heads.last(db)


@get(
    "/registry/log/keys",
    guards=[public],
    tags=["registry"],
    response_headers=_MINUTE,
    **operation(
        "ListLogKeys",
        "Public keys of the operation log",
        discloses="nothing",
        guarded=False,
        answer=[
            {
                "key_number": 1,
                "algorithm": "Ed25519",
                "public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                "created_at": "2026-04-06T04:00:00Z",
                "retired_at": None,
                "endorsement": None,
            }
        ],
    ),
)
async def list_keys(
    request: Request[Any, Any, Any],
    db: NamedDependency[Db],
    resources: NamedDependency[Resources],
) -> list[LogKey]:
    """The keys of heads and extracts: the file for `saqtau registry verify --keys`."""
    await _count(request, resources)
    return await heads.public_keys(db)


@get(
    "/registry/log/proofs/inclusion",
    guards=[public],
    tags=["registry"],
    response_headers=_FOREVER,
    **operation(
        "ProveInclusion",
        "Proof that an operation is in the log",
        discloses="nothing",
        guarded=False,
        errors=(LeafUnknown, TreeSizeUnknown, HashUnreadable),
        answer={
            "leaf_index": 5,
            "tree_size": 8,
            "inclusion_path": ["bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"],
        },
    ),
)
async def prove_inclusion(
    request: Request[Any, Any, Any],
    db: NamedDependency[Db],
    resources: NamedDependency[Resources],
    leaf: Annotated[str, QueryParameter(name="hash", min_length=1, max_length=64)],
    tree_size: TreeSize,
) -> Inclusion:
    """Prove that the leaf of this hash stands under the head of this size (RFC 9162 §2.1.3)."""
    await _count(request, resources)
    return await tree.inclusion(db, _hash(leaf), tree_size)


@get(
    "/registry/log/proofs/consistency",
    guards=[public],
    tags=["registry"],
    response_headers=_FOREVER,
    **operation(
        "ProveConsistency",
        "Proof that the log only grew",
        discloses="nothing",
        guarded=False,
        errors=(TreeSizeUnknown,),
        answer={
            "first": 6,
            "second": 8,
            "consistency_path": [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
            ],
        },
    ),
)
async def prove_consistency(
    request: Request[Any, Any, Any],
    db: NamedDependency[Db],
    resources: NamedDependency[Resources],
    first: TreeSize,
    second: TreeSize,
) -> Consistency:
    """Prove that the tree of `second` leaves begins with that of `first` (RFC 9162 §2.1.4)."""
    await _count(request, resources)
    return await tree.consistency(db, first, second)
