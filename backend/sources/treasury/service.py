"""What the payments wing may ask of the Treasury: write an order, hand it over, ask about it."""

import httpx

from backend.kernel.config import Config
from backend.sources.treasury import gateway, rules
from backend.sources.treasury.model import CreditTransfer, TreasuryAnswer


def write_order(order: CreditTransfer) -> bytes:
    """The exact bytes of an order, to be signed and sent. Raises OrderUnreadable."""
    return rules.write_order(order)


async def send(
    http: httpx.AsyncClient, config: Config, message_id: str, message: bytes, signature: bytes
) -> TreasuryAnswer:
    """Hand a signed order to the Treasury; the same message twice is one order.

    Raises TreasurySilent: then nobody knows whether it arrived, and `ask` comes before all else.
    """
    return await gateway.post_order(http, config, message_id, message, signature)


async def ask(http: httpx.AsyncClient, config: Config, message_id: str) -> TreasuryAnswer | None:
    """What became of an order; None when the Treasury never saw it. Raises TreasurySilent."""
    return await gateway.get_order(http, config, message_id)
