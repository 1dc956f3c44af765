"""Settings: read strictly, refused by name, and safe or not at all in production (FAULTS 30)."""

import os
import subprocess
import sys

import pytest

from backend.kernel.config import DEFAULT_SECRET, Config, ConfigError, Mode, from_environment

GOOD = "correct horse battery staple, not"[:32].replace(",", ";")
PRODUCTION = {"SAQTAU_SECRET": GOOD + "0123"}


def test_the_environment_is_read_by_field_names() -> None:
    config = from_environment(
        {
            "SAQTAU_MODE": "test",
            "SAQTAU_PORT": "9000",
            "SAQTAU_SOURCE_TIMEOUT_S": "2.5",
            "SAQTAU_ISSUER_BIN": "061211600012",
            "SAQTAU_HOME": "/somewhere",
            "HOME": "/root",
        }
    )
    assert config.mode is Mode.TEST
    assert (config.port, config.source_timeout_s) == (9000, 2.5)
    assert config.issuer_bin == "061211600012"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAQTAU_PORT", "http"),
        ("SAQTAU_PORT", "70000"),
        ("SAQTAU_PORT", "-1"),
        ("SAQTAU_MODE", "prod"),
        ("SAQTAU_MODE", ""),
        ("SAQTAU_LOG_LEVEL", "LOUD"),
        ("SAQTAU_SESSION_MINUTES", "0"),
        ("SAQTAU_OTP_MINUTES", "-3"),
        ("SAQTAU_DB_POOL_MAX", "0"),
        ("SAQTAU_BODY_MAX_BYTES", "0"),
        ("SAQTAU_SOURCE_TIMEOUT_S", "nan"),
        ("SAQTAU_SOURCE_TIMEOUT_S", "0"),
        ("SAQTAU_PILOT_VALID_TO", "31.12.2026"),
        ("SAQTAU_SECRET", ""),
    ],
)
def test_a_setting_that_means_nothing_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        from_environment({"SAQTAU_MODE": "test", name: value})


@pytest.mark.parametrize(
    "secret",
    [
        None,
        DEFAULT_SECRET,
        DEFAULT_SECRET + "x" * 40,
        "short",
        "a" * 64,
        f"{GOOD}0123,short",
        f"{GOOD}0123,{DEFAULT_SECRET}",
        ",".join(["abcdefg"] * 9),
    ],
)
def test_production_refuses_a_weak_or_public_secret(secret: str | None) -> None:
    environ = {} if secret is None else {"SAQTAU_SECRET": secret}
    with pytest.raises(ConfigError, match="SAQTAU_SECRET"):
        from_environment(environ)


def test_production_trusts_the_national_centre_only() -> None:
    assert from_environment(PRODUCTION).trust == "prod"
    for trust in ("test", "/var/anchors", ""):
        with pytest.raises(ConfigError, match="SAQTAU_TRUST"):
            from_environment({**PRODUCTION, "SAQTAU_TRUST": trust})


def test_production_needs_a_key_for_what_the_biometrics_provider_calls_back() -> None:
    with pytest.raises(ConfigError, match="SAQTAU_BIOMETRICS_KEY"):
        from_environment({**PRODUCTION, "SAQTAU_BIOMETRICS_URL": "https://b"})


def test_settings_never_show_their_secrets() -> None:
    config = Config(secret=GOOD, database_url="postgresql://u:pa55@h/d", biometrics_key="k3y")
    shown = f"{config} {config!r}"
    assert not [s for s in (GOOD, "pa55", "k3y") if s in shown]
    assert "database_url='***'" in shown


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_production_start_with_the_default_secret_exits_non_zero(command: str) -> None:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SAQTAU_")}
    done = subprocess.run(
        [sys.executable, "-m", "backend.app.cli", command],
        capture_output=True,
        text=True,
        env={**environ, "SAQTAU_MODE": "production"},
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert '"BAD_CONFIG"' in done.stderr
    assert "Traceback" not in done.stderr
