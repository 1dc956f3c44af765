"""`status-get`: a citizen asks whether he is insured, against pgbench of the same statement.

Ours: HTTP, the session, the statement, the rules of domain 5.6 and the explanation in words.
"""

from typing import Any, ClassVar

from backend.registry.entitlement import queries
from infra.bench.client import Driver, Requests
from infra.bench.country import CITIZENS, PERSON
from infra.bench.harness import rounded
from infra.bench.model import Measured
from infra.bench.pgbench import PgBench, bound
from infra.bench.scene import Scene
from infra.bench.wire import at_fixed_rate, head

ROLE = "saqtau_egov"
PATH = "/api/v1/citizen/status"

_ONE = PERSON.format(i=":person")
_TODAY = "('now'::text)::date"
SAME_SQL = (
    f"\\set person random(1, {CITIZENS})\n"
    + bound(queries.HISTORY.sql, {1: _ONE, 2: _TODAY})
    + ";\n"
)
# What SPEED.md measured: one row by its key, the least a read of a person can cost.
ONE_ROW = (
    f"\\set person random(1, {CITIZENS})\n"
    f"SELECT status, opened_at FROM registry.account WHERE person_id = {_ONE};\n"
)


class StatusGet:
    """Ten thousand citizens by turns, so that nobody's session is remembered."""

    name: ClassVar[str] = "status-get"
    of: ClassVar[str] = "pgbench, same SQL"
    unit: ClassVar[str] = "requests"
    target: ClassVar[float | None] = 0.35
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._driver: Driver | None = None
        self._same: PgBench | None = None
        self._one: PgBench | None = None

    async def setup(self, seconds: float) -> None:
        """The seeded country, the running service, the requests."""
        service = await self._scene.service()
        heads = [head("GET", PATH, token) for token in service.country.tokens]
        self._driver = Driver(Requests(port=service.port, heads=heads), service.pid)
        self._same = PgBench(service.database_url, ROLE, SAME_SQL)
        self._one = PgBench(service.database_url, ROLE, ONE_ROW)

    async def ours(self, seconds: float) -> Measured:
        """As fast as the connections go."""
        assert self._driver is not None
        return await self._driver.drive(seconds)

    async def limit(self, seconds: float) -> Measured:
        """The statement alone."""
        assert self._same is not None
        return await self._same.run(seconds)

    async def detail(self, seconds: float) -> dict[str, Any]:
        """The cheapest read there is, and latencies at a fixed rate."""
        assert self._driver is not None
        assert self._one is not None
        one = await self._one.run(seconds)
        ours = await self._driver.drive(seconds)
        return {
            "one_row_per_s": rounded(one.rate),
            "ratio_to_one_row": rounded(ours.rate / one.rate),
            "client_cpu_us": rounded(self._driver.client_cpu_us),
            **await at_fixed_rate(self._driver, seconds),
        }

    async def teardown(self) -> None:
        """The scene stops what it started."""
        self._driver = self._same = self._one = None
