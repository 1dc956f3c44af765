"""Files are fetched from the stand-in over HTTP: signed, in pieces, gone on with where it broke off."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from litestar import Litestar, Router
from litestar.di import Provide

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.contribution_file.service import apply, receive
from backend.sources.exchange import SourceUnavailable
from backend.sources.state_corporation import service as corporation
from backend.sources.state_corporation.errors import ListNotTrusted
from backend.sources.state_corporation.model import FileFormat
from infra.sandbox import state_corporation as stand_in
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox
from tests.registry.conftest import Insure, iin_of
from tests.sources.state_corporation.files import receipt, write

Owner = asyncpg.Connection  # type: ignore[type-arg]
CORPORATION_BIN = stand_in.StateCorporation().bin
URL = "http://state-corporation.test/state-corporation"


@pytest.fixture
def sandbox(clock: FixedClock, tmp_path: Path) -> Sandbox:
    sandbox = Sandbox(Centre.create(b"state corporation", clock.now()))
    sandbox.centre.save(tmp_path)
    sandbox.set_clock(clock.now())
    return sandbox


@pytest.fixture
async def fetching(
    resources: Resources, sandbox: Sandbox, clock: FixedClock, tmp_path: Path
) -> AsyncIterator[Resources]:
    """The service, which asks the stand-in and trusts its centre."""

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(
        [Router("/state-corporation", route_handlers=stand_in.HANDLERS)],
        dependencies={"sandbox": Provide(provide)},
        openapi_config=None,
    )
    config = msgspec.structs.replace(
        resources.config,
        trust=str(tmp_path / "trust"),
        state_corporation_url=URL,
        state_corporation_bin=CORPORATION_BIN,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as http:  # type: ignore[arg-type]
        yield msgspec.structs.replace(resources, config=config, http=http)


async def lay_ready(http: httpx.AsyncClient, name: str, raw: bytes) -> None:
    body = {"name": name, "format": "csv", "content": base64.b64encode(raw).decode()}
    (await http.put(f"{URL}/control/files", json=body)).raise_for_status()


async def behave(http: httpx.AsyncClient, **manner: Any) -> None:
    (await http.put(f"{URL}/control/manner", json=manner)).raise_for_status()


async def states(owner: Owner) -> list[tuple[str, str, int]]:
    rows = await owner.fetch(
        "SELECT name, status, received FROM registry.contribution_file ORDER BY name"
    )
    return [tuple(row) for row in rows]


async def test_what_broke_off_is_gone_on_with(
    fetching: Resources,
    sandbox: Sandbox,
    owner: Owner,
    insure: Insure,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(receive, "PIECE", 1_000)
    await insure(iin_of(1))
    raw = write(FileFormat.CSV, [receipt(f"A/{n}", iin_of(1)) for n in range(60)])
    await lay_ready(fetching.http, "SC-1.csv", raw)
    for _ in range(2):
        await behave(fetching.http, cut_off=1)
        with pytest.raises(SourceUnavailable):
            await receive.fetch(fetching)
        sandbox.switches["state_corporation"].manner = stand_in.Manner()
        stand_in.state(sandbox).pieces = 0
    await receive.fetch(fetching)
    assert await states(owner) == [("SC-1.csv", "STAGING", len(raw))]
    pieces = stand_in.state(sandbox).pieces
    assert pieces == -(-len(raw) // 1_000)
    await receive.fetch(fetching)
    assert stand_in.state(sandbox).pieces == pieces  # nothing is fetched twice
    file_id = await owner.fetchval("SELECT file_id FROM registry.contribution_file")
    await apply.run(fetching, file_id)
    assert await states(owner) == [("SC-1.csv", "DONE", len(raw))]
    assert await owner.fetchval("SELECT count(*) FROM registry.contribution") == 60
    jobs = await owner.fetch("SELECT entrypoint FROM jobs.pgqueuer")
    assert [row[0] for row in jobs] == [receive.TAKE_JOB]


async def test_a_byte_changed_on_the_way_leaves_nothing(
    fetching: Resources, owner: Owner, insure: Insure
) -> None:
    await insure(iin_of(1))
    await lay_ready(fetching.http, "SC-2.csv", write(FileFormat.CSV, [receipt("B/1", iin_of(1))]))
    await behave(fetching.http, flip=True)
    await receive.fetch(fetching)
    file_id = await owner.fetchval("SELECT file_id FROM registry.contribution_file")
    await apply.run(fetching, file_id)
    (state,) = await states(owner)
    assert state[1] == "REFUSED"
    assert await owner.fetchval("SELECT count(*) FROM registry.contribution") == 0


@pytest.mark.parametrize("manner", [{"bin": "090440002224"}, {"forge": True}])
async def test_a_list_that_is_not_signed_by_the_corporation_is_silence(
    fetching: Resources, owner: Owner, manner: dict[str, Any]
) -> None:
    await lay_ready(fetching.http, "SC-3.csv", b"H")
    await behave(fetching.http, **manner)
    with pytest.raises(ListNotTrusted):
        await corporation.ready(fetching)
    with pytest.raises(SourceUnavailable):
        await receive.fetch(fetching)
    assert await states(owner) == []


async def test_another_file_under_a_known_name_is_not_fetched(
    fetching: Resources, sandbox: Sandbox, owner: Owner
) -> None:
    await lay_ready(fetching.http, "SC-4.csv", write(FileFormat.CSV, []))
    await receive.fetch(fetching)
    pieces = stand_in.state(sandbox).pieces
    await lay_ready(fetching.http, "SC-4.csv", write(FileFormat.CSV, [], number="SC-99"))
    await receive.fetch(fetching)
    assert stand_in.state(sandbox).pieces == pieces
    kinds = [row[0] for row in await owner.fetch("SELECT kind FROM kernel.event")]
    assert "ContributionFileDiffers" in kinds


async def test_the_list_is_looked_at_when_it_is_due(
    fetching: Resources, owner: Owner, clock: FixedClock
) -> None:
    async def queued() -> int:
        query = "SELECT count(*) FROM jobs.pgqueuer WHERE entrypoint = $1"
        return int(await owner.fetchval(query, receive.FETCH_JOB))

    await receive.ask_if_due(fetching)
    await receive.ask_if_due(fetching)
    assert await queued() == 1
    await owner.execute("DELETE FROM jobs.pgqueuer")
    clock.advance(receive.ASK_EVERY)
    await receive.ask_if_due(fetching)
    assert await queued() == 1
    await owner.execute("DELETE FROM jobs.pgqueuer")
    silent = msgspec.structs.replace(
        fetching, config=msgspec.structs.replace(fetching.config, state_corporation_url="")
    )
    clock.advance(receive.ASK_EVERY)
    await receive.ask_if_due(silent)
    assert await queued() == 0
