"""Services billed in the person's name, and contesting one."""

from bot import keyboards
from bot.model import Billed
from bot.paging import page, page_number
from bot.states import Write
from bot.turn import Turn, place
from bot.words import Ready, Words


@place("billed")
async def show_billed(turn: Turn, what: str) -> None:
    """What was billed, newest first, each with a button to contest it."""
    number, found = await page(turn, "billed", page_number(what), (await turn.api()).billed)
    words = turn.words
    if not found.items:
        await turn.show(words("billed-none"), keyboards.back(words))
        return
    lines: list[str] = [words("billed-title")]
    rows = []
    for n, line in enumerate(found.items, start=1):
        lines.append(_line(words, n, line))
        if line.dispute is None:
            may_confirm = line.state == "CHECKED" and line.mark is None
            rows.append(keyboards.judge(words, n, number, line.case_id, may_confirm=may_confirm))
    keyboard = keyboards.paged(words, "billed", number, more=found.next is not None, rows=rows)
    await turn.show(Ready("\n\n".join(lines)), keyboard)


def _line(words: Words, number: int, line: Billed) -> str:
    state = f"case-{line.state}"
    text = words(
        "billed-line",
        number=number,
        service=line.service,
        executor=line.executor,
        day=words.day(line.service_date),
        amount=words.money(line.amount_tiyn),
        state=words(state if words.has(state) else "case-OTHER"),
    )
    if line.dispute is not None:
        return f"{text}\n{words('billed-disputed', number=line.dispute)}"
    if line.mark == "CONFIRMED":
        return f"{text}\n{words('billed-confirmed')}"
    if line.grade == "NONE":
        return f"{text}\n{words('billed-no-visit')}"
    return text


@place("confirm")
async def confirm(turn: Turn, what: str) -> None:
    """Yes, this was given; then the list as it stands now."""
    page_text, _, case_id = what.partition(".")
    await (await turn.api()).confirm(case_id, turn.key)
    await turn.go("billed", page_text)


@place("dispute")
async def ask_why(turn: Turn, what: str) -> None:
    """Show the chosen line once more and ask what is wrong with it."""
    words = turn.words
    page_text, _, case_id = what.partition(".")
    api = await turn.api()
    _, found = await page(turn, "billed", page_number(page_text), api.billed)
    line = next((b for b in found.items if b.case_id == case_id), None)
    if line is None:
        await turn.say(words("billed-gone"))
        await turn.go("billed")
        return
    await turn.state.set_state(Write.dispute)
    await turn.remember(about=case_id)
    text = words(
        "dispute-ask",
        service=line.service,
        executor=line.executor,
        day=words.day(line.service_date),
        amount=words.money(line.amount_tiyn),
    )
    await turn.say(text, keyboards.cancel(words))
