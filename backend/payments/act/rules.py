"""What an act must be before the database looks at its lines. Pure."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from backend.payments.act.errors import ContractNotSigned, PeriodMismatch
from backend.payments.act.model import Case, ContractRow, LineErrors, Report, SubmitAct

REPORT_LINES_MAX: Final = 10_000
# A contract whose term is over is still settled for that term (D1).
_PRESENTABLE: Final = frozenset({"SIGNED", "EXPIRED"})


def require_presentable(command: SubmitAct, contract: ContractRow, today: date) -> None:
    """An act under a signed contract, for a period that is over and inside the contract's.

    Raises ContractNotSigned, PeriodMismatch.
    """
    if contract.status not in _PRESENTABLE:
        raise ContractNotSigned(status=contract.status)
    if not contract.valid_from <= command.period_from <= command.period_to:
        raise PeriodMismatch(path="$.period_from")
    if command.period_to > min(contract.valid_to, today):
        raise PeriodMismatch(path="$.period_to")


def content_key(executor_id: UUID, person_id: UUID, case: Case) -> bytes:
    """What makes two records one service: executor, person, service, day, episode (domain 3.6)."""
    parts = (executor_id, person_id, case.service_code, case.service_date, case.episode)
    return hashlib.sha256("\n".join(map(str, parts)).encode()).digest()


def report(lines: Sequence[LineErrors]) -> Report:
    """The report on failed lines; every code is counted, the first 10 000 lines are listed."""
    counts = Counter(code for line in lines for code in line.codes)
    return Report(dict(sorted(counts.items())), tuple(lines[:REPORT_LINES_MAX]))
