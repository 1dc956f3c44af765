"""Events the brake let pass block accounts (M §33(1), (2); D12, D42): in chunks, each event once."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from backend.kernel import events
from backend.kernel.actor import SYSTEM
from backend.kernel.resources import Resources
from backend.registry.account.model import AccountStatus
from backend.registry.log.model import BasisKind
from backend.registry.person.service import AUTOMATIC
from backend.registry.restriction.events import AccountsBlocked
from backend.registry.restriction.model import BlockGround, NewRestriction, Owner
from backend.registry.restriction.service import account
from backend.registry.state_event import queries, rules
from backend.registry.state_event.model import Outcome, ReadyEvent, Source

CHUNK: Final = 500  # events in one transaction
_LIVE: Final = {AccountStatus.OPEN, AccountStatus.BLOCKED}


async def apply(resources: Resources, source: Source, *, chunk: int = CHUNK) -> int:
    """Apply one chunk of ready events; how many were dealt with.

    Safe in parallel and when killed: the events of a chunk are settled in the transaction that
    blocks, and locked until then.
    """
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        ready = await queries.TAKE_READY.all(tx, source, chunk)
        if not ready:
            return 0
        owners = await account.owners(
            tx,
            list({e.person_id for e in ready if e.person_id is not None}),
            list({e.organisation_id for e in ready if e.organisation_id is not None}),
        )
        live = {subject: o for subject, o in owners.items() if o.status in _LIVE}
        grounds = [g for event in ready for g in _grounds(event, live)]
        new = await account.put(tx, resources.calendar, live, grounds, actor=AUTOMATIC, at=now)
        blocked = {g.basis_id for g in new}
        outcomes = [_outcome(event, owners, blocked) for event in ready]
        await queries.SETTLE.run(tx, source, [e.event_id for e in ready], outcomes, now)
        if new:
            met = len({g.subject_id for g in new})
            told = AccountsBlocked(ready[0].run_id, source.value, met)
            await events.append(tx, told, by=SYSTEM, at=now)
    return len(ready)


def _grounds(event: ReadyEvent, live: Mapping[UUID, Owner]) -> list[NewRestriction]:
    """The event's fact, on the person's account and on the one of his business (D42)."""
    ground = rules.GROUNDS[event.source]
    return [
        NewRestriction(
            subject_id=subject,
            ground=ground,
            fact=rules.FACTS[event.source][event.kind],
            basis_kind=BasisKind.EVENT,
            basis_id=rules.basis_id(event.source, event.event_id),
            basis=event.document,
        )
        for subject in _targets(event)
        if subject in live and live[subject].natural == (ground is BlockGround.B1)
    ]


def _targets(event: ReadyEvent) -> Sequence[UUID]:
    return [s for s in (event.person_id, event.organisation_id) if s is not None]


def _outcome(event: ReadyEvent, owners: Mapping[UUID, Owner], blocked: set[str]) -> Outcome:
    """BLOCKED when it put a ground; WAITING when there is no account yet; else it changed nothing."""
    if rules.basis_id(event.source, event.event_id) in blocked:
        return Outcome.BLOCKED
    found = [owners[s] for s in _targets(event) if s in owners]
    if all(owner.status is AccountStatus.NONE for owner in found):
        return Outcome.WAITING
    return Outcome.NOTED
