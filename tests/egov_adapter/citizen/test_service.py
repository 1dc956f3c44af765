"""Signing in by one-time password: five tries in all, the same answers for everyone, one SMS."""

import asyncio
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from backend.egov_adapter.citizen import rules, service
from backend.egov_adapter.citizen.errors import LoginUnclear, OtpFrozen, OtpInvalid, PhoneInvalid
from backend.egov_adapter.citizen.model import AskOtp, Channel, CitizenLogin, CitizenSession
from backend.kernel.actor import Role, Scope
from backend.kernel.clock import FixedClock
from backend.kernel.errors import TooMany, Unavailable
from backend.kernel.ids import IinInvalid
from backend.kernel.resources import Resources
from backend.registry.consent import service as consents
from backend.registry.consent.errors import ConsentWithdrawnByPerson
from backend.registry.consent.model import Purpose, WithdrawConsents
from backend.signing.login import service as login
from backend.sources.exchange import SourceUnavailable
from tests.alike import require_alike_in_time, rounds
from tests.egov_adapter.conftest import (
    AIGUL,
    AIGUL_IIN,
    AIGUL_PHONE,
    BOLAT_IIN,
    BOLAT_PHONE,
    NOBODYS_IIN,
    Outside,
    waiting_jobs,
)
from tests.visits.conftest import Owner

ADDRESS = "10.0.0.1"


async def ask(resources: Resources, iin: str = AIGUL_IIN, phone: str = AIGUL_PHONE) -> None:
    """Ask for a password and let the job run."""
    await service.ask_otp(resources, ADDRESS, "ru", AskOtp(iin, phone))
    for payload in await waiting_jobs(resources):
        await service.send_otp(resources, payload)


async def enter(
    resources: Resources, code: str, iin: str = AIGUL_IIN, phone: str = AIGUL_PHONE
) -> CitizenSession:
    return await service.sign_in(resources, ADDRESS, CitizenLogin(iin=iin, phone=phone, code=code))


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


async def test_a_citizen_signs_in_with_the_code_of_the_sms(
    resources: Resources, outside: Outside
) -> None:
    await ask(resources)
    session = await enter(resources, outside.code(AIGUL_PHONE))
    actor = await login.authenticate(resources, session.token)
    assert actor is not None
    assert (actor.roles, actor.person_id, actor.bin) == (frozenset({Role.INSURED}), AIGUL, None)
    with pytest.raises(OtpInvalid):  # a code serves once
        await enter(resources, outside.code(AIGUL_PHONE))


async def test_nothing_personal_is_stored_open(
    resources: Resources, outside: Outside, owner: Owner
) -> None:
    await service.ask_otp(resources, ADDRESS, "kk", AskOtp(AIGUL_IIN, AIGUL_PHONE))
    [payload] = await waiting_jobs(resources)
    stored = str(await owner.fetch("SELECT * FROM egov.otp")) + str(payload)
    await service.send_otp(resources, payload)
    stored += str(await owner.fetch("SELECT * FROM egov.otp"))
    for secret in (AIGUL_IIN, AIGUL_PHONE, AIGUL_PHONE[1:], outside.code(AIGUL_PHONE)):
        assert secret not in stored
    assert await owner.fetchval("SELECT sealed IS NULL FROM egov.otp")


async def test_fifty_guesses_at_once_get_five_tries_then_the_door_is_frozen(
    resources: Resources, outside: Outside, clock: FixedClock, owner: Owner
) -> None:
    await ask(resources)
    code = outside.code(AIGUL_PHONE)
    guesses = [f"{(int(code) + n) % 10**6:06}" for n in range(1, 51)]
    outcomes = await asyncio.gather(
        *(enter(resources, guess) for guess in guesses), return_exceptions=True
    )
    assert {type(o) for o in outcomes} <= {OtpInvalid, OtpFrozen, TooMany}
    assert await owner.fetchval("SELECT tries FROM egov.otp") == 5
    clock.advance(timedelta(minutes=1))
    with pytest.raises((OtpFrozen, TooMany)):  # the right code, too late
        await enter(resources, code)
    assert await owner.fetchval("SELECT used_at FROM egov.otp") is None


async def test_fifty_at_once_with_the_right_code_among_them_win_at_most_in_five_tries(
    resources: Resources, outside: Outside, owner: Owner
) -> None:
    await ask(resources)
    code = outside.code(AIGUL_PHONE)
    guesses = [wrong(code)] * 3 + [code] + [wrong(code)] * 46
    outcomes = await asyncio.gather(
        *(enter(resources, guess) for guess in guesses), return_exceptions=True
    )
    kinds = Counter(type(o).__name__ for o in outcomes)
    assert kinds["CitizenSession"] <= 1
    assert kinds.keys() <= {"CitizenSession", "OtpInvalid", "OtpFrozen", "TooMany"}
    assert await owner.fetchval("SELECT tries FROM egov.otp") <= 5


async def test_a_freeze_ends_and_a_new_code_serves(
    resources: Resources, outside: Outside, clock: FixedClock
) -> None:
    await ask(resources)
    code = outside.code(AIGUL_PHONE)
    for _ in range(4):
        with pytest.raises(OtpInvalid):
            await enter(resources, wrong(code))
    with pytest.raises(OtpFrozen) as frozen:
        await enter(resources, wrong(code))
    assert frozen.value.retry_after_s == 15 * 60 + 1
    with pytest.raises(OtpFrozen):
        await ask(resources)
    clock.advance(timedelta(minutes=15))
    await ask(resources)
    assert (await enter(resources, outside.code(AIGUL_PHONE))).token


async def test_a_code_lives_three_minutes_and_the_newest_alone(
    resources: Resources, outside: Outside, clock: FixedClock
) -> None:
    await ask(resources)
    first = outside.code(AIGUL_PHONE)
    await ask(resources)
    second = outside.code(AIGUL_PHONE)
    if first != second:
        with pytest.raises(OtpInvalid):
            await enter(resources, first)
    clock.advance(timedelta(minutes=3))
    with pytest.raises(OtpInvalid):
        await enter(resources, second)


async def test_only_the_number_of_the_person_gets_a_message(
    resources: Resources, outside: Outside
) -> None:
    await ask(resources, AIGUL_IIN, BOLAT_PHONE)  # not hers
    await ask(resources, NOBODYS_IIN, AIGUL_PHONE)  # nobody
    assert outside.sent == []
    with pytest.raises(OtpInvalid):
        await enter(resources, "000000", AIGUL_IIN, BOLAT_PHONE)


async def test_one_persons_code_opens_no_other_person(
    resources: Resources, outside: Outside
) -> None:
    await ask(resources, AIGUL_IIN, AIGUL_PHONE)
    await ask(resources, BOLAT_IIN, BOLAT_PHONE)
    aiguls, bolats = outside.code(AIGUL_PHONE), outside.code(BOLAT_PHONE)
    if aiguls != bolats:
        with pytest.raises(OtpInvalid):
            await enter(resources, aiguls, BOLAT_IIN, BOLAT_PHONE)
    with pytest.raises(OtpInvalid):
        await enter(resources, aiguls, BOLAT_IIN, AIGUL_PHONE)


async def test_the_job_may_run_twice_and_its_answer_get_lost(
    resources: Resources, outside: Outside
) -> None:
    outside.lose_answers = 1
    await service.ask_otp(resources, ADDRESS, "en", AskOtp(AIGUL_IIN, AIGUL_PHONE))
    [payload] = await waiting_jobs(resources)
    with pytest.raises(SourceUnavailable):
        await service.send_otp(resources, payload)
    await asyncio.gather(*(service.send_otp(resources, payload) for _ in range(3)))
    assert len(outside.sent) == 1
    assert (await enter(resources, outside.code(AIGUL_PHONE))).token


async def test_two_workers_at_once_send_one_code_that_fits(
    resources: Resources, outside: Outside
) -> None:
    await service.ask_otp(resources, ADDRESS, "en", AskOtp(AIGUL_IIN, AIGUL_PHONE))
    [payload] = await waiting_jobs(resources)
    await asyncio.gather(*(service.send_otp(resources, payload) for _ in range(4)))
    assert len(outside.sent) == 1
    assert (await enter(resources, outside.code(AIGUL_PHONE))).token


async def test_after_the_life_of_the_code_nothing_is_sent(
    resources: Resources, outside: Outside, clock: FixedClock, owner: Owner
) -> None:
    await service.ask_otp(resources, ADDRESS, "en", AskOtp(AIGUL_IIN, AIGUL_PHONE))
    [payload] = await waiting_jobs(resources)
    clock.advance(timedelta(minutes=3))
    await service.send_otp(resources, payload)
    assert outside.sent == []
    clock.advance(timedelta(minutes=16))
    await service.forget_otps(resources)
    assert await owner.fetchval("SELECT count(*) FROM egov.otp") == 0


async def test_a_flood_is_held_per_number_person_and_address(
    resources: Resources, outside: Outside, clock: FixedClock
) -> None:
    async def flood(times: int, iin: str, phone: str, address: str) -> list[Any]:
        return await asyncio.gather(
            *(service.ask_otp(resources, address, "kk", AskOtp(iin, phone)) for _ in range(times)),
            return_exceptions=True,
        )

    outcomes = await flood(40, AIGUL_IIN, AIGUL_PHONE, "10.0.0.1")
    assert Counter(type(o).__name__ for o in outcomes) == {"OtpAsked": 5, "TooMany": 35}
    assert {o.retry_after_s for o in outcomes if isinstance(o, TooMany)} == {600}
    # the same number for another person, the same person with another number, from elsewhere
    for iin, phone in ((BOLAT_IIN, AIGUL_PHONE), (AIGUL_IIN, BOLAT_PHONE)):
        [refused] = await flood(1, iin, phone, "10.0.0.2")
        assert isinstance(refused, TooMany)
    clock.advance(timedelta(minutes=10))
    [asked] = await flood(1, AIGUL_IIN, AIGUL_PHONE, "10.0.0.1")
    assert not isinstance(asked, BaseException)
    phones = [f"+7701{n:07}" for n in range(100, 420)]
    outcomes = await asyncio.gather(
        *(
            service.ask_otp(resources, "10.0.0.3", "kk", AskOtp(NOBODYS_IIN, phone))
            for phone in phones[:10]
        ),
        return_exceptions=True,
    )
    assert Counter(type(o).__name__ for o in outcomes) == {"OtpAsked": 5, "TooMany": 5}


async def test_without_valkey_the_door_stays_shut(resources: Resources) -> None:
    dead = Redis.from_url("redis://127.0.0.1:1/0")
    broken = msgspec.structs.replace(resources, valkey=dead)
    with pytest.raises(Unavailable):
        await service.ask_otp(broken, ADDRESS, "kk", AskOtp(AIGUL_IIN, AIGUL_PHONE))
    await dead.aclose()


async def test_known_unknown_and_foreign_are_answered_alike(
    resources: Resources, outside: Outside, clock: FixedClock, owner: Owner
) -> None:
    cases = {
        "known": (AIGUL_IIN, AIGUL_PHONE),
        "foreign": (BOLAT_IIN, AIGUL_PHONE),
        "unknown": (NOBODYS_IIN, "+77770000009"),
    }
    asked: dict[str, list[float]] = {name: [] for name in cases}
    tried: dict[str, list[float]] = {name: [] for name in cases}
    answers = set()
    for _, name in rounds(list(cases), 60):
        iin, phone = cases[name]
        clock.advance(timedelta(minutes=10))  # no limit is met, and the last password is over
        began = time.perf_counter()
        answers.add(await service.ask_otp(resources, ADDRESS, "kk", AskOtp(iin, phone)))
        asked[name].append(time.perf_counter() - began)
        began = time.perf_counter()
        with pytest.raises(OtpInvalid) as refused:
            await enter(resources, "000000", iin, phone)
        tried[name].append(time.perf_counter() - began)
        assert (refused.value.facts, refused.value.path) == ({}, None)
    assert len(answers) == 1
    require_alike_in_time(asked)
    require_alike_in_time(tried)
    assert outside.sent == []
    assert await owner.fetchval("SELECT count(*) FROM egov.otp") == 3


async def test_what_cannot_be_a_citizen_is_said(resources: Resources) -> None:
    for bad in ("900101300018", "100140000003", "90010130001x"):
        with pytest.raises(IinInvalid):
            await service.ask_otp(resources, ADDRESS, "kk", AskOtp(bad, AIGUL_PHONE))
    for bad in ("87010000001", "+7701000000", "+1701000000١", "+79010000001", "+770100000010"):
        with pytest.raises(PhoneInvalid):
            await service.ask_otp(resources, ADDRESS, "kk", AskOtp(AIGUL_IIN, bad))
    for unclear in (
        CitizenLogin(),
        CitizenLogin(iin=AIGUL_IIN, code="123456"),
        CitizenLogin(iin=AIGUL_IIN, phone=AIGUL_PHONE, code="123456", signature="x"),
    ):
        with pytest.raises(LoginUnclear):
            await service.sign_in(resources, ADDRESS, unclear)


async def test_signing_in_is_consent_until_it_is_withdrawn(
    resources: Resources, outside: Outside, clock: FixedClock, owner: Owner
) -> None:
    async def by_code(consent: bool = False, channel: Channel = Channel.BOT) -> CitizenSession:
        await ask(resources)
        command = CitizenLogin(
            iin=AIGUL_IIN,
            phone=AIGUL_PHONE,
            code=outside.code(AIGUL_PHONE),
            channel=channel,
            consent=consent,
        )
        try:
            return await service.sign_in(resources, ADDRESS, command)
        finally:
            clock.advance(timedelta(minutes=10))

    session = await by_code()
    actor = await login.authenticate(resources, session.token)
    assert actor is not None
    assert (actor.channel, actor.scopes) == ("BOT", rules.SCOPES[Channel.BOT])
    assert Scope.VISIT not in session.scopes
    await consents.withdraw(resources, actor, WithdrawConsents([Purpose.BOT]))
    assert await login.authenticate(resources, session.token) is None
    with pytest.raises(ConsentWithdrawnByPerson):
        await by_code()
    assert (await by_code(channel=Channel.EGOV)).token, "the other channel stays open"
    assert (await by_code(consent=True)).token
    assert (await by_code()).token, "consent stands again"
    said = await owner.fetch("SELECT purpose, given, proof FROM registry.consent ORDER BY at")
    assert [tuple(row) for row in said] == [
        ("BOT", True, "OTP"),
        ("BOT", False, "SESSION"),
        ("EGOV", True, "OTP"),
        ("BOT", True, "OTP"),
    ]


def test_a_session_never_gets_more_than_its_channel_may() -> None:
    everything = frozenset(Scope)
    for channel in Channel:
        assert rules.scopes_of(channel, everything) == rules.SCOPES[channel]
        assert rules.scopes_of(channel, frozenset({Scope.READ})) == {Scope.READ}
    assert rules.scopes_of(Channel.BOT, frozenset({Scope.VISIT})) == frozenset()
