"""Values of a JSON Schema: valid ones by hypothesis, and one place of a good one made wrong."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

Schema = dict[str, Any]
_TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
_DEPTH = 6


class Shapes:
    """The schemas of one document, by `$ref`."""

    def __init__(self, named: dict[str, Schema]) -> None:
        self._named = named

    def resolve(self, schema: Schema) -> Schema:
        """`schema` itself, not a reference to it."""
        while "$ref" in schema:
            schema = self._named[schema["$ref"].rpartition("/")[2]]
        return schema

    def strategy(self, schema: Schema, depth: int = 0) -> st.SearchStrategy[Any]:
        """Every value the schema allows, odd ones often."""
        schema = self.resolve(schema)
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        for kind in ("oneOf", "anyOf"):
            if kind in schema:
                return st.one_of([self.strategy(s, depth) for s in schema[kind]])
        kind = schema.get("type")
        if isinstance(kind, list):
            return st.one_of([self.strategy({**schema, "type": k}, depth) for k in kind])
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, depth)
        return _scalar(schema, kind)

    def _object(self, schema: Schema, depth: int) -> st.SearchStrategy[Any]:
        fields = schema.get("properties", {})
        required = set(schema.get("required", ()))
        inner = {k: self.strategy(v, depth + 1) for k, v in fields.items()}
        if not fields:
            more = schema.get("additionalProperties")
            values = self.strategy(more, depth + 1) if isinstance(more, dict) else _TEXTS
            return st.dictionaries(_TEXTS, values, max_size=3)
        return st.fixed_dictionaries(
            {k: s for k, s in inner.items() if k in required},
            optional={k: s for k, s in inner.items() if k not in required},
        )

    def _array(self, schema: Schema, depth: int) -> st.SearchStrategy[Any]:
        least = schema.get("minItems", 0)
        most = min(schema.get("maxItems", 4), max(4, least))
        if depth > _DEPTH:
            most = least
        if "prefixItems" in schema:
            return st.tuples(*(self.strategy(s, depth + 1) for s in schema["prefixItems"])).map(
                list
            )
        items = schema.get("items") or {}
        return st.lists(self.strategy(items, depth + 1), min_size=least, max_size=most)

    def faults(self, schema: Schema, value: Any) -> Iterator[tuple[str, str, Any]]:
        """(place, what, the whole) for every way one place of a good value can be of a wrong type."""
        for place, inner, setter in self._places(schema, value, "", lambda v: v):
            for what, wrong in _wrong(inner):
                yield place, what, setter(wrong)

    def _places(self, schema: Schema, value: Any, place: str, setter: Any) -> Iterator[Any]:
        schema = self.resolve(schema)
        branches = [self.resolve(s) for k in ("oneOf", "anyOf") for s in schema.get(k, ())]
        if branches:
            fitting = [b for b in branches if _is_of(b, value)]
            if len([b for b in branches if b.get("type") != "null"]) > 1 or not fitting:
                return  # of several kinds: what is wrong for one may be right for another
            nullable = any(b.get("type") == "null" for b in branches)
            schema = {**fitting[0], "nullable": nullable}
        yield place, schema, setter
        if isinstance(value, dict) and "properties" in schema:
            for key, inner in schema["properties"].items():
                if key in value:
                    yield from self._places(
                        inner, value[key], f"{place}.{key}", _at(setter, value, key)
                    )
        elif isinstance(value, list) and value and isinstance(schema.get("items"), dict):
            yield from self._places(schema["items"], value[0], f"{place}[0]", _at(setter, value, 0))


def _at(setter: Any, whole: Any, key: Any) -> Any:
    def put(wrong: Any) -> Any:
        changed = copy.copy(whole)
        changed[key] = wrong
        return setter(changed)

    return put


def _is_of(schema: Schema, value: Any) -> bool:
    kinds = {
        "object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
        "boolean": bool, "null": type(None),
    }  # fmt: skip
    kind = schema.get("type")
    if "enum" in schema:
        return value in schema["enum"]
    return isinstance(kind, str) and isinstance(value, kinds[kind])


_NUMBERS: list[tuple[str, Any]] = [
    ("float", 1.5), ("whole float", 1.0), ("exponent", 1e300), ("text", "1"), ("boolean", True),
    ("list", [1]), ("object", {}), ("beyond 64 bits", 2**64), ("huge", 10**30), ("tiny", -(10**30)),
]  # fmt: skip
_WORDS: list[tuple[str, Any]] = [
    ("number", 5), ("boolean", False), ("list", ["a"]), ("object", {"a": 1}),
]  # fmt: skip
_FORMATS = {
    "uuid": ["", "x", "01980000-0000-7000-8000-00000000000g", "{}", "0" * 37],
    "date": ["", "0000-01-01", "2026-02-30", "infinity", "10000-01-01", "2026-1-1", "20260101",
             "2026-04-06T00:00:00Z", "-0001-01-01"],
    "date-time": ["", "0000-01-01T00:00:00Z", "infinity", "2026-04-06", "2026-04-06T25:00:00Z",
                  "10000-01-01T00:00:00Z", "epoch"],
}  # fmt: skip


def _wrong(schema: Schema) -> Iterator[tuple[str, Any]]:
    """Values of another type than `schema` takes."""
    kind = schema.get("type")
    if not schema.get("nullable") and (kind or "enum" in schema):
        yield "null", None
    if "enum" in schema:
        yield from (("unknown word", "no-such-word"), ("number", 10**6), ("list", []))
    elif kind in ("integer", "number"):
        yield from (n for n in _NUMBERS if kind == "integer" or n[0] in ("text", "list", "object"))
        for bound, step in (("minimum", -1), ("maximum", 1)):
            if bound in schema:
                yield f"beyond {bound}", int(schema[bound]) + step
    elif kind == "string":
        yield from _WORDS
        yield from ((f"bad {schema['format']}", w) for w in _FORMATS.get(schema.get("format"), ()))
        if "maxLength" in schema:
            yield "too long", "x" * (schema["maxLength"] + 1)
    elif kind == "boolean":
        yield from (("text", "true"), ("number", 1), ("list", []))
    elif kind == "array":
        yield from (("object", {}), ("text", "a"), ("number", 1))
        if "maxItems" in schema and schema["maxItems"] <= 300:
            yield "too many", [None] * (schema["maxItems"] + 1)
    elif kind == "object":
        yield from (("list", []), ("text", "a"), ("number", 1))


def _scalar(schema: Schema, kind: Any) -> st.SearchStrategy[Any]:
    if kind == "integer":
        least = int(schema.get("minimum", schema.get("exclusiveMinimum", -(2**63))))
        most = int(schema.get("maximum", schema.get("exclusiveMaximum", 2**63 - 1)))
        return st.integers(least, most)
    if kind == "number":
        return st.floats(allow_nan=False, allow_infinity=False)
    if kind == "boolean":
        return st.booleans()
    if kind == "null":
        return st.none()
    if kind == "string":
        return _string(schema)
    return st.one_of(st.none(), st.integers(), _TEXTS, st.lists(st.integers(), max_size=2))


def _string(schema: Schema) -> st.SearchStrategy[str]:
    form = schema.get("format")
    if form == "uuid":
        return st.uuids().map(str)
    if form == "date":
        return st.one_of(
            st.sampled_from(["0001-01-01", "9999-12-31", "2026-04-06"]), st.dates().map(str)
        )
    if form in ("date-time", "date-time-rfc3339"):
        edges = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-04-06T04:00:00Z",
                 "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]  # fmt: skip
        return st.one_of(
            st.sampled_from(edges), st.datetimes().map(lambda d: d.isoformat() + "+05:00")
        )
    if "pattern" in schema:
        return st.from_regex(schema["pattern"].replace(r"\d", "[0-9]"))
    least, most = schema.get("minLength", 0), schema.get("maxLength", 40)
    words = st.text(
        st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
        min_size=least,
        max_size=max(least, min(most, 60)),
    )
    if least:
        return words
    return st.one_of(words, st.sampled_from(["", "=1+1", "\u202eabc", "٣", "0" * min(most, 3000)]))


def drawn(strategy: st.SearchStrategy[Any], count: int, by: int) -> list[Any]:
    """`count` values, the same for the same number `by`."""
    found: list[Any] = []

    @seed(by)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(value: Any) -> None:
        found.append(value)

    draw()
    return found[:count]
