"""The citizens' API in small, for the bot's tests: the same routes and shapes, over real HTTP.

test_contract.py holds the bot's structs to the real application's OpenAPI; this stand-in is written
from the same routes.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from litestar import Request, Response

# Cards as tests/egov_adapter/card/test_pages.py drew them: the bot passes on what the service draws.
CARDS = Path(__file__).parents[2] / "docs" / "bot"
EXECUTOR_ID = "01980000-0000-7000-8000-000000000004"
IIN = "900101300017"
PHONE = "+77010000001"
CODE = "424242"
CHALLENGE = "01980000-0000-7000-8000-00000000000c"
SIGNATURE = "MIIBoT=="
PACKAGE = "01980000-0000-7000-8000-00000000000a"
DUE = "2026-04-13"
EXPLANATION = {
    "kk": "Сәуір айына жарна түскен. Келесі айдың жарнасы 25 мамырға дейін төленуі керек.",
    "ru": "За апрель взнос поступил. Взнос за следующий месяц нужно заплатить до 25 мая.",
    "en": "The contribution for April has come. The next one is due by 25 May.",
}
UNPAID = {
    "kk": "Соңғы үш айдың жарнасы түспеген.",
    "ru": "За последние три месяца взносы не поступали.",
    "en": "No contribution has come for the last three months.",
}
SERVICES = {
    "kk": ["Терапевт қабылдауы", "Жалпы қан талдауы", "Кардиолог кеңесі"],
    "ru": ["Приём терапевта", "Общий анализ крови", "Консультация кардиолога"],
    "en": ["Visit to a therapist", "Complete blood count", "Cardiologist's consultation"],
}
CLINIC = {
    "kk": "Түркістан қаласының № 2 емханасы",
    "ru": "Поликлиника № 2 города Туркестан",
    "en": "Turkistan City Clinic No. 2",
}
BUILDING = {
    "kk": ["Негізгі ғимарат", "Балалар бөлімшесі"],
    "ru": ["Главный корпус", "Детское отделение"],
    "en": ["Main building", "Children's department"],
}


class CitizensApi:
    """What the small API knows, and the switches tests turn."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.ended: set[str] = set()
        self.renewals: set[str] = set()  # words that bring the next token
        self.down = False
        self.insured = True
        self.frozen = False
        self.asked: list[dict[str, str]] = []  # OTP requests
        self.complaints: dict[str, dict[str, Any]] = {}  # by idempotency key
        self.requests: list[str] = []
        self.many = False
        self.before_answer: Callable[[], None] = lambda: None  # once a complaint is registered
        self.choice: dict[str, dict[str, Any]] = {}  # by chat: what was chosen, as ConnectChat
        self.left: list[str] = []
        self.due: list[dict[str, Any]] = []  # notices
        self.claims: dict[str, dict[str, Any]] = {}
        self.reports: dict[str, str] = {}
        self.chats: list[str | None] = []  # the header of guests' requests
        self.signed = "PENDING"  # the login by QR
        self.withdrawn = False  # the consent to the bot
        self.confirmed: set[str] = set()
        self.photos: list[tuple[str, bytes]] = []
        self.places: list[dict[str, Any]] = []
        self.bot_tokens: set[str] = set()
        self.lose_notices = 0  # answers about notices that never arrive
        self.lose_answers = 0  # complaints registered whose answer never arrives

    def session(self) -> dict[str, Any]:
        """A session of the small API; `over` ends tokens, and words with them if wanted."""
        n = len(self.tokens) + len(self.ended)
        self.tokens.add(f"token-{n}")
        self.renewals.add(f"word-{n}")
        return {"token": f"token-{n}", "renewal": f"word-{n}", "expires_at": "2026-04-06T04:15:00Z"}

    def pass_time(self, *, whole_session: bool) -> None:
        """Tokens are over; the whole session: they cannot be renewed either."""
        self.ended |= self.tokens
        self.tokens.clear()
        if whole_session:
            self.renewals.clear()

    def tracking(self, n: int) -> str:
        return f"7K3M9QX2B4H{n:02}"

    def refuse(
        self, request: Request[Any, Any, Any], *, guarded: bool = True
    ) -> Response[Any] | None:
        """Why this request is answered without its answer; None: it is not."""
        self.requests.append(f"{request.method} {request.url.path}")
        if not guarded:
            self.chats.append(request.headers.get("saqtau-chat"))
        if self.down:
            return Response({"oops": True}, status_code=503)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if guarded and token not in self.tokens:
            return problem("UNAUTHENTICATED", 401)
        return None

    def as_bot(self, request: Request[Any, Any, Any]) -> Response[Any] | None:
        """The same, of what the bot's own session alone may ask."""
        self.requests.append(f"{request.method} {request.url.path}")
        if self.down:
            return Response({"oops": True}, status_code=503)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return None if token in self.bot_tokens else problem("UNAUTHENTICATED", 401)


def problem(code: str, status: int, title: str = "", **more: Any) -> Response[Any]:
    body = {"code": code, "title": title or code, "detail": "", "status": status, **more}
    return Response(body, status_code=status, media_type="application/problem+json")
