"""How long to wait, in words."""

from bot.words import Ready, Words


def wait_words(words: Words, seconds: int) -> Ready:
    """Seconds below two minutes, then whole minutes, rounded up."""
    if seconds < 120:
        return words("wait-seconds", n=max(1, seconds))
    return words("wait-minutes", n=-(-seconds // 60))
