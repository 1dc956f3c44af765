"""Which library computes GOST: chosen once, when a process starts (SAQTAU_GOST_BACKEND)."""

from backend.signing.algorithm import backend, gost, openssl_gost, streebog
from backend.signing.algorithm.backend import GostBackend, SignatureBackend

AUTO, OPENSSL, GMPY2, PYTHON = "auto", "openssl", "gmpy2", "python"
CHOICES = (AUTO, OPENSSL, GMPY2, PYTHON)


class BackendMissing(ValueError):
    """The library asked for by name is not on this machine."""


def settle(choice: str = AUTO) -> str:
    """Have GOST computed by `choice`; the name of what was found. Raises BackendMissing.

    `auto` takes the OpenSSL engine where it is installed, else gmpy2, else plain Python; a library
    asked for by name is taken or refused, never replaced.
    """
    found = _found(choice)
    backend.settle_gost(found)
    engine = found if isinstance(found, openssl_gost.OpensslGostBackend) else None
    streebog.use(engine.streebog if engine is not None else None)
    return found.name


def _found(choice: str) -> SignatureBackend:
    if choice not in CHOICES:
        raise BackendMissing(f"no such GOST library: {choice}")
    if choice in (AUTO, OPENSSL):
        engine = openssl_gost.load()
        if engine is not None:
            return engine
        if choice == OPENSSL:
            raise BackendMissing("OpenSSL has no gost engine here (Debian: libengine-gost-openssl)")
    if choice == GMPY2 and gost.FAST_NUMBER is int:
        raise BackendMissing("gmpy2 is not installed")
    return GostBackend(plain=choice == PYTHON)
