"""Why a visit is not registered."""

from backend.kernel.errors import Conflict, Invalid


class DuplicateVisit(Conflict):
    """The person is checked in at this facility today; `first_visit_id` is that visit."""

    code = "DUPLICATE_VISIT"


class WhoIsIt(Invalid):
    """A desk visit names the person by the citizen's own code or by IIN, and by one person only."""

    code = "VISIT_PERSON_UNCLEAR"
