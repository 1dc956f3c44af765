"""IIN x BIN x role with real keys: who gets a seat over HTTP, and who none."""

from typing import Any

import pytest

from infra.sandbox.nca.centre import Centre
from tests.conftest import MONDAY_MORNING
from tests.signing.login.conftest import (
    BOT,
    CLINIC,
    IIN,
    ISSUER,
    LEB,
    MIS,
    NAME,
    TREASURY,
    Issue,
    sign_in,
)


@pytest.mark.parametrize(
    ("bin_", "role", "seats"),
    [
        (ISSUER, "head", ["issuer_head"]),
        (ISSUER, "employee", ["issuer_reviewer"]),
        (CLINIC, "finance", ["executor_accountant"]),
        (CLINIC, "information_system", ["executor_system"]),
        (LEB, "head", ["leb"]),
        (MIS, "information_system", ["mis"]),
        (None, "individual", ["executor_head"]),
        (CLINIC, "hr", None),
        (ISSUER, "information_system", None),
        (TREASURY, "head", None),
        (BOT, "head", None),
    ],
)
async def test_seats(
    client: Any, issue: Issue, bin_: str | None, role: str, seats: list[str] | None
) -> None:
    async with client() as http:
        answer = await sign_in(http, issue(bin_, role))
    if seats is None:
        assert (answer.status_code, answer.json()["code"]) == (403, "NO_ROLE")
    else:
        assert (answer.status_code, answer.json()["roles"]) == (201, seats)


async def test_rsa_keys_sign_in_too(client: Any, nca: Centre) -> None:
    key = nca.issue_legal(IIN, CLINIC, NAME, "ТОО", "head", MONDAY_MORNING, algorithm="rsa-sha256")
    async with client() as http:
        assert (await sign_in(http, key)).json()["roles"] == ["executor_head"]
