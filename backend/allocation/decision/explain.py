"""The words for a trace, in Kazakh, Russian and English, for a reader who is no specialist.

Numbers are put so that no word has to agree with them. Texts name no person and no BIN.
"""

from collections.abc import Iterator

from backend.allocation.decision.model import Mode, Unit
from backend.allocation.decision.trace import Cap, ShareTrace, Split
from backend.kernel import money
from backend.kernel.money import Language

_THOUSANDS = {"kk": "\N{NO-BREAK SPACE}", "ru": "\N{NO-BREAK SPACE}", "en": ","}
_POINT = {"kk": ",", "ru": ",", "en": "."}

_KK = {
    "group": "Балы {score}, ондыққа дейін дөңгелектегенде {tenths}: {group} топ.",
    "zero_base": "Базасы нөлге тең, сондықтан бөлінген көлем: 0.",
    "zero_capacity": "Қуаты нөлге тең, сондықтан бөлінген көлем: 0.",
    "base_requested": "Базасы көрсетілмеген, сондықтан база ретінде өтінім алынды: {base}.",
    "phc": "Желі бекітілген халық саны бойынша бөлінеді, сондықтан база толық алынады.",
    "min": "Ең аз үлесі: базаның {min_percent} %-ы, {base} × {min_percent} % = {min_uncapped}{floor}.",
    "floor": " (төмен қарай дөңгелектегенде)",
    "min_requested": "Өтінімде одан аз сұралған, сондықтан ең аз үлесі: {min}.",
    "min_capacity": "Қуаты оған жетпейді, сондықтан ең аз үлесі: {min}.",
    "scaled": (
        "Жоспар ({plan}) барлық ең аз үлестердің қосындысынан ({sum_min}) кем, сондықтан олардың "
        "бәрі бірдей пропорциямен азайтылды: {weight} × {total} / {whole}, "
        "төмен қарай дөңгелектегенде {floored}."
    ),
    "odd": (
        "Дөңгелектеуден қалған бірліктер ең үлкен қалдықтарға берілді; осы өтінімнің орны: {place}, "
        "оған тағы {one} қосылды."
    ),
    "not_odd": "Қалдығының реті бойынша орны {place}, дөңгелектеуден қалған бірлік оған жетпеді.",
    "no_supplement_v": "V топқа қосымша көлем бөлінбейді.",
    "no_headroom_requested": "Қосымша жоқ: ең аз үлесінің өзі сұралған көлемге жетті.",
    "no_headroom_capacity": "Қосымша жоқ: ең аз үлесінің өзі қуат шегіне жетті.",
    "no_headroom": "Қосымша жоқ: ең көп үлесі ең аз үлесіне тең.",
    "supplement_all": (
        "Қосымша: {headroom} ішінен {supplement}, өйткені жоспарда қалған {left} тобының бәріне "
        "({group_headroom}) жетті. Ең көп үлесі: {max}."
    ),
    "supplement_none": (
        "Қосымша: {headroom} ішінен 0, өйткені ең аз үлестер мен жоғары топтардан кейін жоспарда "
        "ештеңе қалмады."
    ),
    "supplement_part": (
        "Қосымша: {headroom} ішінен {supplement}, өйткені жоспарда {left} ғана қалды, ал тобына "
        "{whole} керек еді; қалғаны пропорциямен бөлінді: {weight} × {total} / {whole}, "
        "төмен қарай дөңгелектегенде {floored}."
    ),
    "allocated": "Бөлінгені: {allocated}.",
    "amount": "Сомасы: {allocated} × {tariff} = {amount}.",
    "co_executors": "Оның ішінде өз бөлігі: {own}; бірлесіп орындаушылар: {parts}.",
}

_RU = {
    "group": "Балл {score}, округлённо до десятых {tenths}: группа {group}.",
    "zero_base": "База равна нулю, поэтому распределено 0.",
    "zero_capacity": "Мощность равна нулю, поэтому распределено 0.",
    "base_requested": "База не указана, поэтому за базу принята заявка: {base}.",
    "phc": "Строка распределяется по прикреплённому населению, поэтому база берётся полностью.",
    "min": "Минимальная доля: {min_percent} % базы, {base} × {min_percent} % = {min_uncapped}{floor}.",
    "floor": " (округлённо вниз)",
    "min_requested": "В заявке запрошено меньше, поэтому минимум: {min}.",
    "min_capacity": "Мощности для этого не хватает, поэтому минимум: {min}.",
    "scaled": (
        "План ({plan}) меньше суммы всех минимумов ({sum_min}), поэтому все они уменьшены в одной "
        "пропорции: {weight} × {total} / {whole}, округлённо вниз {floored}."
    ),
    "odd": (
        "Единицы, оставшиеся от округления, отданы наибольшим остаткам; место этой заявки: {place}, "
        "ей добавлено {one}."
    ),
    "not_odd": "По величине остатка место {place}, единицы от округления до него не дошли.",
    "no_supplement_v": "Группа V дополнительного объёма не получает.",
    "no_headroom_requested": "Дополнения нет: минимум уже равен запрошенному объёму.",
    "no_headroom_capacity": "Дополнения нет: минимум уже равен мощности.",
    "no_headroom": "Дополнения нет: максимум равен минимуму.",
    "supplement_all": (
        "Дополнение: {supplement} из {headroom}, потому что оставшихся в плане {left} хватило на всю "
        "группу ({group_headroom}). Максимум: {max}."
    ),
    "supplement_none": (
        "Дополнение: 0 из {headroom}, потому что после минимумов и более высоких групп в плане "
        "ничего не осталось."
    ),
    "supplement_part": (
        "Дополнение: {supplement} из {headroom}, потому что в плане осталось только {left}, а группа "
        "могла принять {whole}; остаток разделён пропорционально: {weight} × {total} / {whole}, "
        "округлённо вниз {floored}."
    ),
    "allocated": "Распределено: {allocated}.",
    "amount": "Сумма: {allocated} × {tariff} = {amount}.",
    "co_executors": "Из них собственная часть: {own}; соисполнители: {parts}.",
}

_EN = {
    "group": "Score {score}, rounded to tenths {tenths}: group {group}.",
    "zero_base": "The base is zero, so nothing is allocated.",
    "zero_capacity": "The capacity is zero, so nothing is allocated.",
    "base_requested": "No base is given, so the request is the base: {base}.",
    "phc": "The line goes by attached population, so the base counts in full.",
    "min": "Minimum share: {min_percent} % of the base, {base} × {min_percent} % = {min_uncapped}{floor}.",
    "floor": " (rounded down)",
    "min_requested": "The application asks for less, so the minimum is {min}.",
    "min_capacity": "The capacity is less than that, so the minimum is {min}.",
    "scaled": (
        "The plan ({plan}) is smaller than all minimums together ({sum_min}), so all of them are cut "
        "in one proportion: {weight} × {total} / {whole}, rounded down {floored}."
    ),
    "odd": (
        "Units left by rounding went to the largest remainders; the place of this application is "
        "{place}, so {one} is added."
    ),
    "not_odd": "By its remainder the place is {place}; the units left by rounding ended before it.",
    "no_supplement_v": "Group V receives no supplement.",
    "no_headroom_requested": "No supplement: the minimum is already all that was asked for.",
    "no_headroom_capacity": "No supplement: the minimum is already the whole capacity.",
    "no_headroom": "No supplement: the maximum equals the minimum.",
    "supplement_all": (
        "Supplement: {supplement} of {headroom}, because the {left} left in the plan was enough for "
        "the whole group ({group_headroom}). Maximum: {max}."
    ),
    "supplement_none": (
        "Supplement: 0 of {headroom}, because nothing was left in the plan after the minimums and "
        "the higher groups."
    ),
    "supplement_part": (
        "Supplement: {supplement} of {headroom}, because only {left} was left in the plan where the "
        "group could take {whole}; it was shared in proportion: {weight} × {total} / {whole}, "
        "rounded down {floored}."
    ),
    "allocated": "Allocated: {allocated}.",
    "amount": "Amount: {allocated} × {tariff} = {amount}.",
    "co_executors": "Of it the applicant's own part: {own}; co-executors: {parts}.",
}

_TEXTS: dict[Language, dict[str, str]] = {"kk": _KK, "ru": _RU, "en": _EN}


def explain(trace: ShareTrace, language: Language) -> str:
    """The way from score to share in a few plain sentences; money is told in tenge."""
    texts, values = _TEXTS[language], _values(trace, language)
    return " ".join(texts[name].format(**values) for name in _sentences(trace))


def _sentences(trace: ShareTrace) -> Iterator[str]:
    """Which sentences apply, in the order of the computation."""
    yield "group"
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
    yield "allocated"
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
        if trace.line.unit is Unit.TIYN:
            return money.for_people(value, language)
        return _whole(value, language)

    share, score = trace.share, trace.application.score_milli
    split = trace.split or Split(0, 0, 0, 0, 0, 0, 0)
    own = share.allocated - sum(part.allocated for part in share.co_executors)
    return {
        "score": _decimal(score, 3, language),
        "tenths": _decimal((score + 50) // 100, 1, language),
        "group": share.group.value,
        "base": amount(trace.base),
        "min_percent": str(trace.min_percent),
        "min_uncapped": amount(trace.min_uncapped),
        "floor": _TEXTS[language]["floor"] if trace.base * trace.min_percent % 100 else "",
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
        "tariff": money.for_people(trace.line.tariff_tiyn or 0, language),
        "amount": money.for_people(share.amount_tiyn, language),
        "own": amount(own),
        "parts": ", ".join(f"{part.id} {amount(part.allocated)}" for part in share.co_executors),
    }


def _whole(value: int, language: Language) -> str:
    return f"{value:,}".replace(",", _THOUSANDS[language])


def _decimal(value: int, digits: int, language: Language) -> str:
    whole, part = divmod(value, 10**digits)
    return f"{whole}{_POINT[language]}{part:0{digits}}"
