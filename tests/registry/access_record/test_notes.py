"""Every operation that tells about another person is shown, by a test of its own, to note it.

A new operation marked `discloses="person"` fails here until a test carries `@pytest.mark.notes("Its
Name")`: call it, and find its record by `tests.registry.access_record.noted.noted`.
"""

import re

from backend.app.asgi import create_app
from backend.kernel.config import Config, Mode
from backend.web.openapi import DISCLOSES
from tests.architecture.house import ROOT
from tests.architecture.test_disclosures import is_plain_reading, operations

MARK = re.compile(r"pytest\.mark\.notes\(([^)]*)\)")
NAME = re.compile(r'"(\w+)"')


def test_every_operation_that_tells_of_another_person_is_seen_to_note_it() -> None:
    every = list(operations(create_app(Config(mode=Mode.TEST))))
    disclosing = {h.operation_id for _, h in every if h.opt[DISCLOSES] in ("own", "person")}
    telling = {
        handler.operation_id
        for path, handler in every
        if handler.opt[DISCLOSES] == "person"
        # what is not a plain reading of the own record is not called by tests/egov_adapter/look
        or (handler.opt[DISCLOSES] == "own" and not is_plain_reading(path, handler))
    }
    proved = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for names in MARK.findall(file.read_text(encoding="utf-8"))
        for name in NAME.findall(names)
        if file.name != "test_notes.py"
    }
    assert len(telling) >= 8
    assert telling - proved == set(), "these need a test with @pytest.mark.notes(…)"
    assert proved - disclosing == set(), "these disclose nothing, or are gone"


def test_identities_are_opened_where_their_reading_is_noted() -> None:
    """`identity` and `identities` note nothing: outside the person's room they are for himself alone."""
    allowed = {
        "backend/egov_adapter/complaint/cabinet.py",  # the own answer, into the own cabinet
        "backend/egov_adapter/record/service.py",  # the own card
        "backend/egov_adapter/state_service/service.py",  # the own consent and signature
        "backend/egov_adapter/state_service/serving.py",  # the own result, into the own cabinet
        "backend/egov_adapter/representative/service.py",  # his own; names both sides know (sessions note their looks)
        "backend/registry/extract/service.py",  # the own extract
        "backend/registry/restriction/service/tell.py",  # a message to the own phone
    }
    call = re.compile(r"\bpersons?\.(identity|identities)\(")
    found = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "backend").rglob("*.py")
        if call.search(file.read_text(encoding="utf-8"))
    }
    assert found - allowed == set(), (
        "use person.service.disclose(tx, keyring, access, persons, at=…)"
    )
