"""The five controls before sending, and the message itself (M §14; domain 3.9). Pure."""

from datetime import datetime, timedelta
from typing import Final

from backend.kernel.clock import legal_date
from backend.kernel.ids import check_iban_kz
from backend.payments.ledger import accounts
from backend.payments.ledger.model import Transfer, TransferKind
from backend.payments.treasury.order.model import Check, Control, OrderStatus, Sending
from backend.sources.treasury.model import CreditTransfer, Party

# An order without a final answer is asked about again after this; the stated pace of our polling.
ASK_AGAIN: Final = timedelta(seconds=5)


def control(found: Control, at: datetime) -> tuple[Check, ...]:
    """The five controls, each with its outcome: requisites, sum, period, basis, duplicate signs."""
    ibans = check_iban_kz(found.recipient_account) and check_iban_kz(found.sender_account)
    outcomes = (
        ("requisites", found.requisites_ok and ibans, "REQUISITES_MISMATCH"),
        ("sum", found.sum_ok, "SUM_MISMATCH"),
        ("period", found.period_ok, "PERIOD_MISMATCH"),
        ("basis", found.basis_ok, "NO_BASIS"),
        ("duplicate", found.single, "DUPLICATE_PAYMENT"),
    )
    return tuple(Check(name, ok, None if ok else code, at) for name, ok, code in outcomes)


def credit_transfer(found: Control) -> CreditTransfer:
    """The order as the Treasury is told; the same order always gives the same message."""
    return CreditTransfer(
        message_id=found.message_id,
        created_at=found.created_at,
        execute_on=legal_date(found.created_at),
        payer=Party(found.sender, found.sender_bin, found.sender_account, found.sender_bic),
        payee=Party(
            found.recipient, found.recipient_bin, found.recipient_account, found.recipient_bic
        ),
        amount_tiyn=found.amount_tiyn,
        basis=f"{found.basis}; {found.act_number}, {found.act_date}; {found.service_period}",
    )


def signing(found: Control) -> Transfer:
    """accepted -> ordered; cash control account -> on its way. Only from the KBSh (domain 12.7)."""
    return Transfer(
        f"order:{found.order_id}:signed",
        TransferKind.ORDER_SIGNED,
        (
            *accounts.move(
                found.amount_tiyn,
                accounts.accepted(found.contract_id, found.source),
                accounts.ordered(found.contract_id, found.source),
            ),
            *accounts.move(
                found.amount_tiyn,
                accounts.cash("kbsh", found.source),
                accounts.cash("sent", found.source),
            ),
        ),
    )


def execution(order: Sending) -> Transfer:
    """ordered -> paid; the money arrived at the executor."""
    receiver = accounts.cash(f"executor:{order.executor_bin}", order.source)
    return Transfer(
        f"order:{order.order_id}:executed",
        TransferKind.ORDER_EXECUTED,
        (
            *accounts.move(
                order.amount_tiyn,
                accounts.ordered(order.contract_id, order.source),
                accounts.paid(order.contract_id, order.source),
            ),
            *accounts.move(order.amount_tiyn, accounts.cash("sent", order.source), receiver),
        ),
    )


def withdrawal(order: Sending) -> Transfer:
    """A signed order taken back before it was sent: accepted again, the money on the KBSh."""
    return Transfer(
        f"order:{order.order_id}:withdrawn",
        TransferKind.ORDER_WITHDRAWN,
        (
            *accounts.move(
                order.amount_tiyn,
                accounts.ordered(order.contract_id, order.source),
                accounts.accepted(order.contract_id, order.source),
            ),
            *accounts.move(
                order.amount_tiyn,
                accounts.cash("sent", order.source),
                accounts.cash("kbsh", order.source),
            ),
        ),
    )


def reversal(order: Sending) -> Transfer:
    """A returned order: what was ordered or paid came back, and the money to the cash control account."""
    paid = order.status is OrderStatus.EXECUTED
    owed = (accounts.paid if paid else accounts.ordered)(order.contract_id, order.source)
    held = f"executor:{order.executor_bin}" if paid else "sent"
    return Transfer(
        f"order:{order.order_id}:returned",
        TransferKind.ORDER_RETURNED,
        (
            *accounts.move(
                order.amount_tiyn, owed, accounts.returned(order.contract_id, order.source)
            ),
            *accounts.move(
                order.amount_tiyn,
                accounts.cash(held, order.source),
                accounts.cash("kbsh", order.source),
            ),
        ),
    )


def renewal(order: Sending) -> Transfer:
    """It was decided to pay anew what came back: it is accepted again."""
    return Transfer(
        f"order:{order.order_id}:renewed",
        TransferKind.PAYMENT_RENEWED,
        accounts.move(
            order.amount_tiyn,
            accounts.returned(order.contract_id, order.source),
            accounts.accepted(order.contract_id, order.source),
        ),
    )
