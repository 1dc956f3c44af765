"""What the payments wing may ask of the Treasury: hand over registers and orders, ask, read statements."""

import httpx

from backend.kernel.config import Config
from backend.sources.treasury import camt, gateway, rules
from backend.sources.treasury.model import CreditTransfer, SignedFile, Statement, TreasuryAnswer


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


async def send_register(
    http: httpx.AsyncClient, config: Config, file: SignedFile
) -> TreasuryAnswer:
    """Hand over a signed register; the same file twice is one register. Raises TreasurySilent."""
    return await gateway.post_register(http, config, file)


async def statement(http: httpx.AsyncClient, config: Config, number: int) -> bytes | None:
    """The exact bytes of the statement `number`; None while there is none. Raises TreasurySilent."""
    return await gateway.get_statement(http, config, number)


def read_statement(raw: bytes) -> Statement:
    """What a statement says. Raises AnswerUnreadable."""
    return camt.read_statement(raw)
