"""Why there is nothing to read."""

from backend.kernel.errors import NotFound


class NoPolicy(NotFound):
    """The person has no policy of that year."""

    code = "NO_POLICY"
