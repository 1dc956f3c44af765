"""A world in which every operation of the registry can be caused, by anybody who tries."""

import base64
import itertools
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from backend.kernel.actor import EXECUTOR, ISSUER, Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.account.model import Organisation
from backend.registry.insured_list import service as insured_lists
from backend.registry.order import service as orders
from backend.registry.order.model import IssuePolicies
from backend.registry.person import service as persons
from infra.sandbox.nca.centre import Centre
from tests.registry.conftest import (
    CLINIC_BIN,
    ISSUER_BIN,
    MIS,
    OTHER_BIN,
    actor,
    digitise,
    entry,
    iin_of,
    number,
    person_batch,
    registration,
    seen_batch,
    signed,
)

HEAD_IIN = iin_of(1)
REGISTRAR_BIN = number("081140")
BASIS = {"number": "12-34/567", "issued_on": "2026-04-03", "issued_by": "ҚР ІІМ"}
CERTIFICATE = {
    Role.ISSUER_SIGNER: "signatory",
    Role.ISSUER_REVIEWER: "employee",
    Role.ISSUER_FINANCE: "finance",
    Role.EXECUTOR_SIGNER: "signatory",
    Role.EXECUTOR_OPERATOR: "employee",
    Role.EXECUTOR_ACCOUNTANT: "finance",
}


class World:
    """Subjects are made afresh for every attempt that may succeed; keys are issued once."""

    def __init__(self, resources: Resources, clock: FixedClock, centre: Centre) -> None:
        self.resources, self.clock, self.centre = resources, clock, centre
        self.numbers = itertools.count(1000)
        self.bin_of_executor = CLINIC_BIN
        self.somebody = ""  # the last insured made
        self.again: dict[str, str] | None = None  # whom strangers try in vain stays as he was
        self._keys: dict[tuple[Role, str], Any] = {}
        self._seen: set[tuple[UUID, int]] = set()

    @property
    def db(self) -> Any:
        return self.resources.db.registry

    def bin_of(self, role: Role) -> str:
        """Whose session that role has."""
        if role in ISSUER:
            return ISSUER_BIN
        if role in EXECUTOR:
            return self.bin_of_executor
        return REGISTRAR_BIN if role is Role.REGISTRAR else OTHER_BIN

    def sign(self, role: Role, command: dict[str, Any]) -> dict[str, str]:
        """The command, signed with the key of that role's organisation."""
        bin_ = self.bin_of(role)
        if (role, bin_) not in self._keys:
            self._keys[role, bin_] = self.centre.issue_legal(
                HEAD_IIN,
                bin_,
                "ОМАРОВ АСАН",
                "ҰЙЫМ",
                CERTIFICATE.get(role, "head"),
                self.clock.now(),
                algorithm="rsa-sha256",
            )
        document = msgspec.json.encode(command)
        cms = self._keys[role, bin_].sign_cms(document, at=self.clock.now())
        return {
            "document": base64.b64encode(document).decode(),
            "signature": base64.b64encode(cms).decode(),
        }

    async def insured(self) -> str:
        """The IIN of a new insured with an open account."""
        return await self._same("insured", self._insured)

    async def _same(self, what: str, make: Callable[[], Awaitable[str]]) -> str:
        if self.again is None:
            return await make()
        if what not in self.again:
            self.again[what] = await make()
        self.somebody = self.again[what]
        return self.again[what]

    async def _insured(self) -> str:
        iin = iin_of(next(self.numbers))
        await persons.enter(self.resources, MIS, person_batch(entry(iin)))
        await persons.see(self.resources, MIS, seen_batch(iin))
        self.somebody = iin
        return iin

    async def person_id(self, iin: str) -> UUID:
        return (await persons.resolve(self.db, self.resources.keyring, [iin]))[iin]

    async def holder(self, *, credit: bool = True, attached: bool = False) -> str:
        """The IIN of a new insured with a policy, perhaps attached to the clinic since."""
        return await self._same(
            f"holder {credit} {attached}", lambda: self._holder(credit=credit, attached=attached)
        )

    async def _holder(self, *, credit: bool, attached: bool) -> str:
        iin = await self._insured()
        await self.issue(iin, credit=credit)
        if attached:
            # told before the policy knows of it: the order makes the policy follow
            await self.db.pool.execute(
                "INSERT INTO registry.attachment (person_id, executor_id, facility_id, since)"
                " VALUES ($1, $2, $3, '2026-04-06')",
                await self.person_id(iin),
                self.clinic.organisation_id,
                self.facility_id,
            )
        return iin

    async def issue(self, iin: str, *, credit: bool = True) -> None:
        """Let the issuer issue that insured a policy."""
        head = actor(ISSUER_BIN, Role.ISSUER_HEAD)
        command = IssuePolicies(year=2026, iin=iin, number=str(uuid4()), credit=credit)
        order = await orders.accept(
            self.resources, head, signed(command, self.resources, ISSUER_BIN)
        )
        await orders.run(self.db, self.clock, order.order_id)

    async def settle(self) -> None:
        """Register the issuer and the clinic where nobody has yet."""
        for bin_, role in ((ISSUER_BIN, Role.ISSUER_HEAD), (CLINIC_BIN, Role.EXECUTOR_HEAD)):
            if await accounts.organisation_by_bin(self.db, bin_) is None:
                command = signed(registration(bin_), self.resources, bin_)
                await accounts.register(self.resources, actor(bin_, role), command)
        self.clinic: Organisation = await accounts.require(self.db, CLINIC_BIN)
        facility = await digitise(self.resources, CLINIC_BIN, name=str(uuid4()))
        self.facility_id = facility.facility_id

    async def new_clinic(self) -> None:
        """From now on executors are of a new clinic."""
        if self.again:
            return
        self.bin_of_executor = number(f"09044{next(self.numbers):05}")
        command = signed(registration(self.bin_of_executor), self.resources, self.bin_of_executor)
        await accounts.register(self.resources, actor(self.bin_of_executor), command)

    async def carry_out(self, answer: httpx.Response) -> None:
        """Let the worker finish what was accepted."""
        body = answer.json()
        if "order_id" in body:
            await orders.run(self.db, self.clock, UUID(body["order_id"]))
        if "list_id" in body:
            await insured_lists.compose(self.resources, UUID(body["list_id"]))

    async def new_operations(self) -> list[Any]:
        """What stands in the log since it was asked last."""
        rows = await self.db.pool.fetch(
            "SELECT subject_id, seq, op_class, op_type, actor, basis_kind, content"
            " FROM registry.operation"
        )
        fresh = [r for r in rows if (r["subject_id"], r["seq"]) not in self._seen]
        self._seen |= {(r["subject_id"], r["seq"]) for r in fresh}
        return fresh


Request = tuple[str, str, Any]
# What an actor of that role would send, about a subject of its own.
Attempt = Callable[[World, Role], Awaitable[Request]]
TODAY = date(2026, 4, 6).isoformat()
