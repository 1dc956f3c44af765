"""People by name, page by page, though their names lie sealed."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.person import service as persons
from tests.registry.access_record.noted import noted
from tests.registry.conftest import CLINIC_BIN, MIS, entry, iin_of, person_batch

CLERK = Actor(uuid4(), frozenset({Role.EXECUTOR_OPERATOR}), bin=CLINIC_BIN)
LOOK = Access(CLERK, "ListPeople", Basis.ATTACHMENT, (Field.NAME,))
SURNAMES = ["Яхин", "Ысқақ", "Ібраев", "Ұлан", "Үсен", "Усенов", "Әлиев", "Алиев", "Қасым", "Касым"]


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("kk", "Алиев Әлиев Касым Қасым Усенов Ұлан Үсен Ысқақ Ібраев Яхин"),
        ("ru", "Алиев Әлиев Ібраев Касым Қасым Усенов Үсен Ұлан Ысқақ Яхин"),
    ],
)
async def test_pages_follow_each_other_by_name_and_note_who_was_shown(
    resources: Resources, owner: Any, language: str, wanted: str
) -> None:
    entries = [entry(iin_of(50 + n), surname=s) for n, s in enumerate(SURNAMES)]
    await persons.enter(resources, MIS, person_batch(*entries))
    db, keyring, now = resources.db.registry, resources.keyring, resources.clock.now()
    ids = list((await persons.resolve(db, keyring, [e["iin"] for e in entries])).values())
    seen: list[str] = []
    after: UUID | None = None
    pages = 0
    while pages < 6:
        pages += 1
        async with db.transaction() as tx:
            page = await persons.in_order(
                tx, keyring, LOOK, ids, language, after=after, limit=4, at=now
            )
        seen += [who.surname for _, who in page]
        assert len(await noted(owner, "ListPeople")) == len(seen)
        if len(page) < 4:
            break
        after = page[-1][0]
    assert seen == wanted.split()
    assert pages == 3
