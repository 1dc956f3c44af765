"""The policy of the year."""

from bot import keyboards
from bot.errors import Refused
from bot.turn import Turn, place
from bot.words import Ready


@place("policy")
async def show_policy(turn: Turn, what: str) -> None:
    """The policy's number, term, state and what it covers."""
    words = turn.words
    try:
        found = await (await turn.api()).policy()
    except Refused as e:
        if e.status != 404:
            raise
        await turn.show(words("policy-none"), keyboards.back(words))
        return
    cover = [words("policy-cover-gvfmc")] if found.gvfmc else []
    cover.append(words("policy-cover-mhi" if found.mhi else "policy-cover-no-mhi"))
    text = words(
        "policy",
        number=found.number,
        state=words(f"policy-state-{found.status}"),
        to=words.day(found.valid_to),
        cover=Ready("\n".join(cover)),
        **{"from": words.day(found.valid_from)},
    )
    if found.executor:
        text = Ready(text + "\n\n" + words("policy-clinic", clinic=found.executor))
    await turn.show(text, keyboards.policy(words))


@place("card")
async def show_card(turn: Turn, what: str) -> None:
    """The card as a picture, its code good for one visit."""
    words = turn.words
    try:
        png = await (await turn.api()).card()
    except Refused as e:
        if e.status != 404:
            raise
        await turn.show(words("policy-none"), keyboards.back(words))
        return
    await turn.picture(png, "saqtau.png", words("card-caption"), keyboards.card(words))
