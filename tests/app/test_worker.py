"""What the worker finds out can be watched."""

import socket

import httpx
import msgspec
import pytest

from backend.app.worker import telling_metrics
from backend.kernel.config import Config, ConfigError, Mode
from infra.bench.scene import free_port


@pytest.fixture
def config() -> Config:
    return Config(mode=Mode.TEST, worker_metrics_port=free_port())


def test_its_alarms_are_told_while_it_works(config: Config) -> None:
    url = f"http://{config.host}:{config.worker_metrics_port}/metrics"
    with telling_metrics(config):
        told = httpx.get(url).text
    for alarm in (
        "saqtau_log_head_alarm", "saqtau_log_backlog", "saqtau_ledger_proof_age_seconds",
        "saqtau_statements_stopped", "saqtau_job_failures",
    ):  # fmt: skip
        assert f"\n{alarm}" in told or f"# TYPE {alarm}" in told, alarm
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_port_that_is_taken_is_named(config: Config) -> None:
    with (
        socket.create_server((config.host, config.worker_metrics_port)),
        pytest.raises(ConfigError, match=f":{config.worker_metrics_port}"),
        telling_metrics(config),
    ):
        pass


def test_nothing_is_told_unless_asked(config: Config) -> None:
    silent = msgspec.structs.replace(config, worker_metrics_port=0)
    with telling_metrics(silent), pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{config.host}:{config.worker_metrics_port}/metrics")
