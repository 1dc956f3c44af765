"""The people of the registry's stories."""

import hashlib
import io
import random
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID, uuid4

import msgspec
import pytest
from PIL import Image

from backend.kernel.actor import Actor, Role
from backend.kernel.ids import check_digit, check_number
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.account.model import (
    Contacts,
    Form,
    Head,
    Organisation,
    RegisterOrganisation,
    Requisite,
)
from backend.registry.directory import service as directory
from backend.registry.directory.model import EnterMis
from backend.registry.facility import service as facilities
from backend.registry.facility.model import Facility, NewFacility
from backend.registry.person import service as persons
from backend.registry.person.model import PersonBatch, SeenBatch, SeenVisit
from backend.registry.photograph import service as photographs
from backend.registry.photograph.rules import written_anew
from backend.signing.evidence.model import Proof, Signed
from backend.signing.evidence.service import operation_of

C = TypeVar("C")
ISSUER_BIN = "061211600012"  # of the tests' configuration
IBAN = "KZ86125KZT5004100100"
CONTACTS = Contacts("Астана, Сарыарқа 1", "+77172000000", "clinic@example.kz")


def number(head: str) -> str:
    """The twelve digits that begin with `head`, the rest made up until a check digit exists."""
    for tail in range(10**6):
        eleven = f"{head}{tail:0{11 - len(head)}}"
        last = check_digit(eleven)
        if last is not None:
            return f"{eleven}{last}"
    raise AssertionError("no number begins so")


def iin_of(n: int) -> str:
    """The n-th person's IIN, born in 1985 or later."""
    chance = random.Random(n)
    while True:
        eleven = (
            f"{chance.randint(85, 99):02}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
            f"{chance.randint(3, 4)}{n % 10000:04}"
        )
        if (last := check_digit(eleven)) is not None:
            return f"{eleven}{last}"


CLINIC_BIN = number("090440")
OTHER_BIN = number("100540")
SOLE_IIN = iin_of(7)


def signed(command: C, resources: Resources, bin_: str | None) -> Signed[C]:
    """`command` as if its signature had been verified just now."""
    document = msgspec.json.encode(command)
    proof = Proof(
        operation=operation_of(type(command)),
        document=document,
        signature=b"cms",
        signer=None,
        signer_bin=bin_,
        signer_roles=("head",),
        certificate_serial="01",
        algorithm="gost2015-512",
        result={},
        verified_at=resources.clock.now(),
    )
    return Signed(command=command, document=document, proof=proof)


def actor(bin_: str, *roles: Role) -> Actor:
    return Actor(session_id=uuid4(), roles=frozenset(roles or {Role.EXECUTOR_HEAD}), bin=bin_)


def registration(bin_: str, **changed: Any) -> RegisterOrganisation:
    given: dict[str, Any] = {
        "form": Form.LEGAL,
        "number": bin_,
        "name": f"Емхана {bin_[-3:]}",
        "head": Head("Омаров", "Асан", iin_of(1), "Серікұлы"),
        "contacts": CONTACTS,
        "requisites": (Requisite(IBAN, "KINCKZKA", "Банк"),),
    }
    return RegisterOrganisation(**{**given, **changed})


Register = Callable[..., Awaitable[Organisation]]


@pytest.fixture
def register(resources: Resources) -> Register:
    """Registers the organisation of that BIN."""

    async def of(bin_: str, role: Role = Role.EXECUTOR_HEAD, **changed: Any) -> Organisation:
        command = registration(bin_, **changed)
        return await accounts.register(
            resources, actor(bin_, role), signed(command, resources, bin_)
        )

    return of


@pytest.fixture
async def clinic(register: Register) -> Organisation:
    return await register(CLINIC_BIN)


@pytest.fixture
async def facility(resources: Resources, clinic: Organisation) -> Facility:
    return await digitise(resources, clinic.bin)


async def digitise(resources: Resources, bin_: str, **changed: Any) -> Facility:
    """A facility of that organisation, its photographs handed in."""
    await photographs.hand_in(resources, actor(bin_), PHOTO)
    return await facilities.add(resources, actor(bin_), new_facility(**changed))


async def enter_mis(resources: Resources, *codes: str, conforms: bool = True) -> None:
    """Those systems stand in the registrar's directory."""
    for code in codes:
        command = EnterMis(code, f"МАЖ {code}", conforms, "Хаттама № 1")
        made = signed(command, resources, ISSUER_BIN)
        unique = msgspec.structs.replace(made.proof, document=made.document + uuid4().bytes)
        await directory.enter_mis(resources, msgspec.structs.replace(made, proof=unique))


def picture(
    colour: str = "steelblue", size: tuple[int, int] = (320, 240), kind: str = "PNG"
) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


PHOTO = picture()
PHOTO_SHA256 = hashlib.sha256(written_anew(PHOTO).jpeg).hexdigest()


def new_facility(**changed: Any) -> NewFacility:
    given: dict[str, Any] = {
        "name": "Негізгі ғимарат",
        "region": "Астана",
        "address": "Сарыарқа 1",
        "latitude": 51.1694,
        "longitude": 71.4491,
        "photo_outside_sha256": PHOTO_SHA256,
        "photo_inside_sha256": PHOTO_SHA256,
        "accounting_186": {"kind": "polyclinic"},
        "design_capacity": 500,
    }
    return msgspec.convert({**given, **changed}, NewFacility)


MIS_BIN = number("050340")
MIS = actor(MIS_BIN, Role.MIS)


def entry(iin: str, **changed: Any) -> dict[str, Any]:
    """A person as the MIS enters him."""
    born = check_number(iin).birth_date
    return {
        "iin": iin,
        "surname": "Сериков",
        "name": f"Ержан {iin[-3:]}",
        "patronymic": None,
        "birth_date": born,
        "address": "Астана, Сарыарқа 5",
        "region": "Астана",
        "document_no": "012345678",
        "phone": "+77010000001",
        **changed,
    }


def person_batch(*entries: dict[str, Any]) -> PersonBatch:
    return msgspec.convert({"batch_id": uuid4(), "persons": list(entries)}, PersonBatch)


def seen_batch(*iins: str, on: date = date(2026, 4, 6)) -> SeenBatch:
    return SeenBatch(uuid4(), tuple(SeenVisit(iin, on) for iin in iins))


Insure = Callable[..., Awaitable[dict[str, UUID]]]


@pytest.fixture
def insure(resources: Resources) -> Insure:
    """Opens the accounts of those persons; their ids by IIN."""

    async def of(*iins: str, **changed: Any) -> dict[str, UUID]:
        await persons.enter(resources, MIS, person_batch(*(entry(i, **changed) for i in iins)))
        await persons.see(resources, MIS, seen_batch(*iins))
        return await persons.resolve(resources.db.registry, resources.keyring, iins)

    return of
