"""The protocol on paper: four blocks, whole for the members, an extract for an executor."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from backend.kernel.money import Language
from backend.payments.monitoring import printing, rules
from backend.payments.monitoring.model import (
    Covered,
    Defect,
    Member,
    Monitoring,
    MonitoringKind,
    MonitoringStatus,
    ProtocolRow,
)
from backend.payments.monitoring.protocol_text import (
    DraftProtocol,
    Ground,
    MemberKind,
    Nonconformity,
    Recommendation,
)

CLINIC, OTHER = UUID(int=1), UUID(int=2)
AT = datetime(2026, 4, 22, 11, 5, tzinfo=UTC)
MONITORING = Monitoring(
    UUID(int=9), "2026-MON-00017", MonitoringKind.CURRENT, MonitoringStatus.PROTOCOL_DRAFT, "Мақсат",
    None, None, date(2026, 4, 20), date(2026, 4, 22), None, None, AT, None, None, None, None, None, None,
)  # fmt: skip
DRAFT = DraftProtocol(
    [
        Nonconformity(CLINIC, "9.0", MemberKind.ISSUER, "Бірінші", date(2026, 4, 21), Ground.T2),
        Nonconformity(OTHER, "1.0", MemberKind.ISSUER, "Екінші", date(2026, 4, 21)),
    ],
    [Recommendation(CLINIC, "Оқыту", "21wd"), Recommendation(OTHER, "Түзету", "2mo")],
)
DEFECTS = {
    no: Defect(code, date(2026, 1, 1), None, f"{code} ақауы", f"дефект {code}", code, (), ())
    for no, code in ((1, "9.0"), (2, "1.0"))
}


def form(language: Language, *, signed: bool = True, only: UUID | None = None) -> dict[str, Any]:
    members = [
        Member(1, MemberKind.ISSUER, "1", "Қор", "А. А.", "маман", AT),
        Member(2, MemberKind.CHAMBER, "2", "Палата", "Б. Б.", "сарапшы", AT if signed else None),
    ]
    covered = [Covered(CLINIC, "100140000003", "Емхана"), Covered(OTHER, None, "Орталық")]
    content = rules.content(
        UUID(int=5), 2, MONITORING, members, covered, [], DRAFT, date(2026, 4, 22)
    )
    row = ProtocolRow(
        UUID(int=5), UUID(int=9), 2, UUID(int=6), DRAFT, content, "0" * 64, AT
    )  # fmt: skip
    return printing.form(MONITORING, row, members, DEFECTS, language, only=only)


@pytest.mark.parametrize(
    ("language", "terms", "status", "ground"),
    [
        ("kk", ["21 жұмыс күні", "2 ай"], "Барлық мүше қол қойды", "Шартты бұзу"),
        ("ru", ["21 рабочий день", "2 месяца"], "Подписан всеми членами", "Основание расторгнуть"),
        ("en", ["21 working days", "2 months"], "Signed by every member", "Ground to terminate"),
    ],
)
def test_the_words_are_the_readers(
    language: Language, terms: list[str], status: str, ground: str
) -> None:
    shown = form(language)
    assert [task[2] for task in shown["tasks"]] == terms
    assert shown["status"] == status
    assert ground in shown["findings"][0][2]
    assert [s[2] for s in shown["signatures"]] == ["22.04.2026 16:05:00 (+05:00)"] * 2
    assert "PROTOCOL_" not in str(shown)


def test_an_executor_finds_itself_alone() -> None:
    shown = form("kk", only=OTHER)
    assert shown["executors"] == [["Орталық", ""]]
    assert [(f[0], f[1]) for f in shown["findings"]] == [("2", "1.0 1.0 ақауы")]
    assert "Емхана" not in str(shown)
    assert "Бірінші" not in str(shown)


def test_what_is_not_signed_says_so() -> None:
    shown = form("kk", signed=False)
    assert (shown["signed"], shown["status"]) == (False, "Жоба: барлық мүше қол қойған жоқ")
    assert shown["signatures"][1][2] == "—"
