"""Why a digital channel does not serve."""

from backend.kernel.errors import Forbidden


class ChannelsClosed(Forbidden):
    """The person has not consented to the digital channels, or no longer (D43); care is given all the same."""

    code = "CHANNELS_CLOSED"
