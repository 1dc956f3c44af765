"""What a simulation found, for a person at a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backend.allocation.simulation.model import Comparison, Mover, Pair
from backend.app.commands.simulate_words import WORDS
from backend.kernel import money
from backend.kernel.money import Language

MOVERS_SHOWN = 10


def show(found: Comparison, language: Language, plots: Sequence[str]) -> None:
    """Tables by source, region and group, then who loses and who gains most."""
    words = WORDS[language]
    console = Console(highlight=False)
    console.print(f"[bold]{words['title']}[/bold]")
    modes = ", ".join(
        f"{words[mode]} {before} → {after}" if before != after else f"{words[mode]} {before}"
        for mode, (before, after) in found.modes.items()
    )
    console.print(words["modes"].format(lines=modes))
    console.print(_table("source", [*found.by_source, found.total], language))
    console.print(_table("region", found.by_region, language))
    console.print(_table("group", found.by_group, language))
    changed = [m for m in found.applicants if m.before_tiyn != m.after_tiyn]
    if not changed:
        console.print(words["nobody"])
    else:
        told = {"changed": f"{len(changed):,}", "all": f"{len(found.applicants):,}"}
        console.print(words["changed"].format(**told))
        losing = [m for m in changed if m.after_tiyn < m.before_tiyn][:MOVERS_SHOWN]
        gaining = [m for m in reversed(changed) if m.after_tiyn > m.before_tiyn][:MOVERS_SHOWN]
        for title, movers in (("lose", losing), ("gain", gaining)):
            if movers:
                console.print(_movers(words[title], movers, language))
    if plots:
        console.print(f"{words['plots']}: {escape(', '.join(plots))}")


def _table(kind: str, pairs: Sequence[Pair], language: Language) -> Table:
    words = WORDS[language]
    planned = any(pair.before.planned_tiyn is not None for pair in pairs)
    table = Table(title=words[f"by_{kind}"], title_justify="left")
    table.add_column(words[kind])
    names = ["applications", *(["planned"] if planned else []), "before", "after", "difference"]
    for name in names:
        table.add_column(words[name], justify="right", no_wrap=True)
    for pair in pairs:
        name = words["total"] if pair.key == "" else words.get(pair.key, pair.key)
        cells = [escape(name), _moved(pair.before.applications, pair.after.applications)]
        if planned:
            cells.append(_planned(pair, language))
        before, after = pair.before.amount_tiyn, pair.after.amount_tiyn
        cells += [money.for_people(before, language), money.for_people(after, language)]
        table.add_row(*cells, _difference(before, after, language), end_section=pair.key == "")
    return table


def _movers(title: str, movers: Sequence[Mover], language: Language) -> Table:
    words = WORDS[language]
    table = Table(title=title, title_justify="left")
    table.add_column(words["applicant"])
    for name in ("before", "after", "difference"):
        table.add_column(words[name], justify="right", no_wrap=True)
    for m in movers:
        table.add_row(
            escape(m.id),
            money.for_people(m.before_tiyn, language),
            money.for_people(m.after_tiyn, language),
            _difference(m.before_tiyn, m.after_tiyn, language),
        )
    return table


def _moved(before: int, after: int) -> str:
    return f"{before:,}" if before == after else f"{before:,} → {after:,}"


def _planned(pair: Pair, language: Language) -> str:
    before, after = pair.before.planned_tiyn or 0, pair.after.planned_tiyn or 0
    if before == after:
        return money.for_people(after, language)
    return f"{money.for_people(before, language)}\n→ {money.for_people(after, language)}"


def _difference(before: int, after: int, language: Language) -> str:
    """The sum and the percentage, in tenths; green up, red down."""
    change = after - before
    if change == 0:
        return "—"
    tenths = money.round_half_up(abs(change) * 1000, before) if before else None
    share = "" if tenths is None else f" ({tenths // 10}{_POINT[language]}{tenths % 10} %)"
    sign, colour = ("+", "green") if change > 0 else ("−", "red")
    return f"[{colour}]{sign}{money.for_people(abs(change), language)}{share}[/{colour}]"


_POINT: dict[Language, str] = {"kk": ",", "ru": ",", "en": "."}
