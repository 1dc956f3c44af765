"""What an act must be before the database looks at its lines. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from backend.payments.act.errors import ContractNotSigned, PeriodMismatch
from backend.payments.act.model import (
    STAY_MAX_DAYS,
    Case,
    ContractRow,
    LineErrors,
    Noted,
    Report,
    SubmitAct,
)

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


def staged(
    executor_id: UUID,
    cases: Sequence[Case],
    persons: Sequence[UUID | None],
    workers: Sequence[bytes],
) -> Iterator[tuple[object, ...]]:
    """The rows of the stage, one by one, in the order of its columns."""
    for place, (case, who, worker) in enumerate(zip(cases, persons, workers, strict=True), 1):
        yield (
            place,
            who,
            case.service_record_id,
            worker,
            case.service_code,
            case.line_id,
            case.units,
            case.service_date,
            case.admitted_on,
            case.episode,
            case.referral,
            None if who is None else content_key(executor_id, who, case),
        )


def nights(cases: Sequence[Case], persons: Sequence[UUID | None]) -> int:
    """How many nights the lawful inpatient stays of known persons have together."""
    stays = (
        (case.service_date - case.admitted_on).days
        for case, who in zip(cases, persons, strict=True)
        if who is not None and case.admitted_on is not None
    )
    return sum(days for days in stays if 1 <= days <= STAY_MAX_DAYS)


def report(lines: Sequence[LineErrors], notes: Sequence[Noted]) -> Report:
    """The report on an act; every code is counted, the first 10 000 lines that failed are listed."""
    counts = Counter(code for line in lines for code in line.codes)
    return Report(
        dict(sorted(counts.items())),
        tuple(lines[:REPORT_LINES_MAX]),
        {n.code: n.lines for n in notes},
    )
