"""`saqtau mhi-status CASE.json` (CONTRACT.md): is this person insured, why, and until when."""

import click
import msgspec

from backend.app.commands import console
from backend.registry.entitlement import case as cases
from backend.registry.entitlement.errors import BadCase, MinimumWageUnknown
from backend.registry.entitlement.model import Status


@click.command(name="mhi-status")
@click.argument("case", metavar="CASE.json")
def command(case: str) -> None:
    """Say whether the person of CASE.json is insured (domain 5.6).

    CASE.json is a file, or - for standard input. Not insured, or refused, is exit 1.
    """
    document = console.read_json(case)
    try:
        found = cases.judge(document)
    except (BadCase, MinimumWageUnknown) as refused:
        console.refuse(refused.actual_code, str(refused), refused.path)
    console.answer(msgspec.to_builtins(found), yes=found.status is Status.CONSUMER)
