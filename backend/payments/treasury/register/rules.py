"""Which acts a register takes, and the bytes its signature stands for. Pure."""

import hashlib
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from backend.payments.treasury.register.model import ROWS_MAX, Candidate, FileHeader, RegisterRow

FORMAT: Final = "acts-register.1"


def affordable(candidates: Sequence[Candidate], money_tiyn: int) -> list[Candidate]:
    """The longest beginning of the queue the money suffices for: nobody overtakes (M §14)."""
    return [c for c in candidates if c.running_tiyn <= money_tiyn][:ROWS_MAX]


def row(no: int, act: Candidate) -> RegisterRow:
    """Row `no` of the register."""
    return RegisterRow(
        no,
        act.sender,
        act.recipient,
        act.recipient_bin,
        act.basis,
        act.service_name,
        act.sender_account,
        act.recipient_account,
        act.act_number,
        act.act_date,
        act.service_period,
        act.recipient_bic,
        act.sum_tiyn,
    )


def content(head: FileHeader, rows: Sequence[RegisterRow], orders: Sequence[UUID]) -> bytes:
    """The register as the file that goes to the Treasury: the same register always gives the same bytes.

    JSON with sorted keys and no spaces: a header that counts, sums and hashes what follows, the thirteen columns of
    Appendix 1, and the message id of each row's payment order. The head signs for the SHA-256 of all of it.
    """
    ids = [order.hex for order in orders]
    table = msgspec.json.encode({"orders": ids, "rows": rows}, order="sorted")
    header = {
        **msgspec.structs.asdict(head),
        "count": len(rows),
        "sum_tiyn": sum(row.sum_tiyn for row in rows),
        "rows_sha256": hashlib.sha256(table).hexdigest(),
    }
    file = {"format": FORMAT, "header": header, "orders": ids, "rows": rows}
    return msgspec.json.encode(file, order="sorted")
