"""Refusals of rating imports."""

from backend.kernel.errors import Invalid


class UnknownExecutor(Invalid):
    """A row names a BIN no executor has; nothing is imported."""

    code = "UNKNOWN_EXECUTOR"


class RowTwice(Invalid):
    """Two rows speak of the same executor and service; nothing is imported."""

    code = "ROW_TWICE"
