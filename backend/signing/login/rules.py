"""Which seat of the permission matrix a certificate has (domain chapter 2). Pure."""

from collections.abc import Collection

from backend.kernel.actor import Role
from backend.kernel.config import Config

_ISSUER = {
    "head": Role.ISSUER_HEAD,
    "signatory": Role.ISSUER_SIGNER,
    "finance": Role.ISSUER_FINANCE,
    "employee": Role.ISSUER_REVIEWER,
}
_EXECUTOR = {
    "head": Role.EXECUTOR_HEAD,
    "signatory": Role.EXECUTOR_SIGNER,
    "finance": Role.EXECUTOR_ACCOUNTANT,
    "employee": Role.EXECUTOR_OPERATOR,
    "information_system": Role.EXECUTOR_SYSTEM,
}
_PEOPLE = frozenset({"head", "signatory", "finance", "employee"})
_SYSTEM = "information_system"


def roles_for(
    config: Config, bin_: str | None, certificate_roles: Collection[str]
) -> frozenset[Role]:
    """The roles of an organisation's certificate; empty when it has no seat.

    Known BINs (configuration) are the issuer, the registrar and the outside systems; the latter
    sign in with their information system's certificate. Every other BIN is an executor, and a
    person without a BIN a sole proprietor, whose seat is checked against the registry later.
    "HR" signs nothing here; roles of other certification centres were refused before (ECP.md 1.3).
    """
    held = set(certificate_roles)
    if not bin_:
        return frozenset({Role.EXECUTOR_HEAD}) if "individual" in held else frozenset()
    if bin_ == config.issuer_bin:
        return frozenset(_ISSUER[r] for r in held & _ISSUER.keys())
    if bin_ == config.registrar_bin:
        return frozenset({Role.REGISTRAR}) if held & {*_PEOPLE, _SYSTEM} else frozenset()
    for numbers, role, seats in (
        (config.treasury_bin, Role.TREASURY, {_SYSTEM}),
        (config.mis_bins, Role.MIS, {_SYSTEM}),
        (config.biometrics_bins, Role.BIOMETRICS, {_SYSTEM}),
        (config.state_corporation_bin, Role.INTEGRATION, {_SYSTEM}),
        (config.bot_bin, Role.BOT, {_SYSTEM}),
        (config.moh_bin, Role.MOH, {_SYSTEM, *_PEOPLE}),
        (config.leb_bins, Role.LEB, {_SYSTEM, *_PEOPLE}),
        (config.commission_bins, Role.COMMISSION_MEMBER, set(_PEOPLE)),
    ):
        if bin_ in {number.strip() for number in numbers.split(",")}:
            return frozenset({role}) if held & seats else frozenset()
    return frozenset(_EXECUTOR[r] for r in held & _EXECUTOR.keys())
