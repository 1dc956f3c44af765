"""Refusals of the directories."""

from backend.kernel.errors import Invalid


class MisNotConforming(Invalid):
    """The directory has no such system, or it does not conform (M §6(2))."""

    code = "MIS_NOT_CONFORMING"


class AccountingWrong(Invalid):
    """The data of 186/2020 lack the field `field`, have one that is not asked for, or of another kind."""

    code = "ACCOUNTING_186_WRONG"
