"""The journal of permits: each record once, of executors we know; the issuer sees what T1 needs."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.detection import licences
from backend.payments.termination import service as termination
from backend.payments.termination.model import Document, Open
from tests.payments.conftest import CLINIC, CLINIC_BIN, ISSUER_BIN, ISSUER_HEAD, Owner, signed

DECISION = {"number": "12-4/7", "issued_on": "2026-04-02", "issued_by": "МФБК"}


def told(number: str = CLINIC_BIN, kind: str = "LICENCE_ENDED", **changed: Any) -> dict[str, Any]:
    return {
        "event_id": str(uuid4()), "number": number, "kind": kind, "happened_on": "2026-04-02",
        "registered_at": "2026-04-03T05:00:00Z", "document": DECISION, **changed,
    }  # fmt: skip


async def test_each_record_reaches_the_issuer_once(
    asking: Resources, clock: FixedClock, owner: Owner
) -> None:
    ended = told()
    records = [ended, told("990340001234"), ended, told(kind="A_WORD_OF_TOMORROW")]
    await asking.http.put("/permits/control/faults", json={"repeat": True, "page": 3})
    await asking.http.post("/permits/control/events", json=records)
    assert await licences.poll(asking) == 2
    assert await licences.poll(asking) == 0
    listed = await licences.page(asking.db.payments, CLINIC, None, 10)
    assert {e.kind for e in listed} == {"LICENCE_ENDED", "A_WORD_OF_TOMORROW"}
    assert {(e.received_on, e.stopped, e.annulled) for e in listed} == {
        (date(2026, 4, 6), False, False)
    }
    kinds = "SELECT count(*) FROM kernel.event WHERE kind = 'LicenceRecorded'"
    assert await owner.fetchval(kinds) == 2
    # page by page
    [newest] = await licences.page(asking.db.payments, None, None, 1)
    [other] = await licences.page(asking.db.payments, None, newest.event_id, 10)
    assert {newest.event_id, other.event_id} == {e.event_id for e in listed}
    # the issuer stops payment by the very decision; what never held is told so
    now = clock.now()
    document = Document("12-4/7", date(2026, 4, 2), "МФБК", "cd" * 32)
    command = Open(CLINIC, "T1", date(2026, 4, 6), document, "лицензиядан айыру")
    await termination.open_(asking, ISSUER_HEAD, signed(command, ISSUER_BIN, now))
    clock.advance(timedelta(minutes=2))
    annulment = told(
        kind="ANNULMENT", annuls=ended["event_id"], document={**DECISION, "number": "9"}
    )
    await asking.http.post("/permits/control/events", json=[annulment])
    assert await licences.poll(asking) == 1
    found = {
        e.kind: (e.stopped, e.annulled)
        for e in await licences.page(asking.db.payments, None, None, 10)
    }
    assert found == {
        "LICENCE_ENDED": (True, True),
        "A_WORD_OF_TOMORROW": (True, False),
        "ANNULMENT": (False, False),
    }


async def test_a_silent_journal_is_read_later_from_where_it_was_left(
    asking: Resources, clock: FixedClock
) -> None:
    await asking.http.post("/permits/control/events", json=[told()])
    await asking.http.put("/permits/control/faults", json={"drop": 1})
    assert await licences.poll(asking) == 0
    assert await licences.poll(asking) == 0  # left alone for a minute
    clock.advance(timedelta(minutes=1))
    assert await licences.poll(asking) == 1
