"""Refusals of signing by QR. The app is told them as {"message": …}, the page as problem documents."""

from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated


class PackageNotFound(NotFound):
    """There is no such package, or it is not this party's."""

    code = "SIGN_PACKAGE_NOT_FOUND"


class PackageBad(Invalid):
    """The documents cannot be offered; `detail` says why."""

    code = "SIGN_PACKAGE_BAD"


class MethodNotSupported(Invalid):
    """SIGN_BYTES_ARRAY gives a bare signature, of which no signed command is made."""

    code = "SIGN_METHOD_UNSUPPORTED"


class PackageNotSigned(Conflict):
    """The package is not signed (yet)."""

    code = "SIGN_PACKAGE_NOT_SIGNED"


class PackageOver(Conflict):
    """The package is signed, refused or withdrawn already: each serves once."""

    code = "SIGN_PACKAGE_OVER"


class PackageExpired(Conflict):
    """The time for signing has passed."""

    code = "SIGN_PACKAGE_EXPIRED"


class LinkUnknown(Forbidden):
    """No package stands behind this link."""

    code = "SIGN_LINK_UNKNOWN"


class TokenWrong(Unauthenticated):
    """The token is missing or is another package's."""

    code = "SIGN_TOKEN_WRONG"


class LoginXmlWrong(Forbidden):
    """The signed login XML is not for this address, not of this moment, or was shown before."""

    code = "SIGN_EDS_WRONG"


class PackageChanged(Invalid):
    """What came back is not what was offered: a field changed, a document missing or another's."""

    code = "SIGN_PACKAGE_CHANGED"


class SignatureReplayed(Conflict):
    """This very signature has served before."""

    code = "SIGN_REPLAYED"


class WatchedTooMuch(TooMany):
    """More pages wait than this process serves at once."""

    code = "TOO_MANY_REQUESTS"
