"""One frozen struct of settings, read from the environment in `app/` and passed on in parts."""

import base64
import logging
import os
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Literal

import msgspec

DEFAULT_SECRET = "saqtau-development-secret"  # noqa: S105  (public on purpose; production refuses to start with it)


class Mode(StrEnum):
    """`production` refuses every convenience of the others."""

    PRODUCTION = "production"
    TEST = "test"
    DEMO = "demo"


class ConfigError(ValueError):
    """A setting is missing or unsafe; the text says which and what to do."""


class RevocationMode(StrEnum):
    """Who says whether a certificate is revoked. `auto`: the responder too, where one is named."""

    AUTO = "auto"
    CRL = "crl"
    OCSP_CRL = "ocsp+crl"


SECRET_MIN = 32  # characters
PROCESSES_MAX = 64
_SECRETS = frozenset(
    {
        "secret", "biometrics_key", "database_url", "valkey_url",
        "seal_registrar_password", "seal_issuer_password",
    }
)  # fmt: skip


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of Saqtau. Environment: `SAQTAU_` + the upper-case field name."""

    mode: Mode = Mode.PRODUCTION
    database_url: str = ""
    valkey_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    processes: int = 1  # of `saqtau serve` that share the port
    worker_metrics_port: int = 0  # where the worker tells its metrics, on `host`; 0: nowhere
    public_url: str = "http://127.0.0.1:8080"
    trusted_proxies: str = ""  # addresses and networks whose X-Forwarded-For is believed
    secret: str = DEFAULT_SECRET
    trust: str = "prod"
    log_level: str = "INFO"

    # The organisations whose BIN gives them a seat in the permission matrix (M §2).
    registrar_bin: str = ""
    registrar_address: str = ""  # stands on every policy (M §37)
    issuer_bin: str = ""
    treasury_bin: str = ""
    moh_bin: str = ""
    leb_bins: str = ""
    commission_bins: str = ""  # state bodies and chambers that send members to commissions (M §20)
    mis_bins: str = ""
    biometrics_bins: str = ""
    state_corporation_bin: str = ""
    bot_bin: str = ""

    # Outside systems.
    sms_url: str = ""
    bmg_url: str = ""
    biometrics_url: str = ""
    biometrics_key: str = ""
    biometrics_jws_url: str = ""  # the second provider: signed tokens
    biometrics_jws_key: str = ""  # its public key: Ed25519, base64
    treasury_url: str = ""
    tax_url: str = ""
    state_corporation_url: str = ""
    gbd_fl_url: str = ""
    gbd_ul_url: str = ""
    permits_url: str = ""  # permits and notifications ("E-licensing")
    dfo_url: str = ""  # the depository of financial statements
    sur_url: str = ""  # the resource system: capacities by beds
    sumt_url: str = ""  # the equipment system: capacities by devices
    digital_documents_url: str = ""  # electronic documents, with their owner's consent
    egov_url: str = ""  # the e-government gateway: identity documents, cabinets, monitoring
    ocsp_url: str = ""
    crl_url: str = ""  # base and delta lists, separated by commas
    tsp_url: str = ""  # a time stamp for every accepted signature; without it none
    revocation: RevocationMode = RevocationMode.AUTO
    source_timeout_s: float = 5.0

    # The pilot's validity (M order ¶5) and what the law leaves to configuration.
    pilot_valid_from: str = "2026-03-06"
    pilot_valid_to: str = "2026-12-31"
    algorithm: str = "saqtau-a2022-1"  # of new decisions (D31)
    session_minutes: int = 60
    citizen_token_minutes: int = 15  # renewed until the session is over
    otp_minutes: int = 3
    after_hours: Literal["QUEUE", "IMMEDIATE"] = "QUEUE"  # requests of the state service (D16)

    # Who looked: look-ups of persons by one staff member a day before an alarm, and how long it is kept.
    looks_per_day: int = 300
    looks_kept_days: int = 1826  # five years

    # Verification of signatures: processes (none: one a core in production, else a thread), how many
    # documents may wait for one, and the library for GOST: auto, openssl, gmpy2, python.
    verify_processes: int | None = None
    verify_waiting_max: int = 256
    gost_backend: Literal["auto", "openssl", "gmpy2", "python"] = "auto"

    # The system's own seals: PKCS#12 files or PKCS#11 URIs (RFC 7512), separated by commas; the first
    # signs CMS, the first of RSA signs PDF. The password, or a file that holds it.
    seal_registrar: str = ""
    seal_registrar_password: str = ""
    seal_registrar_password_file: str = ""
    seal_issuer: str = ""
    seal_issuer_password: str = ""
    seal_issuer_password_file: str = ""

    object_dir: str = (
        ""  # photographs, each under its hash; by default beside the embedded servers' data
    )
    db_pool_max: int = 8
    fast_paths: bool = True  # the two busiest operations go past the framework (app/fast.py)
    body_max_bytes: int = 16 * 1024 * 1024

    def __repr__(self) -> str:
        """The settings that differ from the default; secrets stay unsaid."""
        shown = [
            f"{field.name}={'***' if field.name in _SECRETS else getattr(self, field.name)!r}"
            for field in msgspec.structs.fields(self)
            if getattr(self, field.name) != field.default
        ]
        return f"Config({', '.join(shown)})"


def from_environment(environ: Mapping[str, str] | None = None) -> Config:
    """Read the settings; ConfigError names the variable that cannot be used."""
    environ = os.environ if environ is None else environ
    found: dict[str, str] = {}
    for field in msgspec.structs.fields(Config):
        value = environ.get(f"SAQTAU_{field.name.upper()}")
        if value is not None:
            found[field.name] = value
    try:
        config = msgspec.convert(found, Config, strict=False)
    except msgspec.ValidationError as e:
        problem, _, path = str(e).partition(" - at `$.")
        name = path.rstrip("`").upper()
        raise ConfigError(f"SAQTAU_{name} cannot be read: {problem}") from None
    require_usable(config)
    require_safe(config)
    return config


def require_usable(config: Config) -> None:
    """Refuse values of the right type that mean nothing. ConfigError names the variable."""
    for name in (
        "session_minutes", "citizen_token_minutes", "otp_minutes", "db_pool_max", "body_max_bytes", "verify_waiting_max",
        "looks_per_day", "looks_kept_days",
    ):  # fmt: skip
        if getattr(config, name) < 1:
            raise ConfigError(f"SAQTAU_{name.upper()} must be at least 1")
    if not 1 <= config.processes <= PROCESSES_MAX:
        raise ConfigError(f"SAQTAU_PROCESSES must lie between 1 and {PROCESSES_MAX}")
    if config.verify_processes is not None and not 0 <= config.verify_processes <= 256:
        raise ConfigError("SAQTAU_VERIFY_PROCESSES must be 0 to 256")
    for name in ("port", "worker_metrics_port"):
        if not 0 <= getattr(config, name) <= 65535:
            raise ConfigError(f"SAQTAU_{name.upper()} must be 0 to 65535")
    if not 0 < config.source_timeout_s < float("inf"):
        raise ConfigError("SAQTAU_SOURCE_TIMEOUT_S must be above zero")
    if config.revocation is RevocationMode.OCSP_CRL and not config.ocsp_url:
        raise ConfigError("SAQTAU_REVOCATION=ocsp+crl needs SAQTAU_OCSP_URL")
    if not isinstance(logging.getLevelName(config.log_level), int):
        raise ConfigError("SAQTAU_LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL")
    if not _secrets(config.secret):
        raise ConfigError("SAQTAU_SECRET is empty")
    if config.biometrics_jws_url and not _is_ed25519(config.biometrics_jws_key):
        raise ConfigError(
            "SAQTAU_BIOMETRICS_JWS_URL needs SAQTAU_BIOMETRICS_JWS_KEY: base64 of 32 bytes"
        )
    for name in ("pilot_valid_from", "pilot_valid_to"):
        try:
            date.fromisoformat(getattr(config, name))
        except ValueError:
            raise ConfigError(f"SAQTAU_{name.upper()} must be a date, YYYY-MM-DD") from None


def require_safe(config: Config) -> None:
    """Production refuses the development secret and any trust but `prod` (FAULTS 30)."""
    if config.mode is not Mode.PRODUCTION:
        return
    short = any(len(secret) < SECRET_MIN for secret in _secrets(config.secret))
    if DEFAULT_SECRET in config.secret or short or len(set(config.secret)) < SECRET_MIN // 4:
        raise ConfigError("production needs SAQTAU_SECRET of at least 32 characters of its own")
    if config.trust != "prod":
        raise ConfigError("production trusts the national centre only: SAQTAU_TRUST must be prod")
    if config.biometrics_url and len(config.biometrics_key) < SECRET_MIN:
        raise ConfigError("production needs SAQTAU_BIOMETRICS_KEY of at least 32 characters")


def _is_ed25519(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 32
    except ValueError:
        return False


def _secrets(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
