"""Why there is nothing to read."""

from backend.kernel.errors import NotFound


class NoPolicy(NotFound):
    """The person has no policy of that year."""

    code = "NO_POLICY"


class NotAttached(NotFound):
    """The person is attached to no clinic."""

    code = "NO_CLINIC"
