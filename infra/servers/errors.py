"""The one refusal of this package."""


class ServersUnavailable(Exception):
    """The embedded servers cannot be had; the text says why and what to do."""

    code = "SERVERS_UNAVAILABLE"
