"""How a line of the list is written. Pure."""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from backend.kernel.tables import harmless
from backend.registry.insured_list.model import ListedPolicy
from backend.registry.person.model import Identity

COLUMNS: Final = (
    "policy_number",
    "policy_status",
    "service_list",
    "valid_from",
    "valid_to",
    "iin",
    "surname",
    "name",
    "patronymic",
    "region",
    "account_status",
    "executor_bin",
    "executor_name",
)


def header() -> bytes:
    """The first line."""
    return _lines([COLUMNS])


def lines(policies: Sequence[ListedPolicy], who: Mapping[UUID, Identity]) -> bytes:
    """The lines of those insured, in order; who was never entered by name is left out."""
    return _lines(
        (
            p.number,
            p.policy_status,
            p.service_list,
            p.valid_from.isoformat(),
            p.valid_to.isoformat(),
            who[p.person_id].iin,
            who[p.person_id].surname,
            who[p.person_id].name,
            who[p.person_id].patronymic or "",
            p.region or "",
            p.account_status,
            p.executor_bin or "",
            p.executor_name or "",
        )
        for p in policies
        if p.person_id in who
    )


def fingerprint(parts: Iterable[bytes]) -> str:
    """SHA-256 (hex) over the SHA-256 of every part, in order: what the log keeps of a list."""
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return written.getvalue().encode()
