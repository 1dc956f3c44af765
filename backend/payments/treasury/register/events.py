"""What happened to registers; `subject` is the register. Amounts in tiyn."""

from backend.kernel.events import Event


class RegisterFormed(Event, frozen=True):
    """The issuer formed a register."""

    source: str
    rows: int
    total_tiyn: int


class RegisterSigned(Event, frozen=True):
    """The issuer's head signed it; its payment orders are written."""

    rows: int
    total_tiyn: int
