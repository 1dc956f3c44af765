"""Why a citizen is not let in."""

from backend.kernel.errors import Invalid, TooMany, Unauthenticated


class OtpInvalid(Unauthenticated):
    """The code is wrong, used, expired, or there is none; which of these is not told."""

    code = "OTP_INVALID"


class OtpFrozen(TooMany):
    """Too many wrong codes: neither a code nor a request for one is taken until later."""

    code = "OTP_FROZEN"


class PhoneInvalid(Invalid):
    """Not a number of Kazakhstan's mobile operators in E.164."""

    code = "PHONE_INVALID"


class LoginUnclear(Invalid):
    """Neither an IIN, a number and a code, nor a challenge and its signature."""

    code = "LOGIN_UNCLEAR"


class NotACitizen(Unauthenticated):
    """The certificate is not an individual's own."""

    code = "NOT_INDIVIDUAL"
