"""The demo's summary, as CONTRACT.md fixes it."""

import msgspec


class Check(msgspec.Struct, frozen=True):
    """One statement about the country after the story, computed from the database or the API."""

    name: str
    ok: bool
    detail: str


class Summary(msgspec.Struct, frozen=True):
    """`make demo ARGS="--once --json FILE"` writes this."""

    ok: bool
    checks: list[Check]
    counts: dict[str, int]
    money: dict[str, int]
    durations_s: dict[str, float]
