"""The whole story, chapter by chapter. Parties act; the service decides."""

from backend.app.demo.screen import Screen
from backend.app.demo.story import care, citizens, insured, money, opening, oversight, placement
from backend.app.demo.told import Told
from backend.app.demo.world import World


async def tell(world: World, screen: Screen) -> Told:
    """Every chapter in order; what the checks need to find things again."""
    told = Told()
    await opening.tell(world, screen, told)
    await insured.tell(world, screen, told)
    await placement.tell(world, screen, told)
    await care.tell(world, screen, told)
    await oversight.announce(world, screen, told)
    await money.tell(world, screen, told)
    await oversight.conclude(world, screen, told)
    await citizens.tell(world, screen, told)
    return told
