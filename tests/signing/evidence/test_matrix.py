"""IIN x BIN x role (FAULTS 19): of every signer and every actor exactly the authorised pairs pass."""

import base64
from itertools import product
from typing import Any
from uuid import UUID

import msgspec
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.signing.errors import NotSignerOfOrg
from backend.signing.evidence import service
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Code, SignerInfo
from backend.signing.model import Role as CertificateRole
from tests.conftest import MONDAY_MORNING
from tests.signing.login import conftest as login
from tests.signing.login.conftest import CLINIC, IIN, OTHER_CLINIC, OTHER_IIN, Issue

anchors, config, issue, nca = login.anchors, login.config, login.issue, login.nca

ORGANISATIONS = (CLINIC, OTHER_CLINIC)
PEOPLE = (IIN, OTHER_IIN)
HEAD, SIGNATORY, FINANCE = CertificateRole.HEAD, CertificateRole.SIGNATORY, CertificateRole.FINANCE
# what an operation allows: most need a head or a signatory, some the accountant too
ALLOWED = (frozenset({HEAD, SIGNATORY}), frozenset({HEAD, SIGNATORY, FINANCE}), frozenset({HEAD}))


class Promise(msgspec.Struct, frozen=True, tag="test.promise", tag_field="operation"):
    text: str


def acting(number: str) -> Actor:
    sole = number in PEOPLE
    signer = bytes(32) if sole else None
    roles = frozenset({Role.EXECUTOR_HEAD})
    return Actor(UUID(int=1), roles, bin=number, signer=signer, sole=sole)


def is_authorised(
    iin: str | None, bin_: str | None, role: CertificateRole, actor: str,
    allowed: frozenset[CertificateRole],
) -> bool:  # fmt: skip
    """The table, said apart from the rule: the organisation's own, in a role that may; or the man himself."""
    if actor in PEOPLE:
        return bin_ is None and iin == actor and role is CertificateRole.INDIVIDUAL
    return bin_ == actor and role in allowed


def test_exactly_the_authorised_pass() -> None:
    passed = refused = 0
    for iin, bin_, role, actor, allowed in product(
        (*PEOPLE, None), (*ORGANISATIONS, None), CertificateRole, (*ORGANISATIONS, *PEOPLE), ALLOWED
    ):
        signer = SignerInfo(valid=True, code=Code.OK, iin=iin, bin=bin_, roles=(role,))
        try:
            service.require_of_organisation(signer, acting(actor), allowed)
            passed += 1
            found = True
        except NotSignerOfOrg:
            refused += 1
            found = False
        assert found == is_authorised(iin, bin_, role, actor, allowed), (iin, bin_, role, actor)
    assert passed + refused == 3 * 3 * 9 * 4 * 3
    # per organisation 3 IIN x (2 + 3 + 1 roles); each sole proprietor by his own key, thrice
    assert passed == 2 * 3 * 6 + 2 * 3


async def test_with_real_keys(resources: Resources, issue: Issue) -> None:
    keys: dict[tuple[str | None, str, str], Any] = {
        (bin_, role, iin): issue(bin_, role, iin)  # type: ignore[call-arg]
        for bin_, roles in (
            (CLINIC, ("head", "signatory", "finance", "hr", "employee")),
            (OTHER_CLINIC, ("head",)),
            (None, ("individual",)),
        )
        for role in roles
        for iin in PEOPLE
    }
    document = msgspec.json.encode(Promise("сөз"))
    passed = set()
    for who, key in keys.items():
        cms = key.sign_cms(document, at=MONDAY_MORNING)
        request = SignedRequest(base64.b64encode(document).decode(), base64.b64encode(cms).decode())
        for actor in (CLINIC, IIN):
            try:
                await service.accept(resources, acting(actor), request, Promise)
                passed.add((*who, actor))
            except NotSignerOfOrg:
                pass
    assert passed == {
        *((CLINIC, role, iin, CLINIC) for role in ("head", "signatory") for iin in PEOPLE),
        (None, "individual", IIN, IIN),
    }


@pytest.mark.parametrize("number", [None, "", "000000000000"])
def test_nobody_s_number_is_anybody_s(number: str | None) -> None:
    signer = SignerInfo(valid=True, code=Code.OK, iin=None, bin=None, roles=(HEAD,))
    actor = Actor(UUID(int=1), frozenset({Role.EXECUTOR_HEAD}), bin=number)
    with pytest.raises(NotSignerOfOrg):
        service.require_of_organisation(signer, actor, ALLOWED[0])
