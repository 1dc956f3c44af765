"""Why a biometric result is refused."""

from backend.kernel.errors import Conflict, NotFound


class CallbackConflict(Conflict):
    """The session has ended already with another result."""

    code = "CALLBACK_CONFLICT"


class SessionOver(Conflict):
    """The result comes too late: the session was started more than fifteen minutes ago."""

    code = "BIOMETRIC_SESSION_OVER"


class BiometricPending(Conflict):
    """The provider has not told its result yet; the visit may be registered without it."""

    code = "BIOMETRIC_PENDING"


class SessionUnknown(NotFound):
    """There is no such biometric session."""

    code = "BIOMETRIC_SESSION_UNKNOWN"


class BiometricInvalid(Conflict):
    """The session is not this person's, did not match a living person, is too old or was used."""

    code = "BIOMETRIC_INVALID"
