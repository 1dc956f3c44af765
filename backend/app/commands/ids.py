"""`saqtau id check NUMBER` (CONTRACT.md): what an IIN or a BIN says by its digits alone."""

import os

import click
import msgspec

from backend.app.commands import console
from backend.kernel.ids import check_number


@click.group(name="id", no_args_is_help=False)
def command() -> None:
    """Check an IIN or a BIN."""


# A number is data, whatever it looks like: `--1` is no option, and `-h1` no call for help.
@command.command(
    name="check",
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
)
@click.argument("number", type=click.UNPROCESSED)
def check(number: str) -> None:
    """Check NUMBER: 12 digits, a date that exists, a known type, the control digit."""
    # The bytes as given are UTF-8 even where the locale cannot say so.
    found = check_number(os.fsencode(number).decode("utf-8", "replace"))
    told = msgspec.to_builtins(found)
    always = ("valid", "kind", "code")
    document = {key: value for key, value in told.items() if key in always or value is not None}
    console.answer(document, yes=found.valid)
