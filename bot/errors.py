"""Why the bot cannot do what was asked; handlers/errors.py says each to the person."""

from redis.exceptions import RedisError

from bot.model import Problem


class NotLinked(Exception):
    """This chat is not linked with a person; `expired` when it was, until now."""

    def __init__(self, *, expired: bool = False) -> None:
        self.expired = expired
        super().__init__("expired" if expired else "not linked")


class BackendDown(Exception):
    """The service does not answer, or answers with a fault of its own."""


class TooOften(Exception):
    """The service asks for patience; `retry_after_s` says how much."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(str(retry_after_s))


class Refused(Exception):
    """The service will not do it, and says why: a problem document."""

    def __init__(self, problem: Problem, status: int) -> None:
        self.problem = problem
        self.status = status
        super().__init__(problem.code)


class HeldElsewhere(Exception):
    """Another living process of the bot is handling this update."""


# Not now, and nothing was done: the update is to come again.
LATER = (RedisError, HeldElsewhere)
