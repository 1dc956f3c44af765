"""Least power: what each wing's database role may read and write, against a declared table."""

from datetime import UTC, datetime

import asyncpg
import pytest

from backend.app.resources import WINGS
from backend.kernel import events
from backend.kernel.actor import SYSTEM
from backend.kernel.db import Db, Query
from backend.kernel.ids import uuid7
from backend.kernel.resources import Databases

Owner = asyncpg.Connection

SCHEMA_OF = {**{wing: wing for wing in WINGS}, "public": None}
EVERYBODY = frozenset(WINGS)
# Who may write outside its own schema, and why.
FOREIGN_WRITES = {
    # facts, terms and jobs are everybody's; facts are never changed
    ("kernel.event", "INSERT"): EVERYBODY,
    ("kernel.term", "INSERT"): EVERYBODY,
    ("kernel.term", "UPDATE"): EVERYBODY - {"signing"},
    ("kernel.calendar_day", "INSERT"): {"registry"},
    ("kernel.calendar_day", "UPDATE"): {"registry"},
    ("kernel.calendar_day", "DELETE"): {"registry"},
    # what was said of a term: the legal clock runs in the registry
    ("kernel.term_notice", "INSERT"): {"registry"},
    # sweeps say that they live; the worker's queue stands on the registry's pool
    ("kernel.heartbeat", "INSERT"): {"registry"},
    ("kernel.heartbeat", "UPDATE"): {"registry"},
    # the proof is stored in the transaction of the act it proves
    ("signing.evidence", "INSERT"): EVERYBODY - {"signing", "visits"},
    # a citizen's session is opened by the wing that checked the one-time password
    ("signing.session", "INSERT"): {"egov"},
    ("signing.renewal", "INSERT"): {"egov"},
    # the front's answers belong to no wing; it uses the lowest pool
    ("web.idempotent_answer", "INSERT"): {"signing"},
    ("web.idempotent_answer", "UPDATE"): {"signing"},
    ("web.idempotent_answer", "DELETE"): {"signing"},
    # "coverage used" and information operations stand in the registry's log (M 13, M 30)
    ("registry.operation", "INSERT"): {"payments", "egov"},
    ("registry.log_head", "INSERT"): {"payments", "egov"},
    ("registry.log_head", "UPDATE"): {"payments", "egov"},
    # who a person is lies in a schema of its own, under the registry's role
    **{
        (f"person.{table}", privilege): {"registry"}
        for table in ("identity", "iin_claim")
        for privilege in ("INSERT", "UPDATE", "DELETE")
    },
    # the keys things are sealed and found by; each wing counts what it has sealed anew
    **{
        (f"kernel.{table}", privilege): {"registry"}
        for table in ("sealing_key", "lookup_key")
        for privilege in ("INSERT", "UPDATE", "DELETE")
    },
    ("kernel.resealing", "INSERT"): EVERYBODY,
    ("kernel.resealing", "UPDATE"): EVERYBODY,
    # a citizen's consent is said in the transaction of the code or the signature that proved him
    ("registry.consent", "INSERT"): {"egov"},
    ("registry.consent_state", "INSERT"): {"egov"},
    ("registry.consent_state", "UPDATE"): {"egov"},
    # whoever reads a person's data notes it in the transaction of the read
    ("registry.access_record", "INSERT"): {"visits", "payments", "egov"},
    # a facility's QR code makes its executor ready (one column)
    ("registry.facility", "UPDATE"): {"visits"},
    # the insured's own word on a line of an act
    ("payments.act_case_mark", "INSERT"): {"egov"},
    # a ground of domain 3.11 ends a contract (status and ending alone)
    ("allocation.contract", "UPDATE"): {"payments"},
    # the executor's signature of a supplementary agreement, in the transaction that moves its money
    ("allocation.contract_amendment", "UPDATE"): {"payments"},
}
# Tables that tell who a person is: the registry alone reads them.
IDENTITY = (
    "person.identity", "person.iin_claim",
    "registry.identity", "registry.iin_claim",  # views for the release before
)  # fmt: skip

TABLES = """
    SELECT n.nspname || '.' || c.relname
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm')
       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


async def test_no_role_writes_what_the_table_above_does_not_give_it(owner: Owner) -> None:
    tables = [r[0] for r in await owner.fetch(TABLES)]
    found = {
        (table, privilege, wing)
        for wing, own in SCHEMA_OF.items()
        for table in tables
        for privilege in ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
        if not table.startswith((f"{own}.", "jobs."))
        and await owner.fetchval(
            "SELECT has_table_privilege($1, $2, $3)"
            " OR ($3 IN ('INSERT', 'UPDATE') AND has_any_column_privilege($1, $2,"
            " CASE WHEN $3 IN ('INSERT', 'UPDATE') THEN $3 ELSE 'SELECT' END))",
            f"saqtau_{wing}",
            table,
            privilege,
        )
    }
    declared = {
        (table, privilege, wing)
        for (table, privilege), wings in FOREIGN_WRITES.items()
        for wing in wings
    }
    assert found - declared == set()


async def test_identities_are_read_by_the_registry_alone(owner: Owner) -> None:
    for table in IDENTITY:
        parts = [
            r[0]
            for r in await owner.fetch(
                "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = $1::regclass",
                table,
            )
        ]
        for wing in (*WINGS, "public"):
            readable = [
                name
                for name in (table, *parts)
                if await owner.fetchval(
                    "SELECT has_any_column_privilege($1, $2, 'SELECT')", f"saqtau_{wing}", name
                )
            ]
            assert not readable or wing == "registry", (wing, readable)


async def test_proofs_and_sessions_are_read_by_the_signing_wing_alone(owner: Owner) -> None:
    """The signed bytes name persons; who reads one compares every octet of it (FAULTS 18)."""
    tables = ("signing.evidence", "signing.session", "signing.frozen", "signing.undecided")
    readers = {
        (table, wing)
        for table in tables
        for wing in (*WINGS, "public")
        if await owner.fetchval(
            "SELECT has_any_column_privilege($1, $2, 'SELECT')", f"saqtau_{wing}", table
        )
    }
    assert readers == {(table, "signing") for table in tables}


async def test_an_upper_wing_that_tries_is_refused(databases: Databases) -> None:
    for wing in set(WINGS) - {"registry"}:
        pool: Db = getattr(databases, wing)
        for table in IDENTITY:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.pool.fetch(f"SELECT * FROM {table}")
    for statement in (
        "DELETE FROM signing.session",
        "UPDATE signing.evidence SET operation = 'x'",
        "TRUNCATE kernel.event",
        "CREATE TABLE payments.mine (x int)",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await databases.payments.pool.execute(statement)


async def test_no_way_leads_from_another_wing_to_who_a_person_is(
    databases: Databases, owner: Owner, database_url: str
) -> None:
    """Not by taking a role on, not through a view, not through a function that acts as its owner."""
    for wing in set(WINGS) - {"registry"}:
        pool: Db = getattr(databases, wing)
        login = await asyncpg.connect(database_url, user=f"saqtau_{wing}")
        try:
            for connection in (pool.pool, login):
                row = await connection.fetchrow("SELECT session_user, current_user")
                assert set(row or ()) == {f"saqtau_{wing}"}
            for way in (
                "SET ROLE saqtau_registry",
                "SET SESSION AUTHORIZATION saqtau_registry",
                "SET SESSION AUTHORIZATION DEFAULT; SELECT 1 FROM person.identity",
                "RESET ROLE; SELECT sealed FROM person.identity",
                "SELECT iin_hash FROM person.iin_claim",
                "SELECT sealed FROM registry.identity",
                "SELECT kernel.seals_used('person.identity'::regclass, 'sealed')",
                "COPY person.identity TO STDOUT",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await login.execute(way)
        finally:
            await login.close()
    # what acts as the owner: none of it knows where people are
    definers = await owner.fetch(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        r" AND p.prosrc ~* '\m(person\.|iin_claim|identity|execute)'"
    )
    assert definers == []
    views = await owner.fetch(
        """
        SELECT DISTINCT v.oid::regclass::text AS view, v.reloptions
          FROM pg_class v
          JOIN pg_rewrite r ON r.ev_class = v.oid
          JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass
          JOIN pg_class t ON t.oid = d.refobjid
          JOIN pg_namespace n ON n.oid = t.relnamespace
         WHERE n.nspname = 'person' AND v.relkind IN ('v', 'm') AND v.oid <> t.oid
        """
    )
    assert {v["view"]: v["reloptions"] for v in views} == {
        "registry.identity": ["security_invoker=true"],
        "registry.iin_claim": ["security_invoker=true"],
    }


async def test_no_role_is_more_than_a_role(owner: Owner) -> None:
    rows = await owner.fetch(
        "SELECT rolname, rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication"
        " OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid) AS more"
        " FROM pg_roles r WHERE rolname LIKE 'saqtau\\_%'"
    )
    assert {r["rolname"] for r in rows} >= {f"saqtau_{wing}" for wing in (*WINGS, "public")}
    assert not [r["rolname"] for r in rows if r["more"]]


async def test_facts_are_append_only_even_for_the_owner(db_signing: Db, owner: Owner) -> None:
    class Happened(events.Event, frozen=True):
        pass

    async with db_signing.transaction() as tx:
        await events.append(tx, Happened(uuid7()), by=SYSTEM, at=datetime(2026, 4, 6, tzinfo=UTC))
    for statement in (
        "UPDATE kernel.event SET actor = 'x'",
        "DELETE FROM kernel.event",
        "TRUNCATE kernel.event",
        "TRUNCATE signing.evidence CASCADE",
    ):
        with pytest.raises(asyncpg.RestrictViolationError, match="never changed"):
            await owner.execute(statement)
    assert await Query[int]("SELECT count(*) FROM kernel.event").get(db_signing) == 1
