"""What the bot is told at its start."""

import msgspec

TELEGRAM_URL = "https://api.telegram.org"
UPDATES = ["message", "callback_query"]  # what Telegram is asked for


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting; `saqtau bot` reads them from SAQTAU_BOT_* and SAQTAU_API_URL."""

    token: str
    telegram_url: str = TELEGRAM_URL
    api_url: str = "http://127.0.0.1:8080"
    valkey_url: str
    key_prefix: str = "saqtau:bot"

    # The person is asked to link again after this long, whatever the service says.
    session_s: int = 3600
    # Between the number and the code: the code lives three minutes, a second one may be asked.
    linking_s: int = 600
    # One chat may send so many updates in so many seconds.
    pace_updates: int = 20
    pace_window_s: int = 10
    api_timeout_s: float = 10.0
    polling_timeout_s: int = 25
    updates_at_once: int = 64
    stop_s: float = 20.0  # how long what has begun may take when the bot is stopped
    valkey_connections: int = 16

    # With a webhook address Telegram posts updates here; without one the bot polls.
    webhook_url: str = ""
    webhook_secret: str = ""
    webhook_host: str = "127.0.0.1"
    webhook_port: int = 8081
