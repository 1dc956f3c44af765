"""`checkin-post`: checking in by a clinic's QR code, against pgbench's plain insert of such a row.

Ours: HTTP, session, JSON, the code's Ed25519 signature, open account, live code, once a day, the
event. The limit: one row into the same table, with its partitions, keys, checks and indexes.
"""

from typing import Any, ClassVar

import msgspec

from backend.visits.checkin import queries
from infra.bench.client import Driver, Requests
from infra.bench.country import CITIZENS, CLINICS, PERSON
from infra.bench.harness import rounded
from infra.bench.model import Measured
from infra.bench.pgbench import CLIENTS, PgBench, bound
from infra.bench.scene import Scene
from infra.bench.wire import at_fixed_rate, head

ROLE = "saqtau_visits"
PATH = "/api/v1/visits"

# Transaction n of a client names a person and a clinic that no other one names on the same day.
_NUMBERS = f"""
\\set place :n * {CLIENTS} + :client_id
\\set person 1 + :place % {CITIZENS}
\\set clinic 1 + (:place / {CITIZENS}) % {CLINICS}
\\set day :round * 400 + :place / {CITIZENS * CLINICS}
"""
_PERSON, _CLINIC = PERSON.format(i=":person"), PERSON.format(i=":clinic")
_DAY = "(date '1970-01-01' + :day::int)"
_AT = f"({_DAY} + interval '6 hours') AT TIME ZONE 'UTC'"
PLAIN_INSERT = f"""
INSERT INTO visits.visit (person_id, visit_id, facility_id, executor_id, at, visit_date, grade, code_id) \
VALUES ({_PERSON}, uuidv7(), {_CLINIC}, {_CLINIC}, {_AT}, {_DAY}, 'QR_ONLY', {_CLINIC});
"""
# The parameters of checkin's own statement, a batch of one; see its comment.
_OWN = {
    1: f"ARRAY[{_PERSON}]", 2: "ARRAY[uuidv7()]", 3: f"ARRAY[{_CLINIC}]", 4: f"ARRAY[{_AT}]",
    5: "ARRAY['QR_ONLY']", 6: f"ARRAY[{_CLINIC}]", 7: "ARRAY[NULL]", 8: "ARRAY[NULL]", 9: "ARRAY[NULL]",
    10: "ARRAY['bench']", 11: "ARRAY[NULL]", 12: "ARRAY[NULL]", 13: "ARRAY[NULL]", 14: "'10 minutes'",
}  # fmt: skip


class CheckinPost:
    """Every check-in is a new one: another person, or another clinic."""

    name: ClassVar[str] = "checkin-post"
    of: ClassVar[str] = "pgbench, single-row insert of the same schema"
    unit: ClassVar[str] = "check-ins"
    target: ClassVar[float | None] = 0.7
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._driver: Driver | None = None
        self._plain: PgBench | None = None
        self._own: PgBench | None = None

    async def setup(self, seconds: float) -> None:
        """The seeded country, the running service, the requests."""
        service = await self._scene.service()
        bodies = [msgspec.json.encode({"code": code}) for code in service.country.codes]
        requests = Requests(
            port=service.port,
            heads=[head("POST", PATH, token, len(bodies[0])) for token in service.country.tokens],
            bodies=bodies,
            expect=201,
        )
        self._driver = Driver(requests, service.pid)
        self._plain = PgBench(service.database_url, ROLE, _NUMBERS + PLAIN_INSERT)
        own = queries.ADD.sql
        self._own = PgBench(
            service.database_url, ROLE, _NUMBERS + bound(own, _OWN) + ";\n", first=80
        )

    async def ours(self, seconds: float) -> Measured:
        """As fast as the connections go."""
        assert self._driver is not None
        return await self._driver.drive(seconds)

    async def limit(self, seconds: float) -> Measured:
        """The plain insert."""
        assert self._plain is not None
        return await self._plain.run(seconds)

    async def detail(self, seconds: float) -> dict[str, Any]:
        """The service's own statement alone, and latencies at a fixed rate."""
        assert self._driver is not None
        assert self._own is not None
        own = await self._own.run(seconds)
        ours = await self._driver.drive(seconds)
        return {
            "own_sql_per_s": rounded(own.rate),
            "ratio_to_own_sql": rounded(ours.rate / own.rate),
            "client_cpu_us": rounded(self._driver.client_cpu_us),
            **await at_fixed_rate(self._driver, seconds),
        }

    async def teardown(self) -> None:
        """The scene stops what it started."""
        self._driver = self._plain = self._own = None
