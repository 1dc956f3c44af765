"""Change the keys personal data are sealed and found under, while the service runs.

Three things, each in bounded batches, each to be killed and run again: everything sealed under an older
key is sealed under the newest; while the key of persons is changed everybody gets a second hash; and
a sealing key that nothing needs any more is retired, after which its secret may go.
"""

from collections import defaultdict
from collections.abc import Callable

import msgspec

from backend.app.vaults import VAULTS
from backend.kernel import keys, resealing
from backend.kernel.resealing import Progress
from backend.kernel.resources import Resources
from backend.kernel.sealing import MARK_BYTES
from backend.registry.person import rehash
from backend.registry.person.model import Rehashed

Tell = Callable[[str, int], None]
UNMARKED = "before keys had ids"


class Rekeyed(msgspec.Struct, frozen=True, kw_only=True):
    """What was done and what is left. `ok`: everything is sealed under `current` and found by one key.

    `sealed` counts, by column, the seals made under `current`; `broken` those that do not open under any
    key; `in_use` the seals still standing under other keys, by key; `retired` keys that nothing needs any
    more, so that their secrets may be taken out of SAQTAU_SECRET.
    """

    ok: bool
    current: str
    sealed: dict[str, int]
    broken: dict[str, int]
    in_use: dict[str, dict[str, int]]
    retired: list[str]
    person_keys: list[int]
    hashed: Rehashed | None


async def rekey(resources: Resources, tell: Tell) -> Rekeyed:
    """Seal and hash everything anew, and retire what is not needed any more."""
    ring = resources.keyring
    sealed: dict[str, int] = {}
    broken: dict[str, int] = defaultdict(int)
    for vault in VAULTS:
        async for step in resealing.reseal(getattr(resources.db, vault.wing), ring, vault):
            _count(step, sealed, broken)
            if step.sealed:
                tell(vault.name, step.sealed)
    hashed = None
    async for hashed in rehash.rehash(resources.db.registry, ring):
        tell("person.iin_claim, second hash", hashed.hashed)
    in_use = await _in_use(resources)
    done = [key_id for key_id in ring.keys if key_id != ring.current]
    done = [] if UNMARKED in in_use else [k for k in done if k.hex() not in in_use]
    retired = await keys.RETIRE.all(resources.db.registry, done, resources.clock.now())
    whole = hashed is None or not (hashed.unreadable or hashed.twice)
    return Rekeyed(
        ok=not in_use and not broken and whole,
        current=ring.current.hex(),
        sealed=sealed,
        broken=dict(broken),
        in_use=in_use,
        retired=[key_id.hex() for key_id in retired],
        person_keys=[number for number, _ in ring.person_keys],
        hashed=hashed,
    )


def _count(step: Progress, sealed: dict[str, int], broken: dict[str, int]) -> None:
    sealed[step.vault] = step.sealed
    if step.broken:
        broken[step.vault] += step.broken


async def _in_use(resources: Resources) -> dict[str, dict[str, int]]:
    """The seals that stand under another key than the current one, by key and column."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for vault in VAULTS:
        marks = await resealing.used(getattr(resources.db, vault.wing), vault)
        for mark, seals in marks.items():
            if mark == resources.keyring.mark:
                continue
            marked = mark[:1] == b"\0" and len(mark) == MARK_BYTES
            key = mark[1:].hex() if marked else UNMARKED
            found[key][vault.name] = found[key].get(vault.name, 0) + seals
    return dict(found)
