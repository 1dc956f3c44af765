"""A second allocation, written from domain 5.3 alone: slow, with fractions, and one unit at a time.

It shares no code with `backend`: it reads the case's JSON (long names, all fields present) and
answers with plain dictionaries. The tests hold the fast one to it.
"""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor
from typing import Any

LOWER_BOUNDS = {"I": "4.6", "II": "3.2", "III": "2.0", "IV": "0.9", "V": "0"}
MIN = {"I": 80, "II": 70, "III": 60, "IV": 50, "V": 25}
MAX = {"I": 95, "II": 85, "III": 75, "IV": 65}


def group_of(score_milli: int, *, thresholds: bool = False) -> str:
    points = Decimal(score_milli) / 1000
    if not thresholds:  # D18: the one that lawyers may prefer takes the bounds as they stand
        points = points.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return next(name for name, start in LOWER_BOUNDS.items() if points >= Decimal(start))


def deal(total: int, weights: dict[str, int], ties: list[str]) -> dict[str, int]:
    """Hand out `total`, unit by unit, always to who is furthest below the exact quota."""
    whole = sum(weights.values())
    if whole == 0:
        return dict.fromkeys(weights, 0)
    quota = {name: Fraction(total * weight, whole) for name, weight in weights.items()}
    small = total <= 300
    hands = {name: 0 if small else floor(quota[name]) for name in weights}
    while sum(hands.values()) < total:
        neediest = max(quota[name] - hands[name] for name in weights)
        hands[next(n for n in ties if n in weights and quota[n] - hands[n] == neediest)] += 1
    return hands


def allocate(case: dict[str, Any], *, thresholds: bool = False) -> dict[str, Any]:
    line = case["line"]
    rows = {a["id"]: a for a in case["applications"]}
    base, low, high, group = {}, {}, {}, {}
    for name, a in rows.items():
        base[name] = a["base"]
        if base[name] is None:
            base[name] = a["requested"] if line["base_kind"] == "application" else 0
        ceiling = min(x for x in (a["requested"], a["capacity"]) if x is not None)
        group[name] = group_of(a["score_milli"], thresholds=thresholds)
        least = 100 if line["phc_full"] else MIN[group[name]]
        most = 100 if line["phc_full"] else MAX.get(group[name], line["v_max_percent"])
        low[name] = min(floor(Fraction(base[name] * least, 100)), ceiling)
        high[name] = max(low[name], min(floor(Fraction(base[name] * most, 100)), ceiling))

    def precedence(name: str) -> tuple[Any, ...]:
        a = rows[name]
        return (-a["score_milli"], -a["accreditation_rank"], a["seq_no"], a["bin"] or "", name)

    ties = sorted(rows, key=precedence)
    plan, needed = line["plan"], sum(low.values())
    if not rows:
        mode, given = "FAILED", {}
    elif plan < needed:
        mode, given = "SCALED_MIN", deal(plan, low, ties)
    else:
        mode, given, left = "MIN_PLUS_SUPPLEMENT", dict(low), plan - needed
        for rung in LOWER_BOUNDS:
            room = {n: high[n] - low[n] for n in rows if group[n] == rung}
            for name, part in deal(min(left, sum(room.values())), room, ties).items():
                given[name] += part
                left -= part
    price = {name: tariff(line, a) for name, a in rows.items()}
    whole = plan * (1 if line["unit"] == "tiyn" else line["tariff_tiyn"])
    take_back(whole, given, price, ties)
    return {
        "mode": mode,
        "sum_min": needed,
        "sum_max": sum(high.values()),
        "residue": plan - sum(given.values()),
        "amount_tiyn": sum(given[n] * price[n] for n in given),
        "shares": [
            {
                "id": name,
                "group": group[name],
                "min": low[name],
                "max": high[name],
                "allocated": given[name],
                "amount_tiyn": given[name] * price[name],
                "reason": "ZERO_BASE" if 0 in (base[name], rows[name]["capacity"]) else None,
                "co_executors": co_parts(rows[name], given[name]),
            }
            for name in sorted(rows, key=lambda n: (rows[n]["seq_no"], rows[n]["bin"] or "", n))
        ],
    }


def tariff(line: dict[str, Any], application: dict[str, Any]) -> int:
    """D22: the provider's tariff is rounded once, half up, to the tiyn."""
    if line["unit"] == "tiyn":
        return 1
    coefficient = Decimal(application.get("coefficient_milli") or 1000) / 1000
    exact = Decimal(line["tariff_tiyn"]) * coefficient
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def take_back(amount: int, given: dict[str, int], price: dict[str, int], ties: list[str]) -> None:
    """D22: units go back one by one, the last in tie order first, until the line's amount pays."""
    while (over := sum(given[n] * price[n] for n in given) - amount) > 0:
        last = next(n for n in reversed(ties) if given[n] and price[n])
        many = over > 300 * price[last]
        given[last] -= min(given[last], over // price[last]) if many else 1


def co_parts(application: dict[str, Any], given: int) -> list[dict[str, Any]]:
    asked = {f"co {c['id']}": c["requested"] for c in application["co_executors"]}
    weights = {"own": application["requested"] - sum(asked.values()), **asked}
    hands = deal(given, weights, list(weights))
    return [
        {"id": c["id"], "allocated": hands[f"co {c['id']}"]} for c in application["co_executors"]
    ]
