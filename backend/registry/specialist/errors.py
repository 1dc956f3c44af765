"""Refusals about specialists."""

from backend.kernel.errors import Invalid


class NeedPeriodWrong(Invalid):
    """An entry ends before it begins."""

    code = "NEED_PERIOD_WRONG"
