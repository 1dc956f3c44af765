"""Whether accounting data are those the directory asks for. Pure."""

from collections.abc import Sequence
from typing import Final

from backend.registry.directory.errors import AccountingWrong
from backend.registry.directory.model import Accounting, AccountingField, FieldKind

_TYPES: Final[dict[FieldKind, type]] = {
    FieldKind.TEXT: str,
    FieldKind.INTEGER: int,
    FieldKind.BOOLEAN: bool,
}


def require_accounting(fields: Sequence[AccountingField], given: Accounting) -> None:
    """Every required field is there, of its kind and not blank, and nothing else is.

    A directory without fields asks for none by name. Raises AccountingWrong with the first at fault.
    """
    if not fields:
        return
    known = {field.code: field for field in fields}
    for code in sorted(given.keys() - known.keys()):
        raise AccountingWrong(path=f"accounting_186.{code}", field=code)
    for code, field in sorted(known.items()):
        path = f"accounting_186.{code}"
        if code not in given:
            if field.required:
                raise AccountingWrong(path=path, field=code)
            continue
        value = given[code]
        # a truth value is a whole number to Python, not to us
        if type(value) is not _TYPES[field.kind] or value == "":
            raise AccountingWrong(path=path, field=code)
