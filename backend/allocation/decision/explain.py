"""A trace in plain sentences, for a reader who is no specialist. They name no person and no BIN."""

from collections.abc import Iterator

from babel import Locale

from backend.allocation.decision.algorithms import THRESHOLD
from backend.allocation.decision.model import Line, Mode, Outcome, Unit
from backend.allocation.decision.record import Origin
from backend.allocation.decision.trace import Cap, ShareTrace, Split
from backend.allocation.decision.words import SERVICES, TEXTS
from backend.kernel import money
from backend.kernel.money import Language

_THOUSANDS = {"kk": "\N{NO-BREAK SPACE}", "ru": "\N{NO-BREAK SPACE}", "en": ","}
_POINT = {"kk": ",", "ru": ",", "en": "."}


def explain(trace: ShareTrace, language: Language, origin: Origin | None = None) -> str:
    """The way from score to share in a few plain sentences; money is told in tenge.

    With `origin` also what the capacity is made of, where that is not the applicant's own alone.
    """
    texts, values = TEXTS[language], _values(trace, language)
    told = [texts[name].format(**values) for name in _sentences(trace)]
    if origin is not None and (origin.co_capacity or origin.given_before):
        amounts = (origin.own_capacity, origin.co_capacity, origin.given_before)
        own, added, given = (_amount(trace.line.unit, a or 0, language) for a in amounts)
        name = "origin_fact" if origin.own_capacity is None else "origin_capacity"
        told.insert(1, texts[name].format(own=own, added=added, given=given))
    return _text(told)


def explain_line(line: Line, outcome: Outcome, language: Language) -> str:
    """How the plan of a line was shared, from its minimums to its residue."""
    texts = TEXTS[language]

    def told(name: str, **values: int | str) -> str:
        written = {
            key: _amount(line.unit, value, language) if isinstance(value, int) else value
            for key, value in values.items()
        }
        units = {
            f"units_{key}": _units(line.unit, value, language)
            for key, value in values.items()
            if isinstance(value, int)
        }
        return texts[name].format(**written, **units)

    sentences = [
        told("line_plan", plan=line.plan, sum_min=outcome.sum_min, sum_max=outcome.sum_max)
    ]
    if outcome.mode is Mode.FAILED:
        return _text([*sentences, told("line_failed", residue=outcome.residue)])
    if outcome.mode is Mode.SCALED_MIN:
        sentences.append(told("line_scaled"))
    for rung in outcome.ladder:
        kind = "full" if rung.left >= rung.headroom else "part" if rung.left else "none"
        sentences.append(
            told(f"line_rung_{kind}", group=rung.group, left=rung.left, headroom=rung.headroom)
        )
    given = line.plan - outcome.residue
    return _text([*sentences, told("line_residue", given=given, residue=outcome.residue)])


def _text(sentences: list[str]) -> str:
    """Sentences after one another; a money line has no word for its unit, and leaves no gap."""
    return " ".join(sentences).replace("  ", " ").replace(" .", ".").replace(" ;", ";")


def _sentences(trace: ShareTrace) -> Iterator[str]:
    """Which sentences apply, in the order of the computation."""
    yield "group_threshold" if trace.algorithm == THRESHOLD else "group"
    if trace.share.reason is not None:
        yield "zero_base" if trace.base == 0 else "zero_capacity"
        return
    if trace.application.base is None:
        yield "base_requested"
    if trace.line.phc_full:
        yield "phc"
    yield "min"
    if trace.min_cap is not None:
        yield "min_requested" if trace.min_cap is Cap.REQUESTED else "min_capacity"
    if trace.mode is Mode.SCALED_MIN:
        yield "scaled"
    else:
        yield _supplement(trace)
    if trace.split is not None and trace.split.remainder and trace.split.total:
        yield "odd" if trace.split.odd else "not_odd"
    if trace.cut:
        yield "cut"
    yield "allocated"
    if trace.tariff_tiyn not in (None, trace.line.tariff_tiyn):
        yield "tariff"
    if trace.line.unit is Unit.SERVICE:
        yield "amount"
    if trace.share.co_executors:
        yield "co_executors"


def _supplement(trace: ShareTrace) -> str:
    if trace.rung is None or not trace.headroom:
        if trace.max_cap is not None:
            requested = trace.max_cap is Cap.REQUESTED
            return "no_headroom_requested" if requested else "no_headroom_capacity"
        by_law = trace.share.group == "V" and not trace.line.phc_full
        return "no_supplement_v" if by_law else "no_headroom"
    if trace.split is None:
        return "supplement_all"
    return "supplement_part" if trace.split.total else "supplement_none"


def _values(trace: ShareTrace, language: Language) -> dict[str, str]:
    """Everything a sentence may name, as it is written in that language."""

    def amount(value: int) -> str:
        return _amount(trace.line.unit, value, language)

    def units(value: int) -> str:
        return _units(trace.line.unit, value, language)

    share, score = trace.share, trace.application.score_milli
    split = trace.split or Split(0, 0, 0, 0, 0, 0, 0)
    own = share.allocated - sum(part.allocated for part in share.co_executors)
    return {
        "score": points(score, language),
        "tenths": _decimal((score + 50) // 100, 1, language),
        "group": share.group.value,
        "base": amount(trace.base),
        "min_percent": str(trace.min_percent),
        "min_uncapped": amount(trace.min_uncapped),
        "units_min": units(trace.min_uncapped),
        "units_allocated": units(share.allocated),
        "floor": TEXTS[language]["floor"] if trace.base * trace.min_percent % 100 else "",
        "min": amount(share.min),
        "max": amount(share.max),
        "plan": amount(trace.line.plan),
        "sum_min": amount(trace.sum_min),
        "headroom": amount(trace.headroom),
        "supplement": amount(trace.supplement),
        "left": amount(trace.rung.left if trace.rung else 0),
        "group_headroom": amount(trace.rung.headroom if trace.rung else 0),
        "weight": amount(split.weight),
        "total": amount(split.total),
        "whole": amount(split.whole),
        "floored": amount(split.floored),
        "one": amount(1),
        "place": str(split.place),
        "allocated": amount(share.allocated),
        "tariff": money.for_people(trace.tariff_tiyn or trace.line.tariff_tiyn or 0, language),
        "base_tariff": money.for_people(trace.line.tariff_tiyn or 0, language),
        "cut": amount(trace.cut),
        "amount": money.for_people(share.amount_tiyn, language),
        "own": amount(own),
        "parts": ", ".join(f"{part.id} {amount(part.allocated)}" for part in share.co_executors),
    }


def _amount(unit: Unit, value: int, language: Language) -> str:
    """A number of services, or money in tenge."""
    return money.for_people(value, language) if unit is Unit.TIYN else whole(value, language)


def _units(unit: Unit, value: int, language: Language) -> str:
    """The word that stands after a number of services; none after money, which has its sign."""
    if unit is Unit.TIYN:
        return ""
    words = SERVICES[language]
    return words.get(Locale(language).plural_form(value), words["other"])


def whole(value: int, language: Language) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,}".replace(",", _THOUSANDS[language])


def points(score_milli: int, language: Language) -> str:
    """A score in points with its thousandths."""
    return _decimal(score_milli, 3, language)


def _decimal(value: int, digits: int, language: Language) -> str:
    whole, part = divmod(value, 10**digits)
    return f"{whole}{_POINT[language]}{part:0{digits}}"
