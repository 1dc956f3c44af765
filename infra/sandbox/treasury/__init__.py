"""The Treasury's information system: takes registers and signed payment orders, tells what it booked."""

from infra.sandbox.treasury import orders, registers, statements
from infra.sandbox.treasury.model import state

HANDLERS = [*orders.HANDLERS, *registers.HANDLERS, *statements.HANDLERS]

__all__ = ["HANDLERS", "state"]
