"""Where a person turns to (App.2 of the Mechanism): the bot's help names every contact, in each language."""

import pytest

from bot.words import LANGUAGES, Words

CONTACTS = ("1406", "1414", "8-800-080-7777", "fms.kz")


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_names_every_contact(language: str) -> None:
    text = Words(language)("help")
    assert [contact for contact in CONTACTS if contact not in text] == []
