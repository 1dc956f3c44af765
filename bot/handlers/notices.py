"""What to be told of, when not, and what was told."""

from bot import keyboards
from bot.model import Choice, Quiet
from bot.own_session import NoSession
from bot.paging import page, page_number
from bot.telling import TOPICS, notice_text
from bot.turn import Turn, place
from bot.words import Ready

QUIETS = (Quiet("21:00", "09:00"), Quiet("23:00", "07:00"), None)


@place("notices")
async def show_choice(turn: Turn, what: str) -> None:
    """Topics to be pressed on and off, and the quiet hours."""
    if not turn.service.own.possible:
        await turn.show(turn.words("notices-away"), keyboards.back(turn.words))
        return
    await _show(turn, await (await turn.api()).choice())


@place("notice")
async def turn_topic(turn: Turn, what: str) -> None:
    """A topic on or off; with the first one come the usual quiet hours."""
    held = await (await turn.api()).choice()
    topics = set(held.topics) & set(TOPICS)
    if what in TOPICS:
        topics ^= {what}
    quiet = held.quiet if held.topics else QUIETS[0]
    await _keep(turn, Choice(tuple(t for t in TOPICS if t in topics), quiet))


@place("quiet")
async def turn_quiet(turn: Turn, what: str) -> None:
    """The next quiet hours."""
    held = await (await turn.api()).choice()
    if not held.topics:
        await _show(turn, held)
        return
    at = QUIETS.index(held.quiet) if held.quiet in QUIETS else -1
    await _keep(turn, Choice(held.topics, QUIETS[(at + 1) % len(QUIETS)]))


async def _keep(turn: Turn, choice: Choice) -> None:
    token = await turn.token()
    assert token is not None, "turn.api() asked for it"
    await turn.memory.forget_left(turn.chat_id)
    try:
        kept = await turn.service.own.connect(turn.chat_id, token, turn.words.language, choice)
    except NoSession:
        await turn.show(turn.words("notices-away"), keyboards.back(turn.words))
        return
    await _show(turn, kept)


async def _show(turn: Turn, choice: Choice) -> None:
    words = turn.words
    text: str = words("notices-choose")
    if choice.topics:
        quiet = choice.quiet
        hours = (
            words("notices-quiet", start=quiet.start, end=quiet.end)
            if quiet
            else words("notices-no-quiet")
        )
        text = f"{text}\n\n{hours}"
    await turn.show(Ready(text), keyboards.notices(words, TOPICS, choice.topics))


@place("told")
async def show_told(turn: Turn, what: str) -> None:
    """What was told, newest first."""
    number, found = await page(turn, "told", page_number(what), (await turn.api()).notices)
    words = turn.words
    if not found.items:
        await turn.show(words("told-none"), keyboards.back(words))
        return
    lines: list[str] = [words("told-title")]
    for one in found.items:
        text = notice_text(words, one.topic, one.facts)
        lines.append(f"{words('told-at', moment=words.moment(one.created_at))}\n{text}")
    keyboard = keyboards.paged(words, "told", number, more=found.next is not None)
    await turn.show(Ready("\n\n".join(lines)), keyboard)
