"""One router per feature, in the order they are asked; the last one answers what nobody else did."""

from aiogram import Router

from bot.handlers import (
    billed,
    complaint,
    contributions,
    errors,
    free_text,
    link,
    menu,
    policy,
    status,
    track,
    visits,
)

__all__ = ["routers"]


def routers() -> list[Router]:
    """Routers anew for a dispatcher: aiogram lets each belong to one only."""
    rooms = (errors, menu, link, complaint, track, free_text)
    # These have places only, reached through the menu's router.
    assert all(room.__doc__ for room in (billed, contributions, policy, status, visits))
    return [room.router() for room in rooms]
