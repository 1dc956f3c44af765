"""Why a biometric result is refused."""

from backend.kernel.errors import Conflict, NotFound, Unauthenticated


class CallbackUnsigned(Unauthenticated):
    """The callback is not signed by the provider, or is older than five minutes."""

    code = "CALLBACK_UNSIGNED"


class CallbackConflict(Conflict):
    """The session has ended already with another result."""

    code = "CALLBACK_CONFLICT"


class SessionUnknown(NotFound):
    """There is no such biometric session."""

    code = "BIOMETRIC_SESSION_UNKNOWN"


class BiometricInvalid(Conflict):
    """The session is not this person's, did not match a living person, is too old or was used."""

    code = "BIOMETRIC_INVALID"
