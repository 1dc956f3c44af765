"""Every route x every other party's id, from the OpenAPI: never an answer of success (FAULTS 15).

How a new operation joins is told in `table.py`; until it does, tests/architecture/test_permissions.py
fails and names it.
"""

from datetime import date, datetime
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar

from backend.app.asgi import create_app
from backend.kernel.actor import Actor, Role
from backend.kernel.config import Config, Mode
from backend.kernel.resources import Resources
from backend.payments.act.errors import ActNotFound, ContractNotFound
from backend.payments.act.model import Case, SubmitAct
from backend.payments.act.service import submit as acts
from backend.payments.invoice import service as invoices
from backend.payments.invoice.model import IssueInvoice
from backend.signing.evidence.model import Proof, Signed
from tests.architecture.test_permissions import owned
from tests.foreign import objects
from tests.foreign.table import FOREIGN, HEADERS, NOT_TRIED, OWNERS
from tests.visits.conftest import AIGUL, BOLAT, CLINIC_BIN, OTHER_BIN, Owner, citizens, clinics

__all__ = ["citizens", "clinics"]
T = TypeVar("T")


@pytest.fixture(scope="module")
def house() -> Litestar:
    return create_app(Config(mode=Mode.TEST))


def sent(answer: httpx.Response) -> tuple[int, str]:
    """What tells answers apart: status and code."""
    kind = answer.headers.get("content-type", "")
    body = answer.json() if "json" in kind else None
    return answer.status_code, body.get("code", "") if isinstance(body, dict) else ""


@pytest.mark.usefixtures("clinics", "citizens")
async def test_anothers_thing_is_answered_like_one_that_does_not_exist(
    house: Litestar, client: Any, owner: Owner
) -> None:
    await objects.make(owner)
    routes = {str(h.operation_id): (path, h, roles) for path, h, roles in owned(house)}
    asked = 0
    for name, things in FOREIGN.items():
        path, handler, roles = routes[name]
        [method] = set(handler.http_methods) - {"OPTIONS", "HEAD"}
        real, unreal = path, path
        for parameter, thing in things.items():
            here = next(p for p in path.split("/") if p.startswith(f"{{{parameter}:"))
            real = real.replace(here, str(objects.THINGS.get(thing, thing)))
            unreal = unreal.replace(here, str(uuid4()) if thing in objects.THINGS else thing)
        body = _body(house, name) if handler.parsed_data_field is not None else None
        for role in sorted(roles & OWNERS):
            async with client(role, **_strangers(role)) as http:
                http.headers.update(HEADERS.get(name, {}))
                foreign = sent(await http.request(method, real, json=body))
                absent = sent(await http.request(method, unreal, json=body))
            asked += 1
            assert foreign[0] in (401, 403, 404), (name, role, foreign)
            assert foreign == absent, (name, role)
        own = sorted(roles & OWNERS)[0]
        if name in NOT_TRIED:
            assert NOT_TRIED[name] in FOREIGN
            continue
        async with client(own, **_party(own)) as http:
            http.headers.update(HEADERS.get(name, {}))
            answer = await http.request(method, real, json=body)
        assert answer.status_code < 500, (name, sent(answer))
        assert sent(answer) != foreign, (name, own, "its own party is not let through either")
    assert asked >= len(FOREIGN)


@pytest.mark.usefixtures("clinics", "citizens")
async def test_a_stranger_signs_for_nobody_else(resources: Resources, owner: Owner) -> None:
    """With a good signature of his own over a document that names another's contract and act."""
    await objects.make(owner)
    stranger = Actor(uuid4(), frozenset({Role.EXECUTOR_HEAD}), bin=OTHER_BIN)
    first, last = date(2026, 4, 1), date(2026, 4, 5)
    line = Case("R1", "900101300017", "900101300017", "A", objects.CONTRACT, 1, first)
    act = SubmitAct(objects.CONTRACT, "2", first, last, (line,))
    with pytest.raises(ContractNotFound):
        await acts.submit(resources, stranger, signed_by(stranger, act, resources.clock.now()))
    invoice = IssueInvoice(objects.ACT, "2", last, objects.CONTRACT, first, last, 234567)
    with pytest.raises(ActNotFound):
        await invoices.issue(
            resources, stranger, signed_by(stranger, invoice, resources.clock.now())
        )


def signed_by(actor: Actor, command: T, at: datetime) -> Signed[T]:
    """What `evidence.accept` makes of a good signature."""
    document = msgspec.json.encode(command)
    proof = Proof(
        operation=str(type(command).__struct_config__.tag),  # type: ignore[attr-defined]
        document=document,
        signature=b"cms",
        signer=None,
        signer_bin=actor.bin,
        signer_roles=("head",),
        certificate_serial="1",
        algorithm="gost2015-512",
        result={},
        verified_at=at,
    )
    return Signed(command, document, proof)


def _strangers(role: Role) -> dict[str, Any]:
    return {"person_id": BOLAT} if role is Role.INSURED else {"bin": OTHER_BIN}


def _party(role: Role) -> dict[str, Any]:
    return {"person_id": AIGUL} if role is Role.INSURED else {"bin": CLINIC_BIN}


def _body(house: Litestar, name: str) -> Any:
    for item in house.openapi_schema.to_schema()["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and operation.get("operationId") == name:
                [media] = operation["requestBody"]["content"].values()
                return media["example"]
    raise LookupError(name)
