"""Why a callback is not believed."""

from backend.kernel.errors import Unauthenticated


class CallbackUnsigned(Unauthenticated):
    """The callback is not signed by the provider, or is older than five minutes."""

    code = "CALLBACK_UNSIGNED"
