"""Visits, and how each was confirmed."""

from bot import keyboards
from bot.paging import page, page_number
from bot.turn import Turn, place
from bot.words import Ready


@place("visits")
async def show_visits(turn: Turn, what: str) -> None:
    """Visits, newest first."""
    number, found = await page(turn, "visits", page_number(what), (await turn.api()).visits)
    words = turn.words
    if not found.items:
        await turn.show(words("visits-none"), keyboards.back(words))
        return
    lines = [words("visits-title")]
    for visit in found.items:
        grade = words(f"grade-{visit.grade}")
        moment = words.moment(visit.at)
        lines.append(words("visits-line", moment=moment, facility=visit.facility, grade=grade))
    keyboard = keyboards.paged(words, "visits", number, more=found.next is not None)
    await turn.show(Ready("\n\n".join(lines)), keyboard)
