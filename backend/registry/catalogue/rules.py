"""The table of operations. A test drives every way of it through the API, with every role. Pure."""

from typing import Final

from backend.kernel.actor import EXECUTOR_SIGNERS, ISSUER_SIGNERS, Role
from backend.registry.catalogue.model import Named, RegistryOperation, Way
from backend.registry.log.model import BasisKind, OpClass
from backend.registry.policy.model import POLICY_OPERATIONS, PolicyOperation

_ISSUER: Final = tuple(sorted(ISSUER_SIGNERS))
_EXECUTOR: Final = tuple(sorted(EXECUTOR_SIGNERS))
_REGISTRAR: Final = (Role.REGISTRAR,)
_SYSTEM: Final = (Role.SYSTEM,)
_MIS: Final = (Role.MIS,)
_INTEGRATION: Final = (Role.INTEGRATION,)
_INSURED: Final = (Role.INSURED,)


def _order(by: str, document: str, note: str = "") -> Way:
    """On the issuer's order, signed with ECP (M §43)."""
    return Way(by=by, roles=_ISSUER, basis=BasisKind.ORDER, document=document, note=note)


def _self(by: str, document: str | None, roles: tuple[Role, ...]) -> Way:
    """About oneself: signed with ECP, or in a session opened with it."""
    return Way(by=by, roles=roles, basis=BasisKind.SELF, document=document)


def _event(by: str, roles: tuple[Role, ...], note: str, *, job: bool = False) -> Way:
    """On an event of a system, named by its id."""
    return Way(by=by, roles=roles, basis=BasisKind.EVENT, note=note, job=job)


def _request(by: str, document: str | None = None, note: str = "act of a state body") -> Way:
    """By the registrar, on a written document named by number, date and issuing body."""
    basis = BasisKind.REQUEST
    return Way(by=by, roles=_REGISTRAR, basis=basis, document=document, note=note)


def _policy(by: str, operation: PolicyOperation, note: str = "") -> Way:
    """On an order about policies; who may sign it stands in the room of policies."""
    (lawful,) = (row for row in POLICY_OPERATIONS if row.operation is operation)
    signers = tuple(sorted(lawful.signers))
    return Way(by=by, roles=signers, basis=BasisKind.ORDER, document=lawful.order, note=note)


def _extracts(kind: str) -> tuple[Way, ...]:
    """The ways of an information operation about one person (M §43-45); `kind` stands in the body."""
    return (
        _order("OrderExtract", "information.order", f"kind {kind}"),
        Way(
            by="TakeExtract",
            roles=_INSURED,
            basis=BasisKind.SELF,
            note=f"kind {kind}, on consent",
        ),
        _request("RequestExtract", "information.request", f"kind {kind}, request of a state body"),
    )


_REGISTER = "organisation.register"
_CHANGE = "organisation.change"
OPERATIONS: Final = (
    RegistryOperation(
        paragraph="M §27(1)",
        op_class=OpClass.GLOBAL,
        op_types=("REGISTER_ISSUER",),
        name=Named("эмитентті тіркеу", "регистрация эмитента", "register the issuer with its head"),
        ways=(_self("RegisterOrganisation", _REGISTER, _ISSUER),),
    ),
    RegistryOperation(
        paragraph="M §27(2)",
        op_class=OpClass.GLOBAL,
        op_types=("CHANGE_ISSUER",),
        name=Named(
            "эмитент деректерін өзгерту", "изменение данных эмитента", "change the issuer's data"
        ),
        ways=(
            _self("ChangeOrganisation", _CHANGE, _ISSUER),
            _request("ChangeIssuer", "issuer.change", "document of the issuer"),
        ),
    ),
    RegistryOperation(
        paragraph="M §28(1)",
        op_class=OpClass.ACCOUNT,
        op_types=("OPEN",),
        name=Named("жеке шот ашу", "открытие лицевого счёта", "open an account"),
        ways=(
            _self("RegisterOrganisation", _REGISTER, _EXECUTOR),
            _event("TellVisitsSeen", _MIS, "batch: the second of the two signals (D11)"),
            _event("EnterPersons", _MIS, "batch: the second of the two signals (D11)"),
        ),
    ),
    RegistryOperation(
        paragraph="M §28(2)",
        op_class=OpClass.ACCOUNT,
        op_types=("CHANGE",),
        name=Named(
            "жеке шот деректерін өзгерту",
            "изменение данных лицевого счёта",
            "change an account's data",
        ),
        ways=(
            _self("ChangeOrganisation", _CHANGE, _EXECUTOR),
            _self("SignAgreement", "agreement.sign", _EXECUTOR),
            _self("WithdrawAgreement", "agreement.withdraw", _EXECUTOR),
            _self("DeclareReadiness", None, (*_EXECUTOR, Role.EXECUTOR_OPERATOR)),
            _self("AddFacility", None, (*_EXECUTOR, Role.EXECUTOR_OPERATOR)),
            _self("ChangeFacility", None, (*_EXECUTOR, Role.EXECUTOR_OPERATOR)),
            _self("CloseFacility", None, _EXECUTOR),
            _event("EnterPersons", _MIS, "batch: new data of a known person"),
            _event("AttachPersons", _MIS, "batch"),
        ),
    ),
    RegistryOperation(
        paragraph="M §28(3)",
        op_class=OpClass.ACCOUNT,
        op_types=("BLOCK", "UNBLOCK"),
        name=Named(
            "жеке шотты бұғаттау/бұғаттан шығару",
            "блокирование/разблокирование лицевого счёта",
            "block, unblock an account",
        ),
        ways=(
            _request(
                "BlockAccount", note="B1, B2 or act of a state body B3 with article 98 (M §33)"
            ),
            _request("UnblockAccount"),
            _request("CorrectAccount", note="names the operation it reverses (D2)"),
            _event(
                "registry.follow_state_databases",
                _SYSTEM,
                "GBD FL (B1), GBD UL (B2), past the brake",
                job=True,
            ),
        ),
    ),
    RegistryOperation(
        paragraph="M §28(4)",
        op_class=OpClass.ACCOUNT,
        op_types=("CLOSE",),
        name=Named("жеке шотты жабу", "закрытие лицевого счёта", "close an account"),
        ways=(
            _request("CloseAccount", note="C1 or C2, confirmed, acts settled (D12)"),
            _event(
                "payments.close_accounts",
                _SYSTEM,
                "the recorded death, thirty days after blocking, acts settled (D12)",
                job=True,
            ),
        ),
    ),
    RegistryOperation(
        paragraph="M §29(1)",
        op_class=OpClass.POLICY,
        op_types=("ISSUE",),
        name=Named("полис шығару", "выпуск полиса", "issue a policy"),
        ways=(_policy("OrderPolicies", PolicyOperation.ISSUE),),
    ),
    RegistryOperation(
        paragraph="M §29(2)",
        op_class=OpClass.POLICY,
        op_types=("CHANGE",),
        name=Named("полис деректерін өзгерту", "изменение данных полиса", "change a policy's data"),
        ways=(
            _policy("OrderChanges", PolicyOperation.CHANGE),
            _event("ReceiveContributions", _INTEGRATION, "batch: entitlement gained or lost (D26)"),
            _event("ReceivePrivileges", _INTEGRATION, "batch: entitlement gained or lost (D26)"),
            _event("registry.judge_due", _SYSTEM, "entitlement changed by time (D26)", job=True),
        ),
    ),
    RegistryOperation(
        paragraph="M §29(3)",
        op_class=OpClass.POLICY,
        op_types=("EXECUTOR_CHANGED",),
        name=Named(
            "сақтандырылғанның орындаушысын ауыстыру",
            "смена исполнителя застрахованного",
            "change the insured's executor",
        ),
        ways=(
            _event("AttachPersons", _MIS, "batch (M §38)"),
            _policy("OrderExecutorChanges", PolicyOperation.EXECUTOR_CHANGED),
        ),
    ),
    RegistryOperation(
        paragraph="M §29(4)",
        op_class=OpClass.POLICY,
        op_types=("CREDIT",),
        name=Named("полисті есепке алу", "зачисление полиса", "credit a policy (D41)"),
        ways=(
            _policy("OrderPolicies", PolicyOperation.ISSUE, "with the issue, in one operation"),
            _policy("OrderCredits", PolicyOperation.CREDIT),
        ),
    ),
    RegistryOperation(
        paragraph="M §29(5)",
        op_class=OpClass.POLICY,
        op_types=("CANCEL",),
        name=Named("полисті жою", "аннулирование полиса", "cancel a policy (D13)"),
        ways=(
            _policy("OrderCancellations", PolicyOperation.CANCEL),
            _request("CloseAccount", note="with the account (D13)"),
        ),
    ),
    RegistryOperation(
        paragraph="M §30(1)",
        op_class=OpClass.INFORMATION,
        op_types=("INSURED_LIST",),
        name=Named(
            "сақтандырылғандардың тізілімін жасау",
            "составление реестра застрахованных",
            "list of insured",
        ),
        ways=(
            _order("OrderInsuredList", "information.list_insured"),
            _request(
                "RequestInsuredList",
                "information.request_insured_list",
                "request of a state body",
            ),
        ),
    ),
    RegistryOperation(
        paragraph="M §30(2)",
        op_class=OpClass.INFORMATION,
        op_types=("ACCOUNT_EXTRACT",),
        name=Named(
            "жеке шот бойынша жалпы үзінді көшірме жасау",
            "составление общей выписки по лицевому счёту",
            "extract of the account",
        ),
        ways=_extracts("ACCOUNT"),
    ),
    RegistryOperation(
        paragraph="M §30(3)",
        op_class=OpClass.INFORMATION,
        op_types=("POLICY_EXTRACT",),
        name=Named(
            "полис бойынша үзінді көшірме жасау",
            "составление выписки по полису",
            "extract of the policy",
        ),
        ways=_extracts("POLICY"),
    ),
    RegistryOperation(
        paragraph="M §30(4)",
        op_class=OpClass.INFORMATION,
        op_types=("INFORMATION_OPERATIONS_LIST",),
        name=Named(
            "жеке шот бойынша тіркелген ақпараттық операциялардың тізімін жасау",
            "составление списка информационных операций по лицевому счёту",
            "list of the account's information operations",
        ),
        ways=_extracts("INFORMATION_OPERATIONS"),
    ),
    RegistryOperation(
        paragraph="M §30(5)",
        op_class=OpClass.INFORMATION,
        op_types=("POLICY_EVENTS_LIST",),
        name=Named(
            "полис бойынша тіркелген оқиғалардың тізімін жасау",
            "составление списка событий по полису",
            "list of the policy's events",
        ),
        ways=_extracts("POLICY_EVENTS"),
    ),
)
