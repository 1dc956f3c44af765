"""Am I insured, why, until when, and what to do."""

import html

from bot import keyboards
from bot.turn import Turn, place
from bot.words import Ready


@place("status")
async def show_status(turn: Turn, what: str) -> None:
    """The status with its explanation, and the arrears with a way to pay them."""
    found = await (await turn.api()).status()
    words = turn.words
    insured = found.status == "CONSUMER"
    head: list[str] = [words("status-insured" if insured else "status-not-insured")]
    if found.until is not None:
        head.append(words("status-until", until=words.day(found.until)))
    owes = bool(found.arrears.months)
    if owes:
        amount = words.money(found.arrears.amount_tiyn)
        head.append(words("status-arrears", months=len(found.arrears.months), amount=amount))
    parts = ["\n".join(head), html.escape(found.explanation, quote=False)]
    if owes:
        parts.append(words("status-how-to-pay"))
    await turn.show(Ready("\n\n".join(parts)), keyboards.back(words))


@place("pay")
async def how_to_pay(turn: Turn, what: str) -> None:
    """How to pay for oneself; this may be asked by anybody."""
    await turn.show(turn.words("pay"), keyboards.status(turn.words))
