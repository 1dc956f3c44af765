"""The jobs of this wing, gathered from its rooms for the composition root."""

from backend.egov_adapter.citizen import service as citizen
from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable

JOBS: JobTable = {citizen.SEND_OTP: citizen.send_otp}
SWEEPS: SweepTable = {"egov.forget_otps": citizen.forget_otps}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {}
