"""The demo from the first line to the last: start the country, tell the story, check, keep serving."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import msgspec

from backend.app.demo.checks.all import NUMBER, all_checks
from backend.app.demo.checks.figures import counts, money
from backend.app.demo.model import Summary
from backend.app.demo.party import UnexpectedAnswer
from backend.app.demo.processes import CouldNotStart
from backend.app.demo.screen import Screen
from backend.app.demo.story import tale
from backend.app.demo.world import NotADemoDatabase, World, running
from infra import servers


async def run(*, once: bool, json_file: Path | None) -> int:
    """Tell the story; the exit code: 0 when every check holds, 1 when not, 2 when it cannot start."""
    screen = Screen()
    stop = _stop_on_signals()
    try:
        with servers.running() as endpoints:
            async with running(_folder(endpoints), endpoints) as world:
                return await _tell(world, screen, stop, once=once, json_file=json_file)
    except (servers.ServersUnavailable, CouldNotStart, NotADemoDatabase) as e:
        screen.say(f"[red]{e}[/red]")
        return 2


async def _tell(
    world: World, screen: Screen, stop: asyncio.Event, *, once: bool, json_file: Path | None
) -> int:
    screen.say("[bold]Saqtau[/bold]: сақтау, to safeguard. One country, one laptop.\n")
    telling = asyncio.create_task(_story(world, screen))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([telling, stopping], return_when=asyncio.FIRST_COMPLETED)
    if not telling.done():
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling
        return 130
    stopping.cancel()
    try:
        summary = telling.result()
    except (UnexpectedAnswer, CouldNotStart) as e:
        screen.say(f"[red]The story broke off:[/red] {e}\nLogs: {world.logs}")
        return 1
    screen.show(summary)
    if json_file:
        await asyncio.to_thread(json_file.write_bytes, msgspec.json.encode(summary))
    if not once:
        await _serve_on(world, screen, stop)
    return 0 if summary.ok else 1


async def _story(world: World, screen: Screen) -> Summary:
    with screen.story():
        told = await tale.tell(world, screen)
        with screen.chapter("checks", "Checking every promise", NUMBER) as chapter:
            found = await all_checks(world, told, chapter)
    return Summary(
        ok=all(c.ok for c in found),
        checks=found,
        counts=await counts(world),
        money=await money(world),
        durations_s=screen.durations_s,
    )


async def _serve_on(world: World, screen: Screen, stop: asyncio.Event) -> None:
    screen.say(f"\nAPI        {world.urls.service}/schema")
    screen.say(f"Readiness  {world.urls.service}/health/ready")
    screen.say(f"Metrics    {world.urls.service}/metrics")
    screen.say(f"Stand-ins  {world.urls.sandbox}/control/alive")
    screen.say("\nServing until Ctrl-C.")
    while not stop.is_set():
        world.processes.require_alive()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 2)


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def _folder(endpoints: servers.Endpoints) -> Path:
    """Where the demo keeps keys and logs: beside the embedded servers, else in SAQTAU_HOME."""
    if endpoints.folder is not None:
        return endpoints.folder / "demo"
    home = os.environ.get("SAQTAU_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share" / "saqtau") / "demo"
