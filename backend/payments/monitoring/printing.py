"""A protocol on paper, from exactly the bytes the members sign."""

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from babel.dates import format_date

from backend.kernel.clock import to_legal
from backend.kernel.money import Language
from backend.kernel.terms import Term, TermUnit
from backend.payments.monitoring.model import (
    Defect,
    Member,
    Monitoring,
    ProtocolRow,
)
from backend.web import paper, problems
from backend.web.paper import qr


async def printed(
    monitoring: Monitoring,
    row: ProtocolRow,
    members: list[Member],
    defects: dict[int, Defect],
    language: Language,
    *,
    only: UUID | None = None,
) -> bytes:
    """PDF/A of a protocol in one language, its signed bytes attached.

    `only`: an extract for that executor, without the others and without the whole text.
    """
    attached = paper.Attachment(
        name=f"{monitoring.number}-{row.version}.json",
        media_type="application/json",
        text=row.content.decode(),
        description="What every member signs",
    )
    data = form(monitoring, row, members, defects, language, only=only)
    return await paper.pdf(
        "protocol", data, at=row.drafted_at, attachments=[] if only else [attached]
    )


def form(
    monitoring: Monitoring,
    row: ProtocolRow,
    members: list[Member],
    defects: dict[int, Defect],
    language: Language,
    *,
    only: UUID | None = None,
) -> dict[str, Any]:
    """What the template shows, every string ready to be read."""
    text = msgspec.json.decode(row.content)
    words = _Words(language)
    names = {one["executor_id"]: one["name"] for one in text["facts"]["executors"]}
    shown = {str(only)} if only is not None else set(names)
    of = [one for one in text["facts"]["executors"] if one["executor_id"] in shown]
    signed = all(member.signed_at is not None for member in members)
    return {
        "language": language,
        "title": words("PROTOCOL_TITLE"),
        "number": monitoring.number,
        "status": words("PROTOCOL_SIGNED_BY_ALL") if signed else words("PROTOCOL_IN_SIGNING"),
        "signed": signed,
        "extract": "" if only is None else words("PROTOCOL_EXTRACT"),
        "blocks": [words(f"PROTOCOL_BLOCK_{n}") for n in range(1, 5)],
        "facts": _facts(text, words),
        "commission_title": words("PROTOCOL_COMMISSION"),
        "commission_head": [words(f"PROTOCOL_{name}") for name in ("KIND", "BODY", "MEMBER")],
        "commission": [
            [words(f"MEMBER_{m['kind']}"), m["organisation"], f"{m['name']}, {m['post']}"]
            for m in text["facts"]["commission"]
        ],
        "executors_title": words("PROTOCOL_EXECUTORS"),
        "executors": [[one["name"], one["bin"] or ""] for one in of],
        **_found(text, shown, names, defects, words),
        "none": words("PROTOCOL_NONE"),
        "other": text["other"] or words("PROTOCOL_NONE"),
        "signatures_title": words("PROTOCOL_SIGNATURES"),
        "signatures": [[m.name, m.organisation, _at(m.signed_at)] for m in members],
        "sha256": row.content_sha256,
        "sha256_note": words("PROTOCOL_HASH"),
        "svg": qr.svg(f"sha256:{row.content_sha256}", border=0),
        "foot": f"{monitoring.number} · {row.version} · sha256 {row.content_sha256[:16]}…",
    }


def _found(
    text: dict[str, Any],
    shown: set[str],
    names: dict[str, str],
    defects: dict[int, Defect],
    words: "_Words",
) -> dict[str, Any]:
    """Blocks 2 and 3 (M §21): what was found, what is to be done, what became of earlier recommendations."""
    return {
        "findings_head": [words(f"PROTOCOL_{name}") for name in ("NO", "DEFECT", "FOUND", "DAY")],
        "findings": [
            _finding(no, one, names, defects, words)
            for no, one in enumerate(text["nonconformities"], 1)
            if one["executor_id"] in shown
        ],
        "tasks_title": words("PROTOCOL_RECOMMENDATIONS"),
        "tasks_head": [words(f"PROTOCOL_{name}") for name in ("NO", "TASK", "TERM")],
        "tasks": [
            [str(no), _with_name(one, names), words.term(one["term"])]
            for no, one in enumerate(text["recommendations"], 1)
            if one["executor_id"] in shown
        ],
        "earlier_head": [words(f"PROTOCOL_{name}") for name in ("EARLIER", "OUTCOME", "SAID")],
        "earlier": [
            [
                f"{one['task']['monitoring_number']}: {one['task']['text']}",
                words(f"OUTCOME_{one['outcome']}"),
                one["text"],
            ]
            for one in text["earlier"]
            if one["task"]["executor_id"] in shown
        ],
    }


class _Words:
    """The texts of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, code: str, **facts: str | int) -> str:
        return problems.text(code, self.language, facts)[0]

    def day(self, text: str) -> str:
        return format_date(date.fromisoformat(text), "long", self.language)

    def term(self, text: str) -> str:
        term = Term.parse(text)
        code = {
            TermUnit.WORKING_DAYS: "PROTOCOL_TERM_WD",
            TermUnit.CALENDAR_DAYS: "PROTOCOL_TERM_CD",
            TermUnit.MONTHS: "PROTOCOL_TERM_MO",
        }[term.unit]
        return self(code, count=term.count)


def _facts(text: dict[str, Any], words: _Words) -> list[list[str]]:
    of = text["monitoring"]
    days = f"{words.day(of['starts_on'])} – {words.day(of['ends_on'])}"
    return [
        [words(name), value]
        for name, value in (
            ("PROTOCOL_DATE", words.day(text["facts"]["date"])),
            ("PROTOCOL_DAYS", days),
            ("PROTOCOL_KIND_OF", words(f"MONITORING_KIND_{of['kind']}")),
            ("PROTOCOL_PURPOSE", of["purpose"]),
            ("PROTOCOL_BASIS", of["basis"]),
            ("PROTOCOL_UNANNOUNCED", of["unannounced_basis"]),
        )
        if value
    ]


def _finding(
    no: int,
    one: dict[str, Any],
    names: dict[str, str],
    defects: dict[int, Defect],
    words: _Words,
) -> list[str]:
    title = cast(str, getattr(defects[no], f"title_{words.language}"))
    found = [
        _with_name(one, names),
        words("PROTOCOL_FOUND_BY", kind=words(f"MEMBER_{one['found_by']}")),
    ]
    if one["ground"] is not None:
        found.append(words(f"PROTOCOL_GROUND_{one['ground']}"))
    return [
        str(no),
        f"{one['code']} {title}".strip(),
        "\n".join(found),
        words.day(one["recorded_on"]),
    ]


def _with_name(one: dict[str, Any], names: dict[str, str]) -> str:
    """Whose it is, where there are several."""
    return one["text"] if len(names) == 1 else f"{names[one['executor_id']]}: {one['text']}"


def _at(at: datetime | None) -> str:
    return "—" if at is None else f"{to_legal(at):%d.%m.%Y %H:%M:%S} (+05:00)"
