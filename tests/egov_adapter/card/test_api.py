"""The policy card: a picture and a PDF with the code of this minute, or without one, and then it says why."""

import struct
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from tests.egov_adapter.conftest import AIGUL_IIN
from tests.visits.conftest import AIGUL, BOLAT, CLINIC, FACILITY, Owner

API = "/api/v1/citizen"


@pytest.fixture
async def insured(owner: Owner, resources: Resources, clinics: None) -> None:
    """Aigul has a name, a policy, a clinic and two payments for one month."""
    await owner.execute(
        "UPDATE registry.organisation SET kind = 'ISSUER' WHERE bin = '100240000009'"
    )
    identity = (
        f'{{"iin": "{AIGUL_IIN}", "surname": "Ахметова", "name": "Айгүл", "patronymic": "Серікқызы",'
        ' "birth_date": "1990-01-01", "address": "Алматы", "document_no": "N1", "phone": null}'
    )
    await owner.execute(
        "INSERT INTO registry.identity VALUES ($1, $2, sha256('f'), '2026-04-01T00:00:00Z')",
        AIGUL,
        resources.keyring.seal(identity.encode(), UUID(str(AIGUL)).bytes),
    )
    await owner.execute(
        """
        INSERT INTO registry.policy VALUES ($1, $2, 2026, '2026-0000000001', 'CREDITED', true, true,
            'GVFMC+MHI', 't', 'r', '2026-04-01', '2026-04-01', '2026-12-31', $3, $2)
        """,
        AIGUL,
        uuid4(),
        CLINIC,
    )
    await owner.execute(
        "INSERT INTO registry.attachment (person_id, executor_id, facility_id, since)"
        " VALUES ($1, $2, $3, '2024-01-15')",
        AIGUL,
        CLINIC,
        FACILITY,
    )
    await owner.execute(
        """
        INSERT INTO registry.contribution VALUES
            ($1, $2, '2026-04-02', '2026-03', 'deduction', 1020000, '100140000003', 20000, '2026-04-03', 'r1'),
            ($1, $3, '2026-04-05', '2026-03', 'contribution', 5, '100140000003', 0, NULL, 'r2')
        """,
        AIGUL,
        uuid4(),
        uuid4(),
    )


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])  # type: ignore[return-value]


@pytest.mark.usefixtures("insured")
async def test_the_card_bears_the_code_of_this_minute_until_consent_is_withdrawn(
    client: Any, clock: FixedClock
) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        first = await http.get(f"{API}/policy/card.png", headers={"accept-language": "kk"})
        assert (first.status_code, first.headers["content-type"]) == (200, "image/png"), first.text
        assert first.headers["cache-control"] == "no-store"
        width, height = size(first.content)
        assert 1000 < width < height
        until = first.headers["x-code-until"]
        again = await http.get(f"{API}/policy/card.png")
        assert again.content != first.content, "each card bears a code of its own"
        clock.advance(timedelta(minutes=1))
        later = await http.get(f"{API}/policy/card.pdf", headers={"accept-language": "ru"})
        assert later.content.startswith(b"%PDF-")
        assert later.headers["x-code-until"] > until
        await http.post(f"{API}/consents/withdrawals", json={"purposes": ["QR_VISITS"]})
        bare = await http.get(f"{API}/policy/card.png")
        assert bare.status_code == 200, "the policy stays (D43)"
        assert "x-code-until" not in bare.headers
    async with client(Role.INSURED, person_id=BOLAT) as http:
        none = await http.get(f"{API}/policy/card.png")
        assert (none.status_code, none.json()["code"]) == (404, "NO_POLICY")


@pytest.mark.usefixtures("insured")
async def test_contributions_by_month_and_the_clinic(client: Any) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        months = (await http.get(f"{API}/contributions/months")).json()
        assert [m["month"] for m in months][:3] == ["2026-04", "2026-03", "2026-02"]
        assert len(months) == 13
        assert months[1] == {
            "month": "2026-03",
            "amount_tiyn": 1_000_005,
            "receipts": 2,
            "state": "PAID",
        }
        assert (months[0]["state"], months[2]["state"]) == ("NOT_NEEDED", "OWED")
        clinic = (await http.get(f"{API}/clinic")).json()
        assert (clinic["facility_id"], clinic["since"]) == (str(FACILITY), "2024-01-15")
    async with client(Role.INSURED, person_id=BOLAT) as http:
        none = await http.get(f"{API}/clinic")
        assert (none.status_code, none.json()["code"]) == (404, "NO_CLINIC")
