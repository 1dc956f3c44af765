"""A statement for each partition of the persons: no condition on person_id tells the planner which it is."""

from backend.registry.order.rules import PARTS


def by_part(text: str) -> list[str]:
    """The statement once for each partition, in order: `…_pNN` becomes that partition's table."""
    return [text.replace("_pNN", f"_p{part:02}") for part in range(PARTS)]
