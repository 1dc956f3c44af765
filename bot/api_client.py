"""The citizens' API of the service, over HTTP. No personal number is ever part of an address."""

from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from bot.errors import BackendDown, NotLinked, Refused, TooOften
from bot.model import (
    Billed,
    Complaint,
    Contribution,
    OwnComplaint,
    Page,
    Policy,
    Problem,
    Registered,
    Session,
    Status,
    Visit,
)
from bot.settings import Settings

T = TypeVar("T")
PAGE_SIZE = 5
_RETRY_AFTER_S = 5
# The first request of an idempotency key still runs: the same as "not yet".
_STILL_RUNNING = "IDEMPOTENCY_STILL_RUNNING"


def open_http(settings: Settings) -> httpx.AsyncClient:
    """The connections to the service; a broken connection is tried once more."""
    return httpx.AsyncClient(
        base_url=f"{settings.api_url.rstrip('/')}/api/v1",
        timeout=settings.api_timeout_s,
        transport=httpx.AsyncHTTPTransport(retries=1),
        trust_env=False,
    )


class CitizenApi:
    """The service in one language, as one person or as nobody."""

    def __init__(self, http: httpx.AsyncClient, language: str, token: str | None = None) -> None:
        self._http = http
        self._headers = {"Accept-Language": language}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    async def send_code(self, iin: str, phone: str) -> None:
        """Ask for a one-time code; the answer is the same whether or not one is sent."""
        await self._post("/citizen/otp", {"iin": iin, "phone": phone}, None)

    async def sign_in(self, iin: str, phone: str, code: str) -> Session:
        """Open a session by the code. Raises Refused when the code is wrong."""
        body = {"iin": iin, "phone": phone, "code": code}
        session: Session = await self._post("/citizen/sessions", body, Session)
        return session

    async def sign_out(self) -> None:
        """Close the session."""
        await self._call("DELETE", "/login/session", None)

    async def status(self) -> Status:
        """Am I insured?"""
        return await self._get("/citizen/status", Status)

    async def policy(self) -> Policy:
        """The policy of the year. Raises Refused (404) when there is none."""
        return await self._get("/citizen/policy", Policy)

    async def contributions(self, cursor: str | None) -> Page[Contribution]:
        """What was paid, newest first."""
        return await self._get("/citizen/contributions", Page[Contribution], cursor)

    async def visits(self, cursor: str | None) -> Page[Visit]:
        """Visits, newest first."""
        return await self._get("/citizen/visits", Page[Visit], cursor)

    async def billed(self, cursor: str | None) -> Page[Billed]:
        """Services billed in the person's name, newest first."""
        return await self._get("/citizen/billed", Page[Billed], cursor)

    async def dispute(self, case_id: str, text: str, key: str) -> Registered:
        """Contest a billed service; `key` makes a second sending the same complaint."""
        path = f"/citizen/billed/{quote(case_id, safe='')}/dispute"
        registered: Registered = await self._post(path, {"text": text}, Registered, key)
        return registered

    async def complain(self, about: dict[str, str], text: str, key: str) -> Registered:
        """Complain about the Fund (`kind` ISSUER) or a clinic (SERVICE, `ground`, `executor_id`)."""
        body = {**about, "text": text}
        registered: Registered = await self._post("/citizen/complaints", body, Registered, key)
        return registered

    async def complaint(self, tracking_number: str) -> Complaint:
        """The state of a complaint. Raises Refused (404) when there is no such number."""
        return await self._get(f"/public/complaints/{tracking_number}", Complaint)

    async def complaints(self, cursor: str | None) -> Page[OwnComplaint]:
        """The person's complaints, newest first."""
        return await self._get("/citizen/complaints", Page[OwnComplaint], cursor)

    async def _get(self, path: str, kind: type[T], cursor: str | None = None) -> T:
        parameters: dict[str, str | int] = {}
        if getattr(kind, "__origin__", None) is Page:
            parameters["limit"] = PAGE_SIZE
        if cursor:
            parameters["cursor"] = cursor
        answer: T = await self._call("GET", path, kind, params=parameters)
        return answer

    async def _post(self, path: str, body: Any, kind: type[T] | None, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return await self._call("POST", path, kind, content=body, headers=headers)

    async def _call(
        self,
        method: str,
        path: str,
        kind: type[T] | None,
        *,
        params: dict[str, str | int] | None = None,
        content: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        sent = {**self._headers, **(headers or {})}
        raw = None
        if content is not None:
            raw = msgspec.json.encode(content)
            sent["Content-Type"] = "application/json"
        try:
            answer = await self._http.request(
                method, path, params=params, content=raw, headers=sent
            )
        except httpx.HTTPError as e:
            raise BackendDown(type(e).__name__) from None
        if answer.is_success:
            return _read(answer.content, kind) if kind is not None else None
        raise _refusal(answer)


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as e:
        # msgspec names the field and the type it expected, never the value.
        raise BackendDown(f"unexpected answer: {e}") from None


def _refusal(answer: httpx.Response) -> Exception:
    status = answer.status_code
    if status >= 500:
        return BackendDown(str(status))
    try:
        problem = msgspec.json.decode(answer.content, type=Problem)
    except msgspec.DecodeError:
        return BackendDown(f"{status} without a problem document")
    if status == 429:
        wait = answer.headers.get("retry-after", "")
        return TooOften(int(wait) if wait.isdigit() else _RETRY_AFTER_S)
    if problem.code == _STILL_RUNNING:
        return BackendDown(problem.code)
    if problem.code == "UNAUTHENTICATED":
        return NotLinked(expired=True)
    return Refused(problem, status)
