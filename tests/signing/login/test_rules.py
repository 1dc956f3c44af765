"""The matrix BIN x certificate role (FAULTS 19): every pair, against a table written apart."""

import pytest

from backend.kernel.actor import Role
from backend.kernel.config import Config
from backend.signing.login.rules import roles_for
from backend.signing.model import Role as CertificateRole

ISSUER, REGISTRAR, CLINIC = "061211600012", "050140000010", "090240000015"
TREASURY, MOH, LEB, LEB2, MIS, MIS2, BIOMETRICS, STATE, BOT = (f"10014000000{n}" for n in range(9))
CHAMBER = "100240000001"
CONFIG = Config(
    issuer_bin=ISSUER,
    registrar_bin=REGISTRAR,
    treasury_bin=TREASURY,
    moh_bin=MOH,
    leb_bins=f"{LEB}, {LEB2}",
    commission_bins=CHAMBER,
    mis_bins=f"{MIS},{MIS2}",
    biometrics_bins=BIOMETRICS,
    state_corporation_bin=STATE,
    bot_bin=BOT,
)
PEOPLE = ("head", "signatory", "finance", "employee")
SYSTEM = "information_system"
ISSUER_SEATS = {
    "head": Role.ISSUER_HEAD,
    "signatory": Role.ISSUER_SIGNER,
    "finance": Role.ISSUER_FINANCE,
    "employee": Role.ISSUER_REVIEWER,
}
EXECUTOR_SEATS = {
    "head": Role.EXECUTOR_HEAD,
    "signatory": Role.EXECUTOR_SIGNER,
    "finance": Role.EXECUTOR_ACCOUNTANT,
    "employee": Role.EXECUTOR_OPERATOR,
    SYSTEM: Role.EXECUTOR_SYSTEM,
}
TABLE: dict[tuple[str | None, str], Role] = {
    **{(ISSUER, role): seat for role, seat in ISSUER_SEATS.items()},
    **{(CLINIC, role): seat for role, seat in EXECUTOR_SEATS.items()},
    **{(REGISTRAR, role): Role.REGISTRAR for role in (*PEOPLE, SYSTEM)},
    **{(MOH, role): Role.MOH for role in (*PEOPLE, SYSTEM)},
    **{(leb, role): Role.LEB for leb in (LEB, LEB2) for role in (*PEOPLE, SYSTEM)},
    **{(CHAMBER, role): Role.COMMISSION_MEMBER for role in PEOPLE},
    (TREASURY, SYSTEM): Role.TREASURY,
    (MIS, SYSTEM): Role.MIS,
    (MIS2, SYSTEM): Role.MIS,
    (BIOMETRICS, SYSTEM): Role.BIOMETRICS,
    (STATE, SYSTEM): Role.INTEGRATION,
    (BOT, SYSTEM): Role.BOT,
    (None, "individual"): Role.EXECUTOR_HEAD,  # a sole proprietor
}
BINS = (
    ISSUER,
    REGISTRAR,
    CLINIC,
    TREASURY,
    MOH,
    LEB,
    LEB2,
    MIS,
    MIS2,
    BIOMETRICS,
    STATE,
    BOT,
    CHAMBER,
)


@pytest.mark.parametrize(
    ("bin_", "role"), [(b, r.value) for b in (None, *BINS) for r in CertificateRole]
)
def test_every_pair_has_the_declared_seat_or_none(bin_: str | None, role: str) -> None:
    held = {role} if bin_ is None else {role, "legal_entity"}
    seat = TABLE.get((bin_, role))
    assert roles_for(CONFIG, bin_, held) == ({seat} if seat else frozenset())


def test_two_roles_in_one_certificate_give_both_seats() -> None:
    assert roles_for(CONFIG, ISSUER, {"legal_entity", "head", "finance"}) == {
        Role.ISSUER_HEAD,
        Role.ISSUER_FINANCE,
    }


@pytest.mark.parametrize("bin_", ["", None])
@pytest.mark.parametrize("role", [r.value for r in CertificateRole])
def test_unset_seats_belong_to_nobody(bin_: str | None, role: str) -> None:
    """With nothing configured no certificate is the issuer, the registrar or a system."""
    assert roles_for(Config(), bin_, {role}) <= {Role.EXECUTOR_HEAD}
