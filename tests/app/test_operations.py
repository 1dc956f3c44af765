"""The operators' view: jobs given up, legal terms."""

from datetime import timedelta
from uuid import uuid4

from backend.kernel import deadlines, jobs
from backend.kernel.actor import Role


async def test_a_job_given_up_is_shown_to_the_registrar_alone(client, resources, owner) -> None:
    async with resources.db.registry.transaction() as tx:
        await jobs.enqueue(tx, "payments.send_order", {})
    await owner.execute("UPDATE jobs.pgqueuer SET status = 'failed', attempts = 8")

    async with client(Role.REGISTRAR, bin="100140000003") as http:
        (letter,) = (await http.get("/api/v1/operations/dead-letters")).json()
        assert (letter["name"], letter["attempts"]) == ("payments.send_order", 8)
    async with client(Role.ISSUER_HEAD, bin="100140000003") as http:
        assert (await http.get("/api/v1/operations/dead-letters")).status_code == 403
    async with client() as http:
        assert (await http.get("/api/v1/operations/dead-letters")).status_code == 401


async def test_terms_are_counted_as_kept_missed_and_running(client, resources, clock) -> None:
    now = clock.now()
    kept, missed, running = uuid4(), uuid4(), uuid4()
    async with resources.db.registry.transaction() as tx:
        for subject, days in ((kept, 1), (missed, 1), (running, 9)):
            await deadlines.start(
                tx, "d3", subject, "issuer", started_at=now, due_at=now + timedelta(days=days)
            )
        await deadlines.fulfil(tx, "d3", [kept], at=now)
    clock.advance(timedelta(days=2))
    async with client(Role.MOH, bin="100140000003") as http:
        (row,) = (await http.get("/api/v1/operations/terms")).json()
        assert row == {"code": "d3", "kept": 1, "breached": 1, "running": 1}
