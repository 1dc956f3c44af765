"""Citizens sign in over HTTP: equal answers, limits that no header moves, and the way in by ECP."""

from typing import Any

import pytest

from backend.egov_adapter.citizen import service
from backend.kernel.resources import Resources
from tests.egov_adapter.conftest import (
    AIGUL_IIN,
    AIGUL_PHONE,
    BOLAT_IIN,
    NOBODYS_IIN,
    Outside,
    waiting_jobs,
)

OTP = "/api/v1/citizen/otp"
SESSIONS = "/api/v1/citizen/sessions"


async def test_from_sms_to_session(client: Any, resources: Resources, outside: Outside) -> None:
    who = {"iin": AIGUL_IIN, "phone": AIGUL_PHONE}
    async with client() as http:
        asked = await http.post(OTP, json=who, headers={"accept-language": "en"})
        assert (asked.status_code, asked.json()) == (202, {"code_digits": 6, "expires_in_s": 180})
        [payload] = await waiting_jobs(resources)
        await service.send_otp(resources, payload)
        assert outside.sent[0]["text"].startswith("Saqtau: your sign-in code is ")
        opened = await http.post(SESSIONS, json={**who, "code": outside.code(AIGUL_PHONE)})
        assert opened.status_code == 201
        assert opened.json()["expires_at"] == "2026-04-06T04:15:00Z"
        assert opened.json()["renewable_until"] == "2026-04-06T05:00:00Z"
        http.headers["authorization"] = f"Bearer {opened.json()['token']}"
        me = await http.get("/api/v1/login/session")
        assert me.json() == {"roles": ["insured"], "bin": None}


async def test_unknown_foreign_and_known_get_one_answer(client: Any, outside: Outside) -> None:
    async with client() as http:
        seen = set()
        for iin, phone in (
            (AIGUL_IIN, AIGUL_PHONE),
            (BOLAT_IIN, AIGUL_PHONE),
            (NOBODYS_IIN, "+77770000001"),
        ):
            asked = await http.post(OTP, json={"iin": iin, "phone": phone})
            tried = await http.post(SESSIONS, json={"iin": iin, "phone": phone, "code": "000000"})
            seen.add((asked.status_code, asked.content, tried.status_code, tried.content))
        assert len(seen) == 1
        assert tried.json()["code"] == "OTP_INVALID"
        assert AIGUL_IIN not in tried.text


@pytest.mark.parametrize(
    "body",
    [
        {"iin": AIGUL_IIN},
        {"iin": AIGUL_IIN, "phone": AIGUL_PHONE, "code": "12345"},
        {"iin": AIGUL_IIN, "phone": AIGUL_PHONE, "code": "١٢٣٤٥٦"},
        {"iin": AIGUL_IIN, "phone": AIGUL_PHONE, "code": "123456\n"},
        {"iin": 900101300017, "phone": AIGUL_PHONE, "code": "123456"},
        {"challenge_id": "x", "signature": "y"},
        [],
    ],
)
async def test_odd_sign_ins_are_refused(client: Any, body: Any) -> None:
    async with client() as http:
        answer = await http.post(SESSIONS, json=body)
    assert answer.status_code == 422
    assert AIGUL_IIN not in answer.text
