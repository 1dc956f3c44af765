"""Which acts a register takes, and the bytes its signature stands for. Pure."""

from collections.abc import Sequence

import msgspec

from backend.payments.treasury.register.model import ROWS_MAX, Candidate, RegisterRow


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


def content(number: int, source: str, rows: Sequence[RegisterRow]) -> bytes:
    """The register as one JSON text: the same register always gives the same bytes."""
    return msgspec.json.encode(
        {"number": number, "source": source, "rows": rows}, order="deterministic"
    )
