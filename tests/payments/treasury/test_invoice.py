"""Whom an e-invoice is addressed to (M §4(3))."""

import msgspec
import pytest

from backend.kernel.resources import Resources
from backend.payments.invoice.model import IssueInvoice
from infra.sandbox import tax
from infra.sandbox.state import Sandbox
from tests.payments.conftest import CLINIC_BIN, ISSUER_BIN
from tests.payments.treasury.conftest import invoiced


async def test_the_buyer_is_the_issuer_and_nobody_can_say_otherwise(
    world: Resources, sandbox: Sandbox
) -> None:
    await invoiced(world, "7", [1])
    [kept] = tax.state(sandbox).invoices.values()
    assert (kept.invoice.seller_bin, kept.invoice.buyer_bin) == (CLINIC_BIN, ISSUER_BIN)
    assert not {"buyer_bin", "recipient"} & {f.name for f in msgspec.structs.fields(IssueInvoice)}
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({"operation": "invoice.issue", "buyer_bin": CLINIC_BIN}, IssueInvoice)
