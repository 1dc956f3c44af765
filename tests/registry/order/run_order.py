"""A worker with nothing but one order to do, to be killed: `python run_order.py URL ORDER_ID CHUNK`."""

import asyncio
import sys
from uuid import UUID

from backend.kernel.clock import FixedClock
from backend.kernel.db import open_db
from backend.registry.order import service
from infra.bench import population


async def main(url: str, order_id: str, chunk: str) -> None:
    db = await open_db(url, "saqtau_registry", min_size=2, max_size=4)
    await service.run(db, FixedClock(population.NOW), UUID(order_id), chunk=int(chunk))
    await db.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
