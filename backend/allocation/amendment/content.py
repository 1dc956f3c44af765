"""The content of a supplementary agreement: one canonical JSON, signed by both sides byte for byte.

Its legal wording is for lawyers to replace: a new wording raises CONTENT_VERSION and leaves what is
signed as it is.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from backend.allocation.amendment.model import ContractNow, LineChange, PlanChangeNow
from backend.registry.account.model import Organisation

CONTENT_VERSION = 1

_TEXTS = {
    "text_kk": "Тараптар шарттың көлемі мен сомасын сатып алу жоспарының өзгерісіне сәйкес осы келісімде "
    "көрсетілгендей өзгертеді. Шарттың қалған талаптары өзгермейді. Келісім оған екі тарап қол қойған "
    "сәттен бастап күшіне енеді және шарттың ажырамас бөлігі болып табылады.",
    "text_ru": "Стороны изменяют объём и сумму договора в соответствии с изменением плана закупа так, как "
    "указано в настоящем соглашении. Остальные условия договора не изменяются. Соглашение вступает в "
    "силу с момента подписания обеими сторонами и является неотъемлемой частью договора.",
}


class Facts(msgspec.Struct, frozen=True):
    """Everything one agreement's content is made of."""

    number: str
    formed_on: date
    contract: ContractNow
    change: PlanChangeNow
    issuer: Organisation
    executor: Organisation
    lines: Sequence[LineChange]
    co_executors: Sequence[
        tuple[int, str, str, dict[str, int]]
    ]  # place, number, name, units by code
    amount_before_tiyn: int
    amount_after_tiyn: int


def build(facts: Facts) -> bytes:
    """The canonical bytes: keys sorted, no white space, the same facts always the same bytes."""
    contract, change = facts.contract, facts.change
    document: dict[str, Any] = {
        "kind": "contract_amendment",
        "content_version": CONTENT_VERSION,
        "number": facts.number,
        "date": facts.formed_on,
        "source": contract.source,
        "contract": {
            "contract_id": contract.contract_id,
            "number": contract.number,
            "content_sha256": contract.content_sha256,
            "signed_at": contract.executor_signed_at,
        },
        "plan_change": {
            "change_id": change.change_id,
            "no": change.no,
            "grounds": change.grounds,
            "justification": change.justification,
        },
        "issuer": _party(facts.issuer),
        "executor": _party(facts.executor),
        "lines": facts.lines,
        "co_executors": [
            {"no": no, "number": number, "name": name, "lines": lines}
            for no, number, name, lines in facts.co_executors
        ],
        "amount_before_tiyn": facts.amount_before_tiyn,
        "amount_after_tiyn": facts.amount_after_tiyn,
        **_TEXTS,
    }
    return msgspec.json.encode(document, order="sorted")


def _party(organisation: Organisation) -> dict[str, Any]:
    return {
        "bin": organisation.bin,
        "name": organisation.name,
        "form": organisation.form,
        "postal_address": organisation.contacts.postal_address,
    }
