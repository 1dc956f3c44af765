"""How often citizens' doors may be knocked at, in ten minutes (FAULTS 11, 12)."""

from typing import Final

from backend.web.limits import Limit

OTP_PER_PHONE: Final = Limit("otp-phone", 5)
OTP_PER_PERSON: Final = Limit("otp-person", 5)
# Behind one address may stand a clinic's network or an operator's gateway.
OTP_PER_ADDRESS: Final = Limit("otp-address", 300, chat_most=10)
LOGIN_PER_PERSON: Final = Limit("login-person", 30)
LOGIN_PER_ADDRESS: Final = Limit("login-address", 600, chat_most=30)
ECP_PER_ADDRESS: Final = Limit(
    "ecp-address", 3000, chat_most=30
)  # nothing is guessed here, only worked for
RENEW_PER_ADDRESS: Final = Limit("renew-address", 3000, chat_most=60)
REPRESENT_PER_PERSON: Final = Limit("represent-person", 20)
PICTURES_PER_PERSON: Final = Limit("complaint-pictures", 30)
TRACK_PER_ADDRESS: Final = Limit("track-address", 300, chat_most=60)
