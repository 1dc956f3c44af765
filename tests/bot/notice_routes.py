"""What the small API answers about notices, to citizens and to the bot's own session."""

import base64
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from tests.bot.citizens_api import (
    CHALLENGE,
    CitizensApi,
    problem,
)


def notices(api: CitizensApi) -> list[HTTPRouteHandler]:
    """What a citizen chose to be told of."""

    @get("/api/v1/citizen/notices/choice")
    async def choice(request: Request[Any, Any, Any]) -> Any:
        if (refusal := api.refuse(request)) is not None:
            return refusal
        token = request.headers["authorization"].removeprefix("Bearer ")
        chosen = [c for c in api.choice.values() if c["token"] == token]
        found = chosen[0] if chosen else {"topics": [], "quiet": None, "language": None}
        return {k: found[k] for k in ("topics", "quiet", "language")}

    @get("/api/v1/citizen/notices")
    async def told(request: Request[Any, Any, Any]) -> Any:
        return api.refuse(request) or {
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

    return [choice, told]


def bots(api: CitizensApi) -> list[HTTPRouteHandler]:
    """The bot's own session, its chats and the notices it tells."""

    @post("/api/v1/login/challenges", status_code=201)
    async def challenge(request: Request[Any, Any, Any]) -> Any:
        return api.refuse(request, guarded=False) or {
            "challenge_id": CHALLENGE,
            "document": base64.b64encode(b"sign me").decode(),
            "expires_at": "2026-04-06T04:05:00Z",
        }

    @post("/api/v1/login/sessions", status_code=201)
    async def bot_session(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        if (refusal := api.refuse(request, guarded=False)) is not None:
            return refusal
        if base64.b64decode(data["signature"]) != b"signed:sign me":
            return problem("NO_SEAT", 403)
        token = f"bot-{len(api.bot_tokens)}"
        api.bot_tokens.add(token)
        return {"token": token, "roles": ["bot"], "expires_at": "2099-01-01T00:00:00Z"}

    @post("/api/v1/bot/chats", status_code=200)
    async def connect(request: Request[Any, Any, Any], data: JSONBody[dict[str, Any]]) -> Any:
        if (refusal := api.as_bot(request)) is not None:
            return refusal
        if data["token"] not in api.tokens:
            return problem("CITIZEN_UNPROVED", 422)
        api.choice[data["chat"]] = data
        return {k: data[k] for k in ("topics", "quiet", "language")}

    @post("/api/v1/bot/chats/left", status_code=200)
    async def leave(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        if (refusal := api.as_bot(request)) is not None:
            return refusal
        api.left.append(data["chat"])
        api.choice.pop(data["chat"], None)
        return Response(None, status_code=200)

    @post("/api/v1/bot/chats/language", status_code=200)
    async def speak(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        if data["chat"] in api.choice:
            api.choice[data["chat"]]["language"] = data["language"]
        return api.as_bot(request) or Response(None, status_code=200)

    @post("/api/v1/bot/notices/claims", status_code=200)
    async def claim(request: Request[Any, Any, Any], data: JSONBody[dict[str, str]]) -> Any:
        if (refusal := api.as_bot(request)) is not None:
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
        if (refusal := api.as_bot(request)) is not None:
            return refusal
        if api.lose_notices:
            api.lose_notices -= 1
            return Response({}, status_code=502)
        api.reports[data["claim_id"]] = data["outcome"]
        if data["outcome"] == "LATER":
            api.due.append(api.claims.pop(data["claim_id"]))
        return Response(None, status_code=200)

    return [challenge, bot_session, connect, leave, speak, claim, report]
