"""The five grounds of refusal, and no other (App.2 row 9)."""

from datetime import timedelta
from typing import Any

import pytest

from backend.egov_adapter.state_service import words
from backend.kernel.actor import Role
from infra.sandbox import digital_documents, egov
from infra.sandbox.nca.centre import Centre
from tests.conftest import ISSUER_BIN
from tests.egov_adapter.conftest import AIGUL_IIN, BOLAT_IIN, NOBODYS_IIN
from tests.egov_adapter.state_service.asking import (
    API,
    REQUESTS,
    ask,
    consent,
    ground_of,
    read,
    signed,
)
from tests.egov_adapter.state_service.conftest import CARD, Outside
from tests.visits.conftest import AIGUL


def card(
    outside: Outside, iin: str = AIGUL_IIN, number: str = CARD, to: str = "2030-01-01"
) -> None:
    digital_documents.of(outside.sandbox).documents[AIGUL_IIN] = digital_documents.Document(
        iin, number, "2020-01-01", to
    )


@pytest.mark.parametrize(
    ("holder", "number", "until", "known", "ground"),
    [
        (AIGUL_IIN, CARD, "2030-01-01", True, None),
        (AIGUL_IIN, CARD, "2026-04-06", True, None),
        (BOLAT_IIN, CARD, "2030-01-01", True, "F1"),
        (AIGUL_IIN, "999999999", "2030-01-01", True, "F1"),
        (AIGUL_IIN, CARD, "2026-04-05", True, "F2"),
        (AIGUL_IIN, CARD, "2030-01-01", False, "F2"),
    ],
)
async def test_untrue_and_unfit_documents_are_refused(
    client: Any, outside: Outside, holder: str, number: str, until: str, known: bool, ground: str | None
) -> None:  # fmt: skip
    card(outside, holder, number, until)
    egov.of(outside.sandbox).documents[AIGUL_IIN][CARD] = known
    async with client(Role.INSURED, person_id=AIGUL) as http:
        request = await ask(http, outside)
        await outside.work()
        assert await ground_of(http, outside, request) == ground


async def test_without_consent_the_service_is_refused(client: Any, outside: Outside) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        none = (await http.post(REQUESTS, json={"consent_id": None})).json()
        await outside.work()
        assert await ground_of(http, outside, none) == "F5"
        denied = (await http.post(REQUESTS, json={"consent_id": await consent(http)})).json()
        await outside.reply("0")
        await outside.work()
        assert await ground_of(http, outside, denied) == "F5"
        silent = (await http.post(REQUESTS, json={"consent_id": await consent(http)})).json()
        await outside.work()
        assert await ground_of(http, outside, silent) is None
        outside.pass_time(timedelta(minutes=15))
        await outside.work()
        assert await ground_of(http, outside, silent) == "F5"


async def test_a_reply_to_the_sms_is_consent(client: Any, outside: Outside) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        await http.post(REQUESTS, json={"consent_id": await consent(http)})
        await outside.work()
        assert outside.cabinet() == []
        await outside.reply("1")
        outside.pass_time(timedelta(seconds=10))
        await outside.work()
    assert outside.cabinet()[0].kind == "RESULT"


@pytest.mark.parametrize("by_code", [True, False], ids=["code", "reply"])
async def test_the_consent_by_sms_stands_among_the_persons_own(
    client: Any, outside: Outside, by_code: bool
) -> None:
    """Recorded when the document is taken, with purpose and end; a refusal leaves no consent."""
    async with client(Role.INSURED, person_id=AIGUL) as http:
        consent_id = await consent(http)
        [sms] = outside.sandbox.sms
        assert sms["from"] == "1414"
        assert "медициналық сақтандыруға қатысу" in sms["text"], "the purpose"
        code = {"code": outside.code()} if by_code else {}
        await http.post(REQUESTS, json={"consent_id": consent_id} | code)
        assert (await http.get(f"{API}/citizen/consents/history")).json()["items"] == []
        if not by_code:
            await outside.reply("1")
        await outside.work()
        [word] = (await http.get(f"{API}/citizen/consents/history")).json()["items"]
        assert (word["purpose"], word["given"], word["by_representative"]) == (
            "STATE_SERVICE", True, False,
        )  # fmt: skip
        assert word["proof"] == ("OTP" if by_code else "SMS")
        assert (word["at"], word["expires_at"]) == ("2026-04-06T04:00:00Z", "2026-04-07T04:00:00Z")
        await outside.work()
        assert len((await http.get(f"{API}/citizen/consents/history")).json()["items"]) == 1


@pytest.mark.parametrize("ground", ["F3", "F4"])
async def test_a_court_act_in_force_bars_until_it_is_lifted(
    client: Any, outside: Outside, centre: Centre, ground: str
) -> None:
    now = outside.clock.now()
    head, signatory = (
        centre.issue_legal(BOLAT_IIN, ISSUER_BIN, "ЖҰМАБАЕВ ЕРЛАН", "ҚОР", role, now)
        for role in ("head", "signatory")
    )
    act = {
        "operation": "state_service.court_act", "iin": AIGUL_IIN, "ground": ground,
        "court": "Алматы қаласының Бостандық ауданы соты", "number": "7-123",
        "decided_on": "2026-02-03", "in_force_from": "2026-03-03",
    }  # fmt: skip
    acts = f"{API}/state-service/court-acts"
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as office:
        wrong = await office.post(acts, json=signed(signatory, now, **act))
        assert wrong.json()["code"] == "NOT_SIGNER_OF_ORG"
        odd = await office.post(
            acts, json=signed(head, now, **act | {"in_force_from": "2026-02-02"})
        )
        assert odd.json()["code"] == "COURT_ACT_UNSOUND"
        stranger = await office.post(acts, json=signed(head, now, **act | {"iin": NOBODYS_IIN}))
        assert (stranger.status_code, stranger.json()["code"]) == (404, "INSURED_NOT_FOUND")
        entered = await office.post(acts, json=signed(head, now, **act))
        assert entered.status_code == 201, entered.text
        async with client(Role.INSURED, person_id=AIGUL) as http:
            request = await ask(http, outside)
            await outside.work()
            assert await ground_of(http, outside, request) == ground
        refusal = read(outside.cabinet()[-1])
        assert "7-123" in words.page(refusal)["act"][0]
        act_id = entered.json()["act_id"]
        lift = {
            "operation": "state_service.lift_court_act",
            "act_id": act_id,
            "basis": "№ 9 ұйғарым",
        }
        lifted = await office.post(f"{acts}/{act_id}/lifting", json=signed(head, now, **lift))
        assert lifted.status_code == 201, lifted.text
        again = await office.post(
            f"{acts}/{act_id}/lifting", json=signed(head, now, **lift | {"basis": "№ 10"})
        )
        assert (again.status_code, again.json()["code"]) == (404, "COURT_ACT_NOT_FOUND")
    async with client(Role.INSURED, person_id=AIGUL) as http:
        request = await ask(http, outside)
        await outside.work()
        assert await ground_of(http, outside, request) is None
