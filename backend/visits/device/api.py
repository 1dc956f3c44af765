"""Devices of clinics without a network, over HTTP."""

from typing import Any
from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.kernel.actor import EXECUTOR, EXECUTOR_SIGNERS, Actor, Role
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.visits.code.errors import FacilityNotFound
from backend.visits.device import service
from backend.visits.device.errors import (
    BatchUnsigned,
    DeviceExists,
    DeviceNotFound,
    KeyNotProved,
)
from backend.visits.device.model import BatchTaken, Device, NewDevice, UploadBatch
from backend.web.guards import requires
from backend.web.openapi import operation

_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_DEVICE: dict[str, Any] = {
    "device_id": "01980000-0000-7000-8000-000000000005",
    "facility_id": "01980000-0000-7000-8000-000000000002",
    "name": "Тіркеу бөлімінің планшеті",
    "public_key": _KEY,
    "registered_at": "2026-04-06T04:00:00Z",
    "revoked_at": None,
    "last_counter": 0,
    "gaps": [],
}


@post(
    "/facilities/{facility_id:uuid}/devices",
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["visits"],
    **operation(
        "RegisterDevice",
        "Register a device for days without a network",
        discloses="nothing",
        errors=(FacilityNotFound, KeyNotProved, DeviceExists),
        body={"name": "Тіркеу бөлімінің планшеті", "public_key": _KEY, "proof": "hgyY0il+MGCj…"},
        answer=_DEVICE,
    ),
)
async def register(
    facility_id: FromPath[UUID],
    data: JSONBody[NewDevice],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Device:
    """Let a device of the facility sign what it scans. The format of its batches: docs/visits.md."""
    return await service.register(db, clock, actor, facility_id, data)


@get(
    "/facilities/{facility_id:uuid}/devices",
    guards=[requires(EXECUTOR)],
    tags=["visits"],
    **operation(
        "ListDevices",
        "The facility's devices",
        discloses="nothing",
        errors=(FacilityNotFound,),
        answer=[{**_DEVICE, "last_counter": 41, "gaps": [{"first": 17, "last": 18}]}],
    ),
)
async def list_devices(
    facility_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> list[Device]:
    """List the devices, the newest first, each with the counters that never came."""
    return await service.of_facility(db, actor, facility_id)


@delete(
    "/facilities/{facility_id:uuid}/devices/{device_id:uuid}",
    guards=[requires(EXECUTOR_SIGNERS, Role.EXECUTOR_OPERATOR)],
    tags=["visits"],
    **operation(
        "WithdrawDevice",
        "Withdraw a device",
        discloses="nothing",
        errors=(DeviceNotFound,),
    ),
)
async def withdraw(
    facility_id: FromPath[UUID],
    device_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> None:
    """Count nothing that the device scans from now on; what it scanned before may still be uploaded."""
    await service.withdraw(db, clock, actor, facility_id, device_id)


@post(
    "/visits/batches",
    status_code=200,
    guards=[requires(Role.EXECUTOR_OPERATOR, Role.EXECUTOR_SYSTEM)],
    tags=["visits"],
    **operation(
        "UploadVisitBatch",
        "Upload visits made without a network",
        discloses="person",
        errors=(DeviceNotFound, BatchUnsigned),
        body={"document": "eyJkZXZpY2VfaWQiOi…", "signature": "hgyY0il+MGCj…"},
        answer={
            "batch_id": "01980000-0000-7000-8000-000000000006",
            "device_id": _DEVICE["device_id"],
            "counted": 1,
            "repeated": 0,
            "refused": 1,
            "results": [
                {
                    "counter": 1,
                    "fate": "COUNTED",
                    "visit_id": "01980000-0000-7000-8000-000000000003",
                    "code": None,
                    "message": None,
                },
                {
                    "counter": 4,
                    "fate": "REFUSED",
                    "visit_id": None,
                    "code": "USED_CODE",
                    "message": "Бұл QR-код бұрын қолданылған",
                },
            ],
            "gaps": [{"first": 2, "last": 3}],
        },
    ),
)
async def upload(
    data: JSONBody[UploadBatch],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> BatchTaken:
    """Count each visit of a batch once; what is refused, repeated or missing is told counter by counter."""
    return await service.upload(resources, actor, language, data)
