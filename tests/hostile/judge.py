"""What every answer must be, whatever was sent (RFC 9457, HOUSE, CONTRACT)."""

import json
import re
from typing import Any

import httpx

from backend.web.problems import LANGUAGES, bundle, language_of
from tests.architecture.house import refusals
from tests.hostile.attacks import PERSONAL, Attack
from tests.hostile.operations import Operation

_INTERNAL = re.compile(
    r"Traceback|File \"|asyncpg|psycopg|msgspec|litestar|uvicorn|SELECT |INSERT |/backend/|\.py\b|Error\("
)
_NUMBER = re.compile(r"(?<![-0-9a-f])\d{12}(?![0-9a-f])")
# eGov Mobile prescribes the form of errors it reads; health tells what is unwell.
OWN_FORM = ("/api/v1/egov-qr/phone/", "/health/")
# The members of a problem, and no other (RFC 9457 §3.2 names the extensions: `facts`, `errors`).
_MEMBERS = {"type", "title", "status", "code", "detail", "path", "instance", "facts", "errors"}
# Refusals of a value's shape: they say where.
SHAPE = {"INVALID", "DOCUMENT_MALFORMED"}


def faults(one: Operation, attack: Attack, answer: httpx.Response) -> list[str]:
    """What is wrong with this answer; nothing, when it is as promised."""
    found = []
    status = answer.status_code
    document = _json(answer)
    code = document.get("code") if isinstance(document, dict) else None
    said = status == 503 and (code in one.answers.get(503, ()) or one.path.startswith("/health/"))
    if status >= 500 and not said:
        found.append(f"{status} {code}")
    if _INTERNAL.search(answer.text) and status >= 400:
        found.append("tells of the inside")
    if PERSONAL in answer.text or PERSONAL in str(answer.headers):
        found.append("echoes a personal number")
    if b"x-evil" in {name.lower() for name, _ in answer.headers.raw}:
        found.append("a header was injected")
    if status not in one.answers and not _routed_away(status, code):
        found.append(f"undocumented status {status} {code}")
    elif status >= 400 and code not in one.answers.get(status, ()) | {_own(one, code)}:
        found.append(f"undocumented code {status} {code}")
    if attack.refused and status < 400:
        found.append(f"silent success {status}")
    if status >= 400 and not one.path.startswith(OWN_FORM):
        found += _of_problem(answer, document, attack)
    return found


def _own(one: Operation, code: Any) -> Any:
    return code if one.path.startswith(OWN_FORM) or _routed_away(404, code) else None


def _routed_away(status: int, code: Any) -> bool:
    """The address was none of the operation's: it named another route, or none."""
    return (status, code) in {(404, "NO_SUCH_ROUTE"), (405, "METHOD_NOT_ALLOWED")}


def _json(answer: httpx.Response) -> Any:
    if "json" not in answer.headers.get("content-type", ""):
        return None
    return json.loads(answer.content)


def _of_problem(answer: httpx.Response, document: Any, attack: Attack) -> list[str]:
    if answer.headers.get("content-type") != "application/problem+json" or not isinstance(
        document, dict
    ):
        return [f"no problem document: {answer.headers.get('content-type')}"]
    found = []
    code, language = document.get("code"), answer.headers.get("content-language")
    asked = [v for k, v in attack.headers if k == b"accept-language"]
    wanted = language_of(asked[0].decode("latin-1") if asked else LANGUAGE_ASKED)
    if code not in CODES:
        found.append(f"{code} is not in the dictionary")
    elif language != wanted or language not in LANGUAGES:
        found.append(f"answered in {language}, asked in {wanted}")
    else:
        found += _of_texts(document, str(code), str(language))
    if not document.keys() <= _MEMBERS:
        found.append(f"members {sorted(document.keys() - _MEMBERS)}")
    if document.get("status") != answer.status_code:
        found.append("its status is another one")
    if document.get("type") != f"urn:saqtau:problem:{code}":
        found.append("its type is another one")
    if _NUMBER.search(json.dumps({**document, "instance": None}, ensure_ascii=False)):
        found.append("shows a number of twelve digits")
    if code in SHAPE and not document.get("path"):
        found.append(f"{code} without a path")
    if attack.at is not None and code in SHAPE and not _leads(document.get("path"), attack.at):
        found.append(f"the path {document.get('path')!r} does not lead to {attack.at!r}")
    return found


def _of_texts(document: dict[str, Any], code: str, language: str) -> list[str]:
    texts = bundle(language)
    message = texts.get_message(code)
    facts = document.get("facts") or {}
    errors: list[Any] = []
    title = texts.format_pattern(message.value, facts)[0] if message.value else ""
    if "do" not in message.attributes:
        return [f"{code} does not say what to do in {language}"]
    advice, errors = texts.format_pattern(message.attributes["do"], facts)
    if errors:
        return [f"{code} lacks facts for its text: {errors}"]
    if document.get("title") != title or document.get("detail") != advice:
        return [f"{code}: the texts are not those of {language}"]
    return []


def _leads(path: Any, place: str) -> bool:
    """Whether a told path leads to the faulty place, or to what holds it."""
    if not isinstance(path, str) or not path:
        return False
    told = path.lstrip("$").lstrip(".")
    wanted = place.lstrip(".")
    short = re.sub(r"\[[^\]]*\]", "", told).split(".")[-1]
    names = re.sub(r"\[[^\]]*\]", "", wanted).split(".")
    return not wanted or not told or short in names or told in wanted


def _codes() -> frozenset[str]:
    """The dictionary: what has a text with a title in every language."""
    known = {r.code for r in refusals()}
    for language in LANGUAGES:
        texts = bundle(language)
        for code in list(known):
            assert texts.has_message(code), code
    named = {name for name in bundle("kk")._messages if re.fullmatch(r"[A-Z][A-Z0-9_]+", name)}
    return frozenset(known | named)


LANGUAGE_ASKED = "ru"
CODES = _codes()
