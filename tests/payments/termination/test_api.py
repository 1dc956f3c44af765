"""Who may stop payment, decide, and see it; what the parties see of each other."""

import base64
from uuid import UUID

import msgspec

from backend.app import wings
from backend.egov_adapter.complaint.events import ComplaintConfirmed
from backend.kernel.actor import Role
from backend.kernel.events import Subscriptions
from backend.kernel.resources import Resources
from backend.payments.detection.model import COUNT_COMPLAINT, ConfirmedComplaint
from tests.conftest import Client
from tests.payments.conftest import (
    CLINIC,
    CLINIC_BIN,
    ISSUER,
    ISSUER_BIN,
    PEOPLE,
    Owner,
    act,
    cases,
    present,
)
from tests.payments.termination.test_service import stop

API = "/api/v1"
OTHER_BIN = "100240000009"
SIGNED = {"document": base64.b64encode(b"{}").decode(), "signature": "AAAA"}
ANY = "01980000-0000-7000-8000-000000000001"


async def test_the_wrong_person_is_refused_everywhere(world: Resources, client: Client) -> None:
    refused = [
        (Role.EXECUTOR_HEAD, "POST", "/terminations"),
        (Role.ISSUER_FINANCE, "POST", "/terminations"),
        (Role.ISSUER_SIGNER, "POST", f"/terminations/{ANY}/decision"),  # the head alone (M §18)
        (Role.ISSUER_SIGNER, "POST", f"/terminations/{ANY}/withdrawal"),
        (Role.ISSUER_REVIEWER, "POST", f"/terminations/{ANY}/acts"),
        (Role.MOH, "GET", "/terminations"),
        (Role.EXECUTOR_HEAD, "GET", "/suspension-rounds"),
        (Role.EXECUTOR_HEAD, "GET", f"/suspension-rounds/{ANY}"),
        (Role.ISSUER_REVIEWER, "POST", f"/suspension-rounds/{ANY}/decision"),
        (Role.ISSUER_SIGNER, "POST", "/suspension-limit"),
        (Role.EXECUTOR_HEAD, "GET", "/suspension-sources"),
    ]
    for role, method, path in refused:
        async with client(role, bin=ISSUER_BIN) as http:
            answer = await http.request(method, API + path, json=SIGNED)
            assert answer.status_code == 403, (role, path, answer.text)
    async with client() as guest:
        assert (await guest.get(f"{API}/terminations")).status_code == 401
    allowed = [
        (Role.ISSUER_SIGNER, "/terminations"),
        (Role.ISSUER_HEAD, f"/terminations/{ANY}/decision"),
        (Role.ISSUER_HEAD, f"/terminations/{ANY}/withdrawal"),
        (Role.ISSUER_SIGNER, f"/terminations/{ANY}/acts"),
        (Role.ISSUER_SIGNER, f"/suspension-rounds/{ANY}/decision"),
        (Role.ISSUER_HEAD, "/suspension-limit"),
    ]
    for role, path in allowed:
        async with client(role, bin=ISSUER_BIN) as http:
            answer = await http.post(API + path, json=SIGNED)
            assert (answer.status_code, answer.json()["code"]) == (422, "SIGNATURE_INVALID"), path


async def test_parties_see_their_own_and_nobody_elses(
    world: Resources, client: Client, owner: Owner
) -> None:
    await present(world, act("1", cases([PEOPLE])))  # S3
    one = await stop(world)
    await owner.execute(
        "UPDATE registry.organisation SET kind = 'EXECUTOR', bin = $2 WHERE organisation_id = $1",
        ISSUER,
        OTHER_BIN,
    )
    for role, bin_, seen in (
        (Role.EXECUTOR_ACCOUNTANT, CLINIC_BIN, 1),
        (Role.ISSUER_REVIEWER, ISSUER_BIN, 1),
        (Role.EXECUTOR_HEAD, OTHER_BIN, 0),
    ):
        async with client(role, bin=bin_) as http:
            listed = (await http.get(f"{API}/terminations?status=OPEN")).json()["items"]
            raised = (await http.get(f"{API}/suspensions")).json()["items"]
            assert (len(listed), len(raised)) == (seen, seen)
            found = await http.get(f"{API}/terminations/{one.termination_id}")
            told = await http.get(f"{API}/terminations/{one.termination_id}/history")
            if not seen:
                assert {found.status_code, told.status_code} == {404}
                assert found.json()["code"] == told.json()["code"] == "TERMINATION_NOT_FOUND"
                continue
            assert [c["kind"] for c in told.json()] == ["PaymentTerminated"]
            assert [a["before"] for a in found.json()["acts"]] == [True]
            assert found.json()["termination"]["document"]["number"] == "12-4/7"
            past = f"{API}/suspensions/{raised[0]['suspension_id']}/history"
            assert [c["kind"] for c in (await http.get(past)).json()] == ["PaymentSuspended"]
            assert (raised[0]["origin"], raised[0]["facts"]) == ("SYSTEM", {"no_qr": 1, "cases": 1})


async def test_the_issuer_sees_the_brake_and_the_sources(world: Resources, client: Client) -> None:
    async with client(Role.ISSUER_REVIEWER, bin=ISSUER_BIN) as http:
        assert (await http.get(f"{API}/suspension-limit")).json() == {
            "share_milli": 50,
            "minimum": 5,
        }
        sources = (await http.get(f"{API}/suspension-sources")).json()
        assert [(s["ground"], s["connected"]) for s in sources] == [("S1", False), ("S2", False)]
        assert (await http.get(f"{API}/suspension-rounds")).json() == {"items": [], "next": None}
        missing = await http.get(
            f"{API}/suspension-rounds/{ANY}", headers={"accept-language": "ru"}
        )
        assert (missing.status_code, missing.json()["title"]) == (404, "Такой проверки нет")


def test_a_confirmed_complaint_is_heard_by_the_wing_that_pays() -> None:
    """Citizens' side stands above: it names our job, and what it tells is what we read."""
    wings.subscribe()
    assert COUNT_COMPLAINT in Subscriptions.jobs_of["ComplaintConfirmed"]
    assert COUNT_COMPLAINT in wings.job_table()
    told = ComplaintConfirmed(UUID(int=1), "NO_CONSENT", CLINIC, 2026)
    payload = {"event_id": "x", **msgspec.to_builtins(told)}
    assert msgspec.convert(payload, ConfirmedComplaint) == ConfirmedComplaint(
        UUID(int=1), CLINIC, "NO_CONSENT", 2026
    )
