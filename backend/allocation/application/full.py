"""An application in full: what was asked, and what outside systems say of it."""

from msgspec import Struct

from backend.allocation.application.model import (
    ApplicationSummary,
    CoExecutorView,
    Contents,
    EnteredChange,
    RequestedLine,
)
from backend.allocation.confirmation.model import Confirmation, ManualRow


class Application(Struct, frozen=True):
    """One application in full, for the issuer and its executor."""

    summary: ApplicationSummary
    lines: list[RequestedLine]
    contents: Contents
    co_executors: list[CoExecutorView]
    confirmations: list[Confirmation]
    manual: list[ManualRow]
    changes: list[EnteredChange]
