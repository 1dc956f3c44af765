"""The routes of the small citizens' API that the bot's tests talk to: what the service answers, in little."""

import asyncio
from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from tests.bot.citizens_api import (
    BUILDING,
    CARDS,
    CHALLENGE,
    CLINIC,
    CODE,
    DUE,
    EXECUTOR_ID,
    EXPLANATION,
    IIN,
    PACKAGE,
    PHONE,
    SERVICES,
    SIGNATURE,
    UNPAID,
    CitizensApi,
    problem,
)
from tests.bot.notice_routes import bots, notices


def handlers(api: CitizensApi) -> list[HTTPRouteHandler]:
    """The routes."""
    groups = (_entry, _record, _billed, _complaints, notices, bots)
    return [route for group in groups for route in group(api)]


def _entry(api: CitizensApi) -> list[HTTPRouteHandler]:
    """Signing in and out."""

    @post("/api/v1/citizen/otp", status_code=202)
    async def otp(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        api.asked.append(data)
        return api.refuse(request, guarded=False) or {"code_digits": 6, "expires_in_s": 180}

    @post("/api/v1/citizen/sessions", status_code=201)
    async def sign_in(request: Request[Any, Any, Any], data: JSONBody[dict[str, Any]]) -> Any:
        if (refusal := api.refuse(request, guarded=False)) is not None:
            return refusal
        if api.frozen:
            frozen = problem("OTP_FROZEN", 429)
            frozen.headers["retry-after"] = "900"
            return frozen
        proof = {k: v for k, v in data.items() if k not in ("channel", "consent")}
        signed = {"challenge_id": CHALLENGE, "signature": SIGNATURE}
        if data["channel"] != "BOT" or proof not in (
            {"iin": IIN, "phone": PHONE, "code": CODE},
            signed,
        ):
            return problem("OTP_INVALID", 401)
        if api.withdrawn and not data["consent"]:
            return problem("CONSENT_WITHDRAWN", 403)
        api.withdrawn = False
        return api.session()

    @post("/api/v1/citizen/sessions/renewals", status_code=201)
    async def renew(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        if (refusal := api.refuse(request, guarded=False)) is not None:
            return refusal
        if data["renewal"] not in api.renewals:
            return problem("RENEWAL_REFUSED", 401)
        api.renewals.discard(data["renewal"])
        return api.session()

    @delete("/api/v1/login/session", status_code=200)
    async def sign_out(request: Request[Any, Any, Any]) -> Any:
        api.tokens.discard(request.headers.get("authorization", "").removeprefix("Bearer "))
        return {}

    @post("/api/v1/egov-qr/logins", status_code=201)
    async def offer(request: Request[Any, Any, Any]) -> Any:
        entry = "https://saqtau.test/api/v1/egov-qr/phone/abc/mgovSign"
        return api.refuse(request, guarded=False) or {
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
        if (refusal := api.refuse(request, guarded=False)) is not None:
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
        return api.refuse(request, guarded=False) or {
            "challenge_id": CHALLENGE,
            "signature": SIGNATURE,
        }

    return [otp, sign_in, renew, sign_out, offer, package, signed]


def _record(api: CitizensApi) -> list[HTTPRouteHandler]:
    """What a citizen reads about himself."""

    @get("/api/v1/citizen/status")
    async def status(request: Request[Any, Any, Any]) -> Any:
        if (refusal := api.refuse(request)) is not None:
            return refusal
        if api.insured:
            return {
                "status": "CONSUMER",
                "until": "2026-04-30",
                "arrears": {"months": [], "amount_tiyn": 0},
                "explanation": EXPLANATION[request.headers["accept-language"]],
            }
        return {
            "status": "NOT_CONSUMER",
            "until": None,
            "arrears": {"months": ["2026-01", "2026-02", "2026-03"], "amount_tiyn": 1_275_000},
            "explanation": UNPAID[request.headers["accept-language"]],
        }

    @get("/api/v1/citizen/policy")
    async def policy(request: Request[Any, Any, Any]) -> Any:
        return api.refuse(request) or {
            "number": "26-0000-0042",
            "year": 2026,
            "status": "CREDITED",
            "gvfmc": True,
            "mhi": True,
            "valid_from": "2026-04-01",
            "valid_to": "2026-12-31",
            "executor_id": EXECUTOR_ID,
            "executor": CLINIC[request.headers["accept-language"]],
        }

    @get("/api/v1/citizen/policy/card.png")
    async def card(request: Request[Any, Any, Any]) -> Any:
        drawn = CARDS / f"card-{request.headers['accept-language']}.png"
        return api.refuse(request) or Response(drawn.read_bytes(), media_type="image/png")

    @get("/api/v1/citizen/contributions")
    async def contributions(request: Request[Any, Any, Any]) -> Any:
        kinds = ("contribution", "deduction")
        return api.refuse(request) or {
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
        clinic = (
            CLINIC[request.headers["accept-language"]]
            if "accept-language" in request.headers
            else ""
        )
        return api.refuse(request) or {
            "items": [
                {"at": "2026-04-03T05:20:00Z", "facility": clinic, "grade": "QR_BIOMETRIC"},
                {"at": "2026-03-16T10:05:00Z", "facility": clinic, "grade": "QR_ONLY"},
            ],
            "next": None,
        }

    @post("/api/v1/citizen/extracts", status_code=201)
    async def take(request: Request[Any, Any, Any], data: JSONBody[dict[str, Any]]) -> Any:
        assert data["consent"] is True
        return api.refuse(request) or {"extract_id": "01980000-0000-7000-8000-000000000021"}

    @get("/api/v1/citizen/extracts/{extract_id:str}/pdf")
    async def pdf(request: Request[Any, Any, Any], extract_id: FromPath[str]) -> Any:
        return api.refuse(request) or Response(b"%PDF-1.7 sealed", media_type="application/pdf")

    @post("/api/v1/public/clinics/nearest", status_code=200)
    async def nearest(request: Request[Any, Any, Any], data: JSONBody[dict[str, Any]]) -> Any:
        api.places.append(data)
        if data["longitude"] < 46.4:
            return problem("INVALID", 422)
        language = request.headers["accept-language"]
        clinic = {"region": "", "latitude": 43.301, "longitude": 68.255}
        return api.refuse(request, guarded=False) or {
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

    return [status, policy, card, contributions, visits, take, pdf, nearest]


def _billed(api: CitizensApi) -> list[HTTPRouteHandler]:
    """What was billed, and what is said of it."""

    @get("/api/v1/citizen/billed")
    async def billed(request: Request[Any, Any, Any]) -> Any:
        if (refusal := api.refuse(request)) is not None:
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
        return api.refuse(request) or _register(api, request, case_id, data["text"])

    @post("/api/v1/citizen/billed/{case_id:str}/confirmation", status_code=201)
    async def confirm(request: Request[Any, Any, Any], case_id: FromPath[str]) -> Any:
        if (refusal := api.refuse(request)) is not None:
            return refusal
        api.confirmed.add(case_id)
        return {"case_id": case_id, "confirmed_at": "2026-04-06T04:00:00Z"}

    return [billed, dispute, confirm]


def _complaints(api: CitizensApi) -> list[HTTPRouteHandler]:
    """Complaints."""

    @post("/api/v1/citizen/complaints", status_code=201)
    async def complain(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        registered = api.refuse(request) or _register(api, request, data, data["text"])
        api.before_answer()
        if api.lose_answers:
            api.lose_answers -= 1
            return Response({}, status_code=502)
        return registered

    @get("/api/v1/public/complaints/{number:str}")
    async def track(request: Request[Any, Any, Any], number: FromPath[str]) -> Any:
        if (refusal := api.refuse(request, guarded=False)) is not None:
            return refusal
        if number not in {c["tracking_number"] for c in api.complaints.values()}:
            return problem("COMPLAINT_NOT_FOUND", 404)
        return {
            "tracking_number": number,
            "status": "IN_REVIEW",
            "registered_at": "2026-04-06T04:00:00Z",
            "due_on": DUE,
            "answered_at": None,
        }

    @get("/api/v1/citizen/complaints")
    async def own(request: Request[Any, Any, Any]) -> Any:
        return api.refuse(request) or {
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

    @post("/api/v1/citizen/complaints/{complaint_id:str}/pictures", status_code=201)
    async def picture(request: Request[Any, Any, Any], complaint_id: FromPath[str]) -> Any:
        if (refusal := api.refuse(request)) is not None:
            return refusal
        if len(api.photos) >= 2:
            return problem("TOO_MANY_FILES", 409, "too many")
        api.photos.append((complaint_id, await request.body()))
        return {"file_id": "01980000-0000-7000-8000-00000000000f", "no": len(api.photos)}

    return [complain, track, own, picture]


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
