"""Register an electronic invoice with the tax body.

    POST {tax_url}/invoices  {"number", "issued_on", "seller_bin", "buyer_bin", "contract_number",
                              "period_from", "period_to", "amount": "1234.50", "currency": "KZT"}
    -> 200 {"number", "seller_bin", "status": "CONFIRMED", "registration_number"}

The tax body keeps (seller, number): the same invoice again is one invoice, another under the
same number is refused. Never inside a transaction.
"""

from datetime import date

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
