"""The tax body: registers an e-invoice once per seller and number; tells debts and untimely payments.

A payer nobody entered owes nothing. Switches (`/tax/control/mood`), of debts only: `silent` answers
nothing but an error; `forgetful` leaves the last payer out; `stale_days` tells records so many days old.
"""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from infra.sandbox.gates import pass_by
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
    revoked: bool = False


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The invoice somebody asks about."""

    seller_bin: str
    number: str


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question about many."""

    invoices: list[Asked]


class Revoke(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A seller takes an invoice back."""

    seller_bin: str
    number: str
    reason: str


class Debt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sum owed since a day: tenge with two digits after the point."""

    kind: str
    amount: str
    since: str


class Late(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sum paid after its day, or not yet."""

    kind: str
    amount: str
    due_on: str
    paid_on: str | None = None


class Payer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All a payer owes and paid late."""

    number: str
    debts: list[Debt] = []
    late: list[Late] = []


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose debts are asked for."""

    numbers: list[str]


class Mood(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the register of debts behaves."""

    silent: bool = False
    forgetful: bool = False
    stale_days: int = 0


class Tax(msgspec.Struct):
    """What the stand-in remembers; `drop` answers of the next registrations are lost.

    `asked` counts questions about debts, `numbers` the payers asked about.
    """

    invoices: dict[tuple[str, str], Registered] = {}
    drop: int = 0
    payers: dict[str, Payer] = {}
    mood: Mood = Mood()
    asked: int = 0
    numbers: int = 0


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
    await pass_by(sandbox, "tax.invoice.arrived")
    known = tax.invoices.get(key)
    if known is None:
        known = tax.invoices[key] = Registered(data, f"ESF-{len(tax.invoices) + 1:08}")
    elif known.invoice != data or known.revoked:
        return Response({"error": "NUMBER_TAKEN"}, status_code=409)
    else:
        known.received += 1
    await pass_by(sandbox, "tax.invoice.taken")
    return _answered(tax, known)


@post("/invoices/revocation", status_code=200)
async def revoke(
    data: JSONBody[Revoke], sandbox: NamedDependency[Sandbox]
) -> Response[dict[str, str]]:
    """Revoke an invoice; revoked again, it stays revoked."""
    tax = state(sandbox)
    known = tax.invoices.get((data.seller_bin, data.number))
    if known is None:
        return Response({"error": "UNKNOWN"}, status_code=404)
    known.revoked = True
    return _answered(tax, known)


@post("/invoices/query", status_code=200)
async def query(data: JSONBody[Ask], sandbox: NamedDependency[Sandbox]) -> dict[str, Any]:
    """Tell what is known of these invoices; what is not known is left away."""
    tax = state(sandbox)
    found = [tax.invoices.get((one.seller_bin, one.number)) for one in data.invoices]
    return {
        "invoices": [
            {
                **_told(known),
                "amount": known.invoice.amount,
                "buyer_bin": known.invoice.buyer_bin,
                "contract_number": known.invoice.contract_number,
                "period_from": known.invoice.period_from,
                "period_to": known.invoice.period_to,
            }
            for known in found
            if known is not None
        ]
    }


def _answered(tax: Tax, known: Registered) -> Response[dict[str, str]]:
    if tax.drop > 0:
        tax.drop -= 1
        return Response({"error": "GATEWAY"}, status_code=504)
    return Response(_told(known))


def _told(known: Registered) -> dict[str, str]:
    return {
        "number": known.invoice.number,
        "seller_bin": known.invoice.seller_bin,
        "status": "REVOKED" if known.revoked else "CONFIRMED",
        "registration_number": known.registration_number,
    }


@get("/control/invoices")
async def invoices(sandbox: NamedDependency[Sandbox]) -> list[dict[str, Any]]:
    """Show every registration and how often it was delivered."""
    return [msgspec.to_builtins(r) for r in state(sandbox).invoices.values()]


@post("/control/drop-answers", status_code=200)
async def drop_answers(data: JSONBody[Count], sandbox: NamedDependency[Sandbox]) -> dict[str, int]:
    """Register the next `count` invoices and lose the answers."""
    state(sandbox).drop = data.count
    return {"drop": data.count}


@post("/debts", status_code=200)
async def debts(data: JSONBody[Question], sandbox: NamedDependency[Sandbox]) -> Response[Any]:
    """Tell what each payer owes and paid late."""
    tax = state(sandbox)
    tax.asked += 1
    tax.numbers += len(data.numbers)
    if tax.mood.silent:
        return Response({"error": "MAINTENANCE"}, status_code=503)
    as_of = (sandbox.now() - timedelta(days=tax.mood.stale_days)).isoformat()
    payers = [
        {**msgspec.to_builtins(tax.payers.get(n, Payer(n))), "as_of": as_of}
        for n in data.numbers[: -1 if tax.mood.forgetful else None]
    ]
    return Response({"payers": payers})


@put("/control/payers", status_code=200)
async def put_payers(
    data: JSONBody[list[Payer]], sandbox: NamedDependency[Sandbox]
) -> dict[str, int]:
    """Keep these payers; what stood of one before is replaced."""
    tax = state(sandbox)
    tax.payers |= {payer.number: payer for payer in data}
    return {"payers": len(tax.payers)}


@put("/control/mood", status_code=204)
async def set_mood(data: JSONBody[Mood], sandbox: NamedDependency[Sandbox]) -> None:
    """Behave so from now on."""
    state(sandbox).mood = data


HANDLERS = [register, revoke, query, invoices, drop_answers, debts, put_payers, set_mood]
