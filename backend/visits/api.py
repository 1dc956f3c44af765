"""The HTTP handlers of this wing, gathered from its rooms for the composition root."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from backend.visits.biometrics import api as biometrics
from backend.visits.checkin import api as checkin
from backend.visits.code import api as code
from backend.visits.day import api as day
from backend.visits.device import api as device

HANDLERS: Sequence[ControllerRouterHandler] = [
    code.issue_code,
    code.get_code,
    code.revoke_code,
    code.print_poster,
    code.list_keys,
    code.rotate_key,
    code.make_personal_code,
    biometrics.start_session,
    biometrics.get_session,
    biometrics.take_result,
    biometrics.take_token,
    checkin.check_in,
    checkin.check_in_at_desk,
    checkin.list_visits,
    checkin.count_today,
    device.register,
    device.list_devices,
    device.withdraw,
    device.upload,
    day.get_day,
    day.follow_day,
]
