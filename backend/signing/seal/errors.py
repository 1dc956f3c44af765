"""Refusals of the seal."""

from backend.kernel.errors import Invalid, Unavailable


class SealMissing(Unavailable):
    """No seal is configured for this organisation, or none that can do this."""

    code = "SEAL_MISSING"


class PdfUnfit(Invalid):
    """Not a PDF we can put a signature into; `reason` says what it lacks."""

    code = "PDF_UNFIT"
