"""Refusals about acts registers."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class RegisterNotFound(NotFound):
    """There is no such register."""

    code = "REGISTER_NOT_FOUND"


class NothingToPay(Conflict):
    """No invoiced act of this source waits, or all that wait are frozen."""

    code = "NOTHING_TO_PAY"


class IssuerAccountMissing(Conflict):
    """The issuer has no account in the Treasury among its requisites."""

    code = "ISSUER_ACCOUNT_MISSING"


class RegisterAlreadySigned(Conflict):
    """The head has signed this register."""

    code = "REGISTER_ALREADY_SIGNED"


class RegisterDissolved(Conflict):
    """The register was dissolved: its acts are, or will be, in another one."""

    code = "REGISTER_DISSOLVED"


class RegisterMismatch(Invalid):
    """The hash is not that of the register's content."""

    code = "CONTENT_MISMATCH"


class RegisterNotRefused(Conflict):
    """The Treasury has not refused this register: there is nothing to try again."""

    code = "REGISTER_NOT_REFUSED"
