"""Refusals of the directory of purchase rules."""

from backend.kernel.errors import Invalid


class RuleUnknown(Invalid):
    """The directory has no such case in force."""

    code = "PURCHASE_RULE_UNKNOWN"
