"""One act's way to its money, each step repeated until it is done, as people and machines do after a crash."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from backend.kernel.clock import legal_date
from tests.payments.conftest import CONTRACT, DAY, DOCTOR_IIN, FROM, LINE, TARIFF, TO, iin
from tests.payments.crash.country import Country

WAIT_S = 40
Do = Callable[[], Awaitable[object]]

# What people ask of the server, and whom it then asks in jobs. Each is a place to die at: INSIDE its transaction
# before the commit, AFTER the commit before the answer; at a DOOR of a stand-in before or after it took the message.
STEPS = ("submit", "approve", "invoice", "form", "sign_register", "sign_orders")
JOBS = ("invoice_linked", "register_sent", "order_executed")
DOORS = (
    "tax.invoice.arrived",
    "tax.invoice.taken",
    "treasury.register.arrived",
    "treasury.register.taken",
    "treasury.order.arrived",
    "treasury.order.taken",
    "treasury.status.asked",
    "treasury.status.told",
    "treasury.statement.asked",
)
BOUNDARIES = (
    *(f"{when} {step}" for step in STEPS for when in ("inside", "after")),
    *(f"{when} {job}" for job in JOBS for when in ("inside", "after")),
    *(f"door {door}" for door in DOORS),
)
# At which step of the story each job and door comes by.
_WHERE = {
    "invoice_linked": "linked",
    "register_sent": "delivered",
    "order_executed": "paid",
    "tax.invoice.arrived": "linked",
    "tax.invoice.taken": "linked",
    "treasury.register.arrived": "delivered",
    "treasury.register.taken": "delivered",
    "treasury.order.arrived": "paid",
    "treasury.order.taken": "paid",
    "treasury.status.asked": "paid",
    "treasury.status.told": "paid",
    "treasury.statement.asked": "paid",
}
# The last a job hears before it writes down what came of it.
_LAST_DOOR = {
    "invoice_linked": "tax.invoice.taken",
    "register_sent": "treasury.register.taken",
    "order_executed": "treasury.status.told",
}


class Story:
    """One act of two cases, its invoice, its register, its order."""

    def __init__(self, country: Country, number: int, plan: dict[str, str]) -> None:
        self.country, self.owner, self.number = country, country.owner, number
        self.plan = plan  # boundary -> whom to kill there
        self.met: list[tuple[str, str]] = []
        self.act_id: UUID | None = None

    async def tell(self) -> None:
        """From the act to its money, dying at each planned boundary once."""
        await self._asked("submit", self._submit, "CHECK_PASSED")
        await self._asked("approve", self._approve, "SIGNED_BY_ISSUER")
        await self._told_by_worker("linked", lambda: self._asked("invoice", self._invoice, None))
        await self._asked("form", self._form, "IN_REGISTER")
        await self._told_by_worker(
            "delivered", lambda: self._asked("sign_register", self._sign_register, None)
        )
        await self._told_by_worker(
            "paid", lambda: self._asked("sign_orders", self._sign_orders, None)
        )

    # --- steps of people ------------------------------------------------------------------------

    async def _asked(self, step: str, do: Do, status: str | None) -> None:
        """A step of people: dying inside its transaction, or right after its commit, then asked again."""
        if whom := self.plan.pop(f"inside {step}", None):
            await self._die_inside(do, "saqtau-serve", f"inside {step}", whom)
        if whom := self.plan.pop(f"after {step}", None):
            asking = asyncio.ensure_future(do())
            await self._until(lambda: self._done(step, status), asking)
            self._die(f"after {step}", whom)
            await asking  # whatever came back is lost
        async with asyncio.timeout(WAIT_S):
            while not await self._done(step, status):
                await do()

    async def _done(self, step: str, status: str | None) -> bool:
        if step == "invoice":
            sql = "SELECT EXISTS (SELECT FROM payments.e_invoice WHERE act_id = $1)"
        elif step == "sign_register":
            sql = "SELECT EXISTS (SELECT FROM payments.payment_order WHERE act_id = $1)"
        elif step == "sign_orders":
            sql = """SELECT EXISTS (SELECT FROM payments.payment_order
                      WHERE act_id = $1 AND signed_at IS NOT NULL)"""
        elif step == "submit":
            self.act_id = await self.owner.fetchval(
                "SELECT act_id FROM payments.act WHERE number = $1 AND status = 'CHECK_PASSED'",
                str(self.number),
            )
            return self.act_id is not None
        else:
            return await self._status() == status
        return bool(await self.owner.fetchval(sql, self.act_id))

    async def _status(self) -> str:
        found: str = await self.owner.fetchval(
            "SELECT status FROM payments.act WHERE act_id = $1", self.act_id
        )
        return found

    async def _submit(self) -> object:
        people = [(2 * self.number + k) % 30 + 1 for k in range(2)]
        act = {
            "operation": "act.submit",
            "contract_id": str(CONTRACT),
            "number": str(self.number),
            "period_from": FROM.isoformat(),
            "period_to": TO.isoformat(),
            "cases": [
                {
                    "service_record_id": f"MIS-{self.number}-{n}",
                    "iin": iin(n),
                    "worker_iin": DOCTOR_IIN,
                    "service_code": "A02.004.000",
                    "line_id": str(LINE),
                    "units": 1,
                    "service_date": DAY.isoformat(),
                    "episode": f"run {self.number}",
                }
                for n in people
            ],
        }
        return await self._post("clinic", "/acts", act)

    async def _approve(self) -> object:
        sha256 = await self.owner.fetchval(
            "SELECT encode(content_sha256, 'hex') FROM payments.act WHERE act_id = $1", self.act_id
        )
        document = {
            "operation": "act.approve",
            "act_id": str(self.act_id),
            "content_sha256": sha256,
        }
        return await self._post("head", f"/acts/{self.act_id}/approval", document)

    async def _invoice(self) -> object:
        document = {
            "operation": "invoice.issue",
            "act_id": str(self.act_id),
            "number": f"ESF-{self.number}",
            "issued_on": legal_date(self.country.now()).isoformat(),
            "contract_id": str(CONTRACT),
            "period_from": FROM.isoformat(),
            "period_to": TO.isoformat(),
            "total_tiyn": 2 * TARIFF,
        }
        return await self._post("clinic", f"/acts/{self.act_id}/invoice", document)

    async def _form(self) -> object:
        return await self.country.post("finance", "/acts-registers", {"source": "mhi"})

    async def _sign_register(self) -> object:
        register_id, sha256 = await self.owner.fetchrow(
            """
            SELECT register_id::text, encode(content_sha256, 'hex')
              FROM payments.acts_register JOIN payments.acts_register_row USING (register_id)
             WHERE act_id = $1
            """,
            self.act_id,
        )
        document = {
            "operation": "register.sign",
            "register_id": register_id,
            "content_sha256": sha256,
        }
        return await self._post("head", f"/acts-registers/{register_id}/signature", document)

    async def _sign_orders(self) -> object:
        order_id, message = await self.owner.fetchrow(
            "SELECT order_id::text, message FROM payments.payment_order WHERE act_id = $1",
            self.act_id,
        )
        signature = self.country.cms("finance", message)
        body = {"signatures": [{"order_id": order_id, "signature": signature}]}
        return await self.country.post("finance", "/payment-orders/signatures", body)

    async def _post(self, who: str, path: str, document: dict[str, Any]) -> object:
        # A signature serves once: who repeats a step signs anew.
        document = {**document}
        return await self.country.post(who, path, self.country.sign(who, document))

    # --- steps of the worker --------------------------------------------------------------------

    async def _told_by_worker(self, stage: str, begin: Do) -> None:
        """What people began goes on in jobs: dying at doors, inside and after, until it is so."""
        door = next(
            (b for b in self.plan if b.startswith("door ") and _WHERE[b[5:]] == stage), None
        )
        job = next((j for j in JOBS if _WHERE[j] == stage and f"inside {j}" in self.plan), None)
        if door is not None:
            await self._gate(door[5:])
            await begin()
            await self._reached(door[5:])
            self._die(door, self.plan.pop(door))
            await self._open()
        elif job is not None:
            # the stand-in holds the answer until nobody can write down what came of it
            await self._gate(_LAST_DOOR[job])
            await begin()
            await self._reached(_LAST_DOOR[job])
            whom = self.plan.pop(f"inside {job}")
            await self._die_inside(self._open, "saqtau-worker", f"inside {job}", whom)
        else:
            await begin()
        done = {"linked": self._linked, "delivered": self._delivered, "paid": self._paid}[stage]
        await self._until(done, turning=True)
        for job in JOBS:
            if _WHERE[job] == stage and (whom := self.plan.pop(f"after {job}", None)):
                self._die(f"after {job}", whom)

    async def _gate(self, point: str) -> None:
        url = f"{self.country.sandbox}/control/gates/{point}"
        (await self.country.http.put(url)).raise_for_status()

    async def _open(self) -> None:
        url = f"{self.country.sandbox}/control/gates"
        (await self.country.http.delete(url)).raise_for_status()

    async def _reached(self, point: str) -> None:
        """Wait until the stand-in holds a request, letting time pass for those who ask again."""
        url = f"{self.country.sandbox}/control/gates/{point}"
        held = asyncio.ensure_future(self.country.http.get(url))
        async with asyncio.timeout(WAIT_S):
            while not held.done():
                await self.country.turn_clock(timedelta(seconds=40))
                await asyncio.wait({held}, timeout=0.3)
        assert held.result().status_code == 200, f"nobody came to {point}"

    async def _linked(self) -> bool:
        return await self._status() == "INVOICED"

    async def _delivered(self) -> bool:
        return bool(
            await self.owner.fetchval(
                """
                SELECT delivered_at IS NOT NULL
                  FROM payments.acts_register JOIN payments.acts_register_row USING (register_id)
                 WHERE act_id = $1
                """,
                self.act_id,
            )
        )

    async def _paid(self) -> bool:
        return await self._status() == "PAID"

    # --- dying ----------------------------------------------------------------------------------

    def _die(self, boundary: str, whom: str) -> None:
        self.country.kill(whom)
        self.met.append((boundary, whom))

    async def _die_inside(self, do: Do, application: str, boundary: str, whom: str) -> None:
        """Hold the last table its transaction writes, kill while it waits for it, let go."""
        async with _held(self.country):
            asking = asyncio.ensure_future(do())
            async with asyncio.timeout(WAIT_S):
                while not await self._waits(application):
                    await self.country.turn_clock(timedelta(seconds=10))
                    await asyncio.sleep(0.02)
            self._die(boundary, whom)
            await asking

    async def _waits(self, application: str) -> bool:
        return bool(
            await self.owner.fetchval(
                """
                SELECT EXISTS (
                    SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                     WHERE NOT l.granted AND l.relation = 'kernel.event'::regclass
                       AND a.application_name = $1
                )
                """,
                f"{application}/payments",
            )
        )

    async def _until(
        self,
        done: Callable[[], Awaitable[bool]],
        asking: "asyncio.Future[object] | None" = None,
        *,
        turning: bool = False,
    ) -> None:
        async with asyncio.timeout(WAIT_S):
            while not await done():
                if asking is not None and asking.done():
                    asking.result()
                if turning:
                    await self.country.turn_clock(timedelta(seconds=30))
                    await asyncio.sleep(0.15)
                else:
                    await asyncio.sleep(0.002)


@asynccontextmanager
async def _held(country: Country) -> AsyncIterator[None]:
    """Nobody adds an event while this is open."""
    holder = await asyncpg.connect(country.environment["SAQTAU_DATABASE_URL"])
    try:
        async with holder.transaction():
            await holder.execute("LOCK TABLE kernel.event IN SHARE MODE")
            yield
    finally:
        await holder.close()


def plans(seed: int, runs: int) -> list[dict[str, str]]:
    """Where each run dies and who: every boundary in turn, one more by lot, server, worker or both."""
    lot = random.Random(seed)
    order = list(BOUNDARIES)
    made = []
    for run in range(runs):
        if run % len(order) == 0:
            lot.shuffle(order)
        plan = {order[run % len(order)]: _whom(lot, order[run % len(order)])}
        other = lot.choice(BOUNDARIES)
        if not _together(plan, other):
            plan[other] = _whom(lot, other)
        made.append(plan)
    return made


def _whom(lot: random.Random, boundary: str) -> str:
    """Who holds the step dies always; every third time the other dies with it."""
    own = "serve" if boundary.split()[1] in STEPS else "worker"
    return lot.choice((own, own, "both"))


def _together(plan: dict[str, str], other: str) -> bool:
    """Two holds of one stage would wait for each other."""
    stage = _WHERE.get(other.split()[1])
    return other in plan or (
        stage is not None and any(_WHERE.get(b.split()[1]) == stage for b in plan)
    )
