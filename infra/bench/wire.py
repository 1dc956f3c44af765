"""Requests as bytes, and latencies at a fixed rate of arrivals."""

from typing import Any

from infra.bench.client import Driver
from infra.bench.harness import require_sound, rounded

RATE = 1_000  # arrivals a second (SPEED.md)


def head(method: str, path: str, token: str, body_length: int = 0) -> bytes:
    """The head of a request, the blank line included."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        "Accept: application/json",
        "Accept-Language: kk",
    ]
    if body_length:
        lines += ["Content-Type: application/json", f"Content-Length: {body_length}"]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


async def at_fixed_rate(driver: Driver, seconds: float) -> dict[str, Any]:
    """Latencies when requests fall due `RATE` times a second. Raises BenchFailed."""
    measured = await driver.drive(seconds, arrivals_per_s=RATE)
    require_sound(f"at {RATE}/s", measured)
    assert measured.p50_ms is not None
    assert measured.p99_ms is not None
    return {
        f"p50_ms_at_{RATE}": rounded(measured.p50_ms),
        f"p99_ms_at_{RATE}": rounded(measured.p99_ms),
        f"p99_over_p50_at_{RATE}": rounded(measured.p99_ms / measured.p50_ms),
        f"answered_per_s_at_{RATE}": rounded(measured.rate),
    }
