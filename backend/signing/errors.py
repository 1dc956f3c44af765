"""Refusals of the signing wing."""

from backend.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
    Unavailable,
)


class SignatureInvalid(Invalid):
    """The signature does not stand; `reason` is the verifier's code (CONTRACT, `ecp verify`)."""

    code = "SIGNATURE_INVALID"


class RenewalRefused(Unauthenticated):
    """The word renews nothing: unknown, used, or of a session that is over; which of these is not told."""

    code = "RENEWAL_REFUSED"


class CertRevoked(Invalid):
    """The certificate was revoked before it signed."""

    code = "CERT_REVOKED"


class NotSignerOfOrg(Forbidden):
    """The certificate is another organisation's, or of a role that may not sign this."""

    code = "NOT_SIGNER_OF_ORG"


class RevocationUnknown(Unavailable):
    """Whether the certificate is revoked cannot be decided now: neither yes nor no (FAULTS 20)."""

    code = "SOURCE_UNAVAILABLE"


class DocumentMalformed(Invalid):
    """The signed bytes are not the document this operation takes."""

    code = "DOCUMENT_MALFORMED"


class DocumentAlreadyUsed(Conflict):
    """These signed bytes have served already."""

    code = "DOCUMENT_ALREADY_USED"


class EvidenceNotFound(NotFound):
    """There is no such proof, or it is not this actor's."""

    code = "EVIDENCE_NOT_FOUND"


class EvidenceBroken(Conflict):
    """What is stored is not what was stored: `part` names where it differs. Nothing may rest on it."""

    code = "EVIDENCE_BROKEN"


class ChallengeInvalid(Unauthenticated):
    """The challenge is unknown, expired, already used or another origin's."""

    code = "CHALLENGE_INVALID"


class NoSeat(Forbidden):
    """The certificate is genuine, but its role has no seat in the permission matrix."""

    code = "NO_ROLE"


# What an operation that takes a signed command may answer besides its own refusals.
SIGNING_ERRORS = (
    SignatureInvalid,
    DocumentMalformed,
    DocumentAlreadyUsed,
    NotSignerOfOrg,
    CertRevoked,
    RevocationUnknown,
)
