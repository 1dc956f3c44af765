"""What was paid for the person."""

from bot import keyboards
from bot.model import Contribution
from bot.paging import page, page_number
from bot.turn import Turn, place
from bot.words import Ready, Words


@place("contributions")
async def show_contributions(turn: Turn, what: str) -> None:
    """Payments month by month, newest first."""
    api = await turn.api()
    number, found = await page(turn, "contributions", page_number(what), api.contributions)
    words = turn.words
    if not found.items:
        await turn.show(words("contributions-none"), keyboards.back(words))
        return
    lines = [words("contributions-title"), *(_line(words, c) for c in found.items)]
    keyboard = keyboards.paged(words, "contributions", number, more=found.next is not None)
    await turn.show(Ready("\n\n".join(lines)), keyboard)


def _line(words: Words, paid: Contribution) -> str:
    line = words(
        "contributions-line",
        period=words.month(paid.period),
        amount=words.money(paid.amount_tiyn),
        kind=words(f"kind-{paid.kind}"),
        paid=words.day(paid.paid_on),
    )
    if not paid.refunded_tiyn:
        return line
    return f"{line}\n{words('contributions-refunded', amount=words.money(paid.refunded_tiyn))}"
