"""What an event of a state database means for an account. Pure."""

from datetime import date
from typing import Final

from backend.kernel.ids import NumberKind, check_number
from backend.registry.restriction.model import BlockGround, Fact
from backend.registry.state_event.model import Outcome, Source

# The facts that block, by database (M §33(1), (2)). Departure is recorded, and is no ground of M §33.
GROUNDS: Final = {Source.GBD_FL: BlockGround.B1, Source.GBD_UL: BlockGround.B2}
FACTS: Final[dict[Source, dict[str, Fact]]] = {
    Source.GBD_FL: {f.value: f for f in Fact if f is not Fact.LIQUIDATION},
    Source.GBD_UL: {Fact.LIQUIDATION.value: Fact.LIQUIDATION},
}
ANNULMENT: Final = "ANNULMENT"
NO_GROUND: Final = {"DEPARTURE"}
_NUMBERS: Final = {Source.GBD_FL: NumberKind.IIN, Source.GBD_UL: NumberKind.BIN}


def first_look(
    source: Source, kind: str, number: str, happened_on: date, annuls: bool, today: date
) -> Outcome:
    """What an event is by itself: to be applied, no ground, or one for an officer to look at.

    Unknown never passes (D28): a word we do not know, a number that is none, a day that has not
    come are repaired by a person.
    """
    if kind in NO_GROUND:
        return Outcome.NOTED
    if kind == ANNULMENT:
        return Outcome.NOTED if annuls else Outcome.UNCLEAR
    if kind not in FACTS[source] or happened_on > today:
        return Outcome.UNCLEAR
    check = check_number(number)
    if not check.valid or check.kind is not _NUMBERS[source]:
        return Outcome.UNCLEAR
    return Outcome.PENDING


def basis_id(source: Source, event_id: object) -> str:
    """How an operation names the event it rests on."""
    return f"{source}:{event_id}"
