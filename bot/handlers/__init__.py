"""One router per feature, in the order they are asked; the last one answers what nobody else did."""

from aiogram import Router

from bot.handlers import (
    billed,
    clinics,
    complaint,
    contributions,
    errors,
    extract,
    free_text,
    link,
    link_qr,
    menu,
    notices,
    policy,
    status,
    track,
    visits,
)

__all__ = ["routers"]


def routers() -> list[Router]:
    """Routers anew for a dispatcher: aiogram lets each belong to one only."""
    rooms = (errors, menu, link, clinics, complaint, track, free_text)
    # These have places only, reached through the menu's router.
    places = (billed, contributions, extract, link_qr, notices, policy, status, visits)
    assert all(room.__doc__ for room in places)
    return [room.router() for room in rooms]
