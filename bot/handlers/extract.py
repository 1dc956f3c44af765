"""Extracts of the own account on paper, made on the person's consent (M §44)."""

from bot import keyboards
from bot.errors import Refused
from bot.turn import Turn, place

KINDS = ("ACCOUNT", "POLICY", "INFORMATION_OPERATIONS", "POLICY_EVENTS")


@place("extract")
async def ask_kind(turn: Turn, what: str) -> None:
    """Which one; pressing is the consent."""
    await turn.api()
    await turn.show(turn.words("extract-ask"), keyboards.extracts(turn.words, KINDS))


@place("take")
async def take(turn: Turn, what: str) -> None:
    """Make it and send the sealed PDF."""
    if what not in KINDS:
        await turn.go("extract")
        return
    words, api = turn.words, await turn.api()
    try:
        number = await api.take_extract(what, turn.key)
    except Refused as e:
        if e.problem.code != "NO_POLICY_TO_SHOW":
            raise
        await turn.show(words("policy-none"), keyboards.back(words))
        return
    pdf = await api.extract_pdf(number)
    caption = words("extract-ready", kind=words(f"extract-{what}"))
    await turn.document(pdf, f"saqtau-{what.lower()}.pdf", caption, keyboards.back(words))
