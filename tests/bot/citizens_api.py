"""The citizens' API in small, for the bot's tests: the same routes and shapes, over real HTTP.

test_contract.py holds the bot's structs to the real application's OpenAPI; this stand-in is written
from the same routes.
"""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

EXECUTOR_ID = "01980000-0000-7000-8000-000000000004"
IIN = "900101300017"
PHONE = "+77010000001"
CODE = "424242"
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


class CitizensApi:
    """What the small API knows, and the switches tests turn."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.down = False
        self.insured = True
        self.frozen = False
        self.asked: list[dict[str, str]] = []  # OTP requests
        self.complaints: dict[str, dict[str, Any]] = {}  # by idempotency key
        self.requests: list[str] = []
        self.many = False
        self.before_answer: Callable[[], None] = lambda: None  # once a complaint is registered
        self.lose_answers = 0  # complaints registered whose answer never arrives

    def tracking(self, n: int) -> str:
        return f"7K3M9QX2B4H{n:02}"


def _problem(code: str, status: int, title: str = "", **more: Any) -> Response[Any]:
    body = {"code": code, "title": title or code, "detail": "", "status": status, **more}
    return Response(body, status_code=status, media_type="application/problem+json")


def handlers(api: CitizensApi) -> list[HTTPRouteHandler]:
    """The routes."""

    def refuse(request: Request[Any, Any, Any], *, guarded: bool = True) -> Response[Any] | None:
        api.requests.append(f"{request.method} {request.url.path}")
        if api.down:
            return Response({"oops": True}, status_code=503)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if guarded and token not in api.tokens:
            return _problem("UNAUTHENTICATED", 401)
        return None

    def language(request: Request[Any, Any, Any]) -> str:
        return request.headers["accept-language"]

    @post("/api/v1/citizen/otp", status_code=202)
    async def otp(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        api.asked.append(data)
        return refuse(request, guarded=False) or {"code_digits": 6, "expires_in_s": 180}

    @post("/api/v1/citizen/sessions", status_code=201)
    async def sign_in(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        if (refusal := refuse(request, guarded=False)) is not None:
            return refusal
        if api.frozen:
            frozen = _problem("OTP_FROZEN", 429)
            frozen.headers["retry-after"] = "900"
            return frozen
        if data != {"iin": IIN, "phone": PHONE, "code": CODE}:
            return _problem("OTP_INVALID", 401)
        token = f"token-{len(api.tokens)}"
        api.tokens.add(token)
        return {"token": token, "expires_at": "2026-04-06T05:00:00Z"}

    @delete("/api/v1/login/session", status_code=200)
    async def sign_out(request: Request[Any, Any, Any]) -> Any:
        api.tokens.discard(request.headers.get("authorization", "").removeprefix("Bearer "))
        return {}

    @get("/api/v1/citizen/status")
    async def status(request: Request[Any, Any, Any]) -> Any:
        if (refusal := refuse(request)) is not None:
            return refusal
        if api.insured:
            return {
                "status": "CONSUMER",
                "until": "2026-04-30",
                "arrears": {"months": [], "amount_tiyn": 0},
                "explanation": EXPLANATION[language(request)],
            }
        return {
            "status": "NOT_CONSUMER",
            "until": None,
            "arrears": {"months": ["2026-01", "2026-02", "2026-03"], "amount_tiyn": 1_275_000},
            "explanation": UNPAID[language(request)],
        }

    @get("/api/v1/citizen/policy")
    async def policy(request: Request[Any, Any, Any]) -> Any:
        return refuse(request) or {
            "number": "26-0000-0042",
            "year": 2026,
            "status": "CREDITED",
            "gvfmc": True,
            "mhi": True,
            "valid_from": "2026-04-01",
            "valid_to": "2026-12-31",
            "executor_id": EXECUTOR_ID,
            "executor": CLINIC[language(request)],
        }

    @get("/api/v1/citizen/contributions")
    async def contributions(request: Request[Any, Any, Any]) -> Any:
        kinds = ("contribution", "deduction")
        return refuse(request) or {
            "items": [
                {
                    "paid_on": f"2026-0{m}-05",
                    "period": f"2026-0{m}",
                    "kind": kinds[m % 2],
                    "amount_tiyn": 425_000,
                    "refunded_tiyn": 100_050 if m == 3 else 0,
                }
                for m in (4, 3)
            ],
            "next": None,
        }

    @get("/api/v1/citizen/visits")
    async def visits(request: Request[Any, Any, Any]) -> Any:
        clinic = CLINIC[language(request)] if "accept-language" in request.headers else ""
        return refuse(request) or {
            "items": [
                {"at": "2026-04-03T05:20:00Z", "facility": clinic, "grade": "QR_BIOMETRIC"},
                {"at": "2026-03-16T10:05:00Z", "facility": clinic, "grade": "QR_ONLY"},
            ],
            "next": None,
        }

    @get("/api/v1/citizen/billed")
    async def billed(request: Request[Any, Any, Any]) -> Any:
        if (refusal := refuse(request)) is not None:
            return refusal
        if api.many:
            second = request.query_params.get("cursor") == "c2"
            return {
                "items": [_case(api, request, n, "PAID") for n in ((2,) if second else (0, 1))],
                "next": None if second else "c2",
            }
        return {
            "items": [
                _case(api, request, n, state) for n, state in enumerate(("PAID", "ACCEPTED"))
            ],
            "next": None,
        }

    @post("/api/v1/citizen/billed/{case_id:str}/dispute", status_code=201)
    async def dispute(
        request: Request[Any, Any, Any], case_id: FromPath[str], data: JSONBody[dict[str, str]]
    ) -> Any:
        return refuse(request) or _register(api, request, case_id, data["text"])

    @post("/api/v1/citizen/complaints", status_code=201)
    async def complain(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        registered = refuse(request) or _register(api, request, data, data["text"])
        api.before_answer()
        if api.lose_answers:
            api.lose_answers -= 1
            return Response({}, status_code=502)
        return registered

    @get("/api/v1/public/complaints/{number:str}")
    async def track(request: Request[Any, Any, Any], number: FromPath[str]) -> Any:
        if (refusal := refuse(request, guarded=False)) is not None:
            return refusal
        if number not in {c["tracking_number"] for c in api.complaints.values()}:
            return _problem("COMPLAINT_NOT_FOUND", 404)
        return {
            "tracking_number": number,
            "status": "IN_REVIEW",
            "registered_at": "2026-04-06T04:00:00Z",
            "due_on": DUE,
            "answered_at": None,
        }

    @get("/api/v1/citizen/complaints")
    async def own(request: Request[Any, Any, Any]) -> Any:
        return refuse(request) or {
            "items": [
                {
                    "complaint_id": "01980000-0000-7000-8000-000000000009",
                    "tracking_number": c["tracking_number"],
                    "kind": "BILLED",
                    "status": "SATISFIED" if c.get("answer") else "REGISTERED",
                    "registered_at": "2026-04-06T04:00:00Z",
                    "due_on": DUE,
                    "text": c["text"],
                    "answer": c.get("answer"),
                    "answered_at": None,
                }
                for c in reversed(api.complaints.values())
            ],
            "next": None,
        }

    return [
        own,
        *(otp, sign_in, sign_out, status, policy, contributions),
        *(visits, billed, dispute, complain, track),
    ]


def _case_id(n: int) -> str:
    return f"01980000-0000-7000-8000-00000000000{n}"


def _case(api: CitizensApi, request: Request[Any, Any, Any], n: int, state: str) -> dict[str, Any]:
    language = request.headers["accept-language"]
    disputed = {
        c["about"]: c["tracking_number"]
        for c in api.complaints.values()
        if isinstance(c["about"], str)
    }
    return {
        "case_id": _case_id(n),
        "service_date": f"2026-04-0{3 - n}",
        "service": SERVICES[language][n],
        "executor": CLINIC[language],
        "amount_tiyn": 385_050 - n * 100_000,
        "state": state,
        "grade": ("QR_BIOMETRIC", "NONE", "QR_ONLY")[n],
        "dispute": disputed.get(_case_id(n)),
    }


def _register(
    api: CitizensApi, request: Request[Any, Any, Any], about: Any, text: str
) -> dict[str, Any]:
    """One complaint per idempotency key."""
    key = request.headers["idempotency-key"]
    if key not in api.complaints:
        number = api.tracking(len(api.complaints) + 1)
        api.complaints[key] = {"tracking_number": number, "about": about, "text": text}
    return {
        "complaint_id": "01980000-0000-7000-8000-000000000009",
        "tracking_number": api.complaints[key]["tracking_number"],
        "status": "REGISTERED",
        "registered_at": "2026-04-06T04:00:00Z",
        "due_on": DUE,
    }
