"""Why a device or its batch is refused."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class DeviceNotFound(NotFound):
    """There is no such device of this executor."""

    code = "DEVICE_NOT_FOUND"


class DeviceExists(Conflict):
    """A device with this key is registered already."""

    code = "DEVICE_EXISTS"


class DeviceRevoked(Conflict):
    """The device was withdrawn before it scanned this."""

    code = "DEVICE_REVOKED"


class KeyNotProved(Invalid):
    """The signature does not prove that the device holds the private half of this key."""

    code = "DEVICE_KEY_NOT_PROVED"


class BatchUnsigned(Invalid):
    """The device did not sign exactly these bytes."""

    code = "BATCH_UNSIGNED"


class ScannedInFuture(Invalid):
    """By the device's clock this was scanned after it was uploaded."""

    code = "SCANNED_IN_FUTURE"


class UploadedTooLate(Conflict):
    """A visit without a network is uploaded within seven days."""

    code = "UPLOADED_TOO_LATE"


class CounterReused(Conflict):
    """This counter was told before with another visit: two devices share a key, or one was tampered with."""

    code = "COUNTER_REUSED"
