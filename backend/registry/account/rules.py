"""What an organisation's data must be. Pure."""

from datetime import date

from backend.kernel.ids import require_bin, require_iban_kz, require_iin
from backend.registry.account.errors import (
    ChangeInFuture,
    DfoYearWrong,
    HeadMismatch,
    NothingToChange,
)
from backend.registry.account.model import (
    ChangeOrganisation,
    Form,
    Head,
    RegisterOrganisation,
    Requisite,
)
from backend.signing.errors import NotSignerOfOrg


def require_registrable(command: RegisterOrganisation, signer_bin: str | None, issuer: str) -> None:
    """Every field of M §5 must be sound, and the signer's organisation the one that registers.

    Raises NotSignerOfOrg, BinInvalid, IinInvalid, IbanInvalid, HeadMismatch.
    """
    if command.number != signer_bin:
        raise NotSignerOfOrg(path="$.number")
    if command.form is Form.SOLE:
        require_iin(command.number, "$.number")
        if command.head.iin != command.number:
            raise HeadMismatch(path="$.head.iin")
    elif command.number != issuer:  # the issuer's BIN is set by the registrar's configuration
        require_bin(command.number, "$.number")
    require_head(command.head)
    require_requisites(command.requisites)


def require_change(command: ChangeOrganisation, form: Form, number: str, today: date) -> None:
    """Something changes, not in the future, and what is new is sound.

    Raises NothingToChange, ChangeInFuture, IinInvalid, IbanInvalid, HeadMismatch.
    """
    if (command.name, command.head, command.contacts, command.requisites) == (None,) * 4:
        raise NothingToChange(path="$")
    if command.changed_on > today:
        raise ChangeInFuture(path="$.changed_on")
    if command.head is not None:
        require_head(command.head)
        if form is Form.SOLE and command.head.iin != number:
            raise HeadMismatch(path="$.head.iin")
    require_requisites(command.requisites or ())


def require_head(head: Head) -> None:
    """The head's IIN is valid. Raises IinInvalid."""
    require_iin(head.iin, "$.head.iin")


def require_requisites(requisites: tuple[Requisite, ...]) -> None:
    """Every account number is an IBAN of Kazakhstan. Raises IbanInvalid."""
    for n, requisite in enumerate(requisites):
        require_iban_kz(requisite.iban, f"$.requisites[{n}].iban")


def require_previous_year(dfo_year: int | None, today: date) -> None:
    """Statements are posted for the previous financial year (M §6(3)). Raises DfoYearWrong."""
    if dfo_year is not None and dfo_year != today.year - 1:
        raise DfoYearWrong(path="$.dfo_year", year=today.year - 1)
