"""Why an indicator earned what it did, in Kazakh, Russian and English."""

from decimal import Decimal

from backend.allocation.rating.model import PartState, Scale
from backend.allocation.rating.record import PartRow
from backend.kernel.money import Language

_TEXTS: dict[Language, dict[str, str]] = {
    "kk": {
        "MISSING": "Мәні белгісіз, сондықтан үлесі 0.",
        "NOT_APPLICABLE": "Бұл орындаушыға қолданылмайды, сондықтан есепке кірмейді.",
        "INFORMATIONAL": "Тек ақпарат үшін, балға әсер етпейді.",
        "points": "{max_points} балдан {value} балл: үлесі {attained}.",
        "proportion": "Мақсат {target}, мәні {value}: үлесі {attained}.",
        "at_least": "Кемінде {target} керек, мәні {value}: {met}.",
        "above": "{target} мәнінен артық керек, мәні {value}: {met}.",
        "at_most": "Көп дегенде {target} керек, мәні {value}: {met}.",
        "met": "орындалды, үлесі 1",
        "not_met": "орындалмады, үлесі 0",
    },
    "ru": {
        "MISSING": "Значение неизвестно, поэтому доля 0.",
        "NOT_APPLICABLE": "К этому исполнителю не применяется, поэтому в расчёт не входит.",
        "INFORMATIONAL": "Только для сведения, на балл не влияет.",
        "points": "Баллов {value} из {max_points}: доля {attained}.",
        "proportion": "Цель {target}, значение {value}: доля {attained}.",
        "at_least": "Нужно не меньше {target}, значение {value}: {met}.",
        "above": "Нужно больше {target}, значение {value}: {met}.",
        "at_most": "Нужно не больше {target}, значение {value}: {met}.",
        "met": "выполнено, доля 1",
        "not_met": "не выполнено, доля 0",
    },
    "en": {
        "MISSING": "The value is not known, so its part is 0.",
        "NOT_APPLICABLE": "It does not apply to this executor, so it is left out.",
        "INFORMATIONAL": "For information only; it does not change the score.",
        "points": "Points {value} of {max_points}: its part is {attained}.",
        "proportion": "Target {target}, value {value}: its part is {attained}.",
        "at_least": "At least {target} is wanted, the value is {value}: {met}.",
        "above": "More than {target} is wanted, the value is {value}: {met}.",
        "at_most": "No more than {target} is wanted, the value is {value}: {met}.",
        "met": "met, its part is 1",
        "not_met": "not met, its part is 0",
    },
}


def explain(row: PartRow, language: Language) -> str:
    """One sentence about one indicator of a score."""
    texts = _TEXTS[language]
    if row.state is not PartState.COUNTED:
        return texts[row.state]

    def told(value: Decimal | None) -> str:
        return _for_people(value or Decimal(0), language)

    return texts[Scale(row.scale)].format(
        value=told(row.value),
        target=told(row.target),
        max_points=told(row.max_points),
        attained=told(row.attained),
        met=texts["met" if row.attained else "not_met"],
    )


def plain(value: Decimal) -> str:
    """An exact decimal for machines: no exponent, no zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _for_people(value: Decimal, language: Language) -> str:
    text = plain(value)
    return text if language == "en" else text.replace(".", ",")
