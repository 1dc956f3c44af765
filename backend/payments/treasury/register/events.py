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


class RegisterDissolved(Event, frozen=True):
    """The issuer took an unsigned register apart; its acts wait for another."""

    rows: int
    total_tiyn: int


class RegisterDelivered(Event, frozen=True):
    """The Treasury has taken the register's file: its orders may follow."""


class RegisterRefused(Event, frozen=True):
    """The Treasury did not take the file; none of its orders is sent."""

    reason: str


class RegisterTriedAgain(Event, frozen=True):
    """An officer lets a refused register be handed over once more."""

    refusal: str
