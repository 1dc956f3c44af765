"""Use cases of policies."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from backend.kernel.clock import legal_date
from backend.kernel.config import Config
from backend.kernel.db import Executor, Tx
from backend.registry.account import service as accounts
from backend.registry.entitlement import service as entitlement
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.registry.policy import queries
from backend.registry.policy.model import REGISTRAR_NAME, Card, Policy, Registrar


async def of_year(where: Executor, person_id: UUID, year: int) -> Policy | None:
    """The person's policy of that financial year; a cancelled one does not count."""
    return await queries.OF_YEAR.one(where, person_id, year)


async def valid_on(where: Executor, persons: Sequence[UUID], on: date) -> dict[UUID, Policy]:
    """The policies in force on that day, by person; who has none is left out."""
    return {p.person_id: p for p in await queries.VALID_ON.all(where, persons, on)}


async def by_number(where: Executor, number: str) -> Policy | None:
    """The policy of that number, in whatever status."""
    return await queries.BY_NUMBER.one(where, number)


async def card(where: Executor, person_id: UUID, year: int) -> Card | None:
    """The policy with issuer and executor (M §36, §37), its holder left to `person.identity`."""
    policy = await of_year(where, person_id, year)
    if policy is None:
        return None
    issuer = await accounts.require(where, await queries.ISSUER_BIN.get(where))
    executor = None
    if policy.executor_id is not None:
        found = await accounts.organisations(where, [policy.executor_id])
        executor = found[policy.executor_id]
    return Card(
        policy=policy,
        issuer_name=issuer.name,
        issuer_bin=issuer.bin,
        issuer_address=issuer.contacts.postal_address,
        executor_name=executor.name if executor else None,
        executor_bin=executor.bin if executor else None,
    )


def registrar(config: Config) -> Registrar:
    """Who keeps the registry, as its configuration places it (M §37)."""
    return Registrar(REGISTRAR_NAME, config.registrar_bin, config.registrar_address)


async def cancel(
    tx: Tx,
    bases: Mapping[UUID, tuple[BasisKind, str]],
    *,
    actor: str,
    at: datetime,
) -> int:
    """Cancel the live policies of those persons in the caller's transaction (D13); how many.

    `bases` says of each person on what: a document of the registrar, an event of a state database.
    """
    cancelled = await queries.CANCEL.all(tx, list(bases), legal_date(at))
    await log.append(
        tx,
        [
            NewOperation(
                subject_id=c.person_id,
                op_class=OpClass.POLICY,
                op_type="CANCEL",
                at=at,
                actor=actor,
                basis_kind=bases[c.person_id][0],
                basis_id=bases[c.person_id][1],
                content={
                    "policy": c.policy_id,
                    "before": {"status": c.status_before},
                    "after": {"status": "CANCELLED"},
                },
            )
            for c in cancelled
        ],
    )
    return len(cancelled)


async def reassess(
    tx: Tx, persons: Sequence[UUID], *, actor: str, basis_id: str, at: datetime
) -> int:
    """Let the live policies of `persons` follow their entitlement as it is now; how many changed.

    Gained or lost, the insurance package changes with the status; the guaranteed one stays (D26).
    Source: M §29(2).
    """
    today = legal_date(at)
    live = await queries.LIVE.all(tx, persons, today)
    if not live:
        return 0
    await log.lock(tx, [p.person_id for p in live])
    live = await queries.LIVE.all(tx, [p.person_id for p in live], today)
    insured = await entitlement.entitled(tx, [p.person_id for p in live], today)
    changed = [p for p in live if p.mhi != insured[p.person_id]]
    await queries.RECOVER.all(
        tx,
        [p.person_id for p in changed],
        [p.policy_id for p in changed],
        [insured[p.person_id] for p in changed],
    )
    await log.append(
        tx,
        [
            NewOperation(
                subject_id=p.person_id,
                op_class=OpClass.POLICY,
                op_type="CHANGE",
                at=at,
                actor=actor,
                basis_kind=BasisKind.EVENT,
                basis_id=basis_id,
                content={
                    "policy": p.policy_id,
                    "before": {"mhi": p.mhi},
                    "after": {"mhi": not p.mhi},
                },
            )
            for p in changed
        ],
    )
    return len(changed)
