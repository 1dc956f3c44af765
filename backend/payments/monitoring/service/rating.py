"""Results of monitorings as a factor of the rating (M §22; A: 48 of the purchase rules)."""

from datetime import date
from uuid import UUID

from backend.allocation.rating import service as ratings
from backend.allocation.rating.model import FactorKind, FactorRow, ImportFactors
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import legal_date, legal_midnight
from backend.kernel.resources import Resources
from backend.payments.monitoring import protocol_queries, queries
from backend.registry.account import service as account

SOURCE = "saqtau.monitoring"


async def tell_rating(resources: Resources, monitoring_id: UUID, executor_id: UUID) -> None:
    """Tell the rating how many defects monitoring confirmed at this executor in the year of signing.

    A count of what stands, so that telling it twice changes nothing.
    """
    db = resources.db.payments
    found = await queries.ONE.get(db, monitoring_id)
    assert found.signed_at is not None, "told when everybody has signed"
    year = legal_date(found.signed_at).year
    count = await protocol_queries.DEFECTS_OF_YEAR.get(
        db, executor_id, legal_midnight(date(year, 1, 1)), legal_midnight(date(year + 1, 1, 1))
    )
    executor = (await account.organisations(db, [executor_id]))[executor_id]
    row = FactorRow(executor.bin, FactorKind.MONITORING, count, found.number)
    told = ImportFactors(SOURCE, str(year), found.number, [row])
    await ratings.import_factors(resources.db.allocation, resources.clock, SYSTEM, told)
