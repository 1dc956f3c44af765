"""The answer of `saqtau allocate` for a person at a terminal: who got what, and why, in kk, ru or en."""

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from backend.allocation.decision.explain import explain, explain_line, points, whole
from backend.allocation.decision.model import Case, Outcome, Unit
from backend.allocation.decision.trace import trace
from backend.kernel import money
from backend.kernel.money import Language

_HEAD: dict[Language, tuple[str, ...]] = {
    "kk": ("№", "Өтінім", "Топ", "Балл", "Ең аз", "Ең көп", "Бөлінгені", "Сомасы"),
    "ru": ("№", "Заявка", "Группа", "Балл", "Минимум", "Максимум", "Распределено", "Сумма"),
    "en": ("No.", "Application", "Group", "Score", "Minimum", "Maximum", "Allocated", "Amount"),
}
_WHY: dict[Language, str] = {"kk": "Неліктен", "ru": "Почему", "en": "Why"}
_DIFFERENCES_SHOWN = 50


def show_line(case: Case, outcome: Outcome, language: Language) -> None:
    """A decided line: the table, then the reason of every share."""
    console = Console(highlight=False)
    table = Table(title=escape(outcome.line_id), title_justify="left")
    for i, name in enumerate(_HEAD[language]):
        table.add_column(name, justify="left" if i in {1, 2} else "right")

    def amount(value: int) -> str:
        if case.line.unit is Unit.TIYN:
            return money.for_people(value, language)
        return whole(value, language)

    traces = trace(case.line, case.applications, outcome)
    for told in traces:
        share = told.share
        table.add_row(
            str(told.application.seq_no),
            escape(share.id),
            share.group,
            points(told.application.score_milli, language),
            amount(share.min),
            amount(share.max),
            f"[bold]{amount(share.allocated)}[/bold]",
            money.for_people(share.amount_tiyn, language),
        )
    console.print(table)
    console.print(escape(explain_line(case.line, outcome, language)))
    console.print(f"\n[bold]{_WHY[language]}[/bold]")
    for told in traces:
        console.print(f"[bold]{escape(told.share.id)}[/bold]  {escape(explain(told, language))}")


def show_replay(answer: dict[str, Any]) -> None:
    """What came of a replay: the verdict, then each place that differs."""
    console = Console(highlight=False)
    good = answer["valid"]
    seal = answer["seal"]
    console.print(
        Panel(
            "\n".join(
                (
                    f"[bold]{'✔' if good else '✘'} {answer['code']}[/bold]",
                    f"algorithm   {escape(answer['algorithm'])}",
                    f"lines       {answer['lines']:,}",
                    f"applications {answer['applications']:,}",
                    f"recomputed  {answer['recomputed_sha256']}",
                    f"record      {answer['record_sha256']}",
                    f"seal        {_seal(seal)}",
                )
            ),
            border_style="green" if good else "red",
            expand=False,
        )
    )
    if not answer["differences"]:
        return
    table = Table("Line", "Application", "Field", "Told", "Should be")
    for one in answer["differences"][:_DIFFERENCES_SHOWN]:
        values = (one["line"], one["application"], one["field"], one["told"], one["should_be"])
        table.add_row(*("" if value is None else escape(str(value)) for value in values))
    console.print(table)
    if len(answer["differences"]) > _DIFFERENCES_SHOWN:
        console.print(f"… {len(answer['differences']) - _DIFFERENCES_SHOWN} more (--json)")


def _seal(seal: dict[str, Any] | None) -> str:
    if seal is None:
        return "none"
    who = escape(f"{seal['organisation'] or ''} {seal['bin'] or ''}".strip())
    return f"{seal['code']} {who} {seal['signed_at'] or ''}".rstrip()
