"""The demo's country before the story: clean database, keys for everybody, running processes."""

import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import msgspec

from backend.app.demo.party import Party
from backend.app.demo.processes import Processes, free_port
from backend.kernel.clock import LEGAL_ZONE
from infra import migrate, servers
from infra.sandbox.country.clinics import ClinicData, clinics, new_bin
from infra.sandbox.country.people import PersonData, person, whole_country
from infra.sandbox.country.plan import LineData, RequestData, limits, plan_lines, requests
from infra.sandbox.country.regions import REGIONS
from infra.sandbox.nca import keyfile
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair

SEED = 2026
PEOPLE = 20_000
YEAR = 2026
# The story starts here; everything else is counted in legal days from it.
DAWN = datetime(2026, 4, 1, 9, 0, tzinfo=LEGAL_ZONE)


class NotADemoDatabase(RuntimeError):
    """The database holds data that no demo made: it is left alone."""


class Country(msgspec.Struct, frozen=True):
    """Everything invented, the same for one seed."""

    people: list[PersonData]
    clinics: list[ClinicData]
    lines: list[LineData]
    limits: dict[str, int]
    requests: dict[str, list[RequestData]]


class Office(msgspec.Struct, frozen=True):
    """A public body of the demo: its BIN and the people and systems that sign for it."""

    bin: str
    name: str
    keys: dict[str, KeyPair]
    people: dict[str, PersonData] = {}


class Urls(msgspec.Struct, frozen=True):
    """Where the running country answers."""

    service: str
    sandbox: str


class World:
    """The running country: parties with keys, a clock to turn, a database to look at."""

    def __init__(
        self,
        country: Country,
        centre: Centre,
        offices: dict[str, Office],
        urls: Urls,
        http: httpx.AsyncClient,
        outside: httpx.AsyncClient,
        database: "asyncpg.Connection[asyncpg.Record]",
        database_url: str,
        processes: Processes,
        logs: Path,
    ) -> None:
        self.country, self.centre, self.offices, self.urls = country, centre, offices, urls
        self.http, self.outside = http, outside
        self.database, self.database_url = database, database_url
        self.processes, self.logs = processes, logs
        self._offset = timedelta(0)
        self._parties: dict[str, Party] = {}
        self._local: dict[str, list[ClinicData]] = {}

    def now(self) -> datetime:
        """The simulated instant, in UTC."""
        return datetime.now(UTC) + self._offset

    async def set_clock(self, at: datetime) -> None:
        """Let it be `at` for the service and for the stand-ins."""
        real = datetime.now(UTC)
        self._offset = at - real
        await self.database.execute(
            """
            INSERT INTO kernel.simulated_clock (only_row, simulated_at, set_at)
            VALUES (true, $1, $2)
            ON CONFLICT (only_row) DO UPDATE
               SET simulated_at = EXCLUDED.simulated_at, set_at = EXCLUDED.set_at
            """,
            at.astimezone(UTC),
            real,
        )
        answer = await self.outside.put("/control/clock", json={"at": at.isoformat()})
        answer.raise_for_status()

    async def row(self, sql: str, *arguments: object) -> asyncpg.Record:
        """The one row of a query that always has one."""
        found = await self.database.fetchrow(sql, *arguments)
        assert found is not None, "the query gives one row"
        return found

    def office(self, office: str, role: str) -> Party:
        """The party of a public body: `office("issuer", "head")`."""
        body = self.offices[office]
        return self._party(f"{office}/{role}", body.keys[role])

    def clinic(self, clinic: ClinicData, role: str = "head") -> Party:
        """The party of a clinic: head, finance or employee."""
        who = {"head": clinic.head, "finance": clinic.finance, "employee": clinic.operator}[role]
        name = f"{clinic.bin}/{role}"
        if name not in self._parties:
            key = self.centre.issue_legal(
                who.iin, clinic.bin, f"{who.surname} {who.name}", clinic.name_kk, role, self.now()
            )
            self._party(name, key)
        return self._parties[name]

    def clinic_of(self, person: PersonData, n: int) -> ClinicData:
        """The clinic that person number `n` is attached to: one of the own region, by turns."""
        local = self._local.get(person.region)
        if local is None:
            local = [c for c in self.country.clinics if c.region == person.region]
            self._local[person.region] = local
        return local[n % len(local)]

    def guest(self) -> Party:
        """Somebody without a session."""
        return Party("guest", None, self.http, self.now)

    def citizen(self, person: PersonData) -> Party:
        """A citizen's phone; it signs in by one-time password, not by key."""
        return Party(f"citizen {person.region}", None, self.http, self.now)

    def _party(self, name: str, key: KeyPair) -> Party:
        if name not in self._parties:
            self._parties[name] = Party(name, key, self.http, self.now)
        return self._parties[name]


def invent() -> Country:
    """The country of the seed."""
    lines = plan_lines(YEAR)
    hospitals = clinics(SEED)
    return Country(
        people=whole_country(SEED, PEOPLE),
        clinics=hospitals,
        lines=lines,
        limits=limits(lines),
        requests=requests(SEED, lines, hospitals),
    )


@asynccontextmanager
async def running(folder: Path, endpoints: servers.Endpoints) -> AsyncIterator[World]:
    """Clean the database, make keys, start every process; stop them all at the end.

    Raises NotADemoDatabase, CouldNotStart.
    """
    country = invent()
    await _clean(endpoints.database_url)
    logs = folder / "logs"
    shutil.rmtree(folder, ignore_errors=True)
    logs.mkdir(parents=True)
    taken: set[int] = set()
    urls = Urls(
        service=f"http://127.0.0.1:{free_port(taken)}",
        sandbox=f"http://127.0.0.1:{free_port(taken)}",
    )
    centre = Centre.create(b"saqtau demo", DAWN.astimezone(UTC), base_url=urls.sandbox)
    centre.save(folder / "centre")
    offices = _offices(centre)
    processes = Processes(logs)
    environment = _environment(folder, endpoints, urls, offices) | _seals(folder, centre, offices)
    database = await asyncpg.connect(endpoints.database_url)
    try:
        async with (
            httpx.AsyncClient(
                base_url=urls.service,
                trust_env=False,
                timeout=60,
                limits=httpx.Limits(max_connections=64),
            ) as http,
            httpx.AsyncClient(base_url=urls.sandbox, trust_env=False, timeout=30) as outside,
        ):
            world = World(
                country,
                centre,
                offices,
                urls,
                http,
                outside,
                database,
                endpoints.database_url,
                processes,
                logs,
            )
            await _start(world, environment, folder)
            yield world
    finally:
        processes.stop()
        await database.close()


async def _start(world: World, environment: dict[str, str], folder: Path) -> None:
    processes = world.processes
    port = world.urls.sandbox.rpartition(":")[2]
    processes.start(
        "sandbox", ["sandbox", "--port", port, "--centre", str(folder / "centre")], environment
    )
    await processes.wait_for("sandbox", f"{world.urls.sandbox}/control/alive")
    await world.outside.put(
        "/biometrics/control",
        json={"outcome": "MATCH", "key": environment["SAQTAU_BIOMETRICS_KEY"]},
    )
    await world.set_clock(DAWN)
    processes.start("serve", ["serve"], environment)
    processes.start("worker", ["worker"], environment)
    await processes.wait_for("serve", f"{world.urls.service}/health/ready")
    processes.start("bot", ["bot"], environment)


def _offices(centre: Centre) -> dict[str, Office]:
    """Keys for the seven kinds of pilot participants and the systems around them (M §2)."""
    import random

    lot = random.Random(SEED + 7)  # noqa: S311  (a story, not a secret)
    used: set[str] = set()
    now = DAWN.astimezone(UTC)
    serial = 9_900_000

    def legal(name: str, *roles: str) -> Office:
        nonlocal serial
        number = new_bin(lot, used)
        keys, people = {}, {}
        for role in roles:
            serial += 1
            who = person(lot, REGIONS[17], serial)
            keys[role] = centre.issue_legal(
                who.iin, number, f"{who.surname} {who.name}", name, role, now
            )
            people[role] = who
        return Office(number, name, keys, people)

    def system(name: str, algorithm: str = "gost2015-512") -> Office:
        number = new_bin(lot, used)
        key = centre.issue_information_system(number, name, name, now, algorithm=algorithm)
        return Office(number, name, {"system": key})

    return {
        "issuer": legal(
            "«Әлеуметтік медициналық сақтандыру қоры» КЕАҚ",
            "head",
            "signatory",
            "finance",
            "employee",
        ),
        "registrar": legal("«Ақпараттық-есептеу орталығы» АҚ", "head", "employee"),
        "moh": legal("Денсаулық сақтау министрлігі", "head"),
        "leb": legal("Астана қаласының әкімдігі", "head"),
        "mis": system("Демо МАЖ"),
        "state_corporation": system("«Азаматтарға арналған үкімет» МК", "rsa-sha256"),
        "treasury": system("Қазынашылық комитеті"),
        "biometrics": system("Демо биометрия"),
        "bot": system("Saqtau боты"),
        # last, so that those before stay who they are
        "chamber": legal("Өңірлік кәсіпкерлер палатасы", "head"),
        "medical_control": legal("Медициналық бақылау аумақтық бөлімшесі", "head"),
        "sanitary_control": legal("Санитариялық-эпидемиологиялық бақылау департаменті", "head"),
    }


def _environment(
    folder: Path, endpoints: servers.Endpoints, urls: Urls, offices: dict[str, Office]
) -> dict[str, str]:
    sandbox = urls.sandbox
    return {
        "SAQTAU_MODE": "demo",
        "SAQTAU_DATABASE_URL": endpoints.database_url,
        "SAQTAU_VALKEY_URL": endpoints.valkey_url,
        "SAQTAU_SECRET": secrets.token_hex(32),
        "SAQTAU_PORT": urls.service.rpartition(":")[2],
        "SAQTAU_PUBLIC_URL": urls.service,
        "SAQTAU_TRUST": str(folder / "centre" / "trust"),
        "SAQTAU_CRL_URL": f"{sandbox}/nca/crl/gost.crl,{sandbox}/nca/crl/rsa.crl",
        "SAQTAU_OCSP_URL": f"{sandbox}/nca/ocsp",
        "SAQTAU_REGISTRAR_BIN": offices["registrar"].bin,
        "SAQTAU_ISSUER_BIN": offices["issuer"].bin,
        "SAQTAU_TREASURY_BIN": offices["treasury"].bin,
        "SAQTAU_MOH_BIN": offices["moh"].bin,
        "SAQTAU_LEB_BINS": offices["leb"].bin,
        "SAQTAU_COMMISSION_BINS": ",".join(
            offices[body].bin for body in ("chamber", "medical_control", "sanitary_control")
        ),
        "SAQTAU_MIS_BINS": offices["mis"].bin,
        "SAQTAU_BIOMETRICS_BINS": offices["biometrics"].bin,
        "SAQTAU_STATE_CORPORATION_BIN": offices["state_corporation"].bin,
        "SAQTAU_BOT_BIN": offices["bot"].bin,
        "SAQTAU_SMS_URL": f"{sandbox}/sms",
        "SAQTAU_BMG_URL": f"{sandbox}/bmg",
        "SAQTAU_BIOMETRICS_URL": f"{sandbox}/biometrics",
        "SAQTAU_BIOMETRICS_KEY": secrets.token_hex(32),
        "SAQTAU_TREASURY_URL": f"{sandbox}/treasury",
        "SAQTAU_TAX_URL": f"{sandbox}/tax",
        "SAQTAU_PERMITS_URL": f"{sandbox}/permits",
        "SAQTAU_GBD_FL_URL": f"{sandbox}/gbd-fl",
        "SAQTAU_GBD_UL_URL": f"{sandbox}/gbd-ul",
        "SAQTAU_DIGITAL_DOCUMENTS_URL": f"{sandbox}/digital-documents",
        "SAQTAU_EGOV_URL": f"{sandbox}/egov",
        "SAQTAU_DFO_URL": f"{sandbox}/dfo",
        "SAQTAU_API_URL": urls.service,
        "SAQTAU_BOT_API_URL": f"{sandbox}/telegram",
        # a bot of its own each time: what an earlier demo left in Valkey is another bot's
        "SAQTAU_BOT_TOKEN": f"{secrets.randbelow(10**9) + 1}:{secrets.token_hex(16)}",
    }


def _seals(folder: Path, centre: Centre, offices: dict[str, Office]) -> dict[str, str]:
    """The seals of issuer and registrar and the bot's key, in files as the centre hands them out."""
    password = secrets.token_hex(16)
    (folder / "seals").mkdir()
    found = {}
    for owner in ("issuer", "registrar"):
        office = offices[owner]
        key = centre.issue_information_system(
            office.bin, office.name, "Saqtau", DAWN.astimezone(UTC)
        )
        file = folder / "seals" / f"{owner}.p12"
        file.write_bytes(keyfile.dump(key, password))
        found[f"SAQTAU_SEAL_{owner.upper()}"] = str(file)
        found[f"SAQTAU_SEAL_{owner.upper()}_PASSWORD"] = password
    bot = folder / "seals" / "bot.p12"
    bot.write_bytes(keyfile.dump(offices["bot"].keys["system"], password))
    return found | {"SAQTAU_BOT_SEAL": str(bot), "SAQTAU_BOT_SEAL_PASSWORD": password}


async def _clean(url: str) -> None:
    """An empty, migrated database. One that holds data of anybody but a demo is refused."""
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("SELECT to_regclass('public.migration')") is not None:
            demo = await connection.fetchval("SELECT to_regclass('kernel.simulated_clock')")
            people = await connection.fetchval("SELECT to_regclass('registry.person')")
            is_demo = demo and await connection.fetchval(
                "SELECT EXISTS (SELECT FROM kernel.simulated_clock)"
            )
            is_empty = not people or not await connection.fetchval(
                "SELECT EXISTS (SELECT FROM registry.person)"
            )
            if not is_demo and not is_empty:
                raise NotADemoDatabase(
                    "the database holds data that no demo made; point SAQTAU_DATABASE_URL elsewhere"
                )
            # Ours are all but the server's own: a schema that a migration adds is found too.
            for (schema,) in await connection.fetch(
                "SELECT nspname FROM pg_namespace"
                " WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')"
            ):
                await connection.execute(f'DROP SCHEMA "{schema}" CASCADE')
            await connection.execute("DROP TABLE public.migration")
    finally:
        await connection.close()
    await migrate.migrate(url)
