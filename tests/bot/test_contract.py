"""The bot's own structs are what the real application promises in its OpenAPI, and reads its answers."""

from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar

from backend.app.asgi import create_app
from backend.kernel.actor import Role
from backend.kernel.config import Config, Mode
from backend.kernel.resources import Resources
from bot import model
from bot.api_client import CitizenApi
from bot.errors import NotLinked, Refused
from tests.conftest import open_session

# operation -> what the bot reads of its answer
ANSWERS = {
    ("post", "/citizen/sessions"): model.Session,
    ("post", "/citizen/sessions/renewals"): model.Session,
    ("get", "/citizen/status"): model.Status,
    ("get", "/citizen/policy"): model.Policy,
    ("get", "/citizen/contributions"): model.Page[model.Contribution],
    ("get", "/citizen/visits"): model.Page[model.Visit],
    ("get", "/citizen/billed"): model.Page[model.Billed],
    ("get", "/citizen/complaints"): model.Page[model.OwnComplaint],
    ("post", "/citizen/extracts"): model.ExtractGiven,
    ("get", "/citizen/notices/choice"): model.Choice,
    ("get", "/citizen/notices"): model.Page[model.OwnNotice],
    ("post", "/bot/chats"): model.Choice,
    ("post", "/bot/notices/claims"): model.Claimed,
    ("post", "/login/challenges"): model.Challenge,
    ("post", "/login/sessions"): model.BotSession,
    ("post", "/egov-qr/logins"): model.LoginOffered,
    ("get", "/egov-qr/packages/{package_id}"): model.LoginState,
    ("post", "/public/clinics/nearest"): model.Clinics,
    ("post", "/citizen/complaints"): model.Registered,
    ("post", "/citizen/billed/{case_id}/dispute"): model.Registered,
    ("get", "/public/complaints/{tracking_number}"): model.Complaint,
}
# operation -> the fields the bot sends
BODIES = {
    ("post", "/citizen/otp"): {"iin", "phone"},
    ("post", "/citizen/sessions"): {
        *("iin", "phone", "code", "challenge_id", "signature"),
        *("channel", "consent"),
    },
    ("post", "/citizen/sessions/renewals"): {"renewal"},
    ("post", "/citizen/extracts"): {"kind", "consent"},
    ("post", "/bot/chats"): {"chat", "token", "language", "topics", "quiet"},
    ("post", "/bot/chats/left"): {"chat"},
    ("post", "/bot/chats/language"): {"chat", "language"},
    ("post", "/bot/notices/claims"): {"claim_id"},
    ("post", "/bot/notices/reports"): {"claim_id", "outcome", "retry_after_s"},
    ("post", "/login/sessions"): {"challenge_id", "signature"},
    ("post", "/public/clinics/nearest"): {"latitude", "longitude", "limit"},
    ("post", "/citizen/complaints"): {"kind", "text", "ground", "executor_id"},
    ("post", "/citizen/billed/{case_id}/dispute"): {"text"},
}
_FORMATS = {"date": "date", "date-time": "datetime"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found = create_app(Config(mode=Mode.TEST)).openapi_schema.to_schema()
    assert isinstance(found, dict)
    return found


def operation(schema: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = schema["paths"][f"/api/v1{path}"][method]
    return found


def resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Follow a $ref."""
    while "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    return part


def shapes(schema: dict[str, Any], part: dict[str, Any]) -> set[str]:
    """The kinds of value a schema allows: string, date, integer, null …"""
    part = resolved(schema, part)
    found: set[str] = set()
    for choice in (*part.get("oneOf", ()), *part.get("anyOf", ())):
        found |= shapes(schema, choice)
    kinds = part.get("type", [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        found.add(_FORMATS.get(part.get("format", ""), kind) if kind == "string" else kind)
    if "enum" in part and not found:
        found.add("string")
    return found


def read_as(wanted: Any) -> set[str]:
    """The kinds of value a struct's field reads."""
    info = msgspec.inspect.type_info(wanted)
    if isinstance(info, msgspec.inspect.UnionType):
        return {x for t in info.types for x in read_as_info(t)}
    return read_as_info(info)


def read_as_info(info: msgspec.inspect.Type) -> set[str]:
    inspect = msgspec.inspect
    table: tuple[tuple[type, set[str]], ...] = (
        (inspect.StrType, {"string"}),
        (inspect.IntType, {"integer"}),
        (inspect.BoolType, {"boolean"}),
        (inspect.DateType, {"date"}),
        (inspect.DateTimeType, {"datetime"}),
        (inspect.NoneType, {"null"}),
        (inspect.StructType, {"object"}),
        (inspect.VarTupleType, {"array"}),
        (inspect.ListType, {"array"}),
    )
    return next(kinds for kind, kinds in table if isinstance(info, kind))


@pytest.mark.parametrize(("method", "path"), ANSWERS)
def test_answers_have_the_fields_the_bot_reads(
    schema: dict[str, Any], method: str, path: str
) -> None:
    wanted = ANSWERS[method, path]
    responses = operation(schema, method, path)["responses"]
    answer = next(body for status, body in responses.items() if status.startswith("2"))
    media = answer["content"]["application/json"]
    promised = resolved(schema, media["schema"])
    if getattr(wanted, "__origin__", None) is model.Page:
        assert promised["properties"].keys() == {"items", "next"}
        promised = resolved(schema, promised["properties"]["items"]["items"])
        (struct,) = wanted.__args__
    else:
        struct = wanted
    for field in msgspec.structs.fields(struct):
        assert field.encode_name in promised["properties"], f"{path} gives no {field.encode_name}"
        given = shapes(schema, promised["properties"][field.encode_name])
        reads = read_as(field.type)
        assert given <= reads, f"{path} {field.encode_name}: {given} is more than {reads}"
    msgspec.convert(media["example"], wanted)


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_the_bot_sends_what_is_asked(schema: dict[str, Any], method: str, path: str) -> None:
    media = operation(schema, method, path)["requestBody"]["content"]["application/json"]
    asked = resolved(schema, media["schema"])
    assert BODIES[method, path] <= asked["properties"].keys()
    assert set(asked.get("required", ())) <= BODIES[method, path]


def test_what_is_asked_without_a_struct_is_there(schema: dict[str, Any]) -> None:
    assert operation(schema, "delete", "/login/session")
    assert operation(schema, "post", "/citizen/billed/{case_id}/confirmation")
    assert operation(schema, "post", "/citizen/complaints/{complaint_id}/pictures")
    for path, kind in (
        ("/citizen/policy/card.png", "image/png"),
        ("/citizen/extracts/{extract_id}/pdf", "application/pdf"),
    ):
        assert kind in operation(schema, "get", path)["responses"]["200"]["content"]


async def test_the_client_speaks_with_the_real_application(
    app: Litestar, resources: Resources
) -> None:
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://saqtau.test/api/v1") as http:
        token = await open_session(resources, Role.INSURED, person_id=uuid4())
        citizen = CitizenApi(http, "kk", token)
        status = await citizen.status()
        assert status.status in {"CONSUMER", "NOT_CONSUMER"}
        assert "сақтандыр" in status.explanation
        assert await citizen.nearest(43.3, 68.25) == []
        assert (await citizen.choice()).topics == ()
        offered = await citizen.offer_login()
        watcher = CitizenApi(http, "kk", offered.watch_token)
        assert await watcher.login_state(offered.package_id, "SIGNED", 0) == "PENDING"
        for page in (
            citizen.notices,
            citizen.visits,
            citizen.billed,
            citizen.contributions,
            citizen.complaints,
        ):
            assert (await page(None)).items == []
        with pytest.raises(Refused) as no_policy:
            await citizen.policy()
        assert no_policy.value.status == 404

        await citizen.send_code("900101300017", "+77010000001")
        with pytest.raises(Refused) as wrong:
            proof = {"iin": "900101300017", "phone": "+77010000001", "code": "000000"}
            await citizen.sign_in(proof)
        assert wrong.value.problem.code == "OTP_INVALID"
        with pytest.raises(Refused) as unknown:
            await citizen.complaint("7K3M9QX2B4H01")
        assert unknown.value.problem.code == "COMPLAINT_NOT_FOUND"
        await citizen.sign_out()
        with pytest.raises(NotLinked):
            await citizen.status()
