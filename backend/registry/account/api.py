"""Registration, agreement and readiness over HTTP."""

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.kernel.actor import (
    EXECUTOR,
    EXECUTOR_SIGNERS,
    ISSUER,
    ISSUER_SIGNERS,
    Actor,
    Role,
)
from backend.kernel.db import Db
from backend.kernel.ids import BinInvalid, IbanInvalid, IinInvalid
from backend.kernel.resources import Resources
from backend.registry.account import service
from backend.registry.account.errors import (
    AccountBlocked,
    AccountNotOpen,
    AgreementAlreadySigned,
    AgreementNotSigned,
    AlreadyRegistered,
    ChangeInFuture,
    DfoYearWrong,
    HeadMismatch,
    NothingToChange,
)
from backend.registry.account.model import (
    Cabinet,
    ChangeIssuer,
    ChangeOrganisation,
    DeclareReadiness,
    Organisation,
    RegisterOrganisation,
    SignAgreement,
    WithdrawAgreement,
)
from backend.registry.confirmation.errors import EntityNotConfirmed
from backend.registry.directory.errors import MisNotConforming
from backend.signing.errors import (
    SIGNING_ERRORS,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.sources.exchange import SourceUnavailable
from backend.web.guards import requires
from backend.web.openapi import operation

SIGNED = {"document": "eyJvcGVyYXRpb24iOiLigKYifQ==", "signature": "MIIF…"}
ORGANISATION = {
    "organisation_id": "01980000-0000-7000-8000-000000000010",
    "bin": "090440002224",
    "kind": "EXECUTOR",
    "form": "LEGAL",
    "name": "Қалалық емхана № 1",
    "status": "OPEN",
    "contacts": {
        "postal_address": "Астана, Сарыарқа 1",
        "phone": "+77172000000",
        "email": "clinic@example.kz",
    },
    "requisites": [
        {"iban": "KZ86125KZT5004100100", "bic": "KINCKZKA", "bank": "Банк", "treasury": False}
    ],
    "opened_at": "2026-04-06T04:00:00Z",
    "changed_at": "2026-04-06T04:00:00Z",
    "agreement_signed_at": None,
    "mis_code": None,
    "dfo_year": None,
}
CABINET = {
    "organisation": ORGANISATION,
    "readiness": {"ready": False, "missing": ["facilities_digitised", "qr_obtained"]},
    "confirmations": [
        {
            "kind": "STATEMENTS",
            "status": "CONFIRMED",
            "year": 2025,
            "as_of": "2026-04-06T03:00:00Z",
            "asked_at": "2026-04-06T04:00:00Z",
        }
    ],
}


@post(
    "/organisations",
    guards=[requires(ISSUER_SIGNERS, EXECUTOR_SIGNERS)],
    tags=["registry"],
    **operation(
        "RegisterOrganisation",
        "Open the own organisation's account",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            AlreadyRegistered,
            EntityNotConfirmed,
            SourceUnavailable,
            BinInvalid,
            IinInvalid,
            IbanInvalid,
            HeadMismatch,
        ),
        body=SIGNED,
        answer=ORGANISATION,
    ),
)
async def register(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Organisation:
    """Register the signer's organisation (M §5): the signed document is `organisation.register`."""
    signed = await evidence.accept(resources, actor, data, RegisterOrganisation)
    return await service.register(resources, actor, signed)


@post(
    "/organisations/me/changes",
    guards=[requires(ISSUER_SIGNERS, EXECUTOR_SIGNERS)],
    tags=["registry"],
    **operation(
        "ChangeOrganisation",
        "Enter changed data of the own organisation",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            AccountNotOpen,
            ChangeInFuture,
            NothingToChange,
            IinInvalid,
            IbanInvalid,
            HeadMismatch,
        ),
        body=SIGNED,
        answer=ORGANISATION,
    ),
)
async def change(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Organisation:
    """Enter what changed, within one working day (M §31); the document is `organisation.change`."""
    signed = await evidence.accept(resources, actor, data, ChangeOrganisation)
    return await service.change(resources, actor, signed)


@post(
    "/issuer/changes",
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "ChangeIssuer",
        "Enter changed data of the issuer",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            AccountNotOpen,
            ChangeInFuture,
            NothingToChange,
            IinInvalid,
            IbanInvalid,
        ),
        body=SIGNED,
        answer=ORGANISATION | {"kind": "ISSUER"},
    ),
)
async def change_issuer(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Organisation:
    """The registrar changes the issuer's data on a document (M §27(2)); signed as `issuer.change`."""
    signed = await evidence.accept(resources, actor, data, ChangeIssuer)
    return await service.change_issuer(resources, actor, signed)


@get(
    "/organisations/me",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["registry"],
    **operation(
        "GetOwnOrganisation",
        "The own account and what is missing to be ready",
        discloses="nothing",
        errors=(AccountNotOpen,),
        answer=CABINET,
    ),
)
async def cabinet(db: NamedDependency[Db], actor: NamedDependency[Actor]) -> Cabinet:
    """Show the account, and which of the five actions of M §6 are not done."""
    return await service.cabinet(db, actor)


@post(
    "/organisations/me/agreement",
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["registry"],
    **operation(
        "SignAgreement",
        "Conclude the user agreement with the registrar",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, AccountNotOpen, AccountBlocked, AgreementAlreadySigned),
        body=SIGNED,
        answer=CABINET,
    ),
)
async def sign_agreement(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Cabinet:
    """Sign the user agreement (M §6(1)); the document is `agreement.sign`."""
    signed = await evidence.accept(resources, actor, data, SignAgreement)
    return await service.sign_agreement(resources, actor, signed)


@post(
    "/organisations/me/agreement/withdrawal",
    status_code=200,
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["registry"],
    **operation(
        "WithdrawAgreement",
        "Withdraw from the user agreement",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, AccountNotOpen, AgreementNotSigned, ChangeInFuture),
        body=SIGNED,
        answer=CABINET,
    ),
)
async def withdraw_agreement(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Cabinet:
    """Carry out a signed `agreement.withdraw` {number, withdrawn_on}: taking part is voluntary (M §2(4)).

    The executor is not ready any more and begins nothing new; its contracts run on until they end.
    """
    signed = await evidence.accept(resources, actor, data, WithdrawAgreement)
    return await service.withdraw_agreement(resources, actor, signed)


@put(
    "/organisations/me/readiness",
    guards=[requires(EXECUTOR_SIGNERS, Role.EXECUTOR_OPERATOR)],
    tags=["registry"],
    **operation(
        "DeclareReadiness",
        "Enter the information system and the posted statements",
        discloses="nothing",
        errors=(
            AccountNotOpen,
            AccountBlocked,
            MisNotConforming,
            DfoYearWrong,
            ChangeInFuture,
            NothingToChange,
        ),
        body={"mis_code": "damumed", "dfo_year": 2025, "changed_on": "2026-04-03"},
        answer=CABINET,
    ),
)
async def declare(
    data: JSONBody[DeclareReadiness],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Cabinet:
    """Declare the MIS and the statements at dfo.kz (M §6(2), (3)).

    A change is entered within one working day after `changed_on` (M §31).
    """
    return await service.declare(resources, actor, data)
