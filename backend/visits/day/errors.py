"""Why a day is not followed."""

from backend.kernel.errors import TooMany


class DayWatchedTooMuch(TooMany):
    """This process has as many watchers as it can serve."""

    code = "DAY_WATCHED_TOO_MUCH"
