"""Unknown, another's and absent people are one answer: in status, in length and in time (FAULTS 14).

Time is compared over requests to a real server that take turns (`tests.alike`).
"""

import itertools
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backend.app.asgi import create_app
from backend.kernel.actor import Role
from backend.kernel.config import Config, Mode
from backend.kernel.ids import check_digit
from backend.kernel.resources import Resources
from tests.alike import APART, longer, noise, require_alike_in_time, rounds
from tests.architecture.test_disclosures import fields, operations
from tests.conftest import open_session

pytestmark = pytest.mark.slow

SIZES = [pytest.param(100, id="100"), pytest.param(2_000, marks=pytest.mark.prove, id="2000")]
WARM_UP = 20
DESK_A_DAY = 90  # look-ups that fail, by one clinic, before it is stopped

# What takes a person's number, and why its time is not compared here.
COMPARED = {"RegisterVisitAtDesk", "ShowAccountStanding", "AskOtp", "SignInAsCitizen"}
NOT_COMPARED = {
    # enter people themselves: a row is taken whether or not its person was known
    "EnterPersons": "a feed", "TellVisitsSeen": "a feed", "EmployWorkers": "a feed of staff",
    "TellCertificates": "a feed of certificates: whoever holds one need not be known here",
    "TellServiceRecords": "a feed", "ReceiveContributions": "a feed", "ReceivePrivileges": "a feed",
    # tell who is not known, so that the row waits and is repaired: to the systems that enter people
    "AttachPersons": "a feed",
    # the same look as ShowAccountStanding, then a command that is logged
    "BlockAccount": "as standing", "UnblockAccount": "as standing", "CloseAccount": "as standing",
    "CorrectAccount": "as standing",
    # confirmed by the state database, which is asked before anything is looked up here
    "RepresentPerson": "asks the state database first",
    # an officer of the Fund corrects a payment that names a person
    "FixContributionRepair": "repairs what a payer wrote",
}  # fmt: skip


def _iins() -> Iterator[str]:
    for eleven in range(90010130001, 90010199999):
        digit = check_digit(str(eleven))
        if digit is not None:
            yield f"{eleven}{digit}"


OF_A_KIND = 1_200
EVERYBODY = tuple(itertools.islice(_iins(), 3 * OF_A_KIND))


class Kind:
    """Answers of one kind of person."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, int, str]] = set()
        self.took_s: list[float] = []


Ask = Callable[[str, int], Awaitable[httpx.Response]]


async def compare(kinds: list[str], ask: Ask, times: int) -> dict[str, Kind]:
    """Ask for each kind of person in turn; what was answered and how long it took."""
    found = {kind: Kind() for kind in kinds}
    for n, kind in rounds(kinds, WARM_UP + times):
        started = time.perf_counter()
        answer = await ask(kind, n - WARM_UP)
        took_s = time.perf_counter() - started
        if n >= WARM_UP:
            body = answer.json()
            found[kind].seen.add(
                (answer.status_code, len(answer.content), str(body.get("code", "")))
            )
            found[kind].took_s.append(took_s)
    return found


def require_alike(found: dict[str, Kind]) -> None:
    """One status, one length, one code for all; and no kind takes longer than another."""
    assert len(set.union(*(kind.seen for kind in found.values()))) == 1, {
        name: kind.seen for name, kind in found.items()
    }
    require_alike_in_time({name: kind.took_s for name, kind in found.items()})
    for (a, one), (b, other) in itertools.combinations(found.items(), 2):
        if min(len(one.took_s), len(other.took_s)) >= 2_000:  # the number of FAULTS 14
            medians = statistics.median(one.took_s), statistics.median(other.took_s)
            assert abs(medians[0] / medians[1] - 1) < 0.05, f"{a} and {b}: {medians}"


@pytest.fixture
async def scene(owner: Any, resources: Resources) -> list[tuple[str, UUID]]:
    """Clinics with a desk each; people attached elsewhere, and some paid for and never entered."""
    clinics = [uuid4() for _ in range(2 + 3 * (2_000 + WARM_UP) // DESK_A_DAY)]
    bins = [f"1001400{n:05}" for n in range(len(clinics))]
    hashes = [resources.keyring.lookup("iin", iin) for iin in EVERYBODY[: 2 * OF_A_KIND]]
    people = [uuid4() for _ in hashes]
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(CLINICS, clinics, bins)
    await owner.execute(FACILITIES, clinics)
    await owner.execute(
        "INSERT INTO registry.person SELECT id, '75', '2026-04-01Z' FROM unnest($1::uuid[]) id",
        people,
    )
    await owner.execute(CLAIMS, hashes, people)
    foreign, absent = people[:OF_A_KIND], people[OF_A_KIND:]
    await owner.execute(
        "INSERT INTO registry.account (person_id, status, opened_at, signal_visit_at, signal_mis_at)"
        " SELECT id, 'OPEN', '2026-04-01Z', '2026-04-01Z', '2026-04-01Z' FROM unnest($1::uuid[]) id",
        foreign,
    )
    await owner.execute(
        "INSERT INTO registry.account (person_id, status)"
        " SELECT id, 'NONE' FROM unnest($1::uuid[]) id",
        absent,
    )
    await owner.execute(
        "INSERT INTO registry.attachment (person_id, executor_id, facility_id, since)"
        " SELECT id, $2, $2, '2026-04-01' FROM unnest($1::uuid[]) id",
        foreign,
        clinics[-1],
    )
    await owner.execute("SET session_replication_role = origin")
    await owner.execute("ANALYZE registry.attachment, registry.account, person.iin_claim")
    # a clinic's only facility bears its id
    return [
        (await real_session(owner, resources, Role.EXECUTOR_OPERATOR, bin_), clinic)
        for bin_, clinic in zip(bins[:-1], clinics[:-1], strict=True)
    ]


CLINICS = """
    INSERT INTO registry.organisation (organisation_id, bin, kind, form, name, status, contacts,
        requisites, head, evidence_id, opened_at, changed_at)
    SELECT id, bin, 'EXECUTOR', 'LEGAL', 'Емхана', 'OPEN', '{}',
           '[{"iban": "KZ00", "bic": "HSBKKZKX", "bank": "b"}]', 'x', id, '2026-04-01Z', '2026-04-01Z'
      FROM unnest($1::uuid[], $2::text[]) AS new (id, bin)
"""
FACILITIES = """
    INSERT INTO registry.facility (facility_id, organisation_id, name, region, address, latitude,
        longitude, photo_outside, photo_inside, accounting_186, design_capacity, production,
        digitised_at)
    SELECT id, id, 'Ғимарат', '75', 'Абай 1', 43.2, 76.9, sha256('o'), sha256('i'), '{"a": 1}', 100,
           true, '2026-04-01Z'
      FROM unnest($1::uuid[]) id
"""
CLAIMS = """
    INSERT INTO person.iin_claim (iin_hash, person_id)
    SELECT iin_hash, person_id FROM unnest($1::bytea[], $2::uuid[]) AS new (iin_hash, person_id)
"""


async def real_session(owner: Any, resources: Resources, role: Role, bin_: str) -> str:
    """A session that is open by the wall clock, which the server keeps."""
    token = await open_session(resources, role, bin=bin_)
    await owner.execute(
        "UPDATE signing.session SET expires_at = clock_timestamp() + interval '1 hour'"
    )
    return token


def number(kind: str, n: int) -> str:
    """Another person of that kind each time."""
    return EVERYBODY[["foreign", "absent", "unknown"].index(kind) * OF_A_KIND + n % OF_A_KIND]


def test_every_operation_that_takes_a_number_is_compared_or_says_why_not() -> None:
    taking = {
        str(handler.operation_id)
        for _, handler in operations(create_app(Config(mode=Mode.TEST)))
        if handler.parsed_data_field is not None
        and "iin" in set(fields(handler.parsed_data_field.annotation))
    }
    assert taking == COMPARED | NOT_COMPARED.keys()


def test_the_comparison_would_see_a_difference() -> None:
    same = [1.0 + n % 7 / 100 for n in range(120)]
    assert abs(longer(same, same) - 0.5) < 1e-9
    assert longer([t * 1.05 for t in same], same) > 0.5 + APART * noise(120, 120)


@pytest.mark.parametrize("times", SIZES)
async def test_a_desk_learns_nothing_of_people_that_are_not_its_own(
    times: int, scene: list[tuple[str, UUID]], serve: Any, http: httpx.AsyncClient
) -> None:
    url = await serve("desk")
    calls = itertools.count()

    async def ask(kind: str, n: int) -> httpx.Response:
        token, facility = scene[next(calls) // DESK_A_DAY]
        return await http.post(
            f"{url}/api/v1/visits/desk",
            json={"facility_id": str(facility), "iin": number(kind, n)},
            headers={"Authorization": f"Bearer {token}", "Accept-Language": "ru"},
        )

    found = await compare(["unknown", "foreign", "absent"], ask, times)
    assert {s for kind in found.values() for s, _, _ in kind.seen} == {404}
    require_alike(found)


@pytest.mark.parametrize("times", SIZES)
async def test_a_registrar_is_told_one_thing_of_the_unknown_and_the_absent(
    times: int,
    scene: list[tuple[str, UUID]],
    serve: Any,
    http: httpx.AsyncClient,
    owner: Any,
    resources: Resources,
) -> None:
    token = await real_session(owner, resources, Role.REGISTRAR, "080140000003")
    url = await serve("registrar")

    async def ask(kind: str, n: int) -> httpx.Response:
        return await http.post(
            f"{url}/api/v1/accounts/standing",
            json={"iin": number(kind, n)},
            headers={"Authorization": f"Bearer {token}"},
        )

    require_alike(await compare(["unknown", "absent"], ask, times))
    known = await ask("foreign", 0)
    assert known.status_code == 200, "whom it concerns is found"


async def test_signing_in_tells_nobody_who_is_insured(
    scene: list[tuple[str, UUID]], serve: Any, http: httpx.AsyncClient
) -> None:
    """As many as one address may ask for in ten minutes, the warm-up among them."""
    url = await serve("otp")
    times = 300 // 2 - WARM_UP - 5
    fresh = itertools.count(os.getpid() % 1_000 * 1_000)

    async def ask_otp(kind: str, n: int) -> httpx.Response:
        phone = f"+7701{next(fresh) % 10_000_000:07}"
        body = {"iin": number(kind, n + WARM_UP), "phone": phone}
        return await http.post(f"{url}/api/v1/citizen/otp", json=body)

    async def sign_in(kind: str, n: int) -> httpx.Response:
        phone = f"+7702{next(fresh) % 10_000_000:07}"
        body = {"iin": number(kind, n + WARM_UP), "phone": phone, "code": "123456"}
        return await http.post(f"{url}/api/v1/citizen/sessions", json=body)

    for ask, status in ((ask_otp, 202), (sign_in, 401)):
        found = await compare(["unknown", "foreign"], ask, times)
        assert {s for kind in found.values() for s, _, _ in kind.seen} == {status}
        require_alike(found)
