"""A commission with certificates of the sandbox's centre, and what everybody sends over HTTP."""

import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import Client
from tests.payments.conftest import CLINIC, CLINIC_BIN, ISSUER_BIN, iin

API = "/api/v1"
CHAMBER, MEDICAL, SANITARY, HEALTH = (
    "100240000001",
    "100240000002",
    "100240000003",
    "100240000004",
)
OTHER_CLINIC_BIN = "100240000009"
# kind, BIN, whose IIN, certificate's role, seat in the service
MEMBERS: tuple[tuple[str, str, str, str, Role], ...] = (
    ("ISSUER", ISSUER_BIN, iin(401), "employee", Role.ISSUER_REVIEWER),
    ("ISSUER", ISSUER_BIN, iin(402), "signatory", Role.ISSUER_SIGNER),  # two of one organisation
    ("CHAMBER", CHAMBER, iin(403), "employee", Role.COMMISSION_MEMBER),
    ("MEDICAL_CONTROL", MEDICAL, iin(404), "head", Role.COMMISSION_MEMBER),
    ("SANITARY_CONTROL", SANITARY, iin(405), "employee", Role.COMMISSION_MEMBER),
    ("LOCAL_HEALTH", HEALTH, iin(406), "employee", Role.LEB),
)
BASIS = "Сынақ жіктеуіші, құқықтық күші жоқ"
CODES = [
    {
        "code": code,
        "valid_from": "2026-04-06",
        "title_kk": f"{code} ақауы",
        "title_ru": f"Дефект {code}",
        "title_en": f"Defect {code}",
        "kinds": kinds,
        "grounds": grounds,
    }
    for code, kinds, grounds in (
        ("1.0", ["ISSUER", "MEDICAL_CONTROL"], []),
        ("2.1", ["SANITARY_CONTROL"], ["S1"]),
        ("9.0", ["MEDICAL_CONTROL"], ["T2"]),
    )
]


@pytest.fixture(scope="session")
def centre() -> Centre:
    return Centre.create(b"tests of monitoring", datetime.fromisoformat("2026-03-01T00:00:00Z"))


@pytest.fixture
async def resources(resources: Resources, centre: Centre, tmp_path: Path) -> Resources:
    """The sandbox centre is trusted, and four bodies may send members."""
    centre.save(tmp_path)
    config = msgspec.structs.replace(
        resources.config,
        trust=str(tmp_path / "trust"),
        commission_bins=f"{CHAMBER}, {MEDICAL},{SANITARY}",
        leb_bins=HEALTH,
    )
    return msgspec.structs.replace(resources, config=config)


class Stage:
    """Who acts: a session and a key of each; `send` signs a command and posts it."""

    def __init__(
        self, resources: Resources, client: Client, centre: Centre, clock: FixedClock
    ) -> None:
        self.resources, self.centre, self.clock = resources, centre, clock
        self._client = client
        self._open = AsyncExitStack()
        self._keys: dict[tuple[str, str, str], KeyPair] = {}

    def key(self, number: str, bin_: str, role: str) -> KeyPair:
        """A certificate of that person in that organisation."""
        found = self._keys.get((number, bin_, role))
        if found is None:
            at = self.clock.now()
            found = self.centre.issue_legal(number, bin_, "ТЕСТОВ ТЕСТ", "ҰЙЫМ", role, at)
            self._keys[number, bin_, role] = found
        return found

    async def http(self, role: Role, bin_: str, number: str) -> httpx.AsyncClient:
        """A session as that person."""
        signer = self.resources.keyring.lookup("iin", number)
        return await self._open.enter_async_context(self._client(role, bin=bin_, signer=signer))

    async def send(
        self, path: str, command: dict[str, Any], *, by: str = "issuer", method: str = "POST"
    ) -> httpx.Response:
        """A signed command of the issuer's or a clinic's head."""
        bin_, role, number = {
            "issuer": (ISSUER_BIN, Role.ISSUER_HEAD, iin(400)),
            "clinic": (CLINIC_BIN, Role.EXECUTOR_HEAD, iin(410)),
            "other": (OTHER_CLINIC_BIN, Role.EXECUTOR_HEAD, iin(411)),
        }[by]
        http = await self.http(role, bin_, number)
        document = msgspec.json.encode(command)
        cms = self.key(number, bin_, "head").sign_cms(document, at=self.clock.now())
        body = {
            "document": base64.b64encode(document).decode(),
            "signature": base64.b64encode(cms).decode(),
        }
        return await http.request(method, API + path, json=body)

    async def get(self, path: str, *, by: str = "issuer", language: str = "en") -> httpx.Response:
        role, bin_ = {
            "issuer": (Role.ISSUER_REVIEWER, ISSUER_BIN),
            "clinic": (Role.EXECUTOR_OPERATOR, CLINIC_BIN),
            "other": (Role.EXECUTOR_OPERATOR, OTHER_CLINIC_BIN),
        }[by]
        http = await self.http(role, bin_, iin(420))
        return await http.get(API + path, headers={"accept-language": language})

    async def sign(
        self,
        protocol_id: str,
        member: int,
        *,
        content: bytes | None = None,
        key: KeyPair | None = None,
        session: tuple[Role, str, str] | None = None,
    ) -> httpx.Response:
        """The n-th member signs a protocol's content; or another's key, content or session."""
        _, bin_, number, certificate, role = MEMBERS[member]
        http = await self.http(*(session or (role, bin_, number)))
        if content is None:
            desk = await self.get(f"/protocols/{protocol_id}/content")
            content = base64.b64decode(desk.json()["content"])
        cms = (key or self.key(number, bin_, certificate)).sign_cms(content, at=self.clock.now())
        body = {"signature": base64.b64encode(cms).decode()}
        return await http.post(f"{API}/protocols/{protocol_id}/signature", json=body)

    async def close(self) -> None:
        await self._open.aclose()

    # --- the road to a protocol -------------------------------------------------------------------

    async def plan(self, **changes: Any) -> httpx.Response:
        """A current monitoring of the clinic from 20 April (C18), or with changes."""
        command = {
            "operation": "monitoring.plan",
            "kind": "CURRENT",
            "purpose": "Бюджет қаражатының мақсатты пайдаланылуы",
            "executors": [str(CLINIC)],
            "starts_on": "2026-04-20",
            "ends_on": "2026-04-22",
        }
        return await self.send("/monitorings", command | changes)

    async def form(self, monitoring_id: str, members: list[dict[str, str]]) -> httpx.Response:
        command = {
            "operation": "monitoring.form_commission",
            "monitoring_id": monitoring_id,
            "members": members,
        }
        return await self.send(f"/monitorings/{monitoring_id}/commission", command)

    async def notify(self, monitoring_id: str, starts_on: str = "2026-04-20") -> httpx.Response:
        command = {
            "operation": "monitoring.notify",
            "monitoring_id": monitoring_id,
            "starts_on": starts_on,
        }
        return await self.send(f"/monitorings/{monitoring_id}/notice", command)

    async def start(self, monitoring_id: str) -> httpx.Response:
        http = await self.http(Role.ISSUER_REVIEWER, ISSUER_BIN, iin(420))
        return await http.post(f"{API}/monitorings/{monitoring_id}/start")

    async def draft(self, monitoring_id: str, blocks: dict[str, Any]) -> httpx.Response:
        http = await self.http(Role.ISSUER_REVIEWER, ISSUER_BIN, iin(420))
        return await http.put(f"{API}/monitorings/{monitoring_id}/protocol", json=blocks)

    async def set_codes(self) -> httpx.Response:
        command = {"operation": "defect_codes.set", "basis": BASIS, "rows": CODES}
        return await self.send("/defect-codes", command, method="PUT")

    async def in_progress(self) -> str:
        """A monitoring that began on 20 April, by the whole road, on its last day; its id."""
        await self.set_codes()
        monitoring_id = (await self.plan()).json()["monitoring_id"]
        assert (await self.form(monitoring_id, members())).status_code == 200
        self.at("2026-04-10T04:00:00Z")
        assert (await self.notify(monitoring_id)).status_code == 200
        self.at("2026-04-20T04:00:00Z")
        assert (await self.start(monitoring_id)).status_code == 200
        self.at("2026-04-22T10:00:00Z")
        return str(monitoring_id)

    def at(self, instant: str) -> None:
        self.clock.set(datetime.fromisoformat(instant))


def members(leave_out: str = "") -> list[dict[str, str]]:
    """The commission as the issuer's decision names it."""
    return [
        {
            "kind": kind,
            "bin": bin_,
            "organisation": f"{kind} ұйымы",
            "name": f"МҮШЕ {place}",
            "post": "маман",
            "iin": number,
        }
        for place, (kind, bin_, number, _, _) in enumerate(MEMBERS, 1)
        if kind != leave_out
    ]


def blocks(**changes: Any) -> dict[str, Any]:
    """A defect that terminates, one that does not, two recommendations."""
    found = {
        "executor_id": str(CLINIC),
        "found_by": "MEDICAL_CONTROL",
        "text": "17 қызметтің жазбасы жоқ",
        "recorded_on": "2026-04-20",
        "ground": None,
    }
    return {
        "nonconformities": [
            found | {"code": "1.0"},
            found | {"code": "9.0", "recorded_on": "2026-04-21", "ground": "T2"},
        ],
        "recommendations": [
            {
                "executor_id": str(CLINIC),
                "text": "Есепке алуды тәртіпке келтіру",
                "term": "30cd",
                "nonconformity": 1,
            },
            {"executor_id": str(CLINIC), "text": "Қызметкерлерді оқыту", "term": "5wd"},
        ],
        "other": "Өзге мәлімет жоқ",
    } | changes


@pytest.fixture
async def stage(
    world: Resources, client: Client, centre: Centre, clock: FixedClock
) -> AsyncIterator[Stage]:
    made = Stage(world, client, centre, clock)
    yield made
    await made.close()
