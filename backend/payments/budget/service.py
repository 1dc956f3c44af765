"""Bring published plans and signed contracts into the ledger, once each."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from backend.kernel.db import Tx
from backend.payments.budget import queries
from backend.payments.budget.model import PlanMoney
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.ledger.model import Account, Transfer, TransferKind


async def fund_plan(tx: Tx, plan_id: UUID, at: datetime) -> None:
    """The lines of a published plan receive their planned sums (M §7). Safe to repeat."""
    await _fund(tx, await queries.PLAN_LINES.all(tx, plan_id), at)


async def _fund(tx: Tx, lines: list[PlanMoney], at: datetime) -> None:
    opened = {s: accounts.budget(s) for s in {line.source for line in lines}}
    plan = {line.line_id: accounts.plan_line(line.line_id, line.source) for line in lines}
    await ledger.open_accounts(tx, [*opened.values(), *plan.values()])
    await ledger.post_many(
        tx,
        [
            Transfer(
                f"plan-line:{line.line_id}",
                TransferKind.PLAN_FUNDED,
                accounts.move(line.amount_tiyn, opened[line.source], plan[line.line_id]),
            )
            for line in lines
        ],
        at,
    )


async def change_plan(tx: Tx, plan_id: UUID, change_id: UUID, at: datetime) -> None:
    """Lines of the plan get or give what an applied change says; new lines get theirs. Safe to repeat.

    Raises BalanceTooSmall when a line has less than is taken from it.
    """
    await fund_plan(tx, plan_id, at)
    lines = await queries.CHANGED_LINES.all(tx, change_id)
    await ledger.post_many(
        tx,
        [
            Transfer(
                f"plan-change:{change_id}:{line.line_id}",
                TransferKind.PLAN_CHANGED,
                accounts.move(abs(line.amount_tiyn), *_sides(line)),
            )
            for line in lines
        ],
        at,
    )


def _sides(line: PlanMoney) -> tuple[Account, Account]:
    """Giver and taker: more comes from the budget, less goes back to it."""
    budget, plan = accounts.budget(line.source), accounts.plan_line(line.line_id, line.source)
    return (budget, plan) if line.amount_tiyn > 0 else (plan, budget)


async def open_contract(tx: Tx, contract_id: UUID, at: datetime) -> None:
    """A contract signed by both takes its sums from its plan lines (M §12). Safe to repeat."""
    lines = await queries.CONTRACT_LINES.all(tx, contract_id)
    await _fund(tx, [PlanMoney(x.line_id, x.source, x.planned_tiyn) for x in lines], at)
    owned = [accounts.contract_line(contract_id, x.line_id, x.source) for x in lines]
    later = [f(contract_id, x.source) for x in lines[:1] for f in _LATER]
    await ledger.open_accounts(tx, [*owned, *later])
    await ledger.post_many(
        tx,
        [
            Transfer(
                f"contract-line:{contract_id}:{x.line_id}",
                TransferKind.CONTRACT_SIGNED,
                accounts.move(x.amount_tiyn, accounts.plan_line(x.line_id, x.source), account),
            )
            for x, account in zip(lines, owned, strict=True)
        ],
        at,
    )


async def ensure_contract_opened(tx: Tx, contract_id: UUID, at: datetime) -> None:
    """Open the contract unless its job has done so: an act never waits for a job."""
    if await queries.NOT_OPENED.get(tx, contract_id):
        await open_contract(tx, contract_id, at)


async def release_act(tx: Tx, act_id: UUID, at: datetime) -> bool:
    """A signed act is cancelled: accepted -> contract, line by line. Whether this call moved it.

    Once for each act, safe to repeat. The caller changes the act's status in the same transaction, and
    calls this only for an act whose money stands as accepted: signed, and no payment order of it on its
    way, paid or returned. Raises BalanceTooSmall otherwise.
    """
    lines = await queries.ACT_LINES.all(tx, act_id)
    entries = [
        entry
        for x in lines
        for entry in accounts.move(
            x.amount_tiyn,
            accounts.accepted(x.contract_id, x.source),
            accounts.contract_line(x.contract_id, x.line_id, x.source),
        )
    ]
    return await ledger.post(tx, f"act:{act_id}:cancelled", TransferKind.ACT_CANCELLED, entries, at)


async def release_contract(
    tx: Tx, contract_id: UUID, cause: str, at: datetime, *, keep: Mapping[UUID, int] | None = None
) -> int:
    """What no signed act has taken of a contract goes back to its plan lines; how much, in tiyn.

    `keep`: so much of a line (by line, in tiyn) stays for acts that wait to be settled.

    For a contract that ends before its sum is used (M §18): the residue may then be placed anew. The
    accounts are locked, so that an act accepted meanwhile takes its part first or finds nothing.
    `cause` names the decision. What comes back to the contract later (a cancelled act) is released by
    another call with a cause of its own; an empty contract releases nothing.
    """
    await ensure_contract_opened(tx, contract_id, at)
    owned = {
        accounts.contract_line(contract_id, x.line_id, x.source).account: x
        for x in await queries.CONTRACT_SOURCES.all(tx, contract_id)
    }
    left = [
        (x.account, x.balance_tiyn - kept)
        for x in await queries.LOCKED.all(tx, list(owned))
        if x.balance_tiyn > (kept := (keep or {}).get(owned[x.account].line_id, 0))
    ]
    transfers = [
        Transfer(
            f"contract-released:{cause}:{contract_id}:{owned[account].line_id}",
            TransferKind.CONTRACT_REDUCED,
            accounts.move(
                amount_tiyn,
                Account(account, owned[account].source),
                accounts.plan_line(owned[account].line_id, owned[account].source),
            ),
        )
        for account, amount_tiyn in left
    ]
    await ledger.post_many(tx, transfers, at)
    return sum(amount_tiyn for _, amount_tiyn in left)


async def amend_contract(
    tx: Tx, contract_id: UUID, amendment_id: UUID, lines: list[PlanMoney], at: datetime
) -> dict[UUID, int]:
    """A supplementary agreement is signed: each line gets so much more, or gives so much back; tiyn.

    Once for each agreement, safe to repeat. What the contract's lines hold afterwards, locked until the
    transaction ends, so that no act takes of it meanwhile. Raises BalanceTooSmall when signed acts have
    taken more than would be left, or the plan's line has less than is asked of it.
    """
    await ensure_contract_opened(tx, contract_id, at)
    owned = {x.line_id: accounts.contract_line(contract_id, x.line_id, x.source) for x in lines}
    planned = {x.line_id: accounts.plan_line(x.line_id, x.source) for x in lines}
    await ledger.open_accounts(tx, owned.values())
    transfers = [
        Transfer(
            f"contract-amended:{amendment_id}:{x.line_id}",
            TransferKind.CONTRACT_SIGNED if x.amount_tiyn > 0 else TransferKind.CONTRACT_REDUCED,
            accounts.move(
                abs(x.amount_tiyn),
                *(
                    (planned[x.line_id], owned[x.line_id])
                    if x.amount_tiyn > 0
                    else (owned[x.line_id], planned[x.line_id])
                ),
            ),
        )
        for x in lines
    ]
    await ledger.post_many(tx, transfers, at)
    held = await queries.LOCKED.all(tx, [account.account for account in owned.values()])
    balances = {x.account: x.balance_tiyn for x in held}
    return {line_id: balances.get(account.account, 0) for line_id, account in owned.items()}


_LATER = (accounts.accepted, accounts.ordered, accounts.paid, accounts.returned)
