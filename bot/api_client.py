"""The citizens' API of the service, over HTTP. No personal number is ever part of an address."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from bot.errors import BackendDown, NotLinked, Refused, TooOften
from bot.model import (
    Billed,
    Choice,
    Clinic,
    Clinics,
    Complaint,
    Contribution,
    ExtractGiven,
    LoginOffered,
    LoginSigned,
    LoginState,
    OwnComplaint,
    OwnNotice,
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
_PATIENCE_S = 10.0  # beyond what a long poll is to wait
_RETRY_AFTER_S = 5
# The first request of an idempotency key still runs: the same as "not yet".
_STILL_RUNNING = "IDEMPOTENCY_STILL_RUNNING"


def open_http(
    settings: Settings, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """The connections to the service; a broken connection is tried once more."""
    return httpx.AsyncClient(
        base_url=f"{settings.api_url.rstrip('/')}/api/v1",
        timeout=settings.api_timeout_s,
        transport=transport or httpx.AsyncHTTPTransport(retries=1),
        trust_env=False,
    )


class Asker:
    """The service over HTTP, asked with headers of one's own; its refusals are bot.errors."""

    def __init__(self, http: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self._http = http
        self._headers = headers

    async def _get(self, path: str, kind: type[T], cursor: str | None = None) -> T:
        parameters: dict[str, str | int] = {}
        if getattr(kind, "__origin__", None) is Page:
            parameters["limit"] = PAGE_SIZE
        if cursor:
            parameters["cursor"] = cursor
        answer: T = await self._call("GET", path, kind, params=parameters)
        return answer

    async def post(self, path: str, body: Any, kind: type[T] | None, key: str = "") -> Any:
        """Send a command; with `key`, sent twice it is still one."""
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
        if isinstance(content, bytes):
            raw = content
        elif content is not None:
            raw = msgspec.json.encode(content)
            sent["Content-Type"] = "application/json"
        waits = (params or {}).get("wait_s")  # a long poll: the service takes its time
        timeout = httpx.USE_CLIENT_DEFAULT if waits is None else float(waits) + _PATIENCE_S
        try:
            answer = await self._http.request(
                method,
                path,
                params=params,
                content=raw,
                headers=sent,
                timeout=timeout,
            )
        except httpx.HTTPError as e:
            raise BackendDown(type(e).__name__) from None
        if not answer.is_success:
            raise _refusal(answer)
        if kind is None:
            return None
        return answer.content if kind is bytes else _read(answer.content, kind)


# The next token of the session, or None when it is over.
Renew = Callable[[], Awaitable[str | None]]


class CitizenApi(Asker):
    """The service in one language, as one person; as nobody, the bot vouches for the chat."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        language: str,
        token: str | None = None,
        *,
        chat: str | None = None,
        renew: Renew | None = None,
    ) -> None:
        self._renew = renew
        headers = {"Accept-Language": language}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if chat:
            headers["Saqtau-Chat"] = chat
        super().__init__(http, headers)

    async def _call(self, *args: Any, **kwargs: Any) -> Any:
        """Ask; a token that is over is renewed once, and the same is asked again."""
        try:
            return await super()._call(*args, **kwargs)
        except NotLinked:
            token = await self._renew() if self._renew else None
            if token is None:
                raise
            self._headers["Authorization"] = f"Bearer {token}"
        return await super()._call(*args, **kwargs)

    async def send_code(self, iin: str, phone: str) -> None:
        """Ask for a one-time code; the answer is the same whether or not one is sent."""
        await self.post("/citizen/otp", {"iin": iin, "phone": phone}, None)

    async def sign_in(self, proof: dict[str, str], *, consent: bool = False) -> Session:
        """Open a session by IIN, number and code, or by a signed challenge. Raises Refused.

        Whoever withdrew the consent to the bot is let in with `consent` only (CONSENT_WITHDRAWN).
        """
        body = {**proof, "channel": "BOT", "consent": consent}
        session: Session = await self.post("/citizen/sessions", body, Session)
        return session

    async def renewed(self, renewal: str) -> Session:
        """The next token of a session. Raises Refused when it is over."""
        body = {"renewal": renewal}
        session: Session = await self.post("/citizen/sessions/renewals", body, Session)
        return session

    async def offer_login(self) -> LoginOffered:
        """A challenge to be signed with eGov Mobile."""
        offered: LoginOffered = await self.post("/egov-qr/logins", None, LoginOffered)
        return offered

    async def login_state(self, package_id: str, after: str, wait_s: int) -> str:
        """PENDING, OPENED, SIGNED, REFUSED, EXPIRED: at once, or when it is no more `after`."""
        parameters: dict[str, str | int] = {"after": after, "wait_s": wait_s}
        path = f"/egov-qr/packages/{package_id}"
        state: LoginState = await self._call("GET", path, LoginState, params=parameters)
        return state.status

    async def login_signed(self, package_id: str) -> dict[str, str]:
        """The signed challenge, ready for `sign_in`. Raises Refused when it is not signed."""
        signed = await self._get(f"/egov-qr/packages/{package_id}/signed", LoginSigned)
        return {"challenge_id": signed.challenge_id, "signature": signed.signature}

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
        registered: Registered = await self.post(path, {"text": text}, Registered, key)
        return registered

    async def confirm(self, case_id: str, key: str) -> None:
        """Say that a billed service was given."""
        path = f"/citizen/billed/{quote(case_id, safe='')}/confirmation"
        await self.post(path, None, None, key)

    async def add_picture(self, complaint_id: str, picture: bytes, key: str) -> None:
        """Put a picture beside the own complaint. Raises Refused when it takes no more."""
        path = f"/citizen/complaints/{quote(complaint_id, safe='')}/pictures"
        headers = {"Idempotency-Key": key, "Content-Type": "image/jpeg"}
        await self._call("POST", path, None, content=picture, headers=headers)

    async def card(self) -> bytes:
        """The policy card as PNG, with a code good for one visit. Raises Refused (404) without one."""
        return await self._get("/citizen/policy/card.png", bytes)

    async def complain(self, about: dict[str, str], text: str, key: str) -> Registered:
        """Complain about the Fund (`kind` ISSUER) or a clinic (SERVICE, `ground`, `executor_id`)."""
        body = {**about, "text": text}
        registered: Registered = await self.post("/citizen/complaints", body, Registered, key)
        return registered

    async def complaint(self, tracking_number: str) -> Complaint:
        """The state of a complaint. Raises Refused (404) when there is no such number."""
        return await self._get(f"/public/complaints/{tracking_number}", Complaint)

    async def complaints(self, cursor: str | None) -> Page[OwnComplaint]:
        """The person's complaints, newest first."""
        return await self._get("/citizen/complaints", Page[OwnComplaint], cursor)

    async def take_extract(self, kind: str, key: str) -> str:
        """Make an extract of the own account, on the person's consent; its number."""
        body = {"kind": kind, "consent": True}
        given: ExtractGiven = await self.post("/citizen/extracts", body, ExtractGiven, key)
        return given.extract_id

    async def extract_pdf(self, extract_id: str) -> bytes:
        """The extract on paper."""
        return await self._get(f"/citizen/extracts/{extract_id}/pdf", bytes)

    async def nearest(self, latitude: float, longitude: float) -> list[Clinic]:
        """Clinics near a place, the nearest first."""
        # A tenth of a kilometre is near enough, and tells less.
        body = {
            "latitude": round(latitude, 3),
            "longitude": round(longitude, 3),
            "limit": PAGE_SIZE,
        }
        found: Clinics = await self.post("/public/clinics/nearest", body, Clinics)
        return found.items

    async def choice(self) -> Choice:
        """What the person chose to be told of."""
        return await self._get("/citizen/notices/choice", Choice)

    async def notices(self, cursor: str | None) -> Page[OwnNotice]:
        """What the person was told, newest first."""
        return await self._get("/citizen/notices", Page[OwnNotice], cursor)


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
