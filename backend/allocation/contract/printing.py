"""A contract on paper: Kazakh and Russian side by side, from exactly the bytes both parties sign."""

from datetime import date, datetime
from typing import Any

import msgspec
from babel.dates import format_date

from backend.allocation.contract.model import ContractRow
from backend.kernel.clock import to_legal
from backend.kernel.money import Language, for_people
from backend.web import paper, problems
from backend.web.paper import qr

_BOTH: tuple[Language, Language] = ("kk", "ru")
_SOURCE = {"gvfmc": "CONTRACT_SOURCE_GVFMC", "mhi": "CONTRACT_SOURCE_MHI"}


async def printed(row: ContractRow, content: bytes) -> bytes:
    """PDF/A of a contract with its canonical content attached; the same contract, the same octets."""
    attached = paper.Attachment(
        name=f"{row.number}.json",
        media_type="application/json",
        text=content.decode(),
        description="What both parties sign",
    )
    return await paper.pdf("contract", form(row, content), at=row.formed_at, attachments=[attached])


def form(row: ContractRow, content: bytes) -> dict[str, Any]:
    """What the template shows, every string ready to be read."""
    document = msgspec.json.decode(content)
    blocks = document["blocks"]
    return {
        "number": row.number,
        "title": [_word("CONTRACT_TITLE", language) for language in _BOTH],
        "source": [_word(_SOURCE[row.source], language) for language in _BOTH],
        "dated": [_long(date.fromisoformat(document["date"]), language) for language in _BOTH],
        "parties": [
            [_word("CONTRACT_ISSUER", language), _party(blocks[1]["data"]["issuer"])]
            if side == "issuer"
            else [_word("CONTRACT_EXECUTOR", language), _party(blocks[1]["data"]["executor"])]
            for side in ("issuer", "executor")
            for language in _BOTH
        ],
        "co_executors": [
            [str(partner["no"]), partner["name"], _parts(partner["lines"])]
            for partner in blocks[1]["data"]["co_executors"]
        ],
        "co_executors_title": _both("CONTRACT_CO_EXECUTORS"),
        "blocks": [
            [block["no"], block["title_kk"], block["text_kk"], block["title_ru"], block["text_ru"]]
            for block in blocks
        ],
        "lines_title": _both("CONTRACT_LINES"),
        "lines_head": [
            _both(f"CONTRACT_{name}") for name in ("CODE", "SERVICE", "UNITS", "TARIFF", "SUM")
        ],
        "lines": [_line(line) for line in blocks[2]["data"]["lines"]],
        "total": [_both("CONTRACT_TOTAL"), for_people(document["amount_tiyn"], "kk")],
        "validity": [
            f"{_word('CONTRACT_VALID', language)}: {_long(row.valid_from, language)}"
            f" – {_long(row.valid_to, language)}"
            for language in _BOTH
        ],
        "signatures": [
            [_both("CONTRACT_ISSUER"), row_name, _signed(at)]
            for row_name, at in (
                (blocks[1]["data"]["issuer"]["name"], row.issuer_signed_at),
                (row.executor_name, row.executor_signed_at),
            )
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


def _parts(lines: list[dict[str, Any]]) -> str:
    return ", ".join(f"{line['code']}: {line['units']}" for line in lines)


def _line(line: dict[str, Any]) -> list[str]:
    tariff = line["tariff_tiyn"]
    in_money = line["unit"] == "tiyn"
    return [
        line["code"],
        f"{line['title_kk']} / {line['title_ru']}",
        "—" if in_money else f"{line['units']:,}".replace(",", "\N{NO-BREAK SPACE}"),
        "—" if tariff is None else for_people(tariff, "kk"),
        for_people(line["amount_tiyn"], "kk"),
    ]


def _signed(at: datetime | None) -> str:
    return "—" if at is None else f"{to_legal(at):%d.%m.%Y %H:%M:%S} (+05:00)"
