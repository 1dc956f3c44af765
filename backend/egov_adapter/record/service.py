"""Read the asking citizen's own record."""

from datetime import date
from uuid import UUID

from backend.egov_adapter.record import queries
from backend.egov_adapter.record.errors import NoPolicy, NotAttached
from backend.egov_adapter.record.model import (
    Billed,
    Holder,
    Issuer,
    MonthState,
    OwnCard,
    OwnCase,
    OwnClinic,
    OwnContribution,
    OwnMonth,
    OwnPolicy,
    OwnStatus,
    OwnVisit,
)
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db, Tx
from backend.kernel.money import Language
from backend.kernel.resources import Resources
from backend.registry.entitlement import service as entitlement
from backend.registry.person import service as persons
from backend.registry.policy import service as policies
from backend.web import paging

SHOWN_MONTHS = 13  # the twelve whose arrears count (MHI law art. 5(3)), and the running one


async def status(db: Db, clock: Clock, person_id: UUID, language: Language) -> OwnStatus:
    """The person's status in the insurance system today (domain 5.6). Raises MinimumWageUnknown."""
    today = legal_date(clock.now())
    ruling, arrears, why = await entitlement.told_of(db, person_id, today, language)
    return OwnStatus(
        on=today,
        status=ruling.status,
        basis=ruling.basis,
        until=ruling.until,
        arrears=arrears,
        explanation=why,
    )


async def policy(db: Db, clock: Clock, person_id: UUID) -> OwnPolicy:
    """The person's policy of this financial year. Raises NoPolicy."""
    found = await queries.POLICY.one(db, person_id, legal_date(clock.now()).year)
    if found is None:
        raise NoPolicy
    return found


async def card(resources: Resources, person_id: UUID) -> OwnCard:
    """The policy with its holder and its issuer (M §36, §37). Raises NoPolicy, InsuredNotFound."""
    own = await policy(resources.db.egov, resources.clock, person_id)
    shown = await policies.card(resources.db.egov, person_id, own.year)
    if shown is None:
        raise NoPolicy
    who = await persons.identity(resources.db.registry, resources.keyring, person_id)
    return OwnCard(
        policy=own,
        holder=Holder(who.full_name, who.iin, who.address, who.document_no),
        issuer=Issuer(shown.issuer_name, shown.issuer_bin, shown.issuer_address),
        registrar=policies.registrar(resources.config),
    )


async def visits(db: Db, person_id: UUID, cursor: str | None, limit: int) -> paging.Page[OwnVisit]:
    """The person's visits, the newest first."""
    after = paging.decode_uuid(cursor)
    rows = await queries.VISITS.all(db, person_id, after, limit + 1)
    return paging.page(rows, limit, lambda v: v.visit_id)


async def billed(
    db: Db, person_id: UUID, language: str, cursor: str | None, limit: int
) -> paging.Page[Billed]:
    """What was billed in the person's name, the newest first."""
    after = paging.decode_uuid(cursor)
    rows = await queries.BILLED.all(db, person_id, after, limit + 1, language)
    return paging.page(rows, limit, lambda b: b.case_id)


async def own_case(tx: Tx, person_id: UUID, case_id: UUID) -> OwnCase | None:
    """A service billed in the person's name; None when it is not, or is another's."""
    return await queries.OWN_CASE.one(tx, person_id, case_id)


async def contributions(
    db: Db, person_id: UUID, cursor: str | None, limit: int
) -> paging.Page[OwnContribution]:
    """The person's receipts, the newest payment first. Raises BadCursor."""
    paid_on, contribution_id = _place(cursor)
    rows = await queries.CONTRIBUTIONS.all(db, person_id, paid_on, contribution_id, limit + 1)
    return paging.page(rows, limit, lambda c: f"{c.paid_on}/{c.contribution_id}")


async def months(db: Db, clock: Clock, person_id: UUID) -> list[OwnMonth]:
    """The last twelve months and this one, the newest first: paid, owed, or not needed."""
    today = legal_date(clock.now())
    wanted = [_month(today.year * 12 + today.month - 1 - back) for back in range(SHOWN_MONTHS)]
    paid = {row.month: row for row in await queries.MONTHS.all(db, person_id, wanted[-1])}
    owed = set((await entitlement.status_of(db, person_id, today)).arrears.months)
    told = []
    for month in wanted:
        row = paid.get(month)
        amount = row.amount_tiyn if row else 0
        state = MonthState.OWED if month in owed else MonthState.NOT_NEEDED
        state = MonthState.PAID if amount > 0 else state
        told.append(OwnMonth(month, amount, row.receipts if row else 0, state))
    return told


def _month(index: int) -> str:
    return f"{index // 12}-{index % 12 + 1:02}"


async def clinic(db: Db, person_id: UUID) -> OwnClinic:
    """The clinic the person is attached to. Raises NotAttached."""
    found = await queries.CLINIC.one(db, person_id)
    if found is None:
        raise NotAttached
    return found


def _place(cursor: str | None) -> tuple[date | None, UUID | None]:
    text = paging.decode(cursor)
    if text is None:
        return None, None
    day, _, contribution = text.partition("/")
    try:
        return date.fromisoformat(day), UUID(contribution)
    except ValueError:
        raise paging.BadCursor(path="cursor") from None
