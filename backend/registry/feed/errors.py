"""Refusals of feeds; the codes of single rows stand in `Row`."""

from enum import StrEnum

from backend.kernel.errors import Conflict


class BatchChanged(Conflict):
    """Other data were taken under this batch_id."""

    code = "BATCH_CHANGED"


class Row(StrEnum):
    """Why a single row is refused; the others of its batch are taken."""

    ROW_MALFORMED = "ROW_MALFORMED"
    IIN_INVALID = "IIN_INVALID"
    BIRTH_DATE_MISMATCH = "BIRTH_DATE_MISMATCH"
    DATE_IN_FUTURE = "DATE_IN_FUTURE"
    INSURED_NOT_FOUND = "INSURED_NOT_FOUND"
    EXECUTOR_NOT_FOUND = "EXECUTOR_NOT_FOUND"
    FACILITY_NOT_FOUND = "FACILITY_NOT_FOUND"
    CATEGORY_UNKNOWN = "CATEGORY_UNKNOWN"
    PERIOD_INVALID = "PERIOD_INVALID"
    DUPLICATE_RECEIPT = "DUPLICATE_RECEIPT"
    RECEIPT_NOT_FOUND = "RECEIPT_NOT_FOUND"
    REFUND_TOO_LARGE = "REFUND_TOO_LARGE"
    PAYER_INVALID = "PAYER_INVALID"
