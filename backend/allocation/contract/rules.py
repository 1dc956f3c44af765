"""Order of signing, numbers, the law's words for a status. Pure."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from backend.allocation.application.errors import NotInOrder
from backend.allocation.contract.errors import ContractStateWrong
from backend.allocation.contract.model import ContractStatus, Waiting
from backend.kernel.money import Language

STATUS_WORDS: dict[ContractStatus, dict[Language, str]] = {
    ContractStatus.FORMED: {
        "kk": "Қалыптастырылды",
        "ru": "Сформирован",
        "en": "Formed",
    },
    ContractStatus.IN_SIGNING: {
        "kk": "Қол қою процесінде",
        "ru": "В процессе подписания",
        "en": "Being signed",
    },
    ContractStatus.SIGNED: {"kk": "Қол қойылды", "ru": "Подписан", "en": "Signed"},
    ContractStatus.TERMINATED_BY_ISSUER: {
        "kk": "Эмитент бұзды",
        "ru": "Расторгнут эмитентом",
        "en": "Terminated by the issuer",
    },
    ContractStatus.LAPSED: {
        "kk": "Жасалмады",
        "ru": "Не заключён",
        "en": "Not concluded",
    },
    ContractStatus.EXPIRED: {
        "kk": "Мерзімі аяқталды",
        "ru": "Срок истёк",
        "en": "Expired",
    },
}


def number(year: int, source: str, place: int) -> str:
    """The number of a contract: `2026-MHI-000123`."""
    return f"{year}-{source.upper()}-{place:06}"


def validity(year: int, formed_on: date) -> tuple[date, date]:
    """From the day it is formed, not before the plan's year, to the end of that year."""
    first = max(formed_on, date(year, 1, 1))
    return first, max(first, date(year, 12, 31))


def require_next(waiting: Sequence[Waiting], chosen: set[UUID]) -> None:
    """The chosen contracts are the first of those that wait, none left out (M §12). Raises NotInOrder."""
    for contract in waiting[: len(chosen)]:
        if contract.contract_id not in chosen:
            raise NotInOrder(next=contract.seq_no)


def require_status(status: ContractStatus, wanted: ContractStatus) -> None:
    """Raises ContractStateWrong."""
    if status is not wanted:
        raise ContractStateWrong(status=status.value)
