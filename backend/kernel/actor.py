"""Who acts: the roles of the permission matrix (domain chapter 2) and the actor of one request."""

from enum import StrEnum
from uuid import UUID

import msgspec


class Role(StrEnum):
    """The roles of the permission matrix. An actor has at least one; a guest is no actor."""

    REGISTRAR = "registrar"
    ISSUER_HEAD = "issuer_head"
    ISSUER_SIGNER = "issuer_signer"
    ISSUER_REVIEWER = "issuer_reviewer"
    ISSUER_FINANCE = "issuer_finance"
    EXECUTOR_HEAD = "executor_head"
    EXECUTOR_SIGNER = "executor_signer"
    EXECUTOR_OPERATOR = "executor_operator"
    EXECUTOR_ACCOUNTANT = "executor_accountant"
    EXECUTOR_SYSTEM = "executor_system"
    INSURED = "insured"
    MOH = "moh"
    LEB = "leb"
    COMMISSION_MEMBER = "commission_member"
    TREASURY = "treasury"
    MIS = "mis"
    BIOMETRICS = "biometrics"
    INTEGRATION = "integration"
    BOT = "bot"
    SYSTEM = "system"


class Scope(StrEnum):
    """What a citizen's session may be used for: an operation asks for one, a session holds some."""

    READ = "READ"  # one's own record
    VISIT = "VISIT"  # codes, biometrics and visits at a clinic
    COMPLAIN = "COMPLAIN"  # complaints; billed services confirmed and disputed
    EXTRACT = "EXTRACT"  # extracts and the state service
    CONSENT = "CONSENT"  # consent given and withdrawn, representation


ISSUER = frozenset(
    {Role.ISSUER_HEAD, Role.ISSUER_SIGNER, Role.ISSUER_REVIEWER, Role.ISSUER_FINANCE}
)
EXECUTOR = frozenset(
    {
        Role.EXECUTOR_HEAD,
        Role.EXECUTOR_SIGNER,
        Role.EXECUTOR_OPERATOR,
        Role.EXECUTOR_ACCOUNTANT,
        Role.EXECUTOR_SYSTEM,
    }
)
ISSUER_SIGNERS = frozenset({Role.ISSUER_HEAD, Role.ISSUER_SIGNER})
# Who may sit in a monitoring's commission beside the issuer (M §20); a seat is in one commission.
COMMISSION = frozenset({Role.COMMISSION_MEMBER, Role.LEB, Role.MOH})
EXECUTOR_SIGNERS = frozenset({Role.EXECUTOR_HEAD, Role.EXECUTOR_SIGNER})


class Actor(msgspec.Struct, frozen=True, gc=False):
    """Who makes this request, as the session proved it.

    `bin` is set for organisations and systems, `person_id` for citizens. `signer` is the keyed
    hash of the IIN in the certificate that opened the session (None for systems and OTP). `sole` is
    a sole proprietor: his `bin` is an IIN, known to the request alone and written nowhere openly.
    `scopes` bound a citizen's session (None: all its role may); `channel` is where it was opened.
    With `representation_id` the session is a representative's, and `person_id` the one represented.
    """

    session_id: UUID
    roles: frozenset[Role]
    bin: str | None = None
    person_id: UUID | None = None
    signer: bytes | None = None
    sole: bool = False
    scopes: frozenset[Scope] | None = None
    channel: str | None = None
    representation_id: UUID | None = None

    @property
    def name(self) -> str:
        """Who acts, naming no person: a BIN, a sole proprietor's keyed hash, or an opaque id."""
        if self.sole:
            assert self.signer is not None, "a sole proprietor signed in with his own certificate"
            return self.signer.hex()
        return self.bin or str(self.person_id or self.session_id)

    @property
    def label(self) -> str:
        """How the operation log and the events name the actor: `name` with its role."""
        return f"{min(self.roles)}:{self.name}"


SYSTEM = Actor(session_id=UUID(int=0), roles=frozenset({Role.SYSTEM}))
