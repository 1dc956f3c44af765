"""The e-government gateway: the register of identity documents, citizens' cabinets, the monitoring of services.

A document or a complaint's status is put into a cabinet once by its id, a stage is taken once by its id.
Switches: `silent` answers nothing but an error, `drop` loses the answers of the next deliveries after taking them.
"""

import base64
import hashlib
from typing import Any

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from infra.sandbox.state import OUTBOX_MAX, Sandbox


class Question(msgspec.Struct, frozen=True):
    """Is this document this person's?"""

    iin: str
    number: str


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document of the register."""

    iin: str
    number: str
    valid: bool = True


class Delivery(msgspec.Struct, frozen=True):
    """A document for a cabinet; the octets come as base64."""

    message_id: str
    iin: str
    service: str
    kind: str
    document: str
    seal: str
    pdf: str


class Kept(msgspec.Struct, frozen=True):
    """A document in a cabinet; of the PDF its hash, so that a night's backlog fits a laptop."""

    message_id: str
    service: str
    kind: str
    document: str
    seal: str
    pdf_sha256: str


class Answer(msgspec.Struct, frozen=True):
    """A signed answer; the octets come as base64."""

    document: str
    seal: str
    pdf: str


class ComplaintStatus(msgspec.Struct, frozen=True):
    """What became of a complaint."""

    message_id: str
    iin: str
    number: str
    no: int
    status: str
    at: str
    due_on: str
    said: dict[str, str]
    answer: Answer | None


class Stage(msgspec.Struct, frozen=True):
    """A stage of a service."""

    stage_id: str
    request_id: str
    service: str
    stage: str
    ground: str | None
    at: str


class Stages(msgspec.Struct, frozen=True):
    """Some of them."""

    stages: list[Stage]


class Mood(msgspec.Struct):
    """How the gateway behaves."""

    silent: bool = False
    drop: int = 0


class Gateway(msgspec.Struct):
    """What the gateway remembers; `received` counts deliveries, repeated ones too."""

    documents: dict[str, dict[str, bool]] = {}
    cabinets: dict[str, dict[str, Kept]] = {}
    complaints: dict[str, dict[str, ComplaintStatus]] = {}
    stages: dict[str, Stage] = {}
    mood: Mood = msgspec.field(default_factory=Mood)
    received: int = 0


def of(sandbox: Sandbox) -> Gateway:
    """The memory, kept with the others'."""
    kept: Gateway = sandbox.switches.setdefault("egov", Gateway())
    return kept


_SILENT = {"error": "GATEWAY"}


@post("/egov/identity-documents/check", status_code=200)
async def check(data: JSONBody[Question], sandbox: NamedDependency[Sandbox]) -> Response[Any]:
    """What the register says of a number and its owner."""
    gateway = of(sandbox)
    if gateway.mood.silent:
        return Response(_SILENT, status_code=504)
    valid = gateway.documents.get(data.iin, {}).get(data.number)
    status = "UNKNOWN" if valid is None else "VALID" if valid else "INVALID"
    return Response({"status": status})


@post("/egov/cabinet/documents", status_code=200)
async def deliver(data: JSONBody[Delivery], sandbox: NamedDependency[Sandbox]) -> Response[Any]:
    """Put a document into a person's cabinet."""
    gateway = of(sandbox)
    if gateway.mood.silent:
        return Response(_SILENT, status_code=504)
    gateway.received += 1
    cabinet = gateway.cabinets.setdefault(data.iin, {})
    if data.message_id not in cabinet and len(cabinet) < OUTBOX_MAX:
        digest = hashlib.sha256(base64.b64decode(data.pdf)).hexdigest()
        cabinet[data.message_id] = Kept(
            data.message_id, data.service, data.kind, data.document, data.seal, digest
        )
    return _taken(gateway, data.message_id)


@post("/egov/cabinet/complaints", status_code=200)
async def tell(data: JSONBody[ComplaintStatus], sandbox: NamedDependency[Sandbox]) -> Response[Any]:
    """Show what became of a complaint in a person's cabinet."""
    gateway = of(sandbox)
    if gateway.mood.silent:
        return Response(_SILENT, status_code=504)
    gateway.received += 1
    told = gateway.complaints.setdefault(data.iin, {})
    if len(told) < OUTBOX_MAX:
        told.setdefault(data.message_id, data)
    return _taken(gateway, data.message_id)


def _taken(gateway: Gateway, message_id: str) -> Response[Any]:
    if gateway.mood.drop > 0:
        gateway.mood.drop -= 1
        return Response(_SILENT, status_code=504)
    return Response({"message_id": message_id, "status": "DELIVERED"})


@post("/egov/monitoring/stages", status_code=200)
async def take_stages(data: JSONBody[Stages], sandbox: NamedDependency[Sandbox]) -> Response[Any]:
    """Take stages of services."""
    gateway = of(sandbox)
    if gateway.mood.silent:
        return Response(_SILENT, status_code=504)
    gateway.stages.update({stage.stage_id: stage for stage in data.stages})
    return Response({"accepted": len(data.stages)})


@put("/egov/control/documents", status_code=204)
async def enter(data: JSONBody[list[Known]], sandbox: NamedDependency[Sandbox]) -> None:
    """Enter documents into the register."""
    for one in data:
        of(sandbox).documents.setdefault(one.iin, {})[one.number] = one.valid


@put("/egov/control/mood", status_code=204)
async def set_mood(data: JSONBody[Mood], sandbox: NamedDependency[Sandbox]) -> None:
    """Let the gateway answer, or not."""
    of(sandbox).mood = data


@post("/egov/control/cabinet", status_code=200)
async def cabinet(data: JSONBody[dict[str, str]], sandbox: NamedDependency[Sandbox]) -> list[Any]:
    """What lies in the cabinet of `iin`: the demo's look over a citizen's shoulder."""
    found = of(sandbox).cabinets.get(data["iin"], {})
    return [msgspec.to_builtins(one) for one in found.values()]


@post("/egov/control/complaints", status_code=200)
async def complaints(
    data: JSONBody[dict[str, str]], sandbox: NamedDependency[Sandbox]
) -> list[Any]:
    """What the cabinet of `iin` shows of complaints, in order of arrival."""
    found = of(sandbox).complaints.get(data["iin"], {})
    return [msgspec.to_builtins(one) for one in found.values()]


@get("/egov/control/stages")
async def stages(sandbox: NamedDependency[Sandbox]) -> list[Any]:
    """The stages of services, in order of arrival."""
    return [msgspec.to_builtins(one) for one in of(sandbox).stages.values()]


HANDLERS = [check, deliver, tell, take_stages, enter, set_mood, cabinet, complaints, stages]
