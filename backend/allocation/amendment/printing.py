"""A supplementary agreement on paper: Kazakh and Russian, from exactly the bytes both parties sign."""

from datetime import date, datetime
from typing import Any

import msgspec
from babel.dates import format_date

from backend.allocation.amendment.model import Amendment
from backend.kernel.clock import to_legal
from backend.kernel.money import Language, for_people
from backend.web import paper, problems
from backend.web.paper import qr

_BOTH: tuple[Language, Language] = ("kk", "ru")
_HEAD = ("CODE", "SERVICE", "BEFORE", "AFTER", "TARIFF", "SUM")


async def printed(row: Amendment, content: bytes) -> bytes:
    """PDF/A of an agreement with its canonical content attached; the same one, the same octets."""
    attached = paper.Attachment(
        name=f"{row.number.replace('/', '-')}.json",
        media_type="application/json",
        text=content.decode(),
        description="What both parties sign",
    )
    return await paper.pdf(
        "amendment", form(row, content), at=row.formed_at, attachments=[attached]
    )


def form(row: Amendment, content: bytes) -> dict[str, Any]:
    """What the template shows, every string ready to be read."""
    document = msgspec.json.decode(content)
    parties = (("CONTRACT_ISSUER", document["issuer"]), ("CONTRACT_EXECUTOR", document["executor"]))
    return {
        "number": row.number,
        "title": [_word("AMENDMENT_TITLE", language) for language in _BOTH],
        "of_contract": [
            f"{_word('AMENDMENT_CONTRACT', language)} № {document['contract']['number']}"
            for language in _BOTH
        ],
        "change": [
            f"{_word('AMENDMENT_CHANGE', language)} № {document['plan_change']['no']}:"
            f" {document['plan_change']['justification']}"
            for language in _BOTH
        ],
        "dated": [_long(date.fromisoformat(document["date"]), language) for language in _BOTH],
        "parties": [
            [_word(code, language), _party(party)] for code, party in parties for language in _BOTH
        ],
        "text": [document["text_kk"], document["text_ru"]],
        "lines_title": _both("CONTRACT_LINES"),
        "lines_head": [_both(f"AMENDMENT_{name}") for name in _HEAD],
        "lines": [_line(line) for line in document["lines"]],
        "co_executors_title": _both("CONTRACT_CO_EXECUTORS"),
        "co_executors": [
            [str(partner["no"]), partner["name"], _parts(partner["lines"])]
            for partner in document["co_executors"]
            if partner["lines"]
        ],
        "totals": [
            [_both("AMENDMENT_SUM_BEFORE"), for_people(document["amount_before_tiyn"], "kk")],
            [_both("AMENDMENT_SUM_AFTER"), for_people(document["amount_after_tiyn"], "kk")],
        ],
        "signatures": [
            [_both("CONTRACT_ISSUER"), document["issuer"]["name"], _signed(row.issuer_signed_at)],
            [
                _both("CONTRACT_EXECUTOR"),
                document["executor"]["name"],
                _signed(row.executor_signed_at),
            ],
        ],
        "signatures_title": _both("CONTRACT_SIGNATURES"),
        "sha256": row.content_sha256,
        "sha256_note": _both("CONTRACT_HASH"),
        "svg": qr.svg(f"sha256:{row.content_sha256}", border=0),
        "foot": f"{row.number} · sha256 {row.content_sha256[:16]}…",
    }


def _word(code: str, language: str) -> str:
    return problems.text(code, language, {})[0]


def _both(code: str) -> str:
    return " / ".join(_word(code, language) for language in _BOTH)


def _long(day: date, language: Language) -> str:
    return format_date(day, "long", language)


def _party(party: dict[str, str]) -> str:
    return f"{party['name']}, {party['bin']}, {party['postal_address']}"


def _parts(lines: dict[str, int]) -> str:
    return ", ".join(f"{code}: {units}" for code, units in lines.items())


def _line(line: dict[str, Any]) -> list[str]:
    tariff, in_money = line["tariff_tiyn"], line["unit"] == "tiyn"

    def units(name: str) -> str:
        count = line[f"units_{name}"]
        if in_money:
            return for_people(count, "kk")
        return f"{count:,}".replace(",", "\N{NO-BREAK SPACE}")

    return [
        line["code"],
        f"{line['title_kk']} / {line['title_ru']}",
        units("before"),
        units("after"),
        "—" if tariff is None else for_people(tariff, "kk"),
        for_people(line["amount_after"], "kk"),
    ]


def _signed(at: datetime | None) -> str:
    return "—" if at is None else f"{to_legal(at):%d.%m.%Y %H:%M:%S} (+05:00)"
