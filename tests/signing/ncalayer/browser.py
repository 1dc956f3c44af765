"""Headless Chromium, spoken to over its own pipe (the DevTools protocol): no driver, no network."""

import asyncio
import base64
import fcntl
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

CHROMIUM = "chromium"
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-extensions", "--disable-background-networking", "--no-proxy-server",
    "--remote-debugging-pipe", "--window-size=900,1000", "--hide-scrollbars",
)  # fmt: skip
WAIT_S = 30.0


class Page:
    """One tab."""

    def __init__(self, browser: "Browser", session: str) -> None:
        self.browser, self.session = browser, session

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        return await self.browser.call(method, self.session, **params)

    async def go(self, url: str) -> None:
        """Open `url` and wait until its script is ready."""
        await self.call("Page.navigate", url=url)
        await self.until("document.documentElement.dataset.ready === 'yes'")

    async def run(self, script: str) -> Any:
        """The value of an expression; promises are awaited."""
        answer = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def until(self, condition: str) -> None:
        """Wait for the page itself to make `condition` true."""
        wait = (
            f"new Promise((yes, no) => {{ const end = Date.now() + {WAIT_S * 1000}; const look = () =>"
            f" {{ try {{ if ({condition}) return yes(true); }} catch (e) {{ /* not there yet */ }}"
            " Date.now() > end ? no(new Error('waited in vain: ' + document.body.innerText))"
            " : setTimeout(look, 20); }; look(); })"
        )
        for _ in range(3):  # a navigation takes the waiting script away
            answer = await self.call("Runtime.evaluate", expression=wait, awaitPromise=True)
            if "exceptionDetails" not in answer:
                return
            if "waited in vain" in json.dumps(answer):
                break
        raise AssertionError(answer)

    async def click(self, selector: str) -> None:
        await self.run(f"document.querySelector({json.dumps(selector)}).click()")

    async def status(self) -> str:
        code: str = await self.run("document.getElementById('status').dataset.code || ''")
        return code

    async def until_status(self, code: str) -> None:
        await self.until(f"document.getElementById('status').dataset.code === {json.dumps(code)}")

    async def choose(self, *files: Path) -> None:
        """Choose files in the page's file field."""
        root = await self.call("DOM.getDocument")
        found = await self.call(
            "DOM.querySelector", nodeId=root["root"]["nodeId"], selector="#files"
        )
        await self.call(
            "DOM.setFileInputFiles", files=[str(f) for f in files], nodeId=found["nodeId"]
        )

    async def picture(self) -> bytes:
        """The page as PNG."""
        answer = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])


class Browser:
    """A running Chromium."""

    def __init__(self, to_it: int, reader: asyncio.StreamReader) -> None:
        self.to_it, self.reader = to_it, reader
        self.count = 0
        self.waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def listen(self) -> None:
        while True:
            message = json.loads((await self.reader.readuntil(b"\0"))[:-1])
            future = self.waiting.pop(message.get("id", 0), None)
            if future is None or future.done():
                continue
            if "error" in message:
                future.set_exception(RuntimeError(message["error"]["message"]))
            else:
                future.set_result(message["result"])

    async def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        self.count += 1
        future = asyncio.get_running_loop().create_future()
        self.waiting[self.count] = future
        message = {"id": self.count, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.to_it, json.dumps(message).encode() + b"\0")
        return await asyncio.wait_for(future, WAIT_S + 10)

    async def page(self) -> Page:
        target = await self.call("Target.createTarget", url="about:blank")
        session = await self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        return Page(self, session["sessionId"])


@asynccontextmanager
async def chromium(profile: Path) -> AsyncIterator[Browser]:
    """Start Chromium with a fresh profile; ended with the block."""
    its_in, to_it = os.pipe()
    from_it, its_out = os.pipe()
    high_in, high_out = (fcntl.fcntl(fd, fcntl.F_DUPFD, 50) for fd in (its_in, its_out))

    def place() -> None:  # Chromium reads file descriptor 3 and writes 4
        os.dup2(high_in, 3)
        os.dup2(high_out, 4)

    process = await asyncio.create_subprocess_exec(
        CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", "about:blank",
        preexec_fn=place, pass_fds=(3, 4),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL, env={**os.environ, "HOME": str(profile)},
    )  # fmt: skip
    for fd in (its_in, its_out, high_in, high_out):
        os.close(fd)
    reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(from_it, "rb")
    )
    browser = Browser(to_it, reader)
    listening = asyncio.create_task(browser.listen())
    try:
        yield browser
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        process.kill()
        await process.wait()
        transport.close()
        os.close(to_it)
