"""Facts about lists of insured; the subject is the list."""

from backend.kernel.events import Event


class InsuredListed(Event, frozen=True):
    """A list of so many insured was composed on the issuer's order."""

    count: int
