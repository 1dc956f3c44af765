"""Why something is not done without consent."""

from backend.kernel.errors import Forbidden


class ConsentWithdrawnByPerson(Forbidden):
    """The person withdrew the consent to this channel, or it ran out; `purpose` names which."""

    code = "CONSENT_WITHDRAWN"
