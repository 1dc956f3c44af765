"""Buttons. An inline button says which place to go to: `go:<place>:<what>`."""

from collections.abc import Iterable, Sequence

from aiogram.filters.callback_data import CallbackData
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)

from bot.model import Clinic
from bot.words import Words

_LANGUAGE_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
# Where the menu leads, row by row; the second is what a person not yet known may do.
_MENU = (
    ("status",),
    ("policy", "contributions"),
    ("visits", "billed"),
    ("extract", "clinics"),
    ("complaint", "track"),
    ("notices", "help"),
    ("language", "unlink"),
)
_MENU_UNLINKED = (("link",), ("status", "track"), ("clinics", "help"), ("language",))
COMMANDS = (
    *("menu", "status", "policy", "contributions", "visits", "billed", "extract", "clinics"),
    *("complaint", "track", "notices", "help", "language", "unlink"),
)
# What a complaint about a clinic may say (M §15(4)).
CLINIC_GROUNDS = ("FREE_CHOICE", "NO_CONSENT")
Row = list[InlineKeyboardButton]


class Go(CallbackData, prefix="go"):
    """A press of a button: the place to go to, and what is wanted there."""

    place: str
    what: str = ""


def _button(text: str, place: str, what: str = "") -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=Go(place=place, what=what).pack())


def _named(words: Words, name: str, place: str, what: str = "") -> InlineKeyboardButton:
    return _button(words.button(f"button-{name}"), place, what)


def _rows(rows: Iterable[Row]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[row for row in rows if row])


def menu(words: Words, *, linked: bool) -> InlineKeyboardMarkup:
    """The whole menu."""
    plan = _MENU if linked else _MENU_UNLINKED
    return _rows([_named(words, name, name) for name in row] for row in plan)


def back(words: Words) -> InlineKeyboardMarkup:
    """Only the way back to the menu."""
    return _rows([[_named(words, "menu", "menu")]])


def cancel(words: Words) -> InlineKeyboardMarkup:
    """Only the way out of what was begun."""
    return _rows([[_named(words, "cancel", "cancel")]])


def again(words: Words, place: str, what: str = "") -> InlineKeyboardMarkup:
    """Try the same once more, or back to the menu."""
    return _rows([[_named(words, "again", place, what)], [_named(words, "menu", "menu")]])


def status(words: Words) -> InlineKeyboardMarkup:
    """To one's own status, or back to the menu."""
    return _rows([[_named(words, "status", "status")], [_named(words, "menu", "menu")]])


def link(words: Words) -> InlineKeyboardMarkup:
    """The way in."""
    return _rows([[_named(words, "link", "link")], [_named(words, "menu", "menu")]])


def ways_in(words: Words) -> InlineKeyboardMarkup:
    """While the IIN is awaited: the other way in, or out again."""
    return _rows([[_named(words, "link-qr", "link-qr")], [_named(words, "cancel", "cancel")]])


def sign(words: Words, link: str) -> InlineKeyboardMarkup:
    """Under the QR: the same on this telephone, and what to press afterwards."""
    open_app = InlineKeyboardButton(text=words.button("button-open-egov"), url=link)
    return _rows([[open_app], *check(words).inline_keyboard])


def check(words: Words) -> InlineKeyboardMarkup:
    """While a signature is awaited."""
    return _rows([[_named(words, "signed", "link-signed")], [_named(words, "cancel", "cancel")]])


def consent(words: Words) -> InlineKeyboardMarkup:
    """Give the consent withdrawn before, or not."""
    return _rows([[_named(words, "consent", "consent")], [_named(words, "cancel", "cancel")]])


def consent_signed(words: Words) -> InlineKeyboardMarkup:
    """The same when it was signed."""
    agree = _named(words, "consent", "link-signed", "consent")
    return _rows([[agree], [_named(words, "cancel", "cancel")]])


def extracts(words: Words, kinds: Iterable[str]) -> InlineKeyboardMarkup:
    """One button a kind of extract."""
    rows = [[_button(words.button(f"button-extract-{kind}"), "take", kind)] for kind in kinds]
    return _rows([*rows, [_named(words, "menu", "menu")]])


def maps(words: Words, clinics: Sequence[Clinic]) -> InlineKeyboardMarkup:
    """One button a clinic, to see it on the map."""
    shown = [
        _button(words.button("button-map", number=n), "map", f"{c.latitude:.5f},{c.longitude:.5f}")
        for n, c in enumerate(clinics, start=1)
    ]
    return _rows([shown[:3], shown[3:], [_named(words, "menu", "menu")]])


def notices(words: Words, topics: Iterable[str], chosen: Sequence[str]) -> InlineKeyboardMarkup:
    """Topics pressed on and off, the quiet hours, what was told."""
    rows = [
        [_button(f"{'✅' if t in chosen else '⬜️'} {words.button(f'topic-{t}')}", "notice", t)]
        for t in topics
    ]
    hours = [_named(words, "quiet", "quiet")] if chosen else []
    return _rows([*rows, hours, [_named(words, "told", "told")], [_named(words, "menu", "menu")]])


def notice(words: Words, topic: str) -> InlineKeyboardMarkup:
    """Under a notice: what it is about, and what to be told of."""
    about = {
        "POLICY_ISSUED": ("policy", ""),
        "SERVICE_BILLED": ("billed", ""),
        "COMPLAINT_ANSWERED": ("track", ""),
        "STATUS_LAPSING": ("status", ""),
    }
    name, what = about.get(topic, ("menu", ""))
    show = _named(words, name, name, what)
    return _rows([[show], [_named(words, "notices", "notices")]])


def share_place(words: Words) -> ReplyKeyboardMarkup:
    """The button with which Telegram sends where the person is."""
    text = words.button("button-share-place")
    return ReplyKeyboardMarkup(
        keyboard=[[KeyboardButton(text=text, request_location=True)]],
        resize_keyboard=True,
        one_time_keyboard=True,
    )


def code(words: Words) -> InlineKeyboardMarkup:
    """While the code is awaited."""
    return _rows([[_named(words, "resend-code", "resend")], [_named(words, "cancel", "cancel")]])


def send_again(words: Words) -> InlineKeyboardMarkup:
    """A text the service has not taken yet."""
    return _rows([[_named(words, "send-again", "send")], [_named(words, "cancel", "cancel")]])


def languages() -> InlineKeyboardMarkup:
    """The three languages, each by its own name."""
    return _rows([[_button(name, "speak", tag)] for tag, name in _LANGUAGE_NAMES.items()])


def paged(
    words: Words, place: str, number: int, *, more: bool, rows: Iterable[Row] = ()
) -> InlineKeyboardMarkup:
    """Under page `number` of a list: its own buttons, earlier and later pages, the menu."""
    turns = []
    if number:
        turns.append(_named(words, "newer", place, str(number - 1)))
    if more:
        turns.append(_named(words, "older", place, str(number + 1)))
    return _rows([*rows, turns, [_named(words, "menu", "menu")]])


def judge(words: Words, number: int, page: int, case_id: str, *, may_confirm: bool) -> Row:
    """Contest line `number` of the page, or confirm it while the Fund has not accepted it."""
    what = f"{page}.{case_id}"
    contest = _button(words.button("button-dispute", number=number), "dispute", what)
    if not may_confirm:
        return [contest]
    return [_button(words.button("button-confirm", number=number), "confirm", what), contest]


def policy(words: Words) -> InlineKeyboardMarkup:
    """The card to be shown at the clinic."""
    return _rows([[_named(words, "card", "card")], [_named(words, "menu", "menu")]])


def card(words: Words) -> InlineKeyboardMarkup:
    """Under the card: another code."""
    return _rows([[_named(words, "card-new", "card")], [_named(words, "menu", "menu")]])


def registered(words: Words) -> InlineKeyboardMarkup:
    """After a complaint: a picture to it."""
    return _rows([[_named(words, "photo", "photo")], [_named(words, "menu", "menu")]])


def complaint_kinds(words: Words, *, clinic: bool) -> InlineKeyboardMarkup:
    """What the complaint is about; about a clinic only when the person has one."""
    grounds = CLINIC_GROUNDS if clinic else ()
    return _rows(
        [
            [_button(words.button("complaint-kind-BILLED"), "billed")],
            *([_button(words.button(f"complaint-kind-{g}"), "complain", g)] for g in grounds),
            [_button(words.button("complaint-kind-ISSUER"), "complain", "ISSUER")],
            [_named(words, "menu", "menu")],
        ]
    )


def share_phone(words: Words) -> ReplyKeyboardMarkup:
    """The button with which Telegram sends the person's own number."""
    text = words.button("button-share-phone")
    return ReplyKeyboardMarkup(
        keyboard=[[KeyboardButton(text=text, request_contact=True)]],
        resize_keyboard=True,
        one_time_keyboard=True,
    )
