"""What devices did."""

from uuid import UUID

from backend.kernel.events import Event


class DeviceRegistered(Event, frozen=True):
    """A device (`subject`) may count visits of a facility."""

    facility_id: UUID


class DeviceWithdrawn(Event, frozen=True):
    """A device (`subject`) counts no more visits from now on."""

    facility_id: UUID


class DeviceBatchTaken(Event, frozen=True):
    """A device (`subject`) told of visits made without a network."""

    batch_id: UUID
    counted: int
    refused: int


class DeviceCounterReused(Event, frozen=True):
    """A device (`subject`) told two different visits under one counter: look at it."""

    batch_id: UUID
    counter: int
