"""The register's file: whatever is changed on the way, nothing of it is taken, and no order is paid (FAULTS 24)."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from backend.kernel.resources import Resources
from backend.payments.treasury.order.model import Order, OrderStatus
from backend.payments.treasury.order.service import exchange
from backend.payments.treasury.order.service import read as orders
from backend.payments.treasury.register import delivery, queries
from backend.payments.treasury.register import service as register
from backend.payments.treasury.register.model import RegisterStatus, SignRegister, ToDeliver
from infra.sandbox import treasury
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.state import Sandbox
from infra.sandbox.treasury import registers
from infra.sandbox.treasury.model import Refused
from tests.payments.conftest import FINANCE, TARIFF, Owner
from tests.payments.treasury.conftest import (
    form,
    fund,
    invoiced,
    key_of,
    sign_orders,
    sign_register,
)

Table = dict[str, Any]


async def three_rows(world: Resources, finance: KeyPair) -> tuple[ToDeliver, list[Order]]:
    """A signed register of three acts, not delivered yet; its orders signed."""
    for number, people in (("1", [1, 2]), ("2", [3]), ("3", [4, 5, 6])):
        await invoiced(world, number, people)
    await fund(world)
    formed = await form(world)
    made = await sign_register(world, formed)
    assert (await sign_orders(world, finance, made)).signed == 3
    return await queries.TO_DELIVER.get(world.db.payments, formed.register_id), made


def recount(table: Table) -> Table:
    """The attacker mends the header too: only the signature is left to refuse it."""
    body = msgspec.json.encode({"orders": table["orders"], "rows": table["rows"]}, order="sorted")
    header = {
        **table["header"],
        "count": len(table["rows"]),
        "sum_tiyn": sum(row["sum_tiyn"] for row in table["rows"]),
        "rows_sha256": hashlib.sha256(body).hexdigest(),
    }
    return {**table, "header": header}


def with_row(table: Table, no: int, **changes: Any) -> Table:
    rows = [{**row, **changes} if row["no"] == no else row for row in table["rows"]]
    return {**table, "rows": rows}


def numbered(table: Table, rows: list[Any], ids: list[str]) -> Table:
    return {**table, "rows": [{**r, "no": n} for n, r in enumerate(rows, 1)], "orders": ids}


MUTATIONS: dict[str, Callable[[Table], Table]] = {
    "a row dropped": lambda t: {**t, "rows": t["rows"][:-1], "orders": t["orders"][:-1]},
    "the only row of an id dropped": lambda t: {**t, "orders": t["orders"][1:]},
    "a row doubled": lambda t: {
        **t,
        "rows": [*t["rows"], t["rows"][0]],
        "orders": [*t["orders"], t["orders"][0]],
    },
    "a row doubled and numbered": lambda t: numbered(
        t, [*t["rows"], t["rows"][0]], [*t["orders"], "0" * 32]
    ),
    "rows reordered": lambda t: {
        **t,
        "rows": t["rows"][::-1],
        "orders": t["orders"][::-1],
    },
    "rows reordered and numbered": lambda t: numbered(t, t["rows"][::-1], t["orders"][::-1]),
    "orders swapped": lambda t: {**t, "orders": t["orders"][::-1]},
    "a sum raised": lambda t: with_row(t, 1, sum_tiyn=t["rows"][0]["sum_tiyn"] + 1),
    "sums shifted": lambda t: with_row(
        with_row(t, 1, sum_tiyn=t["rows"][0]["sum_tiyn"] + 1),
        2,
        sum_tiyn=t["rows"][1]["sum_tiyn"] - 1,
    ),
    "an account changed": lambda t: with_row(t, 2, recipient_account="KZ86125KZT5004100100"),
    "a payee changed": lambda t: with_row(t, 3, recipient_bin="061211600012"),
    "a bank changed": lambda t: with_row(t, 3, recipient_bic="KKMFKZ2A"),
    "the payer changed": lambda t: {**t, "header": {**t["header"], "payer_bin": "100140000003"}},
    "another number": lambda t: {**t, "header": {**t["header"], "number": 2}},
    "another format": lambda t: {**t, "format": "acts-register.2"},
    "a column more": lambda t: with_row(t, 1, fee_tiyn=5),
    "no rows": lambda t: {**t, "rows": [], "orders": []},
}


async def test_whatever_is_changed_nothing_is_taken_and_nothing_paid(
    world: Resources, finance: KeyPair, sandbox: Sandbox
) -> None:
    file, made = await three_rows(world, finance)
    table = msgspec.json.decode(file.content)
    changed: dict[str, bytes] = {
        name + suffix: msgspec.json.encode(how(mutate(table)), order="sorted")
        for name, mutate in MUTATIONS.items()
        for suffix, how in (("", lambda t: t), (", header mended", recount))
    }
    raw = file.content
    changed |= {
        "cut": raw[: len(raw) // 2],
        "longer": raw + b" ",
        "spaced": msgspec.json.format(raw, indent=2),
        "a key twice": raw.replace(b'{"format"', b'{"format":"x","format"', 1),
        "empty": b"",
    }
    # every byte of the file, its own digest mended: asked of the stand-in's judges directly, for speed
    headers = {
        "x-document": base64.b64encode(file.document).decode(),
        "x-signature": base64.b64encode(file.signature).decode(),
    }
    for at in range(len(raw)):
        flipped = raw[:at] + bytes([raw[at] ^ 1 << at % 8]) + raw[at + 1 :]
        with pytest.raises(Refused):
            judged = registers.read_file(flipped)
            registers.require_head(sandbox, flipped, judged.header.payer_bin, headers)
    for name, content in changed.items():
        assert content != raw, name
        answer = await post(world, content, content, file.document, file.signature)
        assert answer.status_code == 422, name
    stale = await post(world, raw + b" ", raw, file.document, file.signature)
    assert stale.status_code == 422
    stranger = key_of("employee").sign_cms(file.document, at=world.clock.now())
    other = msgspec.json.encode(SignRegister(file.register_id, hashlib.sha256(b"").hexdigest()))
    for document, signature in (
        (file.document, stranger),
        (file.document + b" ", file.signature),
        (other, key_of("head").sign_cms(other, at=world.clock.now())),
        (b"", b""),
    ):
        answer = await post(world, raw, raw, document, signature)
        assert answer.status_code == 422
    kept = treasury.state(sandbox)
    assert (kept.registers, kept.rows) == ({}, {})
    # and the orders, sent although no register was taken, are not paid either
    for order in made:
        await exchange.advance(world, order.order_id)
        assert order.message is not None
        [signature] = await world.db.payments.pool.fetchrow(
            "SELECT signature FROM payments.payment_order WHERE order_id = $1", order.order_id
        )
        answer = await post(world, order.message, order.message, b"", signature, "/orders")
        assert b"NOT_IN_REGISTER" in answer.content
    assert kept.orders == {}
    # what was not changed is taken, once, and then the orders are paid
    assert await delivery.deliver(world, file.register_id)
    for order in made * 2:
        await exchange.advance(world, order.order_id)
    assert {o.status for o in await of(world, file)} == {OrderStatus.EXECUTED}
    assert [o.executed for o in kept.orders.values()] == [1, 1, 1]
    # the register's id stands for these bytes for ever
    again = msgspec.json.encode(recount(with_row(table, 1, sum_tiyn=TARIFF)), order="sorted")
    document = msgspec.json.encode(
        SignRegister(file.register_id, hashlib.sha256(again).hexdigest())
    )
    resigned = key_of("head").sign_cms(document, at=world.clock.now())
    answer = await post(world, again, again, document, resigned)
    assert b"DUPL" in answer.content


async def test_a_register_refused_on_the_way_sends_no_order_until_it_is_taken(
    world: Resources, finance: KeyPair, sandbox: Sandbox, owner: Owner
) -> None:
    file, made = await three_rows(world, finance)
    # a byte flips in our own store: the database's check is off, as after a disk's error
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "ALTER TABLE payments.acts_register DROP CONSTRAINT acts_register_check;"
        "UPDATE payments.acts_register SET content = content || ' '"
    )
    assert not await delivery.deliver(world, file.register_id)
    found = await register.find(world.db.payments, file.register_id)
    assert (found.status, found.refusal) == (RegisterStatus.SIGNED, "NOT_CANONICAL")
    assert await delivery.deliver_due(world) == 0
    await exchange.advance(world, made[0].order_id)
    assert {o.status for o in await of(world, file)} == {OrderStatus.SIGNED}
    await owner.execute(
        "UPDATE payments.acts_register SET content = substr(content, 1, length(content) - 1)"
    )
    await delivery.try_again(world, FINANCE, file.register_id)
    assert await delivery.deliver_due(world) == 1
    await exchange.advance(world, made[0].order_id)
    assert treasury.state(sandbox).orders.keys() == {made[0].message_id}


async def test_a_lost_answer_leaves_one_register(
    world: Resources, finance: KeyPair, sandbox: Sandbox
) -> None:
    file, _ = await three_rows(world, finance)
    treasury.state(sandbox).drop_registers = 2
    assert [await delivery.deliver(world, file.register_id) for _ in range(4)] == [
        False,
        False,
        True,
        False,
    ]
    found = await register.find(world.db.payments, file.register_id)
    assert (found.status, len(treasury.state(sandbox).registers)) == (RegisterStatus.SENT, 1)


async def of(world: Resources, file: ToDeliver) -> list[Order]:
    return await orders.orders(world.db.payments, file.register_id, None, 10)


async def post(
    world: Resources,
    content: bytes,
    digest_of: bytes,
    document: bytes,
    signature: bytes,
    path: str = "/registers",
) -> httpx.Response:
    digest = base64.b64encode(hashlib.sha256(digest_of).digest()).decode()
    return await world.http.post(
        world.config.treasury_url + path,
        content=content,
        headers={
            "content-digest": f"sha-256=:{digest}:",
            "x-document": base64.b64encode(document).decode(),
            "x-signature": base64.b64encode(signature).decode(),
        },
    )
