"""Notices: chosen in a chat the bot proves, due outside quiet hours, told once whatever breaks."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backend.egov_adapter.complaint.events import (
    ComplaintAnswered,
    ComplaintForwarded,
    ComplaintTakenUp,
)
from backend.egov_adapter.notice import queries, rules, service
from backend.egov_adapter.notice.model import Quiet
from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.act.events import ActSubmitted
from backend.registry.consent.events import ConsentWithdrawn
from backend.registry.order.events import PoliciesIssued
from tests.conftest import open_session
from tests.egov_adapter.billed import ACT, bill
from tests.registry.access_record.noted import noted
from tests.visits.conftest import AIGUL, BOLAT, CLINIC, Owner

pytestmark = pytest.mark.usefixtures("clinics")
BOT_BIN = "150140004578"
TOPICS = ["COMPLAINT_ANSWERED", "POLICY_ISSUED", "SERVICE_BILLED", "STATUS_LAPSING"]
ORDER = UUID("01980000-0000-7000-8000-00000000ed01")


@pytest.fixture
async def bot(client: Any) -> Any:
    async with client(Role.BOT, bin=BOT_BIN) as http:
        yield http


async def connect(
    bot: httpx.AsyncClient, resources: Resources, person: UUID, chat: str, **changed: Any
) -> httpx.Response:
    token = await open_session(resources, Role.INSURED, person_id=person)
    body = {"chat": chat, "token": token, "language": "kk", "topics": TOPICS, "quiet": None}
    return await bot.post("/api/v1/bot/chats", json=body | changed)


async def claim(bot: httpx.AsyncClient, claim_id: UUID | None = None) -> dict[str, Any] | None:
    answer = await bot.post(
        "/api/v1/bot/notices/claims", json={"claim_id": str(claim_id or uuid4())}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] | None = answer.json()["notice"]
    return found


async def report(bot: httpx.AsyncClient, claim_id: UUID, outcome: str, **more: Any) -> int:
    body = {"claim_id": str(claim_id), "outcome": outcome, **more}
    return (await bot.post("/api/v1/bot/notices/reports", json=body)).status_code


async def billed(resources: Resources, owner: Owner, person: UUID = AIGUL) -> None:
    """A service in that person's name, and the event of its act, heard twice."""
    await bill(owner, person)
    event = ActSubmitted(ACT, ACT, CLINIC, "CHECK_PASSED", 1, 234_567)
    for _ in range(2):
        await service.tell_billed(resources, {**_built(event), "event_id": str(uuid4())})


def _built(event: Any) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


async def test_the_four_topics_are_told_once_each_and_to_those_who_chose_them(
    resources: Resources, owner: Owner, bot: httpx.AsyncClient
) -> None:
    assert (await connect(bot, resources, AIGUL, "1001")).status_code == 200
    await connect(bot, resources, BOLAT, "1002", topics=["COMPLAINT_ANSWERED"], language="ru")
    await billed(resources, owner)
    for person in (AIGUL, BOLAT):
        await _policy(owner, person)
        await _ends(owner, person, date(2026, 4, 20))
        await _answered(resources, owner, person)
    for _ in range(2):
        await service.tell_policies(resources, _built(PoliciesIssued(ORDER, 2026, 2)))
        await service.tell_lapsing(resources)
    told = []
    while (notice := await claim(bot)) is not None:
        told.append((notice["chat"], notice["language"], notice["topic"], notice["facts"]))
    assert sorted(told, key=str) == [
        ("1001", "kk", "COMPLAINT_ANSWERED", {"number": _number(AIGUL), "outcome": "PARTLY"}),
        ("1001", "kk", "POLICY_ISSUED", {"valid_from": "2026-04-01", "valid_to": "2026-12-31"}),
        ("1001", "kk", "SERVICE_BILLED", {"count": 1}),
        ("1001", "kk", "STATUS_LAPSING", {"until": "2026-04-20"}),
        ("1002", "ru", "COMPLAINT_ANSWERED", {"number": _number(BOLAT), "outcome": "PARTLY"}),
    ]


async def test_every_status_of_a_complaint_is_told_once(
    resources: Resources, owner: Owner, bot: httpx.AsyncClient
) -> None:
    await connect(bot, resources, AIGUL, "1001")
    complaint_id = await _answered(resources, owner, AIGUL)
    for _ in range(2):  # heard twice
        taken, forwarded = ComplaintTakenUp(complaint_id), ComplaintForwarded(complaint_id, "X")
        await service.tell_taken_up(resources, _built(taken))
        await service.tell_forwarded(resources, _built(forwarded))
    told = []
    while (notice := await claim(bot)) is not None:
        told.append((notice["topic"], notice["facts"]["outcome"]))
    assert sorted(told) == [
        ("COMPLAINT_ANSWERED", status) for status in ("FORWARDED", "IN_REVIEW", "PARTLY")
    ]


async def test_an_act_that_failed_bills_nobody(
    resources: Resources, owner: Owner, bot: httpx.AsyncClient
) -> None:
    await connect(bot, resources, AIGUL, "1001")
    await bill(owner, AIGUL, "CHECK_FAILED")
    failed = ActSubmitted(ACT, ACT, CLINIC, "CHECK_FAILED", 1, 234_567)
    await service.tell_billed(resources, _built(failed))
    assert await claim(bot) is None


QUIET = [
    # quiet hours; minutes after midnight UTC (Kazakhstan is at +05:00); when it is due, None: at once
    (("21:00", "09:00"), 16 * 60 + 30, (7, 4 * 60)),
    (("21:00", "09:00"), 3 * 60 + 59, (6, 4 * 60)),
    (("21:00", "09:00"), 4 * 60, None),
    (("13:00", "14:30"), 8 * 60, (6, 9 * 60 + 30)),
    (("13:00", "14:30"), 9 * 60 + 30, None),
    (None, 20 * 60, None),
]


async def test_quiet_hours(resources: Resources) -> None:
    for quiet, minute, due in QUIET:
        at = datetime(2026, 4, 6, tzinfo=UTC) + timedelta(minutes=minute)
        start, end = rules.minutes(Quiet(*quiet) if quiet else None)
        async with resources.db.egov.pool.acquire() as connection:
            found = await connection.fetchval("SELECT egov.after_quiet($1, $2, $3)", at, start, end)
        if due is not None:
            at = datetime(2026, 4, due[0], tzinfo=UTC) + timedelta(minutes=due[1])
        assert found == at, (quiet, minute)


async def test_nothing_is_told_in_quiet_hours_also_when_it_waited_for_the_bot(
    resources: Resources, owner: Owner, bot: httpx.AsyncClient, clock: FixedClock
) -> None:
    quiet = {"from": "21:00", "to": "09:00"}
    await connect(bot, resources, AIGUL, "1001", quiet=quiet)
    await billed(resources, owner)
    actor = Actor(uuid4(), frozenset({Role.BOT}), bin=BOT_BIN)
    clock.advance(timedelta(hours=13))  # the bot was away from 09:00 till 22:00
    assert (await service.claim(resources, actor, uuid4())).notice is None
    clock.advance(timedelta(hours=11, minutes=-1))
    assert (await service.claim(resources, actor, uuid4())).notice is None
    clock.advance(timedelta(minutes=1))
    assert (await service.claim(resources, actor, uuid4())).notice is not None


async def test_a_hundred_claims_at_once_hand_out_a_notice_once(
    resources: Resources, owner: Owner, bot: httpx.AsyncClient
) -> None:
    await connect(bot, resources, AIGUL, "1001")
    await billed(resources, owner)
    handed = await asyncio.gather(*(claim(bot) for _ in range(100)))
    assert sum(notice is not None for notice in handed) == 1


@pytest.mark.notes("ClaimNotice")
async def test_a_lost_answer_is_asked_for_again_and_a_report_repeated(
    resources: Resources, owner: Owner, bot: httpx.AsyncClient, client: Any
) -> None:
    await connect(bot, resources, AIGUL, "1001")
    await billed(resources, owner)
    claim_id = uuid4()
    first, again = await claim(bot, claim_id), await claim(bot, claim_id)
    assert first == again is not None
    assert [await report(bot, claim_id, "SENT") for _ in range(2)] == [204, 204]
    assert await claim(bot, claim_id) is None
    assert await report(bot, uuid4(), "SENT") == 409
    [record] = await noted(owner, "ClaimNotice")
    assert (record.person_id, record.basis, record.fields) == (AIGUL, "NOTICE", ("SERVICES",))
    async with client(Role.INSURED, person_id=AIGUL) as http:
        [own] = (await http.get("/api/v1/citizen/notices")).json()["items"]
        assert (own["topic"], own["state"]) == ("SERVICE_BILLED", "SENT")
    async with client(Role.INSURED, person_id=BOLAT) as http:
        assert (await http.get("/api/v1/citizen/notices")).json()["items"] == []


async def test_what_was_not_told_is_due_again_and_what_is_in_doubt_is_not(
    resources: Resources, owner: Owner, bot: httpx.AsyncClient, clock: FixedClock
) -> None:
    await connect(bot, resources, AIGUL, "1001")
    await billed(resources, owner)
    claim_id = uuid4()
    await claim(bot, claim_id)
    assert await report(bot, claim_id, "LATER", retry_after_s=30) == 204
    assert await claim(bot) is None
    clock.advance(timedelta(seconds=31))
    dead = uuid4()
    assert await claim(bot, dead) is not None
    clock.advance(timedelta(minutes=11))  # the bot that claimed it is dead
    await service.sweep(resources)
    assert await claim(bot) is None
    assert await owner.fetchval("SELECT state FROM egov.notice") == "UNSURE"


async def test_a_chat_is_one_persons_and_a_person_has_one(
    resources: Resources, owner: Owner, bot: httpx.AsyncClient, client: Any
) -> None:
    await connect(bot, resources, AIGUL, "1001")
    await billed(resources, owner)
    await connect(bot, resources, BOLAT, "1001", language="ru")
    assert await claim(bot) is None  # Aigul's notice is not read by whoever holds the telephone now
    await connect(bot, resources, BOLAT, "1003")
    rows = await owner.fetch("SELECT person_id, sealed FROM egov.notice_chat")
    assert [r["person_id"] for r in rows] == [BOLAT]
    assert b"1003" not in rows[0]["sealed"]
    async with client(Role.INSURED, person_id=BOLAT) as http:
        choice = (await http.get("/api/v1/citizen/notices/choice")).json()
        assert choice == {"topics": TOPICS, "quiet": None, "language": "kk"}


async def test_leaving_blocking_and_choosing_nothing_end_it(
    resources: Resources, owner: Owner, bot: httpx.AsyncClient
) -> None:
    for way in ("left", "blocked", "nothing", "consent"):
        await connect(bot, resources, AIGUL, "1001")
        await owner.execute("DELETE FROM egov.notice")
        await _answered(resources, owner, AIGUL)
        if way == "left":
            left = await bot.post("/api/v1/bot/chats/left", json={"chat": "1001"})
            assert left.status_code == 204
        elif way == "blocked":
            claim_id = uuid4()
            assert await claim(bot, claim_id) is not None
            assert await report(bot, claim_id, "BLOCKED") == 204
        elif way == "nothing":
            await connect(bot, resources, AIGUL, "1001", topics=[])
        else:
            await service.follow_consent(resources, _built(ConsentWithdrawn(AIGUL, "BOT")))
        assert await owner.fetchval("SELECT count(*) FROM egov.notice_chat") == 0, way
        assert await claim(bot) is None, way


async def test_another_language_is_told_from_the_next_notice_on(
    resources: Resources, owner: Owner, bot: httpx.AsyncClient
) -> None:
    await connect(bot, resources, AIGUL, "1001")
    await billed(resources, owner)
    spoken = await bot.post("/api/v1/bot/chats/language", json={"chat": "1001", "language": "en"})
    assert spoken.status_code == 204
    notice = await claim(bot)
    assert notice is not None
    assert notice["language"] == "en"


async def test_only_the_bot_connects_and_only_with_a_citizens_own_session(
    resources: Resources, bot: httpx.AsyncClient, client: Any
) -> None:
    staff = await open_session(resources, Role.ISSUER_HEAD, bin="061211600012")
    parent = await open_session(resources, Role.INSURED, person_id=AIGUL, representation_id=uuid4())
    for token in ("forged", staff, parent):
        refused = await connect(bot, resources, AIGUL, "1001", token=token)
        assert (refused.status_code, refused.json()["code"]) == (422, "CITIZEN_UNPROVED")
    for role, who in (
        (Role.INSURED, {"person_id": AIGUL}),
        (Role.EXECUTOR_HEAD, {"bin": "150140004578"}),
        (Role.ISSUER_HEAD, {"bin": "061211600012"}),
    ):
        async with client(role, **who) as http:
            assert (await connect(http, resources, AIGUL, "1001")).status_code == 403
            claims = await http.post("/api/v1/bot/notices/claims", json={"claim_id": str(uuid4())})
            assert claims.status_code == 403


async def test_the_next_notice_is_found_by_its_index(resources: Resources, owner: Owner) -> None:
    await owner.execute("SET enable_seqscan = off")
    plan = await owner.fetch(
        "EXPLAIN " + queries.NEXT.sql.replace("$1", "'2026-04-06T04:00:00Z'::timestamptz")
    )
    text = "\n".join(r[0] for r in plan)
    assert "due_at" in text
    assert "Seq Scan on notice_p" not in text


async def test_a_limit_of_one_chat_is_not_anothers_and_nobody_else_names_a_chat(
    client: Any, bot: httpx.AsyncClient, outside: Any
) -> None:
    """FAULTS 13: all chats come from the bot's address; one that floods shuts out itself alone."""
    body = {"iin": "900101300017", "phone": "+77010000001"}

    async def ask(http: httpx.AsyncClient, chat: str, n: int) -> int:
        other = {**body, "phone": f"+7701{n:07}", "iin": _iin(n)}
        answer = await http.post("/api/v1/citizen/otp", json=other, headers={"Saqtau-Chat": chat})
        if answer.status_code == 429:
            assert int(answer.headers["retry-after"]) > 0
        return answer.status_code

    codes = [await ask(bot, "1001", n) for n in range(12)]
    assert codes == [202] * 10 + [429] * 2
    assert await ask(bot, "1002", 50) == 202
    # A guest, or a citizen, who writes the header is counted by the address all the same.
    async with client() as guest, client(Role.INSURED, person_id=AIGUL) as citizen:
        forged = [await ask((guest, citizen)[n % 2], str(n), 100 + n) for n in range(302)]
    assert forged.count(202) == 300
    assert forged[-2:] == [429, 429]


def _iin(n: int) -> str:
    from tests.egov_adapter.conftest import iin

    for serial in range(10):
        try:
            return iin(f"900101{3}{n:03}{serial}")
        except AssertionError:
            continue
    raise AssertionError(n)


def _number(person: UUID) -> str:
    return f"{person.hex[-12:].upper().replace('I', '1'):0>12}0"


async def _policy(owner: Owner, person: UUID) -> None:
    await owner.execute(
        """
        INSERT INTO registry.policy (person_id, policy_id, year, number, status, gvfmc, mhi,
            service_list, tariff_set, rule_set, issued_on, valid_from, valid_to, order_id)
        VALUES ($1, $2, 2026, '2026-' || lpad($3, 10, '0'), 'ISSUED', true, true, 'x', 'x', 'x',
            '2026-04-01', '2026-04-01', '2026-12-31', $4)
        """,
        person,
        uuid4(),
        str(person.int % 10**9),
        ORDER,
    )


async def _ends(owner: Owner, person: UUID, until: date) -> None:
    await owner.execute(
        """
        INSERT INTO registry.entitlement (person_id, paid, by_himself, prepaid, status, basis, reason,
            since, until, category, last_paid, unpaid, self_payer, judged_on, review_on)
        VALUES ($1, repeat('0', 240)::bit(240), repeat('0', 240)::bit(240), repeat('0', 240)::bit(240),
            'CONSUMER', 'CONTINUATION_3M', 'CONTINUATION_3M', '2026-01-01', $2, NULL, NULL, 0, false,
            '2026-04-06', $2)
        """,
        person,
        until,
    )


async def _answered(resources: Resources, owner: Owner, person: UUID) -> UUID:
    """A complaint of this person, and the event of its answer, heard twice."""
    complaint_id, number = uuid4(), _number(person)
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute("DELETE FROM egov.complaint_claim WHERE tracking_number = $1", number)
        await owner.execute(
            "INSERT INTO egov.complaint_claim VALUES ($1, $2, $3)", complaint_id, number, person
        )
    event = ComplaintAnswered(complaint_id, "ISSUER", None, None, "PARTLY")
    for _ in range(2):
        await service.tell_answer(resources, _built(event))
    return complaint_id
