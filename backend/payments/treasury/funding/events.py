"""Money came or moved; `subject` is the transfer."""

from backend.kernel.events import Event


class MoneyReceived(Event, frozen=True):
    """Money reached the issuer; amounts in tiyn."""

    kind: str
    amount_tiyn: int


class MoneyMoved(Event, frozen=True):
    """Money moved from the National Bank account to the cash control account."""

    amount_tiyn: int
