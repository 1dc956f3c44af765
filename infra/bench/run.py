"""One run: the chosen benchmarks, one after another, with everything given back at its end."""

import asyncio
import signal
from collections.abc import Callable, Sequence

import asyncpg

from infra.bench import suite
from infra.bench.harness import measure
from infra.bench.model import BenchFailed, Result
from infra.bench.scene import Scene
from infra.migrate import MigrationError


async def run(
    names: Sequence[str],
    seconds: float,
    *,
    say: Callable[[str], None],
    done: Callable[[Result], None],
    failed: Callable[[str, str], None],
) -> None:
    """Measure `names`; `done` and `failed(name, why)` are told as it goes.

    A benchmark that fails does not stop the others. Ctrl-C and SIGTERM end the run in good order.
    """
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _cancel(asyncio.current_task()))
    scene = Scene()
    try:
        for name in names:
            try:
                done(await measure(suite.load(name, scene), seconds, say=_prefixed(name, say)))
            except BenchFailed as e:
                failed(name, str(e))
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, MigrationError) as e:
                failed(name, f"{type(e).__name__}: {e}")
    finally:
        await scene.close()


def _prefixed(name: str, say: Callable[[str], None]) -> Callable[[str], None]:
    return lambda text: say(f"{name}: {text}")


def _cancel(task: "asyncio.Task[object] | None") -> Callable[[], None]:
    def cancel() -> None:
        if task is not None:
            task.cancel()

    return cancel
