"""Electronic invoices at the tax body: registered, asked about, revoked.

    POST {tax_url}/invoices  {"number", "issued_on", "seller_bin", "buyer_bin", "contract_number",
                              "period_from", "period_to", "amount": "1234.50", "currency": "KZT"}
    -> 200 {"number", "seller_bin", "status": "CONFIRMED", "registration_number"}

    POST {tax_url}/invoices/revocation  {"seller_bin", "number", "reason"}
    -> 200 as above, with "status": "REVOKED"
    POST {tax_url}/invoices/query       {"invoices": [{"seller_bin", "number"}, …]}
    -> 200 {"invoices": [{"number", "seller_bin", "status", "registration_number", "amount", "buyer_bin",
                          "contract_number", "period_from", "period_to"}, …]}, those it knows

The tax body keeps (seller, number): the same invoice again is one invoice, another under the
same number is refused. A seller may be a sole proprietor: no number stands in a URL. Never inside a transaction.
"""

from datetime import date
from typing import Literal

import httpx
import msgspec

from backend.kernel.config import Config
from backend.sources import exchange
from backend.sources.exchange import SourceUnavailable


class TaxInvoice(msgspec.Struct, frozen=True):
    """What the tax body is told. `amount` is tenge with two digits after the point."""

    number: str
    issued_on: date
    seller_bin: str
    buyer_bin: str
    contract_number: str
    period_from: date
    period_to: date
    amount: str
    currency: str = "KZT"


class TaxConfirmation(msgspec.Struct, frozen=True):
    """The tax body's answer."""

    number: str
    seller_bin: str
    status: str
    registration_number: str


async def register(http: httpx.AsyncClient, config: Config, invoice: TaxInvoice) -> TaxConfirmation:
    """Register `invoice`. Raises SourceUnavailable unless the tax body confirms this very one."""
    answer = await exchange.post_json(
        http,
        "tax",
        config.tax_url,
        "/invoices",
        invoice,
        TaxConfirmation,
        timeout_s=config.source_timeout_s,
    )
    same = (answer.number, answer.seller_bin) == (invoice.number, invoice.seller_bin)
    if not same or answer.status != "CONFIRMED" or not answer.registration_number:
        raise SourceUnavailable(source="tax")
    return answer


class TaxQuestion(msgspec.Struct, frozen=True):
    """An invoice we ask about."""

    seller_bin: str
    number: str


class TaxKnown(msgspec.Struct, frozen=True):
    """An invoice as the tax body has it; the amount in tenge, as `money.plain` writes it."""

    number: str
    seller_bin: str
    status: Literal["CONFIRMED", "REVOKED"]
    registration_number: str
    amount: str
    buyer_bin: str
    contract_number: str
    period_from: date
    period_to: date


class _Question(msgspec.Struct, frozen=True):
    invoices: list[TaxQuestion]


class _Answer(msgspec.Struct, frozen=True):
    invoices: list[TaxKnown]


class _Revocation(msgspec.Struct, frozen=True):
    seller_bin: str
    number: str
    reason: str


async def known(
    http: httpx.AsyncClient, config: Config, asked: list[TaxQuestion]
) -> dict[tuple[str, str], TaxKnown]:
    """What the tax body knows of these invoices, by seller and number. Raises SourceUnavailable."""
    answer = await exchange.post_json(
        http,
        "tax",
        config.tax_url,
        "/invoices/query",
        _Question(asked),
        _Answer,
        timeout_s=config.source_timeout_s,
    )
    return {(one.seller_bin, one.number): one for one in answer.invoices}


async def revoke(
    http: httpx.AsyncClient, config: Config, invoice: TaxQuestion, reason: str
) -> None:
    """Revoke a registered invoice; again, it stays revoked. Raises SourceUnavailable unless it is."""
    answer = await exchange.post_json(
        http,
        "tax",
        config.tax_url,
        "/invoices/revocation",
        _Revocation(invoice.seller_bin, invoice.number, reason),
        TaxConfirmation,
        timeout_s=config.source_timeout_s,
    )
    same = (answer.number, answer.seller_bin) == (invoice.number, invoice.seller_bin)
    if not same or answer.status != "REVOKED":
        raise SourceUnavailable(source="tax")
