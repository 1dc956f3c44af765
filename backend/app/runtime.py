"""How a process of ours begins: settings, servers (embedded unless named), logs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from backend.app.commands import console
from backend.kernel import logs
from backend.kernel.config import Config, ConfigError, from_environment
from backend.signing.algorithm import selection
from backend.signing.seal import service as seals
from backend.signing.seal.source import SourceUnusable
from infra import servers
from infra.servers.place import default_home


@contextmanager
def configured() -> Iterator[Config]:
    """The settings with running servers behind them; the embedded ones stop after the last user.

    A setting that cannot be used ends the process with exit 2 and one line that says which.
    """
    try:
        config = from_environment()
    except ConfigError as e:
        console.bad_argument(str(e), "BAD_CONFIG")
    logs.configure(config.log_level)
    try:
        selection.settle(config.gost_backend)
    except selection.BackendMissing as e:
        console.bad_argument(f"SAQTAU_GOST_BACKEND: {e}", "BAD_CONFIG")
    try:
        seals.require_usable(config, datetime.now(UTC))
    except SourceUnusable as e:
        console.bad_argument(f"SAQTAU_SEAL_*: {e}", "BAD_CONFIG")
    try:
        with servers.running() as endpoints:
            yield msgspec.structs.replace(
                config,
                database_url=config.database_url or endpoints.database_url,
                valkey_url=config.valkey_url or endpoints.valkey_url,
                object_dir=config.object_dir or str(objects_of(endpoints)),
            )
    except servers.ServersUnavailable as e:
        console.bad_argument(str(e), "SERVERS_UNAVAILABLE")


def objects_of(endpoints: servers.Endpoints) -> Path:
    """Where files outside the database lie: beside the embedded servers' data, else in SAQTAU_HOME."""
    return (endpoints.folder or default_home()) / "objects"


@contextmanager
def database() -> Iterator[str]:
    """The URL of the configured database alone: what `migrate` and `registry verify` need."""
    try:
        with servers.running() as endpoints:
            yield endpoints.database_url
    except servers.ServersUnavailable as e:
        console.bad_argument(str(e), "SERVERS_UNAVAILABLE")
