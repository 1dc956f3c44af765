"""The citizens' API in small, for the bot's tests: the same routes and shapes, over real HTTP.

test_contract.py holds the bot's structs to the real application's OpenAPI; this stand-in is written
from the same routes.
"""

import asyncio
import base64
from collections.abc import Callable
from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

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

    def tracking(self, n: int) -> str:
        return f"7K3M9QX2B4H{n:02}"


def _problem(code: str, status: int, title: str = "", **more: Any) -> Response[Any]:
    body = {"code": code, "title": title or code, "detail": "", "status": status, **more}
    return Response(body, status_code=status, media_type="application/problem+json")


def handlers(api: CitizensApi) -> list[HTTPRouteHandler]:
    """The routes."""

    def refuse(request: Request[Any, Any, Any], *, guarded: bool = True) -> Response[Any] | None:
        api.requests.append(f"{request.method} {request.url.path}")
        if not guarded:
            api.chats.append(request.headers.get("saqtau-chat"))
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
    async def sign_in(request: Request[Any, Any, Any], data: JSONBody[dict[str, Any]]) -> Any:
        if (refusal := refuse(request, guarded=False)) is not None:
            return refusal
        if api.frozen:
            frozen = _problem("OTP_FROZEN", 429)
            frozen.headers["retry-after"] = "900"
            return frozen
        proof = {k: v for k, v in data.items() if k not in ("channel", "consent")}
        signed = {"challenge_id": CHALLENGE, "signature": SIGNATURE}
        if data["channel"] != "BOT" or proof not in (
            {"iin": IIN, "phone": PHONE, "code": CODE},
            signed,
        ):
            return _problem("OTP_INVALID", 401)
        if api.withdrawn and not data["consent"]:
            return _problem("CONSENT_WITHDRAWN", 403)
        api.withdrawn = False
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
                _case(api, request, n, state) for n, state in enumerate(("CHECKED", "ACCEPTED"))
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

    @post("/api/v1/egov-qr/logins", status_code=201)
    async def offer(request: Request[Any, Any, Any]) -> Any:
        entry = "https://saqtau.test/api/v1/egov-qr/phone/abc/mgovSign"
        return refuse(request, guarded=False) or {
            "package_id": PACKAGE,
            "status": "PENDING",
            "expires_at": "2026-04-06T04:10:00Z",
            "qr_text": f"mobileSign:{entry}",
            "qr_svg": "<svg/>",
            "links": {"egov_mobile": f"https://m.egov.kz/mobileSign/?link={entry}"},
            "watch_token": "watch",
        }

    @get(f"/api/v1/egov-qr/packages/{PACKAGE}")
    async def package(request: Request[Any, Any, Any]) -> Any:
        if (refusal := refuse(request, guarded=False)) is not None:
            return refusal
        assert request.headers["authorization"] == "Bearer watch"
        until = asyncio.get_running_loop().time() + int(request.query_params.get("wait_s", "0"))
        while request.query_params.get("after") == api.signed:
            if asyncio.get_running_loop().time() > until or await request.is_disconnected():
                break
            await asyncio.sleep(0.02)
        return {"package_id": PACKAGE, "status": api.signed, "expires_at": "2026-04-06T04:10:00Z"}

    @get(f"/api/v1/egov-qr/packages/{PACKAGE}/signed")
    async def signed(request: Request[Any, Any, Any]) -> Any:
        return refuse(request, guarded=False) or {
            "challenge_id": CHALLENGE,
            "signature": SIGNATURE,
        }

    @post("/api/v1/citizen/extracts", status_code=201)
    async def take(request: Request[Any, Any, Any], data: JSONBody[dict[str, Any]]) -> Any:
        assert data["consent"] is True
        return refuse(request) or {"extract_id": "01980000-0000-7000-8000-000000000021"}

    @get("/api/v1/citizen/extracts/{extract_id:str}/pdf")
    async def pdf(request: Request[Any, Any, Any], extract_id: FromPath[str]) -> Any:
        return refuse(request) or Response(b"%PDF-1.7 sealed", media_type="application/pdf")

    @post("/api/v1/public/clinics/nearest", status_code=200)
    async def nearest(request: Request[Any, Any, Any], data: JSONBody[dict[str, Any]]) -> Any:
        api.places.append(data)
        if data["longitude"] < 46.4:
            return _problem("INVALID", 422)
        language = request.headers["accept-language"]
        clinic = {"region": "", "latitude": 43.301, "longitude": 68.255}
        return refuse(request, guarded=False) or {
            "items": [
                clinic
                | {
                    "name": BUILDING[language][n],
                    "executor": CLINIC[language],
                    "address": "Тәуке хан 120",
                    "distance_m": metres,
                }
                for n, metres in enumerate((520, 2_340))
            ]
        }

    @post("/api/v1/citizen/billed/{case_id:str}/confirmation", status_code=201)
    async def confirm(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Any:
        if (refusal := refuse(request)) is not None:
            return refusal
        api.confirmed.add(case_id)
        return {"case_id": case_id, "confirmed_at": "2026-04-06T04:00:00Z"}

    @post("/api/v1/citizen/complaints/{complaint_id:str}/pictures", status_code=201)
    async def picture(request: Request[Any, Any, Any], complaint_id: FromPath[str]) -> Any:
        if (refusal := refuse(request)) is not None:
            return refusal
        if len(api.photos) >= 2:
            return _problem("TOO_MANY_FILES", 409, "too many")
        api.photos.append((complaint_id, await request.body()))
        return {"file_id": "01980000-0000-7000-8000-00000000000f", "no": len(api.photos)}

    @get("/api/v1/citizen/policy/card.png")
    async def card(request: Request[Any, Any, Any]) -> Any:
        return refuse(request) or Response(b"\x89PNG card", media_type="image/png")

    @get("/api/v1/citizen/notices/choice")
    async def choice(request: Request[Any, Any, Any]) -> Any:
        if (refusal := refuse(request)) is not None:
            return refusal
        token = request.headers["authorization"].removeprefix("Bearer ")
        chosen = [c for c in api.choice.values() if c["token"] == token]
        found = chosen[0] if chosen else {"topics": [], "quiet": None, "language": None}
        return {k: found[k] for k in ("topics", "quiet", "language")}

    @get("/api/v1/citizen/notices")
    async def told(request: Request[Any, Any, Any]) -> Any:
        return refuse(request) or {
            "items": [
                {
                    "notice_id": "01980000-0000-7000-8000-00000000000e",
                    "topic": n["topic"],
                    "facts": n["facts"],
                    "created_at": "2026-04-06T04:00:00Z",
                    "state": "SENT",
                }
                for n in reversed(api.claims.values())
            ],
            "next": None,
        }

    def as_bot(request: Request[Any, Any, Any]) -> Response[Any] | None:
        api.requests.append(f"{request.method} {request.url.path}")
        if api.down:
            return Response({"oops": True}, status_code=503)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return None if token in api.bot_tokens else _problem("UNAUTHENTICATED", 401)

    @post("/api/v1/login/challenges", status_code=201)
    async def challenge(request: Request[Any, Any, Any]) -> Any:
        return refuse(request, guarded=False) or {
            "challenge_id": CHALLENGE,
            "document": base64.b64encode(b"sign me").decode(),
            "expires_at": "2026-04-06T04:05:00Z",
        }

    @post("/api/v1/login/sessions", status_code=201)
    async def bot_session(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        if (refusal := refuse(request, guarded=False)) is not None:
            return refusal
        if base64.b64decode(data["signature"]) != b"signed:sign me":
            return _problem("NO_SEAT", 403)
        token = f"bot-{len(api.bot_tokens)}"
        api.bot_tokens.add(token)
        return {"token": token, "roles": ["bot"], "expires_at": "2099-01-01T00:00:00Z"}

    @post("/api/v1/bot/chats", status_code=200)
    async def connect(request: Request[Any, Any, Any], data: JSONBody[dict[str, Any]]) -> Any:
        if (refusal := as_bot(request)) is not None:
            return refusal
        if data["token"] not in api.tokens:
            return _problem("CITIZEN_UNPROVED", 422)
        api.choice[data["chat"]] = data
        return {k: data[k] for k in ("topics", "quiet", "language")}

    @post("/api/v1/bot/chats/left", status_code=200)
    async def leave(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        if (refusal := as_bot(request)) is not None:
            return refusal
        api.left.append(data["chat"])
        api.choice.pop(data["chat"], None)
        return Response(None, status_code=200)

    @post("/api/v1/bot/chats/language", status_code=200)
    async def speak(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        if data["chat"] in api.choice:
            api.choice[data["chat"]]["language"] = data["language"]
        return as_bot(request) or Response(None, status_code=200)

    @post("/api/v1/bot/notices/claims", status_code=200)
    async def claim(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        if (refusal := as_bot(request)) is not None:
            return refusal
        number = data["claim_id"]
        if number not in api.claims and api.due:
            api.claims[number] = api.due.pop(0)
        if api.lose_notices:
            api.lose_notices -= 1
            return Response({}, status_code=502)
        return {"notice": api.claims.get(number)}

    @post("/api/v1/bot/notices/reports", status_code=200)
    async def report(request: Request[Any, Any, Any], data: JSONBody[dict[str, Any]]) -> Any:
        if (refusal := as_bot(request)) is not None:
            return refusal
        if api.lose_notices:
            api.lose_notices -= 1
            return Response({}, status_code=502)
        api.reports[data["claim_id"]] = data["outcome"]
        if data["outcome"] == "LATER":
            api.due.append(api.claims.pop(data["claim_id"]))
        return Response(None, status_code=200)

    return [
        *(offer, package, signed, take, pdf, nearest, choice, told, confirm, picture, card),
        *(challenge, bot_session, connect, leave, speak, claim, report),
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
        "mark": "CONFIRMED" if _case_id(n) in api.confirmed else None,
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
