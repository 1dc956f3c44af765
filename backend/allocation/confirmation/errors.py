"""Refusals of confirmations."""

from backend.kernel.errors import Conflict, Invalid


class EvidenceUnknown(Conflict):
    """An outside system has not answered yet: the unknown never passes (D28)."""

    code = "EVIDENCE_UNKNOWN"


class EvidenceRefuted(Conflict):
    """An outside system denies what the application says: it may be rejected with G1, not accepted."""

    code = "EVIDENCE_REFUTED"


class ManualEvidenceWrong(Invalid):
    """A paper may stand for a licence of the application alone, and only while its system is silent."""

    code = "MANUAL_EVIDENCE_WRONG"
