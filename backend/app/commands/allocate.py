"""`saqtau allocate CASE.json`: one plan line, allocated by rule, without a database."""

import click

from backend.allocation.decision import case as cases
from backend.allocation.decision.errors import AllocationRefused
from backend.app.commands import console


@click.command("allocate")
@click.argument("case", metavar="CASE.json")
def command(case: str) -> None:
    """Allocate one plan line among its applications (domain 5.3).

    CASE.json is a file, or - for standard input. Prints the decided line, or a refusal with exit 1.
    """
    document = console.read_json(case)
    try:
        answer = cases.decide(document)
    except AllocationRefused as refused:
        console.refuse(refused.actual_code, refused.detail, refused.path)
    console.answer(answer, yes=True)
