"""A query is taken at its word: nothing in it is passed over, nothing stands in it twice."""

from typing import Any

import pytest

from backend.kernel.actor import Role
from tests.conftest import ISSUER_BIN

API = "/api/v1"


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/acts?statsu=ACCEPTED", "statsu"),
        ("/acts?limit=5&limit=6", "limit"),
        ("/acts?limit=0", "limit"),
        ("/acts?limit=201", "limit"),
        ("/plans?limit=99999999999999999999", "limit"),
        ("/contracts?870101300123=1", "?"),
        ("/contracts?%6Cimit=1&limit=1", "limit"),
        ("/state-service/days?until=2026-04-06", "since"),
    ],
)
async def test_what_is_not_of_the_operation_is_refused(
    client: Any, address: str, path: str
) -> None:
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        answer = await http.get(API + address)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID"), answer.text
    assert answer.json()["path"] == path


async def test_a_stranger_learns_nothing_of_parameters(client: Any) -> None:
    async with client() as http:
        assert (await http.get(f"{API}/acts?statsu=ACCEPTED")).status_code == 401


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip"])
async def test_a_compressed_body_is_refused_as_such(client: Any, coding: str) -> None:
    async with client() as http:
        headers = {"content-encoding": coding, "content-type": "application/json"}
        answer = await http.post(f"{API}/public/clinics/nearest", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_ENCODING")
    assert answer.json()["path"] == "Content-Encoding"


async def test_days_beyond_the_calendar_are_refused(client: Any) -> None:
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        for since, until in (("0001-01-01", "2026-04-06"), ("2026-04-06", "9999-12-31")):
            answer = await http.get(f"{API}/state-service/days?since={since}&until={until}")
            assert (answer.status_code, answer.json()["code"]) == (422, "DATE_OUT_OF_RANGE")
