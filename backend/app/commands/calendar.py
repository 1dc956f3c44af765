"""`saqtau calendar add|notice|accept` (CONTRACT.md) and `what-if`: the built-in calendar, no database."""

import re
import sys
from datetime import date, datetime

import click

from backend.app.commands import console
from backend.kernel.calendar import DateOutOfRange, LegalCalendar
from backend.kernel.terms import (
    LEGAL_TERMS,
    Term,
    TermInvalid,
    TermUnit,
    accept_request,
    add_term,
    last_notice_day,
)
from backend.registry.legal_term import rules
from backend.registry.legal_term.model import LegalEvent

# `fromisoformat` reads more than we promise (weeks, no hyphens, 24:00), and \d more than ASCII.
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
    r"(?:[Zz]|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"
)
_WANTED_DATE = "DATE is a day that exists, written YYYY-MM-DD"
_WANTED_TIMESTAMP = "LOCAL_TIMESTAMP is YYYY-MM-DDTHH:MM:SS, of +05:00 unless it says otherwise"


@click.group(name="calendar", no_args_is_help=False)
def command() -> None:
    """Legal days and terms."""


@command.command(name="add")
@click.argument("day", metavar="DATE")
@click.argument("term")
def add(day: str, term: str) -> None:
    """Print the last day of TERM (5wd, 30cd, 4mo) that an event on DATE sets off."""
    start, length = _read_date(day), _read_term(term)
    try:
        end = add_term(LegalCalendar(), start, length)
    except DateOutOfRange as e:
        console.bad_argument(str(e))
    console.answer({"date": end.isoformat()}, yes=True)


@command.command(name="notice")
@click.argument("day", metavar="DATE")
@click.argument("term", metavar="NwD")
def notice(day: str, term: str) -> None:
    """Print the last lawful day to notify of an event on DATE, N full working days ahead (5wd)."""
    event, length = _read_date(day), _read_term(term)
    if length.unit is not TermUnit.WORKING_DAYS:
        console.bad_argument("a notice is counted in working days: 5wd")
    try:
        last = last_notice_day(LegalCalendar(), event, length.count)
    except DateOutOfRange as e:
        console.bad_argument(str(e))
    console.answer({"date": last.isoformat()}, yes=True)


@command.command(name="accept")
@click.argument("local_timestamp")
def accept(local_timestamp: str) -> None:
    """Print when a request of LOCAL_TIMESTAMP is accepted and by when it is answered."""
    asked = _read_timestamp(local_timestamp)
    try:
        found = accept_request(LegalCalendar(), asked)
    except DateOutOfRange as e:
        console.bad_argument(str(e))
    document = {"accepted_at": found.accepted_at.isoformat(), "due_at": found.due_at.isoformat()}
    console.answer(document, yes=True)


@command.command(name="what-if")
@click.argument("event", type=click.Choice([str(event) for event in LegalEvent]))
@click.argument("day", metavar="DATE")
@click.option("--language", type=click.Choice(["kk", "ru", "en"]), default="kk", show_default=True)
def what_if(event: str, day: str, language: str) -> None:
    """Print what EVENT on DATE sets off by law, each step on its last day."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from backend.web import problems

    start = _read_date(day)
    try:
        steps = rules.what_if(LegalCalendar(), LegalEvent(event), start)
    except DateOutOfRange as e:
        console.bad_argument(str(e))
    rows = [
        {
            "on": step.on.isoformat(),
            "code": step.code,
            "to_do": problems.text(f"TERM_{step.code.upper()}", language, {})[0],
            "source": LEGAL_TERMS[step.code].source,
            "since": step.since.value,
        }
        for step in steps
    ]
    if not sys.stdout.isatty():
        console.answer({"event": event, "on": day, "steps": rows}, yes=True)
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, title=f"{event}, {day}", title_justify="left"
    )
    for name in ("on", "code", "to_do", "source"):
        table.add_column(name)
    for row in rows:
        table.add_row(*(row[column.header] for column in table.columns))  # type: ignore[index]
    Console().print(table)


def _read_date(text: str) -> date:
    if not _DATE.fullmatch(text):
        console.bad_argument(_WANTED_DATE)
    try:
        return date.fromisoformat(text)
    except ValueError:
        console.bad_argument(_WANTED_DATE)


def _read_term(text: str) -> Term:
    try:
        return Term.parse(text)
    except TermInvalid as e:
        console.bad_argument(str(e))


def _read_timestamp(text: str) -> datetime:
    if not _TIMESTAMP.fullmatch(text):
        console.bad_argument(_WANTED_TIMESTAMP)
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        console.bad_argument(_WANTED_TIMESTAMP)
