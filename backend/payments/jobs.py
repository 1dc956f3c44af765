"""The jobs of this wing, gathered from its rooms for the composition root."""

from typing import Any
from uuid import UUID

import msgspec

from backend.allocation.contract.events import ContractSigned
from backend.allocation.plan.events import PlanPublished
from backend.allocation.plan_change.events import PlanChanged
from backend.kernel import events
from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable
from backend.kernel.resources import Resources
from backend.payments.budget import service as budget
from backend.payments.detection import licences, reports
from backend.payments.detection import service as detection
from backend.payments.detection.model import COUNT_COMPLAINT, ConfirmedComplaint
from backend.payments.invoice import reconcile
from backend.payments.invoice import service as invoice
from backend.payments.monitoring.events import ProtocolSigned
from backend.payments.monitoring.service.rating import tell_rating
from backend.payments.proof import service as proof
from backend.payments.sampling import service as sampling
from backend.payments.settlement.service import ActSettlement
from backend.payments.suspension import service as suspension
from backend.payments.suspension.model import Ground
from backend.payments.termination import service as termination
from backend.payments.treasury.order.service import exchange
from backend.payments.treasury.order.service.sign import SEND_JOB
from backend.payments.treasury.register import delivery
from backend.payments.treasury.register.service import DELIVER_JOB
from backend.payments.treasury.statement import service as statement
from backend.registry.legal_term.events import TermsCountedAnew
from backend.registry.restriction.service import lapse


async def fund_plan(resources: Resources, payload: dict[str, Any]) -> None:
    """A plan was published: its lines receive their planned sums."""
    async with resources.db.payments.transaction() as tx:
        await budget.fund_plan(tx, UUID(payload["subject"]), resources.clock.now())


async def change_plan(resources: Resources, payload: dict[str, Any]) -> None:
    """A change of a plan came into force: its lines get or give what it says."""
    async with resources.db.payments.transaction() as tx:
        plan_id, change_id = UUID(payload["plan_id"]), UUID(payload["subject"])
        await budget.change_plan(tx, plan_id, change_id, resources.clock.now())


async def open_contract(resources: Resources, payload: dict[str, Any]) -> None:
    """A contract was signed by both: it takes its sums from its plan lines."""
    async with resources.db.payments.transaction() as tx:
        await budget.open_contract(tx, UUID(payload["subject"]), resources.clock.now())


async def register_invoice(resources: Resources, payload: dict[str, Any]) -> None:
    """An e-invoice was issued: the tax body registers it."""
    await invoice.register(resources, UUID(payload["invoice_id"]))


async def send_order(resources: Resources, payload: dict[str, Any]) -> None:
    """A payment order was signed: the Treasury gets it."""
    await exchange.advance(resources, UUID(payload["order_id"]))


async def deliver_register(resources: Resources, payload: dict[str, Any]) -> None:
    """The head signed a register: the Treasury gets its file."""
    await delivery.deliver(resources, UUID(payload["register_id"]))


async def deliver_registers(resources: Resources) -> None:
    """Registers that wait for the Treasury."""
    await delivery.deliver_due(resources)


async def read_statements(resources: Resources) -> None:
    """What the Treasury booked, and whether it agrees with our orders."""
    await statement.read_due(resources)


async def prove_ledger(resources: Resources) -> None:
    """The hourly proof."""
    await proof.prove_due(resources)


async def rate_monitoring(resources: Resources, payload: dict[str, Any]) -> None:
    """A protocol was signed by all: what it confirmed is a factor of the executor's rating."""
    await tell_rating(resources, UUID(payload["subject"]), UUID(payload["executor_id"]))


async def draw_sample(resources: Resources, payload: dict[str, Any]) -> None:
    """A sample was asked for: it is drawn."""
    await sampling.draw(resources, UUID(payload["sample_id"]))


async def revoke_invoice(resources: Resources, payload: dict[str, Any]) -> None:
    """An executor took its e-invoice back: the tax body is told."""
    await reconcile.revoke(resources, UUID(payload["invoice_id"]))


async def compare_invoices(resources: Resources) -> None:
    """E-invoices beside the tax body's books."""
    await reconcile.compare_due(resources)


async def retry_invoices(resources: Resources) -> None:
    """E-invoices whose jobs gave up."""
    await invoice.retry_due(resources)


async def ask_treasury(resources: Resources) -> None:
    """Payment orders that wait for the Treasury."""
    await exchange.advance_due(resources)


async def expire_suspensions(resources: Resources) -> None:
    """Suspensions whose four months have passed: payment is terminated (T3)."""
    await termination.expire(resources)


async def return_money(resources: Resources) -> None:
    """What terminated contracts still hold goes back to the plan."""
    await termination.return_money(resources)


async def look_at_licences(resources: Resources) -> None:
    """Where care was given, against the licences of the day (S1)."""
    await detection.look(resources, Ground.S1)


async def read_permits(resources: Resources) -> None:
    """What becomes of executors' licences (T1 is the issuer's to see)."""
    await licences.poll(resources)


async def look_at_debts(resources: Resources) -> None:
    """What executors owe and paid late (S2)."""
    await detection.look(resources, Ground.S2)


async def count_complaint(resources: Resources, payload: dict[str, Any]) -> None:
    """A complaint was confirmed: more than three suspend (S4)."""
    await reports.count(resources, msgspec.convert(payload, ConfirmedComplaint))


async def take_protocol(resources: Resources, payload: dict[str, Any]) -> None:
    """A monitoring protocol was signed by all: it may stop payment (T2) or suspend it (S1)."""
    told: ProtocolSigned = events.read(ProtocolSigned, payload)
    if told.terminates and told.recorded_on is not None:
        await termination.open_by_protocol(
            resources,
            told.executor_id,
            told.contract_id,
            told.protocol_id,
            told.protocol_sha256,
            told.recorded_on,
        )
    if told.address_mismatch_on is not None:
        await reports.recorded_address(
            resources,
            told.executor_id,
            told.protocol_id,
            told.protocol_sha256,
            told.address_mismatch_on,
        )


async def follow_terms(resources: Resources, _: dict[str, Any]) -> None:
    """The calendar changed: suspensions run out when their terms do."""
    await suspension.follow_terms(resources.db.payments)


async def close_accounts(resources: Resources) -> None:
    """Accounts of the dead whose thirty days are over, when no act is open on them (D12)."""
    await lapse.close_due(resources, ActSettlement(resources.db.payments))


JOBS: JobTable = {
    COUNT_COMPLAINT: count_complaint,
    "payments.follow_terms": follow_terms,
    "payments.take_protocol": take_protocol,
    "payments.fund_plan": fund_plan,
    "payments.change_plan": change_plan,
    "payments.open_contract": open_contract,
    invoice.REGISTER_JOB: register_invoice,
    reconcile.REVOKE_JOB: revoke_invoice,
    SEND_JOB: send_order,
    DELIVER_JOB: deliver_register,
    "payments.rate_monitoring": rate_monitoring,
    sampling.DRAW_JOB: draw_sample,
}
SWEEPS: SweepTable = {
    "payments.close_accounts": close_accounts,
    "payments.retry_invoices": retry_invoices,
    "payments.compare_invoices": compare_invoices,
    "payments.deliver_registers": deliver_registers,
    "payments.ask_treasury": ask_treasury,
    "payments.read_statements": read_statements,
    "payments.prove_ledger": prove_ledger,
    "payments.expire_suspensions": expire_suspensions,
    "payments.look_at_debts": look_at_debts,
    "payments.look_at_licences": look_at_licences,
    "payments.read_permits": read_permits,
    "payments.return_money": return_money,
}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {
    PlanPublished: ("payments.fund_plan",),
    PlanChanged: ("payments.change_plan",),
    ContractSigned: ("payments.open_contract",),
    ProtocolSigned: ("payments.take_protocol", "payments.rate_monitoring"),
    TermsCountedAnew: ("payments.follow_terms",),
}
