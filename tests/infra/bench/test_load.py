"""The load generator against a server that keeps count of what it was really sent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from infra.bench.load import Generator, Plan

Answer = Callable[[int], bytes | None]


def ok(body: bytes = b"{}") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[tuple[int, list[bytes]]]:
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r")[0] or 0)
                seen.append(head + await reader.readexactly(length))
                told = answer(len(seen))
                if told is None:
                    break
                half = len(told) // 2  # an answer may come in parts
                writer.write(told[:half])
                await writer.drain()
                await asyncio.sleep(0)
                writer.write(told[half:])
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1], seen


def plan(port: int, **changed: object) -> Plan:
    fields: dict[str, object] = {
        "host": "127.0.0.1", "port": port, "connections": 4, "seconds": 0.1,
        "heads": [b"GET /%d HTTP/1.1\r\n\r\n" % n for n in range(3)],
    }  # fmt: skip
    return Plan(**(fields | changed))  # type: ignore[arg-type]


async def test_every_request_is_sent_once_and_counted_once() -> None:
    async with server(lambda _: ok()) as (port, seen):
        report = await Generator(plan(port, first=5)).run()
    assert report.errors == 0
    assert report.done == len(seen) == report.next - 5
    assert seen[0].startswith(b"GET /2 ")  # the sixth of three heads by turns
    assert 0 < report.p50_ms <= report.p99_ms <= report.max_ms
    assert report.elapsed_s > 0.05


async def test_bodies_change_when_all_heads_had_a_turn() -> None:
    heads = [b"POST /%d HTTP/1.1\r\nContent-Length: 1\r\n\r\n" % n for n in range(2)]
    async with server(lambda _: ok()) as (port, seen):
        await Generator(plan(port, heads=heads, bodies=[b"a", b"b"], connections=1)).run()
    ends = [s[6:7] + s[-1:] for s in seen[:5]]
    assert ends == [b"0a", b"1a", b"0b", b"1b", b"0a"]


async def test_another_status_is_an_error_told_with_its_answer() -> None:
    refusal = b'HTTP/1.1 409 Conflict\r\ncontent-length: 26\r\n\r\n{"code":"DUPLICATE_VISIT"}'
    async with server(lambda n: refusal if n == 3 else ok()) as (port, _):
        report = await Generator(plan(port)).run()
    assert report.errors == 1
    assert report.first_error == 'HTTP 409: {"code":"DUPLICATE_VISIT"}'


async def test_a_server_that_goes_away_is_an_error_not_a_short_run() -> None:
    async with server(lambda n: None if n == 5 else ok()) as (port, _):
        report = await Generator(plan(port, seconds=5)).run()
    assert report.errors >= 1
    assert "closed a connection" in report.first_error


async def test_at_a_fixed_rate_as_many_requests_fall_due_as_the_time_allows() -> None:
    async with server(lambda _: ok()) as (port, seen):
        report = await Generator(plan(port, seconds=0.2, arrivals_per_s=200.0)).run()
    assert report.errors == 0
    assert len(seen) == report.done == 40
