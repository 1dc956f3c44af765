"""Use cases of organisations' accounts, a file each: `lookup`, `register`, `change`."""

from backend.registry.account.service.agreement import (
    require_taking_part,
    sign_agreement,
    withdraw_agreement,
)
from backend.registry.account.service.change import (
    change,
    change_issuer,
    declare,
    entered,
    restore,
)
from backend.registry.account.service.lookup import (
    cabinet,
    executor_ids,
    mark_qr,
    organisation_by_bin,
    organisations,
    readiness,
    require,
    require_open,
    require_open_executor,
    unmark_qr,
)
from backend.registry.account.service.register import register

__all__ = [
    "cabinet",
    "change",
    "change_issuer",
    "declare",
    "entered",
    "executor_ids",
    "mark_qr",
    "organisation_by_bin",
    "organisations",
    "readiness",
    "register",
    "require",
    "require_open",
    "require_open_executor",
    "require_taking_part",
    "restore",
    "sign_agreement",
    "unmark_qr",
    "withdraw_agreement",
]
