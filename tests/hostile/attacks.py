"""What is sent at an operation: hostile by hand, faulty in one place, valid by the schema and by the signature."""

import base64
import gzip
import random
import re
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec

from backend.signing.errors import DocumentMalformed
from backend.signing.evidence import service as evidence
from backend.web import paging
from infra.sandbox.nca.keypair import KeyPair
from tests.foreign.objects import THINGS
from tests.hostile.operations import JSON, Operation
from tests.hostile.shapes import Shapes, drawn

# A number that passes the check digit: whatever is answered, it does not come back.
PERSONAL = "870101300123"


class Attack(msgspec.Struct, frozen=True):
    """One request. `refused`: it must not succeed; `at`: a fault of shape, so a path must be told."""

    kind: str
    url: str
    content: bytes | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()
    refused: bool = False
    at: str | None = None
    group: str = ""


RAW: dict[str, bytes] = {
    "no body": b"",
    "half a body": b'{"a":',
    "an array for the object": b"[]",
    "null for the object": b"null",
    "a number for the object": b"1",
    "a text for the object": b'"x"',
    "no UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a BOM": b"\xef\xbb\xbf{}",
    "two documents": b"{}{}",
    "NaN": b'{"a": NaN}',
    "a number beyond every type": b'{"a": 1e400}',
    "an integer of 5,000 digits": b'{"a": ' + b"9" * 5_000 + b"}",
    "brackets without end": b"[" * 100_000,
    "a nesting of 5,000": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "a key twice": b'{"a": 1, "a": 2}',
    "a personal number for a key, twice": f'{{"{PERSONAL}": 1, "{PERSONAL}": 2}}'.encode(),
    "NUL in a text": b'{"a": "x\\u0000"}',
    "half a surrogate pair": b'{"a": "\\ud800"}',
    "octets": bytes(range(256)),
    "a form": b"a=1&b=2",
}
TYPES = [
    b"text/plain", b"application/xml", b"multipart/form-data; boundary=x", b"application/json; charset=utf-16",
    b"application/x-www-form-urlencoded", b"", b"\xff", b"a" * 5_000, b"application/msgpack",
]  # fmt: skip
LANGUAGES = [
    b"ru, en;q=nan", b"*;q=0", b",,,;;;", b"\xff\xfe", b"en;q=1e999", b"x-" * 4_000, b"kk\x00ru", b"ru\r\nx-evil: 1",
]  # fmt: skip
KEYS = [
    b"",
    b" ",
    b"a b",
    b"\xff",
    b"x" * 201,
    b"a\x00b",
    b"a\r\nx-evil: 1",
    b"\x7f",
    "ключ".encode(),
]
TOKENS = [
    b"Bearer",
    b"Bearer ",
    b"Basic YTpi",
    b"Bearer \xff\xfe",
    b"Bearer " + b"x" * 60_000,
    b"bearer a b c",
]
QUERY = [
    "", "0", "-1", "1", "200", "201", "1.5", "1e3", "true", "null", "x", "٣", "%00", "%ff", "%F0%9F%99%82",
    str(2**31), str(2**63), str(2**64), "9" * 400, "infinity", "NaN", "0000-01-01", "0001-01-01", "9999-12-31",
    "10000-01-01", "2026-02-30", "2026-04-06", "00000000-0000-0000-0000-000000000000", "'%3B--", "a" * 3_000,
]  # fmt: skip
CURSORS = [
    paging.encode(UUID(int=1)), paging.encode(1), paging.encode(2**62), paging.encode("x"), paging.encode(""),
    paging.encode("9999-12-31|x"), paging.encode("a|b|c|d"), paging.encode("0001-01-01T00:00:00+00:00"),
    paging.encode("[]"), paging.encode("1:2:3"), "!", "====", "A", "x" * 5_000,
]  # fmt: skip
SEGMENTS = [
    "0", "-1", "x", "%00", "%ff", "..%2f..", "a%2fb", "a" * 3_000, "9" * 30, "٣", "'", "%F0%9F%99%82", "%0d%0ax", "+",
    "00000000-0000-0000-0000-000000000000", "{01980000-0000-7000-8000-000000000001}",
    "urn:uuid:01980000-0000-7000-8000-000000000001", "019800000000700080000000000000a1", "9999", "0000",
]  # fmt: skip


class Attacker:
    """Makes the requests; deterministic in `seed`."""

    def __init__(self, shapes: Shapes, seed: int) -> None:
        self._shapes, self._seed = shapes, seed

    def all(self, one: Operation, count: int) -> Iterator[Attack]:
        """Everything to send at `one` without a signature; `count` bodies by its schema."""
        yield from _of("odd ids, filters, pages, cursors", self.addresses(one))
        yield from _of("odd headers, keys, languages, tokens", self.headers(one))
        if one.media is not None:
            yield from _of("bodies that are none, wrong types and codings", self.raw(one))
        if one.media == JSON and one.schema is not None:
            yield from _of("bodies with one fault", self.bodies(one))
            yield from _of("bodies by the schema", self.drawn(one, count))

    def url(self, one: Operation) -> str:
        """Its plain address."""
        return one.address(one.things(UUID(int=self._seed, version=4)))

    def known(self, one: Operation) -> dict[str, str]:
        """Ids that lead somewhere, as fields name them: so that a document reaches the rules behind them."""
        scene = {f"{name}_id": str(value) for name, value in THINGS.items()}
        return scene | one.things(UUID(int=self._seed, version=4))

    def content(self, one: Operation) -> bytes | None:
        """Its example as a body."""
        if one.media is None:
            return None
        if one.media == JSON:
            return msgspec.json.encode(one.example)
        return str(one.example).encode()

    def addresses(self, one: Operation) -> Iterator[Attack]:
        """Odd ids, cursors, page sizes and filters."""
        content = self.content(one)
        plain = one.things(UUID(int=self._seed, version=4))
        for name in plain:
            for odd in SEGMENTS:
                yield Attack(f"path {name}={odd[:12]}", one.address(plain | {name: odd}), content)
        for parameter in one.parameters:
            name = parameter["name"]
            if parameter["in"] == "query":
                for odd in CURSORS if name == "cursor" else QUERY:
                    url = f"{self.url(one)}?{self._others(one, name)}{name}={quote(odd, safe='%')}"
                    bad = not odd.startswith("%") and unfit(parameter["schema"], odd)
                    yield Attack(f"query {name}={odd[:20]}", url, content, refused=bad)
            elif parameter["in"] == "header":
                for odd in (b"-1", b"x", b"1e3", str(2**64).encode(), b"\xff", b""):
                    header = (name.lower().encode(), odd)
                    yield Attack(f"header {name}", self.url(one), content, (header,))

    def _others(self, one: Operation, besides: str) -> str:
        """What else the query must hold, so that the odd one is looked at."""
        words = {
            "event": "DECISION_MADE",
            "hash": "ab",
            "tree_size": "1",
            "first": "1",
            "second": "1",
        }
        parts = [
            f"{p['name']}={words.get(p['name'], '2026-04-06')}&"
            for p in one.parameters
            if p["in"] == "query" and p.get("required") and p["name"] != besides
        ]
        return "".join(parts)

    def headers(self, one: Operation) -> Iterator[Attack]:
        """Odd headers on an otherwise plain request."""
        url, content = self.url(one), self.content(one)
        for odd in LANGUAGES:
            yield Attack("accept-language", url, content, ((b"accept-language", odd),))
        for odd in TOKENS:
            yield Attack("authorization", url, content, ((b"authorization", odd),))
        yield Attack("a personal number in the query", f"{url}?iin={PERSONAL}", content)
        if one.method != "GET":
            for odd in KEYS:
                yield Attack(
                    "idempotency-key", url, content, ((b"idempotency-key", odd),), refused=True
                )

    def raw(self, one: Operation) -> Iterator[Attack]:
        """Bodies that are none of the kind."""
        url = self.url(one)
        for kind, content in RAW.items():
            yield Attack(kind, url, content, refused=one.media == JSON)
        good = self.content(one) or b""
        for odd in TYPES:
            yield Attack("content-type", url, good, ((b"content-type", odd),))
        packed = gzip.compress(good)
        for coding, content in ((b"gzip", packed), (b"gzip", good), (b"br", good), (b"x", packed)):
            headers = ((b"content-encoding", coding),)
            yield Attack(f"content-encoding {coding.decode()}", url, content, headers, refused=True)

    def bodies(self, one: Operation) -> Iterator[Attack]:
        """The example with one fault each."""
        assert one.schema is not None
        url = self.url(one)
        for place, kind, whole in self._shapes.faults(one.schema, one.example):
            body = msgspec.json.encode(whole)
            yield Attack(f"{kind} at {place or 'the root'}", url, body, refused=True, at=place)
        if isinstance(one.example, dict):
            more = msgspec.json.encode(one.example | {"no_such_key": 1})
            yield Attack("an unknown key", url, more, refused=True, at="no_such_key")
            for key in self._shapes.resolve(one.schema).get("required", ()):
                less = {k: v for k, v in one.example.items() if k != key}
                yield Attack(f"without {key}", url, msgspec.json.encode(less), refused=True, at=key)

    def drawn(self, one: Operation, count: int) -> Iterator[Attack]:
        """Bodies that hypothesis makes by the schema."""
        assert one.schema is not None
        for n, body in enumerate(drawn(self._shapes.strategy(one.schema), count, self._seed)):
            if n % 2 and isinstance(body, dict):
                body |= {k: v for k, v in self.known(one).items() if k in body}
            yield Attack("by the schema", self.url(one), msgspec.json.encode(body))

    def signatures(
        self,
        one: Operation,
        pair: KeyPair,
        at: datetime,
        command: type | None,
        kinds: Collection[str],
        count: int,
    ) -> Iterator[Attack]:
        """Everything to send at `one`, which takes `command` signed (None: what, is not known)."""
        yield from _of("unsound base64, CMS, signatures", self.unsigned(one, pair, at))
        if command is not None:
            yield from _of("well signed", self.signed(one, pair, at, command, kinds, count))

    def signed(
        self,
        one: Operation,
        pair: KeyPair,
        at: datetime,
        command: type,
        kinds: Collection[str],
        count: int,
    ) -> Iterator[Attack]:
        """Well-signed documents: of its own kind by the struct's schema, and of kinds that are not its own."""
        url = self.url(one)
        tag = evidence.operation_of(command)
        schema, named = schema_of(command)
        own = Shapes(named)
        made: list[Any] = drawn(own.strategy(schema), count, self._seed)
        for n, document in enumerate(made):
            if n % 2:
                document |= {k: v for k, v in self.known(one).items() if k in document}
            yield Attack("signed, by the struct", url, sealed(pair, at, document))
        good = [d for d in made if _reads(d, command)]
        if not good:
            return
        chance = random.Random(self._seed)
        other = chance.choice(sorted(k for k in kinds if k != tag))
        whole = msgspec.json.encode(good[0])
        odd: list[tuple[str, bytes, str]] = [
            (
                "signed, of another kind",
                msgspec.json.encode({**good[0], "operation": other}),
                "operation",
            ),
            (
                "signed, an unknown key",
                msgspec.json.encode({**good[0], "no_such_key": 1}),
                "no_such_key",
            ),
            (
                "signed, a key twice",
                whole[:-1] + b',"operation":"' + tag.encode() + b'"}',
                "operation",
            ),
            ("signed, no JSON", b"%PDF-1.7", ""),
            ("signed, an array", b"[]", ""),
            ("signed, nothing", b"", ""),
            ("signed, NUL", whole[:-1] + b',"x":"\\u0000"}', "x"),
        ]
        for kind, document, place in odd:
            yield Attack(kind, url, sealed(pair, at, document), refused=True, at=place)
        faults = list(own.faults(schema, good[-1]))
        for place, kind, wrong in chance.sample(faults, min(len(faults), count)):
            # (a number beyond 64 bits is for the rules to refuse: they may find another fault first)
            where = None if _reads(wrong, command) else place
            yield Attack(
                f"signed, {kind} at {place}", url, sealed(pair, at, wrong), refused=True, at=where
            )

    def unsigned(self, one: Operation, pair: KeyPair, at: datetime) -> Iterator[Attack]:
        """Signed requests whose base64, CMS or signature is unsound."""
        url = self.url(one)
        text = base64.b64encode(b'{"operation":"x"}').decode()
        cms = pair.sign_cms(b'{"operation":"x"}', at=at)
        texts = {
            "no base64": "%%%",
            "half of base64": "QUJD=",
            "base64 of the URL kind": "_-_-",
            "base64 with blanks": "QU JD",
            "no ASCII": "ключ",
            "empty": "",
            "no CMS": "QUJD",
            "half a CMS": base64.b64encode(cms[: len(cms) // 2]).decode(),
            "CMS and more": base64.b64encode(cms + b"x").decode(),
            "lengths without end": base64.b64encode(b"\x30\x84\xff\xff\xff\xff" * 50).decode(),
            "nested without end": base64.b64encode(b"\x30\x80" * 20_000).decode(),
        }
        for kind, odd in texts.items():
            pairs = [{"document": text, "signature": odd}, {"document": odd}, {"signature": odd}]
            for body in pairs:
                yield Attack(
                    f"unsound signature: {kind}", url, msgspec.json.encode(body), refused=True
                )
        changed = {"document": base64.b64encode(b'{"operation":"y"}').decode()}
        changed["signature"] = base64.b64encode(cms).decode()
        yield Attack("other bytes than signed", url, msgspec.json.encode(changed), refused=True)


def _of(group: str, attacks: Iterator[Attack]) -> Iterator[Attack]:
    return (msgspec.structs.replace(a, group=group) for a in attacks)


def unfit(schema: dict[str, Any], text: str) -> bool:
    """Whether a query parameter of this schema can surely not be `text`."""
    branches = schema.get("oneOf", [schema])
    if text in ("", "null") or any("$ref" in b for b in branches):
        return False
    return all(_unfit(b, text) for b in branches)


def _unfit(schema: dict[str, Any], text: str) -> bool:
    kind, form = schema.get("type"), schema.get("format")
    if kind == "integer":
        if not re.fullmatch(r"-?[0-9]{1,18}", text):
            return True
        least, most = schema.get("minimum", -(2**63)), schema.get("maximum", 2**63)
        return not least <= int(text) <= most
    if form == "date":
        return not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
    if form == "uuid":
        return not re.fullmatch(r"[0-9a-f-]{36}", text)
    return kind == "null"


def _reads(document: Any, command: type) -> bool:
    try:
        evidence.decode(msgspec.json.encode(document), command)
    except DocumentMalformed:
        return False  # (a length and a pattern at once)
    return True


def schema_of(command: type) -> tuple[dict[str, Any], dict[str, Any]]:
    """The JSON Schema of a command struct, and those it names."""
    (schema,), named = msgspec.json.schema_components([command], ref_template="#/$defs/{name}")
    return schema, named


def sealed(pair: KeyPair, at: datetime, document: Any) -> bytes:
    """A signed request over `document` (bytes, or a JSON value)."""
    raw = document if isinstance(document, bytes) else msgspec.json.encode(document)
    body = {
        "document": base64.b64encode(raw).decode(),
        "signature": base64.b64encode(pair.sign_cms(raw, at=at)).decode(),
    }
    return msgspec.json.encode(body)
