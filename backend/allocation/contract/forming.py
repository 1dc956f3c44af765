"""Form the contracts of a signed decision, all in the transaction that signs it (M §12).

One contract for each application and funding source, since their money never mixes; in the order of
applications; lines that received nothing are left out, and a contract of nothing is none.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

import msgspec

from backend.allocation.application import co_executors
from backend.allocation.application.model import Contents, FormOfCoExecutor, SealedCoExecutor
from backend.allocation.contract import content, queries, rules
from backend.allocation.contract.model import (
    AllocatedLine,
    AllocatedPart,
    CoExecutorRow,
    Draft,
    PlanVersion,
)
from backend.allocation.decision.record import Decision
from backend.kernel.clock import legal_date
from backend.kernel.db import Tx
from backend.kernel.ids import uuid7
from backend.kernel.sealing import Keyring
from backend.registry.account import service as accounts
from backend.registry.account.model import Organisation


async def form(
    tx: Tx, keyring: Keyring, decision: Decision, issuer_bin: str, *, at: datetime
) -> int:
    """Form every contract of the decision; how many. Raises AccountNotOpen without an issuer."""
    allocated = await queries.ALLOCATED.all(tx, decision.decision_id)
    if not allocated:
        return 0
    drafts = await _drafts(tx, keyring, decision, issuer_bin, allocated, at)
    valid_from, valid_to = rules.validity(decision.year, legal_date(at))
    await queries.ADD.run(
        tx,
        decision.decision_id,
        valid_from,
        valid_to,
        at,
        [d.contract_id for d in drafts],
        [d.number for d in drafts],
        [d.application_id for d in drafts],
        [d.executor_id for d in drafts],
        [d.source for d in drafts],
        [d.seq_no for d in drafts],
        [d.content for d in drafts],
        [d.amount_tiyn for d in drafts],
    )
    lines = [(d.contract_id, line) for d in drafts for line in d.lines]
    await queries.ADD_LINES.run(
        tx,
        [contract_id for contract_id, _ in lines],
        [line.line_id for _, line in lines],
        [line.service_type for _, line in lines],
        [line.region for _, line in lines],
        [line.unit for _, line in lines],
        [line.units for _, line in lines],
        [line.tariff_tiyn for _, line in lines],
        [line.amount_tiyn for _, line in lines],
    )
    parts = [(d.contract_id, part) for d in drafts for part in d.parts]
    await queries.ADD_CO_EXECUTORS.run(
        tx,
        [contract_id for contract_id, _ in parts],
        [part.application_id for _, part in parts],
        [part.co_executor_no for _, part in parts],
        [part.line_id for _, part in parts],
        [part.allocated for _, part in parts],
    )
    return len(drafts)


class _Sources(msgspec.Struct, frozen=True):
    """What contents are made of besides the shares, loaded once for all contracts."""

    decision: Decision
    plan: PlanVersion
    at: datetime
    issuer: Organisation
    executors: dict[UUID, Organisation]
    papers: dict[UUID, Contents]
    parts: dict[UUID, list[AllocatedPart]]
    partners: dict[UUID, list[tuple[int, str, str, str]]]


async def _drafts(
    tx: Tx,
    keyring: Keyring,
    decision: Decision,
    issuer_bin: str,
    allocated: Sequence[AllocatedLine],
    at: datetime,
) -> list[Draft]:
    sources = await _sources(tx, keyring, decision, issuer_bin, allocated, at)
    groups = [
        list(lines)
        for _, lines in groupby(allocated, key=lambda a: (a.seq_no, a.application_id, a.source))
    ]
    numbers = await _numbers(tx, sources.plan, [lines[0].source for lines in groups])
    return [
        _draft(sources, place, number, lines)
        for place, (number, lines) in enumerate(zip(numbers, groups, strict=True), start=1)
    ]


async def _sources(
    tx: Tx,
    keyring: Keyring,
    decision: Decision,
    issuer_bin: str,
    allocated: Sequence[AllocatedLine],
    at: datetime,
) -> _Sources:
    applications = sorted({a.application_id for a in allocated})
    parts: dict[UUID, list[AllocatedPart]] = defaultdict(list)
    for part in await queries.PARTS.all(tx, decision.decision_id):
        parts[part.application_id].append(part)
    partners: dict[UUID, list[tuple[int, str, str, str]]] = defaultdict(list)
    for partner in await queries.CO_EXECUTORS.all(tx, applications):
        partners[partner.application_id].append(_named(keyring, partner))
    return _Sources(
        decision,
        await queries.PLAN_OF.get(tx, decision.decision_id),
        at,
        await accounts.require(tx, issuer_bin),
        await accounts.organisations(tx, sorted({a.executor_id for a in allocated})),
        {p.application_id: p.contents for p in await queries.PAPERS.all(tx, applications)},
        parts,
        partners,
    )


def _draft(known: _Sources, place: int, number: str, lines: Sequence[AllocatedLine]) -> Draft:
    first, kept = lines[0], {line.line_id for line in lines}
    valid_from, valid_to = rules.validity(known.plan.year, legal_date(known.at))
    parts = [p for p in known.parts.get(first.application_id, ()) if p.line_id in kept]
    facts = content.Facts(
        number=number,
        formed_on=legal_date(known.at),
        source=first.source,
        decision_id=str(known.decision.decision_id),
        result_sha256=known.decision.result_sha256,
        plan=known.plan,
        application_id=str(first.application_id),
        seq_no=first.seq_no,
        issuer=known.issuer,
        executor=known.executors[first.executor_id],
        papers=known.papers[first.application_id],
        co_executors=known.partners.get(first.application_id, []),
        lines=lines,
        parts=parts,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    return Draft(
        uuid7(),
        number,
        first.application_id,
        first.executor_id,
        first.source,
        place,
        lines,
        parts,
        content.build(facts),
    )


async def _numbers(tx: Tx, plan: PlanVersion, sources: Sequence[str]) -> list[str]:
    """A number for each contract, in order, without gaps within year and source."""
    places: dict[str, int] = {}
    for source in sorted(set(sources)):
        wanted = sources.count(source)
        places[source] = await queries.TAKE_NUMBERS.get(tx, plan.year, source, wanted) - wanted
    numbers = []
    for source in sources:
        places[source] += 1
        numbers.append(rules.number(plan.year, source, places[source]))
    return numbers


def _named(keyring: Keyring, row: CoExecutorRow) -> tuple[int, str, str, str]:
    form = FormOfCoExecutor(row.form)
    stored = SealedCoExecutor(row.co_executor_no, form, row.bin, row.name, row.sealed)
    number, name = co_executors.opened(keyring, row.application_id, stored)
    return row.co_executor_no, row.form, number, name
