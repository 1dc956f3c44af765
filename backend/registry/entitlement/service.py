"""The status of persons in the insurance system, from what the registry holds about them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from backend.kernel.batches import Batches
from backend.kernel.db import Db, Executor
from backend.kernel.money import Language
from backend.registry.entitlement import figures, queries, rules, texts
from backend.registry.entitlement.model import (
    Arrears,
    CategoryPeriod,
    MhiCase,
    MhiStatus,
    Receipt,
    Ruling,
    Status,
)


async def status_of(where: Executor, person_id: UUID, on: date) -> MhiStatus:
    """Consumer or not on that day, why, until when, what is owed (domain 5.6).

    Raises MinimumWageUnknown when there are arrears and the year's minimum wage is not known.
    """
    case = await case_of(where, person_id, on)
    return rules.mhi_status(case, law=await figures.current(where))


async def told_of(
    where: Executor, person_id: UUID, on: date, language: Language
) -> tuple[Ruling, Arrears, str]:
    """`status_of` in one language: the ruling, what is owed, and why. Raises as it does."""
    case = await case_of(where, person_id, on)
    law = await figures.current(where)
    ruling, arrears = rules.judge(case, law=law)
    why = texts.explain_in(language, on, ruling, arrears, law, self_payer=case.self_payer)
    return ruling, arrears, why


async def case_of(where: Executor, person_id: UUID, on: date) -> MhiCase:
    """What the rules look at for one person, as `cases` says it.

    In one statement; outside a transaction those who ask at the same time share it.
    """
    if isinstance(where, Db):
        return await _histories.ask(where, (person_id, on))
    return _case(await queries.HISTORY.get(where, person_id, on), on)


async def _read(db: Db, asked: Sequence[tuple[UUID, date]]) -> list[MhiCase]:
    if len(asked) == 1:
        person_id, on = asked[0]
        return [_case(await queries.HISTORY.get(db, person_id, on), on)]
    rows = await queries.HISTORIES.all(db, [p for p, _ in asked], [on for _, on in asked])
    rows.sort(key=lambda row: row.n)
    return [_case(row, on) for row, (_, on) in zip(rows, asked, strict=True)]


_histories = Batches(_read)


def _case(found: queries.History, on: date) -> MhiCase:
    receipts = tuple(
        map(
            Receipt,
            found.paid_on or (),
            found.period or (),
            found.kind or (),
            found.amount_tiyn or (),
            found.refunded_tiyn or (),
        )
    )
    return MhiCase(
        on=on,
        categories=tuple(
            map(CategoryPeriod, found.category or (), found.valid_from or (), found.valid_to or ())
        ),
        receipts=receipts,
        self_payer=rules.pays_himself(on, receipts, found.himself or ()),
        closed=found.closed,
    )


async def entitled(where: Executor, persons: Sequence[UUID], on: date) -> dict[UUID, bool]:
    """For each of `persons`: consumer on that day? The plain cases are decided by the database.

    Raises MinimumWageUnknown, as `status_of`.
    """
    this_month = rules.month_of(on)
    months = [rules.period_of(this_month - n) for n in (6, 4, 3, 0)]
    sifted = await queries.SIFT.all(where, persons, on, *months)
    unsure = [s.person_id for s in sifted if s.entitled is None]
    found = {s.person_id: bool(s.entitled) for s in sifted}
    if unsure:
        for person_id, case in (await cases(where, unsure, on)).items():
            found[person_id] = rules.decide(case).status is Status.CONSUMER
    return found


async def stays(where: Executor, persons: Sequence[UUID], until: date) -> dict[UUID, bool]:
    """For each of `persons`: does what is known already make him a consumer the day after `until`?"""
    found = await cases(where, persons, until + timedelta(days=1))
    return {p: rules.decide(case).status is Status.CONSUMER for p, case in found.items()}


async def cases(where: Executor, persons: Sequence[UUID], on: date) -> dict[UUID, MhiCase]:
    """What the rules look at, for each of `persons`."""
    receipts: dict[UUID, list[Receipt]] = defaultdict(list)
    himself: dict[UUID, list[bool]] = defaultdict(list)
    for row in await queries.RECEIPTS.all(where, persons, on):
        receipts[row.person_id].append(
            Receipt(row.paid_on, row.period, row.kind, row.amount_tiyn, row.refunded_tiyn)
        )
        himself[row.person_id].append(row.himself)
    categories: dict[UUID, list[CategoryPeriod]] = defaultdict(list)
    for category in await queries.CATEGORIES.all(where, persons):
        categories[category.person_id].append(
            CategoryPeriod(category.category, category.valid_from, category.valid_to)
        )
    closed = set(await queries.CLOSED.all(where, persons))
    return {
        person_id: MhiCase(
            on=on,
            categories=tuple(categories[person_id]),
            receipts=tuple(receipts[person_id]),
            self_payer=rules.pays_himself(on, receipts[person_id], himself[person_id]),
            closed=person_id in closed,
        )
        for person_id in persons
    }
