"""The tax body's e-invoices: registers an invoice once per seller and number."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from infra.sandbox.state import Sandbox


class Invoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An invoice as a seller declares it."""

    number: str
    issued_on: str
    seller_bin: str
    buyer_bin: str
    contract_number: str
    period_from: str
    period_to: str
    amount: str
    currency: str


class Registered(msgspec.Struct):
    """An invoice as the tax body keeps it. `received` counts deliveries."""

    invoice: Invoice
    registration_number: str
    received: int = 1


class Tax(msgspec.Struct):
    """What the stand-in remembers; `drop` answers of the next registrations are lost."""

    invoices: dict[tuple[str, str], Registered] = {}
    drop: int = 0


class Count(msgspec.Struct, frozen=True):
    """How many of the next messages."""

    count: int


def state(sandbox: Sandbox) -> Tax:
    """The stand-in's memory, kept with the others'."""
    kept: Tax = sandbox.switches.setdefault("tax", Tax())
    return kept


@post("/invoices", status_code=200)
async def register(
    data: JSONBody[Invoice], sandbox: NamedDependency[Sandbox]
) -> Response[dict[str, str]]:
    """Register an invoice; the same one again is the same registration."""
    tax = state(sandbox)
    key = (data.seller_bin, data.number)
    known = tax.invoices.get(key)
    if known is None:
        known = tax.invoices[key] = Registered(data, f"ESF-{len(tax.invoices) + 1:08}")
    elif known.invoice != data:
        return Response({"error": "NUMBER_TAKEN"}, status_code=409)
    else:
        known.received += 1
    if tax.drop > 0:
        tax.drop -= 1
        return Response({"error": "GATEWAY"}, status_code=504)
    return Response(
        {
            "number": data.number,
            "seller_bin": data.seller_bin,
            "status": "CONFIRMED",
            "registration_number": known.registration_number,
        }
    )


@get("/control/invoices")
async def invoices(sandbox: NamedDependency[Sandbox]) -> list[dict[str, Any]]:
    """Show every registration and how often it was delivered."""
    return [msgspec.to_builtins(r) for r in state(sandbox).invoices.values()]


@post("/control/drop-answers", status_code=200)
async def drop_answers(data: JSONBody[Count], sandbox: NamedDependency[Sandbox]) -> dict[str, int]:
    """Register the next `count` invoices and lose the answers."""
    state(sandbox).drop = data.count
    return {"drop": data.count}


HANDLERS = [register, invoices, drop_answers]
