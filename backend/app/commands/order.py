"""`saqtau registry order ID`: an order and how far it is carried out; with `--watch`, as it happens."""

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import click
import msgspec

from backend.app.commands import console

if TYPE_CHECKING:
    from rich.console import Console

    from backend.kernel.db import Db
    from backend.registry.order.model import Order

# Who stops watching stops nothing: a day is as good as for ever.
_LOOKS = 24 * 3600


@click.command(name="order")
@click.argument("order_id", type=click.UUID)
@click.option("--watch", is_flag=True, help="show the progress until the order has ended")
def order(order_id: UUID, watch: bool) -> None:
    """Print an order: how many it meant, served, refused and why. Exit 1 when it failed or is unknown."""
    from infra import servers

    try:
        with servers.running() as endpoints:
            document = asyncio.run(_show(endpoints.database_url, order_id, watch=watch))
    except (servers.ServersUnavailable, OSError, asyncpg.PostgresError) as e:
        console.bad_argument(f"the database cannot be read: {e}", "DATABASE_UNREADABLE")
    except (ValueError, OverflowError, asyncpg.InterfaceError):
        # What the driver says here may repeat the address, password and all.
        console.bad_argument("SAQTAU_DATABASE_URL is no usable address", "DATABASE_UNREADABLE")
    console.answer(document, yes=document.get("status") in ("ACCEPTED", "RUNNING", "DONE"))


async def _show(database_url: str, order_id: UUID, *, watch: bool) -> dict[str, Any]:
    from rich.console import Console

    from backend.kernel.db import open_db
    from backend.registry.order import service
    from backend.registry.order.errors import OrderNotFound

    db = await open_db(database_url, "saqtau_registry", max_size=1, application="saqtau-order")
    try:
        if watch:
            await follow(db, order_id, Console(stderr=True))
        found = await service.find(db, order_id)
        refused = await service.refused_for(db, order_id)
    except OrderNotFound as e:
        return {"code": e.code, "detail": "there is no such order"}
    finally:
        await db.close()
    counts = {r.reason.value: r.count for r in refused}
    document: dict[str, Any] = {**msgspec.to_builtins(found), "refusals": counts}
    return document


async def follow(db: "Db", order_id: UUID, screen: "Console", *, every_s: float = 0.25) -> None:
    """Draw the progress on `screen` until the order has ended. Raises OrderNotFound."""
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column

    from backend.registry.order import service

    bar = Progress(
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("[bold]{task.description}", table_column=Column(no_wrap=True)),
        BarColumn(bar_width=None, complete_style="cyan", finished_style="green"),
        TaskProgressColumn(),
        TextColumn("{task.fields[count]}", table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[refused]}", style="yellow", table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[rate]}", style="cyan", table_column=Column(no_wrap=True)),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        console=screen,
        expand=True,
    )
    with bar:
        task = bar.add_task("waiting", total=None, count="", rate="", refused="")
        async for order in service.progress(db, order_id, every_s=every_s, looks=_LOOKS):
            if order is None:
                continue
            bar.update(
                task,
                description=_title(order),
                total=order.total,
                completed=order.done + order.refused,
                count=f"{order.done:,} of {order.total:,}" if order.total is not None else "",
                refused=f"{order.refused:,} refused" if order.refused else "",
            )
            speed = bar.tasks[0].speed or bar.tasks[0].finished_speed
            bar.update(task, rate=f"{speed:,.0f}/s" if speed else "")
        if order is not None and order.failure:
            bar.update(task, description=f"[red]{_title(order)}: {order.failure}")


def _title(order: "Order") -> str:
    kind = order.operation.removeprefix("order.").replace("_", " ")
    year = order.scope.get("year")
    return f"{kind} {year}" if year else kind
