"""What an organisation's data must be. Pure."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from backend.kernel.actor import Actor, Role
from backend.kernel.ids import require_bin, require_iban_kz, require_iin
from backend.registry.account.errors import (
    ChangeInFuture,
    DfoYearWrong,
    HeadMismatch,
    NothingToChange,
)
from backend.registry.account.model import (
    AccountStatus,
    ChangeIssuer,
    ChangeOrganisation,
    DeclareReadiness,
    Form,
    Head,
    Organisation,
    OrganisationKind,
    RegisterOrganisation,
    Requisite,
)
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.signing.errors import NotSignerOfOrg

# (of the issuer, the first): M §27(1), (2); M §28(1), (2)
_TYPES: Final = {
    (True, True): "REGISTER_ISSUER",
    (True, False): "CHANGE_ISSUER",
    (False, True): "OPEN",
    (False, False): "CHANGE",
}


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


def is_live_executor(organisation: Organisation) -> bool:
    """An executor whose account is not closed; a blocked one may still leave of its own will."""
    executor = organisation.kind is OrganisationKind.EXECUTOR
    return executor and organisation.status is not AccountStatus.CLOSED


def require_change(
    command: ChangeOrganisation | ChangeIssuer, form: Form, number: str, today: date
) -> None:
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


def require_declaration(command: DeclareReadiness, today: date) -> None:
    """Something is declared; statements are those of the previous financial year (M §6(3)).

    Raises NothingToChange, DfoYearWrong, ChangeInFuture.
    """
    if command.mis_code is None and command.dfo_year is None:
        raise NothingToChange(path="$")
    if command.dfo_year is not None and command.dfo_year != today.year - 1:
        raise DfoYearWrong(path="$.dfo_year", year=today.year - 1)
    if command.changed_on is not None and command.changed_on > today:
        raise ChangeInFuture(path="$.changed_on")


def operation(
    kind: OrganisationKind,
    actor: Actor,
    organisation_id: UUID,
    first: bool,
    basis_id: str,
    at: datetime,
    content: dict[str, Any],
) -> NewOperation:
    """An operation on an organisation's account by its own doing: `first` opens it, else data change.

    Of the issuer they are global operations (M §27), which the registrar's system registers on the
    issuer's signed document. An executor is named by its id: a sole proprietor's number is personal.
    """
    issuer = kind is OrganisationKind.ISSUER
    return NewOperation(
        subject_id=organisation_id,
        op_class=OpClass.GLOBAL if issuer else OpClass.ACCOUNT,
        op_type=_TYPES[issuer, first],
        at=at,
        actor=f"{Role.REGISTRAR}:automatic" if issuer else f"{min(actor.roles)}:{organisation_id}",
        basis_kind=BasisKind.SELF,
        basis_id=basis_id,
        content=content,
    )


def by_registrar(
    kind: OrganisationKind,
    actor: Actor,
    organisation_id: UUID,
    document: str,
    at: datetime,
    content: dict[str, Any],
) -> NewOperation:
    """A change of an organisation's data by the registrar's hand, on a document."""
    issuer = kind is OrganisationKind.ISSUER
    return NewOperation(
        subject_id=organisation_id,
        op_class=OpClass.GLOBAL if issuer else OpClass.ACCOUNT,
        op_type=_TYPES[issuer, False],
        at=at,
        actor=actor.label,
        basis_kind=BasisKind.REQUEST,
        basis_id=document,
        content=content,
    )
